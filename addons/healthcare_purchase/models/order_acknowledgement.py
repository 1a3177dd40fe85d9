from markupsafe import Markup
from odoo import fields, models

from ..tools.selections import RESPONSE_STATUS


class HealthcareOrderAcknowledgement(models.Model):
    """A supplier's answer to an order, as sent. Only its state ever changes."""

    _name = "healthcare.order.acknowledgement"
    _description = "Order Acknowledgement"
    _inherit = ["healthcare.supplier.evidence", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _order = "id desc"
    _check_company_auto = True
    _derived_fields = frozenset({"state"})

    name = fields.Char(string="Number", required=True, readonly=True)
    order_id = fields.Many2one(
        "purchase.order", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    facility_id = fields.Many2one(related="order_id.facility_id")
    user_id = fields.Many2one(related="order_id.user_id")
    partner_id = fields.Many2one("res.partner", string="Supplier", required=True, readonly=True, index=True)
    message_id = fields.Many2one(
        "healthcare.exchange.message", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    digest = fields.Char(readonly=True, help="SHA-256 of the document's content.")
    issued_at = fields.Char(string="Issued", readonly=True, help="As the supplier states it.")
    currency = fields.Char(readonly=True)
    supplier_order_number = fields.Char(string="Supplier's Order", readonly=True)
    supersedes = fields.Char(readonly=True, help="Number of the answer that this one replaces.")
    header_status = fields.Selection(RESPONSE_STATUS, readonly=True, help="Answer to the order as a whole.")
    state = fields.Selection(
        [("current", "Current"), ("superseded", "Superseded")],
        default="current",
        required=True,
        readonly=True,
    )
    line_ids = fields.One2many("healthcare.order.acknowledgement.line", "acknowledgement_id", readonly=True)
    pending_count = fields.Integer(string="To Decide", compute="_compute_pending_count")

    # The handler looks for the same content again, so that it has no second effect.
    _digest_unique = models.UniqueIndex(
        "(order_id, digest) WHERE digest IS NOT NULL",
        "This answer to the order is there already.",
    )

    def _compute_pending_count(self):
        groups = self.env["healthcare.order.acknowledgement.line"]._read_group(
            [("acknowledgement_id", "in", self.ids), ("decision", "=", "pending")],
            ["acknowledgement_id"],
            ["__count"],
        )
        counts = {acknowledgement.id: count for acknowledgement, count in groups}
        for acknowledgement in self:
            acknowledgement.pending_count = counts.get(acknowledgement.id, 0)

    def action_evaluate(self):
        """Read open answers again, for instance since a packaging was entered."""
        self.line_ids.action_evaluate()

    def _take_effect(self):
        """Evaluate the answer and let it replace earlier ones, line by line."""
        self.ensure_one()
        self._supersede_named()
        if self._is_outdated():
            self.state = "superseded"
            self.line_ids.decision = "superseded"
            return
        self.line_ids._evaluate()
        self.line_ids._put_on_order()
        self._supersede_earlier()
        self._ask_buyer()

    def _supersede_named(self):
        if not self.supersedes:
            return
        named = self.order_id.acknowledgement_ids.filtered(
            lambda ack: ack != self and ack.name == self.supersedes and ack.id < self.id
        )
        named.state = "superseded"
        named.line_ids.filtered(lambda line: line.decision == "pending").decision = "superseded"

    def _is_outdated(self):
        """Whether a later answer arrived first: the supplier's own times say so."""
        if not self.issued_at or self.supersedes:
            return False
        # comparable only in the same form: two days, or two moments of one offset
        return any(
            other.issued_at
            and len(other.issued_at) == len(self.issued_at)
            and other.issued_at[19:] == self.issued_at[19:]
            and other.issued_at > self.issued_at
            for other in self.order_id.acknowledgement_ids - self
            if other.state == "current"
        )

    def _supersede_earlier(self):
        """Earlier answers of which no line stands any more are superseded."""
        earlier = (self.order_id.acknowledgement_ids - self).filtered(lambda ack: ack.state == "current")
        answered = self.line_ids.order_line_id
        for acknowledgement in earlier:
            old = acknowledgement.line_ids.filtered(lambda line: line.order_line_id in answered)
            old.filtered(lambda line: line.decision in ("none", "pending")).decision = "superseded"
            if all(line.decision != "pending" for line in acknowledgement.line_ids) and (
                acknowledgement.line_ids.order_line_id <= answered
            ):
                acknowledgement.state = "superseded"

    def _ask_buyer(self):
        """Give what needs a decision to the order's buyer."""
        pending = self.line_ids.filtered(lambda line: line.decision == "pending")
        if not pending and self.line_ids:
            return
        owner = self.order_id.user_id or self.message_id.endpoint_id.owner_id
        self.order_id.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Answer %s of the supplier needs a decision", self.name)
            if pending
            else self.env._("Answer %s of the supplier has no lines: read it", self.name),
            note=Markup("<br/>").join(pending.mapped("explanation")),
            user_id=(owner or self.env.ref("base.user_admin")).id,
        )
