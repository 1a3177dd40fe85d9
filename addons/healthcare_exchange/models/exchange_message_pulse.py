from odoo import api, models

from .exchange_message_process import LOCK_SECONDS


class HealthcareExchangeMessage(models.Model):
    """Tells open monitors when something was reported, came in or was processed."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _after_report(self, verdicts):
        result = super()._after_report(verdicts)
        self.env["healthcare.exchange.pulse"]._beat()
        return result

    def _store_inbound(self, endpoint, items):
        answers = super()._store_inbound(endpoint, items)
        self.env["healthcare.exchange.pulse"]._beat()
        return answers

    @api.model
    def _process_document(self, message_id, key, wait_seconds=LOCK_SECONDS):
        acted = super()._process_document(message_id, key, wait_seconds=wait_seconds)
        if acted:
            # After the document's own transaction, which must not wait for screens.
            with self._claim_cursor() as cr:
                self._as_superuser(cr).env["healthcare.exchange.pulse"]._beat()
        return acted
