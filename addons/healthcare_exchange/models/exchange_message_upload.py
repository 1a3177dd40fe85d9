from odoo import fields, models


class HealthcareExchangeMessage(models.Model):
    """Documents out of files that people handed in."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    upload_id = fields.Many2one(
        "healthcare.exchange.upload",
        string="Imported File",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _prepare_inbound_vals(self, endpoint, item):
        # The context is this server's own: it is set behind the cursor of `take_in`.
        return {
            **super()._prepare_inbound_vals(endpoint, item),
            "upload_id": self.env.su and self.env.context.get("exchange_upload_id"),
        }

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("done", "rejected", "dead", "cancelled") and self.upload_id:
            # Not here: the documents of a file are processed side by side, and their upload is one
            # row.
            self.env.ref("healthcare_exchange.cron_upload")._trigger()
        return result

    def _take_in(self):
        """Whose documents they are was decided when the file was handed in."""
        partner = self.upload_id.partner_id
        message = self.with_context(exchange_partner_id=partner.id) if partner else self
        return super(HealthcareExchangeMessage, message)._take_in()
