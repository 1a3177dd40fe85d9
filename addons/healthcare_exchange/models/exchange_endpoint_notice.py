from odoo import fields, models


class HealthcareExchangeEndpoint(models.Model):
    """Who is told what at the partner's."""

    _inherit = "healthcare.exchange.endpoint"  # pylint: disable=consider-merging-classes-inherited

    contact_ids = fields.Many2many(
        "res.partner",
        "healthcare_exchange_endpoint_contact_rel",
        "endpoint_id",
        "partner_id",
        string="Technical Contacts",
        check_company=True,
        help="People at the partner's who get notices of changes and planned outages.",
    )

    def action_notice(self):
        """Open the form for a notice to the partner."""
        self.ensure_one()
        self._check_administrator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Notice to %s", self.partner_id.name or self.name),
            "res_model": "healthcare.exchange.notice",
            "view_mode": "form",
            "target": "new",
            "context": {"default_endpoint_id": self.id},
        }
