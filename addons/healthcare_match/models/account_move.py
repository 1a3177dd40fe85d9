import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine import worst
from .healthcare_bill_line import MATCH_STATES

_logger = logging.getLogger(__name__)

#: Documents of suppliers that are matched.
VENDOR_TYPES = ("in_invoice", "in_receipt", "in_refund")
#: Families whose open exceptions keep a bill a draft: posted lines would set stock values.
DRAFT_FAMILIES = ("unit_item", "duplicate")
DRAFT_TYPES = ("supplier_mismatch", "no_purchase_order", "total_mismatch", "currency_mismatch")
#: Bills that a change may touch are judged at once up to this number, else by the job.
DIRECT_LIMIT = 20
#: Changes of these make a verdict stale.
JUDGED_FIELDS = {
    "move_type",
    "partner_id",
    "ref",
    "currency_id",
    "invoice_date",
    "company_id",
    "invoice_line_ids",
    "line_ids",
}


class AccountMove(models.Model):
    _inherit = "account.move"

    match_state = fields.Selection(
        MATCH_STATES,
        string="Match",
        compute="_compute_match_state",
        store=True,
        precompute=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Verdict of the match with orders and receipts; empty on other documents.",
    )
    match_exception_ids = fields.One2many(
        "healthcare.match.exception", "move_id", string="Match Exceptions", readonly=True
    )
    match_allocation_ids = fields.One2many(
        "healthcare.match.allocation", "move_id", string="Match Allocations", readonly=True
    )
    match_evaluated_at = fields.Datetime(readonly=True, copy=False)
    match_waiting_until = fields.Date(readonly=True, copy=False, help="Last day of waiting for goods.")
    match_dirty = fields.Boolean(
        readonly=True, copy=False, help="Something changed; the match judges it anew."
    )
    match_notices = fields.Json(readonly=True, copy=False, help="Remarks of the match that hold nothing.")

    # For the job that judges bills anew, and for the end of waiting.
    _match_dirty_index = models.Index("(id) WHERE match_dirty")
    _match_waiting_index = models.Index("(match_waiting_until) WHERE match_state = 'waiting'")

    @api.depends("move_type")
    def _compute_match_state(self):
        """A supplier's document waits until the match has judged it."""
        for move in self:
            if move.move_type in VENDOR_TYPES:
                move.match_state = move.match_state or "waiting"
            else:
                move.match_state = False

    def write(self, vals):
        withdrawn = judged = self.browse()
        if not self._match_busy():
            evaluated = self.sudo().filtered("match_evaluated_at")
            if vals.get("state") in ("cancel", "draft"):
                withdrawn = evaluated
            elif vals.keys() & JUDGED_FIELDS:
                judged = evaluated
        freed = withdrawn.match_allocation_ids.purchase_line_id
        if judged:
            with self._match_writing():
                result = super().write(vals)
                judged.exists()._match_stale()
            judged.exists().filtered("match_dirty")._evaluate_match_safely()
            return result
        result = super().write(vals)
        if withdrawn:
            # others may bill what these no longer do, or are no duplicates any more
            touched = withdrawn._match_rivals() | freed._match_bills()
            (touched - withdrawn)._match_touched()
        return result

    def _match_rivals(self):
        """Return open bills of the same suppliers that are held as duplicates."""
        return self.search(
            self._match_open_domain()
            & Domain("commercial_partner_id", "in", self.commercial_partner_id.ids)
            & Domain("match_exception_ids", "any", [("state", "=", "open"), ("family", "=", "duplicate")])
        )

    def _post(self, soft=True):
        """Judge bills before they are posted, and refuse what has to stay a draft.

        :raises UserError: naming the bills and their exceptions
        """
        bills = self.filtered(lambda move: move._match_automatic())
        if bills and not self._match_busy():
            bills.sudo()._evaluate_match(post=False)
            bills._check_match_posting()
        posted = super()._post(soft)
        # Posting may have changed what was judged (dates, rounding).
        bills.sudo().filtered("match_dirty")._evaluate_match_safely()
        return posted

    def action_evaluate_match(self):
        """Match these bills with orders and receipts, now.

        :return: True
        :raises AccessError: without the right to read the bills, or outside the suite's roles
        """
        self.check_access("read")
        if not self.env.su and not self.env.user.has_groups(
            "healthcare_base.group_accounts_payable,healthcare_base.group_clerk,"
            "healthcare_base.group_approver,healthcare_base.group_storeroom,"
            "healthcare_base.group_administrator,account.group_account_invoice"
        ):
            raise self.env["healthcare.match.evaluator"]._role_error()
        # sudo: the verdict reads orders and receipts that the person may not see
        self.sudo()._evaluate_match()
        return True

    def _match_automatic(self):
        """Return whether the suite judges this bill by itself.

        It does from the day the gate's date is set, and for bills that came as documents; in a
        company that has not begun, Odoo behaves as without the suite.
        """
        self.ensure_one()
        if self.move_type not in VENDOR_TYPES or self.match_gate_exempt:
            return False
        return bool(self.exchange_message_id or self.sudo().company_id.match_gate_date)

    def _check_match_posting(self):
        """Refuse to post bills whose exceptions could set wrong stock values, or pay twice."""
        company_refuses = {company.id: not company.match_post_held for company in self.sudo().company_id}
        lines = []
        for move in self:
            holding = move.sudo().match_exception_ids.filtered(
                lambda exception, move=move: (
                    exception.state == "open"
                    and (
                        company_refuses[move.company_id.id]
                        or exception.family in DRAFT_FAMILIES
                        or exception.type in DRAFT_TYPES
                    )
                )
            )
            lines += [f"{move.ref or move.display_name}: {each.explanation}" for each in holding]
        if lines:
            raise UserError(
                self.env._(
                    "These bills stay drafts until their exceptions are resolved:\n%s",
                    "\n".join(lines[:10]),
                )
            )

    def _match_open_domain(self):
        """Return the domain of bills that may still be judged anew: neither paid nor cancelled."""
        return Domain(
            [
                ("move_type", "in", VENDOR_TYPES),
                ("state", "!=", "cancel"),
                ("payment_state", "not in", ("paid", "in_payment", "reversed")),
                ("match_evaluated_at", "!=", False),
            ]
        )

    def _match_stale(self):
        """Take a verdict back: what it was about has changed."""
        stale = self.sudo().filtered(
            lambda move: (
                move.payment_state not in ("paid", "in_payment", "reversed") and move.match_evaluated_at
            )
        )
        stale.filtered(lambda move: move.match_state != "waiting").write(
            {"match_state": "waiting", "match_waiting_until": False}
        )
        stale.write({"match_dirty": True})
        stale._trigger_match()

    @api.model
    def _trigger_match(self):
        """Have the job judge what is marked, after this transaction."""
        if self:
            self.env.ref("healthcare_match.cron_match").sudo()._trigger()

    def _match_touched(self):
        """Judge bills anew that a change of order or receipt touches: a few at once, many later."""
        bills = self.sudo()
        bills.filtered(lambda bill: not bill.match_dirty).write({"match_dirty": True})
        if len(bills) > DIRECT_LIMIT:
            bills._trigger_match()
            return
        bills._evaluate_match_safely()

    def _evaluate_match_safely(self):
        """Judge bills without harm to the change that caused it; what fails is tried by the job."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self.sudo()._evaluate_match()
        except Exception as error:
            if self.env["healthcare.match.evaluator"]._is_concurrency(error):
                raise
            _logger.exception("Bills %s could not be matched", self.ids)
            self.sudo()._trigger_match()

    def _evaluate_match(self, post=True):
        """Judge these bills; see ``healthcare.match.evaluator``.

        :param bool post: post bills that match where the company says so
        """
        bills = self.filtered(lambda move: move.move_type in VENDOR_TYPES and move.state != "cancel")
        if bills:
            self.env["healthcare.match.evaluator"]._evaluate(bills, post=post)

    def _match_paid_unmatched(self):
        """Raise ``paid_unmatched`` on bills whose money is gone though the gate held them, once."""
        self.env["healthcare.match.evaluator"]._raise_paid_unmatched(self.sudo())

    @api.model
    def _cron_match(self):
        """Judge bills that something has touched, in slices."""
        slice_size = 50
        today = fields.Date.context_today(self)
        over = self._match_open_domain() & Domain(
            [("match_state", "=", "waiting"), ("match_waiting_until", "<", today)]
        )
        domain = Domain("match_dirty", "=", True) | over
        remaining = self.search_count(domain)
        last = 0
        while remaining:
            bills = self.search(domain & Domain("id", ">", last), order="id", limit=slice_size)
            if not bills:
                break
            last = bills[-1].id
            bills._evaluate_match_slice()
            remaining = max(0, remaining - len(bills))
            if not self.env["ir.cron"]._commit_progress(len(bills), remaining=remaining):
                break

    def _evaluate_match_slice(self):
        """Judge bills together; where that fails, each alone, so that one harms only itself."""
        try:
            with self.env.cr.savepoint():
                self._evaluate_match()
        except Exception as error:
            if self.env["healthcare.match.evaluator"]._is_concurrency(error):
                raise
            for bill in self:
                try:
                    with self.env.cr.savepoint():
                        bill._evaluate_match()
                except Exception:
                    _logger.exception("Bill %s could not be matched", bill.id)

    def _worst_match_state(self, states):
        """Return the worst of line states, ``released`` counting as settled."""
        return worst(state for state in states if state != "released")
