from odoo import api, models


class HealthcareExchangeMessage(models.Model):
    """Which kinds of credentials count where partners hand documents in."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _directory_entry(self, endpoint):
        """Add ``authentication``: the kinds that the endpoint takes; nothing else counts."""
        kinds = {
            "bearer": endpoint.accept_bearer,
            "oauth_client": endpoint.accept_oauth,
            "webhook_secret": endpoint.accept_webhook,
        }
        entry = super()._directory_entry(endpoint)
        return {**entry, "authentication": [kind for kind, accepted in kinds.items() if accepted]}
