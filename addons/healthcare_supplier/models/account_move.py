from odoo import api, models
from odoo.addons.healthcare_approval.tools.context import without_defaults

BILL_TYPES = ("in_invoice", "in_receipt")
#: Odoo's own states in which money counts as gone.
PAID_STATES = ("paid", "in_payment", "partial", "reversed", "invoicing_legacy")


class AccountMove(models.Model):
    """A bill of a stopped supplier does not become paid by writing that it is."""

    _inherit = "account.move"

    @api.model_create_multi
    def create(self, vals_list):
        model = super(AccountMove, without_defaults(self, {"payment_state"}))
        moves = model.create(vals_list).with_env(self.env)
        named = [
            move.id
            for move, vals in zip(moves, vals_list, strict=True)
            if vals.get("matched_payment_ids") or vals.get("payment_state") in PAID_STATES
        ]
        self.browse(named)._check_supplier_payable()
        return moves

    def write(self, vals):
        if vals.get("payment_state") in PAID_STATES:
            self._check_supplier_payable()
        result = super().write(vals)
        if vals.get("matched_payment_ids"):
            self.filtered("matched_payment_ids")._check_supplier_payable()
        return result

    def _check_supplier_payable(self):
        """Refuse to count bills of suppliers that must not be paid as paid.

        :raises UserError: naming the bills and why
        """
        # sudo: the gate holds whoever writes, and whatever they may read
        bills = self.sudo().filtered(lambda move: move.move_type in BILL_TYPES)
        self.env["res.partner"]._check_supplier_gate(
            "pay",
            [(bill.company_id, bill.commercial_partner_id, bill.ref or bill.display_name) for bill in bills],
        )
