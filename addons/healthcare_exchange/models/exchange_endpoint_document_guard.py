from odoo import api, models

_PROTECTED = {"endpoint_id", "document_type", "direction", "active"}


class HealthcareExchangeEndpointDocument(models.Model):
    """Which documents an endpoint exchanges is part of what was certified and approved.

    It also says which systems are connected; the system-of-record matrix is kept in a cache.
    """

    _inherit = "healthcare.exchange.endpoint.document"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._configuration_touched()
        self.env.registry.clear_cache()
        return rows

    def write(self, vals):
        if not _PROTECTED & vals.keys():
            return super().write(vals)
        self._configuration_touched()
        result = super().write(vals)
        self._configuration_touched()
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        endpoints = self.endpoint_id
        self._configuration_touched()
        result = super().unlink()
        endpoints._configuration_changed()
        self.env.registry.clear_cache()
        return result

    def _configuration_touched(self):
        """Refuse it while the endpoint is active, and note who did it."""
        endpoints = self.endpoint_id
        if not self.env.su:
            endpoints._check_not_active({"document_ids"})
            # Who may change the documents may not write this note; it is the guard's own.
            endpoints.sudo().write({"configured_by_id": self.env.uid})
            endpoints._approval_note_author()
        endpoints._configuration_changed()
