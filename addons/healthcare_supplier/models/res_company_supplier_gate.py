from dateutil.relativedelta import relativedelta
from odoo import fields, models

from ..tools.selections import ORDERABLE_STATES

OPEN_ORDER_STATES = ("draft", "sent", "to approve")


class ResCompany(models.Model):
    """What the gate for suppliers would stop, before it is switched on."""

    _inherit = "res.company"

    def _supplier_gate_effects(self):
        """Return what would be stopped today, in lines for people. Runs in superuser mode."""
        self.ensure_one()
        not_approved = [("partner_id.commercial_partner_id.supplier_state", "not in", ORDERABLE_STATES)]
        orders = self.env["purchase.order"]
        waiting = orders._read_group(
            [
                ("company_id", "=", self.id),
                ("state", "in", OPEN_ORDER_STATES),
                *not_approved,
            ],
            aggregates=["__count", "partner_id:count_distinct"],
        )[0]
        year = fields.Datetime.now() - relativedelta(years=1)
        bought = orders._read_group(
            [
                ("company_id", "=", self.id),
                ("state", "=", "purchase"),
                ("date_approve", ">=", year),
                *not_approved,
            ],
            groupby=["partner_id"],
            aggregates=["__count"],
            order="__count desc",
        )
        lines = []
        if waiting[0]:
            lines.append(
                self.env._(
                    "%(orders)s open orders to %(suppliers)s suppliers that are not approved could not be "
                    "confirmed.",
                    orders=waiting[0],
                    suppliers=waiting[1],
                )
            )
        if bought:
            lines.append(
                self.env._(
                    "%(count)s suppliers of the last twelve months are not approved: %(names)s%(more)s",
                    count=len(bought),
                    names=", ".join(partner.display_name for partner, _count in bought[:10]),
                    more=", …" if len(bought) > 10 else ".",
                )
            )
        bills = self.env["account.move"].search_count(
            [
                ("company_id", "=", self.id),
                ("move_type", "in", ("in_invoice", "in_receipt")),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("commercial_partner_id.supplier_state", "=", "blocked"),
            ]
        )
        if bills:
            lines.append(self.env._("%s open bills of blocked suppliers could not be paid.", bills))
        return lines
