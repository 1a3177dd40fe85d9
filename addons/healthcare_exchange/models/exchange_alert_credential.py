from odoo import api, fields, models


class HealthcareExchangeAlert(models.Model):
    """Watches for credentials that end without a successor."""

    _inherit = "healthcare.exchange.alert"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _findings(self):
        """Add ``credential_expiring``."""
        return {**super()._findings(), "credential_expiring": self._find_expiring()}

    @api.model
    def _find_expiring(self):
        # sudo: the watch sees every company
        credentials = self.env["healthcare.exchange.credential"].sudo()._expiring()
        return [self._expiring_request(credential) for credential in credentials]

    def _expiring_request(self, credential):
        end = fields.Datetime.to_string(credential.valid_to)[:16]
        values = {"code": credential.endpoint_id.code, "name": credential.display_name, "end": end}
        if credential.valid_to <= fields.Datetime.now():
            summary = self.env._(
                "Credential %(name)s of %(code)s ended at %(end)s UTC without a successor. "
                "Make a new one, or revoke it.",
                **values,
            )
        else:
            summary = self.env._(
                "Credential %(name)s of %(code)s ends at %(end)s UTC without a successor. "
                "Make a new one that begins before.",
                **values,
            )
        return {
            "endpoint": credential.endpoint_id,
            "key": credential.uuid,
            "deadline": credential.valid_to,
            "facts": {"direction": credential.direction, "kind": credential.kind},
            "summary": summary,
        }
