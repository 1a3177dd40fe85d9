from contextlib import contextmanager

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import UserError
from odoo.fields import Domain

#: What came from the supplier; nobody changes it afterwards.
EVIDENCE_FIELDS = ("bill_document", "exchange_message_id", "bill_line_ids")
_BUSY = "healthcare_match.writing"


class AccountMove(models.Model):
    """The supplier's bill as sent, beside Odoo's own lines."""

    _inherit = "account.move"

    bill_line_ids = fields.One2many(
        "healthcare.bill.line", "move_id", string="Bill Lines as Sent", readonly=True
    )
    bill_document = fields.Json(
        readonly=True, copy=False, help="The canonical bill without its lines, as received."
    )
    exchange_message_id = fields.Many2one(
        "healthcare.exchange.message",
        string="Received As",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    bill_facility_id = fields.Many2one(
        "healthcare.facility",
        string="Facility",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Facility that the bill names as ship-to.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_evidence(vals)
        model = super(AccountMove, without_defaults(self, EVIDENCE_FIELDS))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_evidence(vals)
        return super().write(vals)

    def unlink(self):
        # sudo: nobody has rights on evidence; what is derived goes with its bill
        self.sudo().bill_line_ids.filtered("derived").unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        """Refuse to delete a bill that a supplier sent."""
        sent = self.filtered("exchange_message_id")
        if sent:
            raise UserError(
                self.env._(
                    "Bill %s came from the supplier and is kept. Cancel it instead.",
                    sent[0].ref or sent[0].display_name,
                )
            )

    def _check_evidence(self, vals):
        """Refuse to write what came from the supplier.

        :raises UserError: for everybody once a document has made the bill, else for people
        """
        touched = [name for name in EVIDENCE_FIELDS if name in vals]
        if touched and (not self.env.su or any(move.exchange_message_id for move in self)):
            raise UserError(
                self.env._(
                    "What the supplier sent does not change (%(fields)s).",
                    fields=", ".join(touched),
                )
            )

    def _match_busy(self):
        """Return whether the match itself is writing in this transaction."""
        return bool(self.env.cr.precommit.data.get(_BUSY))

    @contextmanager
    def _match_writing(self):
        """Mark writes inside as the match's own, which do not make a verdict stale.

        Kept on the cursor and not in the context: callers over RPC set any context they like.
        """
        data = self.env.cr.precommit.data
        before = data.get(_BUSY, 0)
        data[_BUSY] = before + 1
        try:
            yield
        finally:
            data[_BUSY] = before

    def _link_bill_origin_to_purchase_orders(self, timeout=10):
        """Leave bills of the suite alone: Odoo's linking would replace their lines."""
        others = self.filtered(lambda move: not move._match_automatic())
        return super(AccountMove, others)._link_bill_origin_to_purchase_orders(timeout=timeout)

    def _match_touched_domain(self, purchase_line_ids, order_ids):
        """Return the domain of bills that stand on order lines, or have exceptions about them."""
        return Domain("match_allocation_ids.purchase_line_id", "in", purchase_line_ids) | Domain(
            "match_exception_ids",
            "any",
            [("state", "!=", "closed"), ("purchase_order_id", "in", order_ids)],
        )

    def _match_orphan_domain(self, partner_ids):
        """Return the domain of bills of suppliers with lines that found no order line."""
        types = ("order_line_not_found", "no_purchase_order", "supplier_mismatch", "item_mismatch")
        return Domain(
            [
                ("commercial_partner_id", "in", partner_ids),
                ("match_exception_ids", "any", [("state", "=", "open"), ("type", "in", types)]),
            ]
        )
