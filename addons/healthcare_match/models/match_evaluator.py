import hashlib
import json
from collections import defaultdict
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..engine import bill_key, comes_before, evaluate, with_findings
from ..engine.numbers import plain, rounded
from ..tools.texts import engine_text
from .match_loader import PAYABLE_STATES

#: Raised elsewhere, so not closed by an evaluation that does not find them.
FOREIGN_TYPES = ("paid_unmatched", "statement_difference")


class HealthcareMatchEvaluator(models.AbstractModel):
    """Runs the engine over bills and writes down what it says.

    Works as superuser: callers check who may ask. Paid bills keep their verdict.
    """

    _name = "healthcare.match.evaluator"
    _description = "Match Evaluation"

    @api.model
    def _evaluate(self, bills, post=True):
        """Judge bills, oldest claim first, and store allocations, exceptions and states.

        :param bills: vendor bills of any companies
        :param bool post: post drafts that came as documents and match, where the company says so
        """
        evaluator = self.sudo()
        for company, of_company in bills.sudo().grouped("company_id").items():
            evaluator = evaluator.with_company(company)
            evaluator._evaluate_company(of_company.with_env(evaluator.env).with_company(company), post)

    @api.model
    def _evaluate_company(self, bills, post):
        """Judge bills of one company."""
        settled = bills.filtered(self._keeps_verdict)
        settled.filtered("match_dirty").write({"match_dirty": False})
        bills -= settled
        credits = bills.filtered(lambda bill: bill.move_type == "in_refund")
        bills -= credits
        with self.env["account.move"]._match_writing():
            self._evaluate_credits(credits)
            if not bills:
                return
            self._derive_lines(bills)
            loader = self.env["healthcare.match.loader"]
            facts = loader._load(bills)
            self._lock(facts)
            taken = {"judged": set(), "entries": defaultdict(list)}
            to_post = bills.browse()
            for bill in bills.sorted(loader._rank_of):
                verdict = self._judge(facts, loader, bill, taken)
                if post and verdict == "matched" and self._posts_itself(bill):
                    to_post |= bill
        self._post_matched(to_post)

    @api.model
    def _judge(self, facts, loader, bill, taken):
        """Judge one bill from what was read, store the verdict, and return the bill's state."""
        case = loader._case(facts, bill, taken)
        verdict = evaluate(case)
        accounting = self.env["healthcare.match.accounting"]
        accounting._sync(bill, case, verdict)
        verdict = with_findings(verdict, accounting._check(bill, case, verdict))
        verdict = with_findings(verdict, self._further_findings(bill, case, verdict))
        state = self._store(bill, verdict)
        taken["judged"].add(bill.id)
        self._question_later(case)
        counts = bill.state == "posted" or (
            state in ("matched", "matched_tolerance") and self._posts_itself(bill)
        )
        if counts:
            rank = (0 if state in PAYABLE_STATES else 1, *loader._rank_of(bill)[1:])
            for portion in verdict.portions:
                amount = Fraction(self._portion_amount(verdict, portion))
                taken["entries"][portion.order_line_id].append(
                    (rank, bill.id, portion.move_id, portion.quantity, amount)
                )
        return state

    @api.model
    def _further_findings(self, bill, case, verdict):
        """Return findings that come from elsewhere than orders, receipts and the bill itself.

        Override to add what another control knows of the bill's supplier or account.

        :return: list of ``Finding``
        """
        return []

    @api.model
    def _question_later(self, case):
        """Judge anew the bills that this one makes duplicates: they are dated later than it."""
        number = bill_key(case.bill.number)
        later = [
            other.id
            for other in case.others
            if number
            and bill_key(other.number) == number
            and not other.settled
            and not comes_before(other, case.bill)
        ]
        stale = (
            self.env["account.move"]
            .browse(later)
            .filtered(
                lambda bill: (
                    bill.match_evaluated_at
                    and not any(
                        each.family == "duplicate" and each.state != "closed"
                        for each in bill.match_exception_ids
                    )
                )
            )
        )
        stale._match_stale()

    @api.model
    def _keeps_verdict(self, bill):
        """Return whether the bill is paid, so that its verdict stands."""
        return bill.payment_state in ("paid", "in_payment", "reversed") and bool(bill.match_evaluated_at)

    @api.model
    def _lock(self, facts):
        """Make two transactions that bill the same order lines wait for each other."""
        ids = sorted(facts.order_lines)
        if ids:
            self.env.cr.execute(
                SQL("SELECT id FROM purchase_order_line WHERE id = ANY(%s) ORDER BY id FOR UPDATE", ids)
            )

    @api.model
    def _posts_itself(self, bill):
        return bill.state == "draft" and bool(bill.exchange_message_id) and bill.company_id.match_auto_post

    @api.model
    def _post_matched(self, bills):
        """Post bills that match; one that Odoo refuses stays a draft and says why."""
        for bill in bills:
            try:
                with self.env.cr.savepoint(), bill._match_writing():
                    bill.action_post()
            except UserError as error:
                bill.message_post(
                    body=self.env._("The bill matches but could not be posted: %s", error.args[0])
                )

    # Evidence of bills that a person typed

    @api.model
    def _derive_lines(self, bills):
        """Make bill lines of bills that came without a document from their accounting lines."""
        typed = bills.filtered(lambda bill: not bill.exchange_message_id)
        stale = typed.bill_line_ids
        vals_list = [vals for bill in typed for vals in self._derived_vals(bill)]
        current = [self._evidence_of(line) for line in stale.sorted("id")]
        if current == [self._comparable(vals) for vals in vals_list]:
            return
        stale.unlink()
        self.env["healthcare.bill.line"].create(vals_list)

    @api.model
    def _comparable(self, vals):
        return {name: vals.get(name) or False for name in ("move_id", *_DERIVED)}

    @api.model
    def _evidence_of(self, line):
        return {
            name: (line[name].id if name in ("move_id", "derived_move_line_id") else line[name]) or False
            for name in ("move_id", *_DERIVED)
        }

    @api.model
    def _derived_vals(self, bill):
        """Return values of bill lines derived from what a person typed."""
        lines = bill.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        result = []
        for index, line in enumerate(lines.sorted(lambda line: (line.sequence, line.id)), start=1):
            price = Fraction(repr(line.price_unit)) * (1 - Fraction(repr(line.discount)) / 100)
            unit = line.product_uom_id.unit_code or line.product_uom_id.name or ""
            result.append(
                {
                    "move_id": bill.id,
                    "sequence": index,
                    "line_number": str(index),
                    "derived": True,
                    "derived_move_line_id": line.id,
                    "buyer_code": line.product_id.default_code or False,
                    "description": line.name or False,
                    "quantity": plain(Fraction(repr(line.quantity))),
                    "unit": unit or False,
                    "unit_as_sent": unit or False,
                    "price_unit": plain(price),
                    "amount": plain(Fraction(repr(line.price_subtotal))),
                }
            )
        return result

    # Storing

    @api.model
    def _store(self, bill, verdict):
        """Write allocations, exceptions and states of one bill; return the bill's state."""
        self._store_allocations(bill, verdict)
        released = self.env["healthcare.match.exception"]._sync_findings(bill, verdict)
        held = [finding for finding in verdict.findings if finding not in released]
        held_lines = {line_id for finding in held for line_id in finding.line_ids}
        decided = {line_id for finding in released for line_id in finding.line_ids}
        states = {
            line_id: "released"
            if state == "exception" and line_id not in held_lines and (not held or line_id in decided)
            else state
            for line_id, state in verdict.line_states.items()
        }
        self._store_line_states(bill, states)
        if held:
            state = "exception"
        else:
            state = bill._worst_match_state(states.values())
            if released and state != "waiting":
                state = "released"
        return self._store_state(bill, state, verdict)

    @api.model
    def _store_line_states(self, bill, states):
        by_state = defaultdict(list)
        for line in bill.bill_line_ids:
            if line.match_state != states.get(line.id, "waiting"):
                by_state[states.get(line.id, "waiting")].append(line.id)
        for state, ids in by_state.items():
            self.env["healthcare.bill.line"].browse(ids).write({"match_state": state})

    @api.model
    def _store_state(self, bill, state, verdict):
        """Write the bill's state, and tell its readers what is new."""
        conversions = bill.match_exception_ids.filtered(
            lambda each: each.state == "resolved" and each.releases
        )
        if state in ("matched", "matched_tolerance") and conversions:
            state = "released"
        notices = [engine_text(self.env, text, params) for text, params in verdict.notices]
        until = max(verdict.waiting_until.values(), default=False)
        changed = bill.match_state != state or not bill.match_evaluated_at
        if notices and notices != (bill.match_notices or []):
            bill.message_post(body="\n".join(notices))
        bill.write(
            {
                "match_state": state,
                "match_evaluated_at": fields.Datetime.now(),
                "match_waiting_until": until if state == "waiting" else False,
                "match_notices": notices or False,
                "match_dirty": False,
            }
        )
        if changed:
            self._record_verdict(bill, state)
        return state

    @api.model
    def _record_verdict(self, bill, state):
        """Put a new verdict into the audit trail."""
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": "account.move",
                    "res_id": bill.id,
                    "res_name": bill.ref or bill.name or "",
                    "action": "match",
                    "changes": {"match_state": state},
                    "company_id": bill.company_id.id,
                }
            ]
        )

    @api.model
    def _portion_amount(self, verdict, portion):
        """Return the money of a portion as text: its part of what the line bills there."""
        figures = verdict.comparisons.get((portion.line_id, portion.order_line_id))
        if not figures or not Fraction(figures["billed_quantity"]):
            return "0"
        share = portion.quantity / Fraction(figures["billed_quantity"])
        return plain(rounded(Fraction(figures["amount"]) * share, 6))

    @api.model
    def _store_allocations(self, bill, verdict):
        """Replace the bill's allocations by those of the verdict."""
        bill.match_allocation_ids.unlink()
        entries = {
            (line.bill_line_id.id, line.purchase_line_id.id): line.id
            for line in bill.invoice_line_ids
            if line.bill_line_id
        }
        derived = {line.id: line.derived_move_line_id.id for line in bill.bill_line_ids}
        self.env["healthcare.match.allocation"].create(
            [
                {
                    "bill_line_id": portion.line_id,
                    "move_line_id": entries.get((portion.line_id, portion.order_line_id))
                    or derived.get(portion.line_id)
                    or False,
                    "purchase_line_id": portion.order_line_id,
                    "stock_move_id": portion.move_id or False,
                    "quantity": plain(rounded(portion.quantity, 12)),
                    "source": portion.source,
                    "score": portion.score,
                    "runner_up_purchase_line_id": portion.runner_up_id or False,
                    "margin": portion.margin or 0,
                    "comparison": {
                        **verdict.comparisons.get((portion.line_id, portion.order_line_id), {}),
                        "portion_amount": self._portion_amount(verdict, portion),
                    },
                }
                for portion in verdict.portions
            ]
        )

    # Credits, and money that went without a verdict

    @api.model
    def _evaluate_credits(self, credits):
        """Judge credit notes: one that reverses a bill of its supplier, up to its amount, matches."""
        for credit in credits:
            self._derive_lines(credit)
            bill = credit.reversed_entry_id
            fits = (
                bill.move_type in ("in_invoice", "in_receipt")
                and bill.commercial_partner_id == credit.commercial_partner_id
                and credit.currency_id == bill.currency_id
                and credit.currency_id.compare_amounts(credit.amount_total, bill.amount_total) <= 0
            )
            verdict = self.env["healthcare.match.accounting"]._credit_verdict(credit, fits)
            self._store(credit, verdict)

    @api.model
    def _raise_paid_unmatched(self, bills):
        """Raise ``paid_unmatched`` on bills that have none open."""
        exceptions = self.env["healthcare.match.exception"].sudo()
        for bill in bills:
            if any(
                each.type == "paid_unmatched" and each.state == "open" for each in bill.match_exception_ids
            ):
                continue
            exceptions._raise_paid_unmatched(bill)

    @api.model
    def _is_concurrency(self, error):
        """Return whether Odoo repeats the transaction that failed so."""
        return isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)

    @api.model
    def _role_error(self):
        return AccessError(self.env._("Only people who buy, receive or pay ask for a match."))

    @api.model
    def _digest(self, finding, stake):
        """Return the digest of what a decision on the finding is bound to."""
        text = json.dumps([finding.type, finding.facts, stake], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


_DERIVED = (
    "line_number",
    "derived_move_line_id",
    "buyer_code",
    "description",
    "quantity",
    "unit",
    "price_unit",
    "amount",
)
