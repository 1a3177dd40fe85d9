from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..engine import FAMILIES

TYPES = [
    ("price_variance", "Price Variance"),
    ("contract_price_variance", "Contract Price Variance"),
    ("price_class_mismatch", "Price Class Mismatch"),
    ("contract_expired", "Contract Expired"),
    ("payment_terms_variance", "Payment Terms Variance"),
    ("quantity_over_received", "Billed More Than Received"),
    ("quantity_over_ordered", "Billed More Than Ordered"),
    ("not_received", "Not Received"),
    ("usage_missing", "Usage Missing"),
    ("credit_expected", "Credit Expected"),
    ("credit_mismatch", "Credit Mismatch"),
    ("date_variance", "Date Variance"),
    ("ship_to_mismatch", "Ship-to Mismatch"),
    ("uom_mismatch", "Unit Mismatch"),
    ("item_mismatch", "Item Mismatch"),
    ("order_line_not_found", "Order Line Not Found"),
    ("substitution_not_approved", "Substitution Not Approved"),
    ("recalled_or_expired_lot", "Recalled or Expired Lot"),
    ("assignment_ambiguous", "Ambiguous Assignment"),
    ("unplanned_charge", "Unplanned Charge"),
    ("tax_variance", "Tax Variance"),
    ("total_mismatch", "Total Mismatch"),
    ("currency_mismatch", "Currency Mismatch"),
    ("duplicate_invoice", "Duplicate Invoice"),
    ("suspected_duplicate", "Suspected Duplicate"),
    ("no_purchase_order", "No Purchase Order"),
    ("supplier_mismatch", "Supplier Mismatch"),
    ("supplier_blocked", "Supplier Blocked"),
    ("bank_account_changed", "Bank Account Changed"),
    ("order_after_invoice", "Order After Invoice"),
    ("approval_mismatch", "Approval Mismatch"),
    ("paid_unmatched", "Paid Unmatched"),
    ("statement_difference", "Statement Difference"),
]
FAMILY_LABELS = [
    ("price", "Price"),
    ("quantity", "Quantity and Receipt"),
    ("unit_item", "Unit and Item"),
    ("charges_tax_total", "Charges, Tax, Total"),
    ("duplicate", "Duplicate"),
    ("control", "Supplier and Control"),
]
RESOLUTIONS = [
    ("accept_variance", "Accept the Variance"),
    ("correct_order", "Correct the Order"),
    ("wait_receipt", "Wait for the Receipt"),
    ("convert_unit", "Convert the Unit"),
    ("request_credit", "Request a Credit"),
    ("short_pay", "Short-pay"),
    ("dispute", "Dispute with the Supplier"),
    ("assign_buyer", "Assign to the Buyer"),
    ("mark_duplicate", "Mark as Duplicate"),
]
#: Who owns an exception by its type; accounts payable owns what is not named here.
OWNER_GROUPS = {
    **dict.fromkeys(
        (
            "price_variance",
            "contract_price_variance",
            "contract_expired",
            "quantity_over_ordered",
            "uom_mismatch",
            "item_mismatch",
            "order_line_not_found",
            "substitution_not_approved",
            "assignment_ambiguous",
            "no_purchase_order",
        ),
        "healthcare_base.group_clerk",
    ),
    **dict.fromkeys(
        ("not_received", "quantity_over_received", "ship_to_mismatch", "recalled_or_expired_lot"),
        "healthcare_base.group_storeroom",
    ),
}
DEFAULT_OWNER_GROUP = "healthcare_base.group_accounts_payable"
#: Days until somebody must have looked, by severity.
DEADLINE_DAYS = {"high": 1, "medium": 3, "low": 7}
HIGH_STAKE = 1000


class HealthcareMatchException(models.Model):
    """A bill that does not agree with order and receipt, named, with an owner and a deadline.

    Raised, updated and closed by the engine; resolved by people through ``action_resolve``.
    """

    _name = "healthcare.match.exception"
    _description = "Match Exception"
    _inherit = ["healthcare.audit.mixin"]
    _order = "state, deadline, amount_at_stake desc, id"

    _audit_fields = (
        "type",
        "state",
        "resolution",
        "resolution_reason",
        "amount_at_stake",
        "user_id",
        "group_id",
        "deadline",
        "releases",
    )

    type = fields.Selection(TYPES, required=True, readonly=True, index=True)
    family = fields.Selection(FAMILY_LABELS, compute="_compute_family", store=True, index=True)
    severity = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High")],
        required=True,
        readonly=True,
        default="medium",
    )
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
        index=True,
        help="Resolved by a person, or closed because it no longer holds.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    # Those who receive goods see no bills, but search their exceptions by the bill's number.
    move_id = fields.Many2one(
        "account.move",
        string="Bill",
        readonly=True,
        index=True,
        ondelete="cascade",
        bypass_search_access=True,
    )
    bill_reference = fields.Char(related="move_id.ref", string="Bill Reference")
    bill_line_id = fields.Many2one(
        "healthcare.bill.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    bill_line_ids = fields.Many2many(
        "healthcare.bill.line", string="Bill Lines", readonly=True, help="All lines concerned."
    )
    purchase_line_id = fields.Many2one(
        "purchase.order.line",
        string="Order Line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    purchase_order_id = fields.Many2one("purchase.order", string="Order", readonly=True, ondelete="set null")
    partner_id = fields.Many2one("res.partner", string="Supplier", readonly=True, index=True)
    amount_at_stake = fields.Monetary(
        readonly=True, help="Money overpaid if the bill were paid as it is, in company currency."
    )
    group_id = fields.Many2one("res.groups", string="Owner Group", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True, index="btree_not_null")
    deadline = fields.Date(readonly=True, index=True)
    explanation = fields.Text(readonly=True)
    arithmetic = fields.Text(readonly=True, help="The calculation, one step per line.")
    facts = fields.Json(readonly=True)
    facts_digest = fields.Char(readonly=True, help="A decision is bound to these facts.")
    key = fields.Char(readonly=True, help="What it is about, the same at each evaluation.")
    proposed_resolution = fields.Selection(RESOLUTIONS, readonly=True)
    resolution = fields.Selection(RESOLUTIONS, readonly=True)
    resolution_reason = fields.Text(readonly=True)
    resolved_by_id = fields.Many2one("res.users", readonly=True)
    resolved_at = fields.Datetime(readonly=True)
    releases = fields.Boolean(
        readonly=True, help="The decision lets the bill be paid although the finding stands."
    )
    closed_reason = fields.Char(readonly=True)

    # For the engine: the open exceptions of bills, and what people decided on them.
    _move_state_index = models.Index("(move_id, state)")

    @api.depends("type")
    def _compute_family(self):
        for exception in self:
            exception.family = FAMILIES.get(exception.type)

    @api.depends("type", "move_id.ref")
    def _compute_display_name(self):
        labels = dict(self._fields["type"]._description_selection(self.env))
        for exception in self:
            label = labels.get(exception.type, "")
            bill = exception.sudo().move_id  # who receives goods owns some, but reads no bills
            reference = bill.ref or bill.name
            exception.display_name = f"{label}: {reference}" if reference else label

    @api.model_create_multi
    def create(self, vals_list):
        self._check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self._check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._check_engine()

    def _check_engine(self):
        """Refuse anybody but the engine and resolutions, which check rights themselves.

        :raises AccessError: for direct changes
        """
        if not self.env.su:
            raise AccessError(
                self.env._("Exceptions are raised by the match and resolved by its resolutions.")
            )

    @api.model
    def _owner_vals(self, exception_type, severity, order=None):
        """Return group, user and deadline of a new exception.

        Override to route exceptions otherwise.

        :param order: the ``purchase.order`` concerned, if any: its buyer owns what buyers own
        """
        name = OWNER_GROUPS.get(exception_type, DEFAULT_OWNER_GROUP)
        buyer = order.user_id if order and name == "healthcare_base.group_clerk" else None
        today = fields.Date.context_today(self)
        return {
            "group_id": self.env.ref(name).id,
            "user_id": buyer.id if buyer else False,
            "deadline": today + timedelta(days=DEADLINE_DAYS[severity]),
        }

    @api.model
    def _severity_of(self, exception_type, stake):
        """Return ``low``, ``medium`` or ``high`` for a type and its stake in company currency."""
        if FAMILIES[exception_type] == "duplicate" or exception_type == "supplier_mismatch":
            return "high"
        if stake >= HIGH_STAKE:
            return "high"
        return "medium" if stake > 0 else "low"
