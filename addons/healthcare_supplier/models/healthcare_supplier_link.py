from odoo import fields, models


class HealthcareSupplierLink(models.Model):
    """A supplier in another system: its number there, and what was last received and sent.

    Kept by the system; the messages themselves may be forgotten after their time.
    """

    _name = "healthcare.supplier.link"
    _description = "Supplier in Another System"
    _order = "endpoint_id, their_number"

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, index=True, ondelete="cascade"
    )
    their_number = fields.Char(help="The supplier's number in that system.")
    received_at = fields.Datetime(help="Of when the last document is that was taken in (UTC).")
    sent_at = fields.Datetime()
    sent_digest = fields.Char(help="SHA-256 of what was sent last: the same is not sent again.")

    _number_unique = models.UniqueIndex(
        "(endpoint_id, their_number) WHERE their_number IS NOT NULL",
        "That system has this number for another supplier.",
    )
    _partner_unique = models.UniqueIndex(
        "(endpoint_id, partner_id)", "This supplier is linked to that system already."
    )

    def _of(self, endpoint, partner):
        """Return the link of a supplier to an endpoint's system, made where there is none."""
        link = self.search([("endpoint_id", "=", endpoint.id), ("partner_id", "=", partner.id)], limit=1)
        return link or self.create({"endpoint_id": endpoint.id, "partner_id": partner.id})
