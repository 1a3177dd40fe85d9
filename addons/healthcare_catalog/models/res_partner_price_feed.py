from odoo import fields, models

_READERS = (
    "healthcare_base.group_clerk,healthcare_base.group_approver,healthcare_base.group_accounts_payable,"
    "healthcare_base.group_auditor"
)


class ResPartner(models.Model):
    """The price lists of a supplier."""

    _inherit = "res.partner"

    price_feed_count = fields.Integer(
        string="Price Feeds", compute="_compute_price_feed_count", groups=_READERS
    )

    def _compute_price_feed_count(self):
        counts = dict(
            self.env["healthcare.price.feed"]._read_group(
                [("partner_id", "in", self.commercial_partner_id.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.price_feed_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_price_feeds(self):
        """Open the price lists of these suppliers."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Price Feeds"),
            "res_model": "healthcare.price.feed",
            "view_mode": "list,form,pivot",
            "domain": [("partner_id", "in", self.commercial_partner_id.ids)],
            "context": {"create": False},
        }
