from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import to_decimal
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import AccessError, UserError

from ..tools.selections import RESPONSE_STATUS

#: What the system finds out and people decide; all else is as sent.
_DERIVED = frozenset(
    {
        "order_line_id",
        "status",
        "acknowledged_quantity",
        "backordered_quantity",
        "acknowledged_price",
        "promised_date",
        "substitute_product_id",
        "ordered_quantity",
        "ordered_price",
        "changes_price",
        "changes_quantity",
        "changes_item",
        "unit_unknown",
        "decision",
        "decision_reason",
        "decided_by_id",
        "decided_at",
    }
)


class HealthcareOrderAcknowledgementLine(models.Model):
    """A supplier's answer to one order line: as sent, and what it comes to in our unit."""

    _name = "healthcare.order.acknowledgement.line"
    _description = "Order Acknowledgement Line"
    _inherit = ["healthcare.supplier.evidence"]
    _order = "acknowledgement_id desc, id"
    _rec_name = "line_number"
    _derived_fields = _DERIVED

    acknowledgement_id = fields.Many2one(
        "healthcare.order.acknowledgement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="acknowledgement_id.company_id", store=True, index=True)
    order_id = fields.Many2one(related="acknowledgement_id.order_id", store=True, index=True)
    order_line_id = fields.Many2one(
        "purchase.order.line", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    problem = fields.Selection(
        [
            ("order_not_found", "Order not found"),
            ("order_line_not_found", "Order line not found"),
            ("assignment_ambiguous", "Several order lines fit"),
            ("item_mismatch", "Another item than ordered"),
            ("item_unknown", "Unknown item"),
        ],
        readonly=True,
    )

    from_header = fields.Boolean(
        readonly=True, help="The supplier answered the order as a whole, not line by line."
    )
    line_number = fields.Char(readonly=True)
    order_line_number = fields.Char(readonly=True)
    buyer_code = fields.Char(string="Our Code", readonly=True)
    supplier_code = fields.Char(string="Supplier's Code", readonly=True)
    manufacturer_code = fields.Char(string="Manufacturer's Code", readonly=True)
    gtin = fields.Char(string="GTIN", readonly=True)
    description = fields.Char(readonly=True)
    quantity = ExactDecimal(string="Quantity as Sent", readonly=True)
    unit = fields.Char(readonly=True)
    unit_as_sent = fields.Char(readonly=True)
    price_amount = ExactDecimal(string="Price as Sent", readonly=True)
    price_base_quantity = ExactDecimal(string="Per", readonly=True)
    price_unit_code = fields.Char(string="Price Unit", readonly=True)
    price_kind = fields.Selection([("net", "Net"), ("list", "List")], readonly=True)
    response_ids = fields.One2many("healthcare.order.acknowledgement.response", "line_id", readonly=True)

    status = fields.Selection(RESPONSE_STATUS, readonly=True)
    acknowledged_quantity = ExactDecimal(readonly=True, help="In the order line's unit.")
    backordered_quantity = ExactDecimal(readonly=True, help="In the order line's unit.")
    acknowledged_price = ExactDecimal(readonly=True, help="For the order line's unit.")
    promised_date = fields.Date(readonly=True)
    substitute_product_id = fields.Many2one("product.product", string="Substitute", readonly=True)
    ordered_quantity = ExactDecimal(readonly=True, help="When the answer was evaluated.")
    ordered_price = ExactDecimal(string="Agreed Price", readonly=True, help="When the answer was evaluated.")
    changes_price = fields.Boolean(readonly=True)
    changes_quantity = fields.Boolean(readonly=True)
    changes_item = fields.Boolean(readonly=True)
    unit_unknown = fields.Boolean(readonly=True)
    explanation = fields.Char(compute="_compute_explanation")

    decision = fields.Selection(
        [
            ("none", "Nothing to decide"),
            ("pending", "To decide"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("superseded", "Superseded"),
        ],
        default="none",
        required=True,
        readonly=True,
        index=True,
    )
    decision_reason = fields.Char(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)

    @api.depends(
        "problem",
        "changes_price",
        "changes_quantity",
        "changes_item",
        "unit_unknown",
        "status",
        "acknowledged_quantity",
        "backordered_quantity",
        "acknowledged_price",
    )
    def _compute_explanation(self):
        problems = dict(self._fields["problem"]._description_selection(self.env))
        for line in self:
            parts = [problems[line.problem]] if line.problem else []
            parts += line._explain_changes()
            number = line.order_line_id.line_number or line.line_number
            line.explanation = self.env._("Line %s: ", number) + ("; ".join(parts) or "–")

    def _explain_changes(self):
        """Return one sentence for each difference, with both numbers."""
        self.ensure_one()
        parts = []
        if self.unit_unknown:
            parts.append(
                self.env._("unit %s is not known for this item: enter a packaging", self._unknown_units())
            )
        if self.changes_price:
            parts.append(
                self.env._(
                    "price %(sent)s instead of %(agreed)s",
                    sent=self.acknowledged_price or "?",
                    agreed=self.ordered_price,
                )
            )
        if self.changes_quantity:
            parts.append(
                self.env._(
                    "quantity %(sent)s (later: %(later)s) instead of %(ordered)s",
                    sent=self.acknowledged_quantity or "?",
                    later=self.backordered_quantity or "0",
                    ordered=self.ordered_quantity,
                )
            )
        if self.changes_item:
            parts.append(
                self.env._(
                    "another item: %s", self.substitute_product_id.display_name or self.env._("unknown")
                )
            )
        return parts

    def _unknown_units(self):
        units = {self.unit, self.price_unit_code, *self.response_ids.mapped("unit")}
        return ", ".join(sorted(filter(None, units)))

    def action_decide(self, decision, reason):
        """Accept or refuse what a supplier changed.

        Accepting makes the acknowledged price the agreed one, and the confirmed quantity the
        ordered one. Refusing leaves the order as it is. Both need a reason and are audited.

        :param str decision: ``accepted`` or ``refused``
        :param str reason: why; shown with the order and the bill
        :return: True
        :raises AccessError: for anyone but clerks and administrators
        :raises UserError: there is nothing to decide, or it cannot be accepted
        """
        self._check_may_decide()
        self.check_access("read")
        reason = (reason or "").strip()
        if decision not in ("accepted", "refused"):
            raise UserError(self.env._("Decide 'accepted' or 'refused'."))
        if not reason:
            raise UserError(self.env._("Give a reason: the bill will be held against it."))
        # sudo: evidence is written by the system only; rights were checked above
        lines = self.sudo()
        if decided := lines.filtered(lambda line: line.decision != "pending"):
            raise UserError(self.env._("%s There is nothing to decide any more.", decided[0].explanation))
        if decision == "accepted":
            for line in lines:
                line._check_acceptable()
                line._accept()
        lines.write(
            {
                "decision": decision,
                "decision_reason": reason,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        lines._audit_decision()
        for acknowledgement in lines.acknowledgement_id:
            acknowledgement.message_post(
                body=self.env._(
                    "%(decision)s: %(lines)s Reason: %(reason)s",
                    decision=dict(lines._fields["decision"]._description_selection(self.env))[decision],
                    lines=" ".join(
                        lines.filtered(
                            lambda line, ack=acknowledgement: line.acknowledgement_id == ack
                        ).mapped("explanation")
                    ),
                    reason=reason,
                )
            )
        return True

    def action_evaluate(self):
        """Read open answers again, for instance since a packaging was entered."""
        self._check_may_decide()
        self.check_access("read")
        pending = self.sudo().filtered(lambda line: line.decision == "pending")
        pending._evaluate()

    def action_open_decide(self):
        """Open the dialog that asks for decision and reason."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide on the Supplier's Answer"),
            "res_model": "healthcare.order.acknowledgement.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids},
        }

    def _check_may_decide(self):
        user = self.env.user
        if not (
            self.env.su
            or user.has_group("healthcare_base.group_clerk")
            or user.has_group("healthcare_base.group_administrator")
        ):
            raise AccessError(self.env._("Answers of suppliers are decided by procurement clerks."))

    def _check_acceptable(self):
        """Raise where accepting would mean to guess."""
        self.ensure_one()
        if not self.order_line_id:
            advice = self.env._("It fits no order line: refuse it and ask the supplier.")
        elif self.unit_unknown:
            advice = self.env._("Enter the packaging, then evaluate the answer again.")
        elif self.changes_price and self._currency_differs():
            advice = self.env._(
                "It is in %s: refuse it, and agree on the order's currency.",
                self.acknowledgement_id.currency,
            )
        elif self.changes_price and not self.acknowledged_price:
            advice = self.env._("It names several prices: refuse it, or change the order.")
        elif self.changes_quantity and not self.acknowledged_quantity:
            advice = self.env._("Its quantities are incomplete: refuse it, or change the order.")
        elif self.order_line_id.acknowledgement_line_id != self:
            advice = self.env._("A later answer replaced it.")
        else:
            return
        raise UserError(
            self.env._(
                "%(explanation)s cannot be accepted. %(advice)s",
                explanation=self.explanation,
                advice=advice,
            )
        )

    def _accept(self):
        """Let the order follow the answer."""
        self.ensure_one()
        line = self.order_line_id
        changed_before = line.order_id.changed_since_sent
        if self.changes_quantity:
            quantity = to_decimal(self.acknowledged_quantity) + to_decimal(self.backordered_quantity or "0")
            # the price stays: Odoo looks it up again for another quantity
            line.write(
                {
                    "product_qty": float(quantity),
                    "price_unit": line.price_unit,
                    "discount": line.discount,
                }
            )
        if self.changes_price:
            line.order_id._check_accepted_price(line, self.acknowledged_price)
            line.write(
                {
                    "decided_price": self.acknowledged_price,
                    "decided_for_price": line._ordered_price_text(),
                }
            )
        # the supplier knows: it was their change
        line.order_id.changed_since_sent = changed_before

    def _audit_decision(self):
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": line._name,
                    "res_id": line.id,
                    "res_name": f"{line.order_id.name} / {line.acknowledgement_id.name}",
                    "action": line.decision,
                    "changes": {
                        "decision": ["pending", line.decision],
                        "price": [line.ordered_price or None, line.acknowledged_price or None],
                        "quantity": [
                            line.ordered_quantity or None,
                            line.acknowledged_quantity or None,
                        ],
                        "explanation": [None, line.explanation],
                        "reason": [None, line.decision_reason],
                    },
                    "company_id": line.company_id.id,
                }
                for line in self
            ]
        )
