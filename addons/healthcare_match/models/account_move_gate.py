from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

# Bills in these states may be paid.
PAYABLE_STATES = ("matched", "matched_tolerance", "released")

# Written by the engine and by resolutions, which run as superuser after their
# own checks. A context key would not do: any RPC caller can set any.
# `match_evaluated_at` and `match_dirty` decide whether an edit takes the verdict back.
ENGINE_FIELDS = (
    "match_state",
    "match_gate_exempt",
    "match_evaluated_at",
    "match_dirty",
    "match_waiting_until",
    "match_notices",
    "bill_facility_id",
)

# Documents that ask for our money, and the gate holds.
BILL_TYPES = ("in_invoice", "in_receipt")

# Documents of suppliers; a held bill does not leave them by a change of its type.
SUPPLIER_TYPES = (*BILL_TYPES, "in_refund")

# Odoo's own states in which money counts as gone.
PAID_STATES = ("paid", "in_payment", "partial", "reversed", "invoicing_legacy")


class AccountMove(models.Model):
    """The payment gate on the bill itself; see also the partial reconciliation."""

    _inherit = "account.move"

    match_gate_exempt = fields.Boolean(
        string="Older Than the Payment Gate",
        readonly=True,
        copy=False,
        help="The bill existed before the payment gate was switched on, so it stays payable.",
    )
    match_payable = fields.Boolean(
        string="Can Be Paid",
        compute="_compute_match_payable",
        help="Whether the payment gate lets this bill be paid.",
    )

    @api.depends("match_state", "match_gate_exempt", "move_type", "company_id.match_gate_date")
    def _compute_match_payable(self):
        held = self._match_held()
        for move in self:
            move.match_payable = move not in held

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_engine_fields(vals)
        model = super(AccountMove, without_defaults(self, {*ENGINE_FIELDS, "payment_state"}))
        moves = model.create(vals_list).with_env(self.env)
        named = [
            move.id
            for move, vals in zip(moves, vals_list, strict=True)
            if vals.get("matched_payment_ids") or vals.get("payment_state") in PAID_STATES
        ]
        self.browse(named)._check_match_gate()
        return moves

    def write(self, vals):
        self._check_engine_fields(vals)
        self._check_supplier_type(vals)
        if vals.get("payment_state") in PAID_STATES:
            self._check_match_gate()
        result = super().write(vals)
        if vals.get("matched_payment_ids"):
            self.filtered("matched_payment_ids")._check_match_gate()
        return result

    def action_open_match_workbench(self):
        """Open the match workbench on this bill."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("healthcare_match.action_match_workbench")
        return {**action, "params": {"move_id": self.id}, "context": {"active_id": self.id}}

    def _check_engine_fields(self, vals):
        """Refuse a verdict that does not come from the engine or a resolution.

        :raises AccessError: when anybody writes a state of the match directly
        """
        touched = [name for name in ENGINE_FIELDS if name in vals]
        if touched and not self.env.su:
            raise AccessError(
                self.env._(
                    "The state of the match is set by matching and by resolving exceptions, "
                    "not written (%(fields)s).",
                    fields=", ".join(touched),
                )
            )

    def _check_supplier_type(self, vals):
        """Refuse to turn a bill into something that the gate does not look at.

        A bill and a credit of the same supplier may be exchanged where a person typed it, as
        Odoo's own button does; what the supplier sent keeps its type.

        :raises UserError: naming the bill
        """
        if "move_type" not in vals:
            return
        for move in self.sudo():
            if vals["move_type"] == move.move_type or move.move_type not in SUPPLIER_TYPES:
                continue
            if vals["move_type"] not in SUPPLIER_TYPES or move.exchange_message_id:
                raise UserError(
                    self.env._(
                        "Bill %s stays a supplier's document of its type. Cancel it instead.",
                        move.ref or move.display_name,
                    )
                )

    def _match_held(self):
        """Bills of `self` that the payment gate holds.

        A bill is held when its company's gate is on, it is a vendor bill that is
        not older than the gate, and its match is neither agreed nor released.
        `not_applicable` needs the approval of the bill itself; until bills can
        be approved it does not make a bill payable.
        """
        bills = self.filtered(lambda move: move.move_type in BILL_TYPES)
        closed = bills.company_id._match_gate_closed()
        return bills.filtered(
            lambda move: (
                move.company_id in closed
                and not move.match_gate_exempt
                and move.match_state not in PAYABLE_STATES
            )
        )

    def _check_match_gate(self):
        """Refuse when the payment gate holds any of these bills.

        :raises UserError: naming each bill, its state and what to do
        """
        held = self.sudo()._match_held()
        if not held:
            return
        states = dict(self._fields["match_state"]._description_selection(self.env))
        lines = [
            self.env._(
                "%(bill)s of %(supplier)s: %(state)s",
                bill=move.ref or move.name or self.env._("draft bill"),
                supplier=move.commercial_partner_id.display_name or "",
                state=states.get(move.match_state) or self.env._("not matched yet"),
            )
            for move in held[:10]
        ]
        if len(held) > 10:
            lines.append(self.env._("and %(count)s more", count=len(held) - 10))
        raise UserError(
            self.env._(
                "The payment gate holds these bills:\n%(bills)s\n"
                "Open the match workbench and resolve their exceptions, or wait for the goods.",
                bills="\n".join(lines),
            )
        )
