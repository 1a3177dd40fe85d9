from odoo import api, models


class HealthcareExchangeMessage(models.Model):
    """What the service certifies is told with the endpoint."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _directory_entry(self, endpoint):
        """Add ``documents`` (``{document_type, direction}``), ``partner_name`` and
        ``configuration_digest``, which a certification states."""
        return {
            **super()._directory_entry(endpoint),
            "partner_name": endpoint.partner_id.name or "",
            "documents": [
                {"document_type": row.document_type, "direction": row.direction}
                for row in endpoint.document_ids
                if row.active
            ],
            "configuration_digest": endpoint._configuration_digest(),
        }
