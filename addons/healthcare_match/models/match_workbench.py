from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .match_resolution import AP, APPROVER, CLERK

#: Who may ask for a new verdict; auditors only look.
EVALUATORS = (AP, APPROVER, CLERK, "healthcare_base.group_administrator")
READERS = (*EVALUATORS, "healthcare_base.group_auditor")

FILTERS = {
    "open": ("exception",),
    "waiting": ("waiting",),
    "matched": ("matched", "matched_tolerance"),
    "released": ("released",),
    "all": ("not_applicable", "waiting", "matched", "matched_tolerance", "exception", "released"),
}
CRITICALITIES = ("low", "medium", "high", "critical")
MAX_LIMIT = 200
MAX_SEARCH = 200


class HealthcareMatchWorkbench(models.AbstractModel):
    """What the match workbench shows: a queue of bills, and one bill with all that decides it.

    The shapes stand in web_src/healthcare_match/workbench/workbench_types.d.ts.
    """

    _name = "healthcare.match.workbench"
    _description = "Match Workbench"

    @api.model
    def load_queue(self, domain_filter="open", search="", offset=0, limit=40):
        """Return a page of bills in the order in which people should look at them.

        Ordered by clinical criticality of the items, then deadline, then money at stake.

        :param str domain_filter: ``open``, ``waiting``, ``matched``, ``released`` or ``all``
        :param str search: words in number, supplier, order, item code or description
        :param int offset: bills to leave out
        :param int limit: bills to return, 200 at most
        :return: ``{"total", "items", "counts"}``
        :raises AccessError: outside the roles that see the workbench
        :raises UserError: for an unknown filter
        """
        self._check_reader()
        if domain_filter not in FILTERS:
            raise UserError(self.env._("There is no filter '%s'.", domain_filter))
        limit = max(1, min(int(limit), MAX_LIMIT))
        offset = max(0, int(offset))
        found = self._search_domain(search if isinstance(search, str) else "")
        counts = self._counts(found)
        domain = found & Domain("match_state", "in", FILTERS[domain_filter])
        bill_ids = self._ordered_ids(domain, offset, limit)
        return {
            "total": counts[domain_filter],
            "items": self._queue_items(self.env["account.move"].browse(bill_ids)),
            "counts": counts,
        }

    @api.model
    def load_bill(self, move_id):
        """Return one bill beside its orders and receipts, with its exceptions and documents.

        :param int move_id: id of the vendor bill
        :return: the shape ``Bill``
        :raises AccessError: for a bill that the user may not read
        :raises MissingError: for a bill that does not exist, or is none of the suite's
        """
        self._check_reader()
        bill = self.env["account.move"].browse(int(move_id)).exists()
        if not bill or not bill.sudo().match_state:
            raise MissingError(self.env._("There is no such bill in the workbench; load the queue again."))
        bill.check_access("read")
        return self.env["healthcare.match.workbench.bill"]._payload(bill)

    @api.model
    def _check_reader(self):
        if not any(self.env.user.has_group(group) for group in READERS):
            raise AccessError(self.env._("The match workbench is not part of your role."))

    @api.model
    def _search_domain(self, search):
        """Return the domain of the suite's bills in the user's companies that hold all words."""
        domain = Domain(
            [
                ("company_id", "in", self.env.companies.ids),
                ("match_state", "!=", False),
                ("state", "!=", "cancel"),
            ]
        )
        for word in search[:MAX_SEARCH].split():
            domain &= Domain.OR(
                Domain(name, "ilike", word)
                for name in (
                    "ref",
                    "name",
                    "partner_id",
                    "bill_line_ids.description",
                    "bill_line_ids.supplier_code",
                    "bill_line_ids.buyer_code",
                    "match_allocation_ids.purchase_line_id.order_id.name",
                )
            )
        return domain

    @api.model
    def _counts(self, domain):
        by_state = dict(self._bills()._read_group(domain, ["match_state"], ["__count"]))
        return {name: sum(by_state.get(state, 0) for state in states) for name, states in FILTERS.items()}

    @api.model
    def _bills(self):
        """Return the model of bills in the user's rights on bills, and nobody's limits beyond.

        The search looks through orders and evidence, which not every reader of bills reads.
        """
        self.env["account.move"].check_access("read")
        return self.env["account.move"].sudo()

    @api.model
    def _ordered_ids(self, domain, offset, limit):
        # sudo as in _bills; the user's own record rules on bills are put in front
        rules = self.env["ir.rule"]._compute_domain("account.move", "read")
        query = self._bills()._search(domain & Domain(rules or []))
        self.env.cr.execute(
            SQL(
                """
                SELECT bill.id
                  FROM account_move bill
                  LEFT JOIN LATERAL (
                        SELECT MIN(deadline) AS deadline, SUM(amount_at_stake) AS stake
                          FROM healthcare_match_exception
                         WHERE move_id = bill.id AND state = 'open'
                       ) found ON TRUE
                  LEFT JOIN LATERAL (
                        SELECT MAX(array_position(%s, template.criticality)) AS criticality
                          FROM healthcare_match_allocation allocation
                          JOIN purchase_order_line line ON line.id = allocation.purchase_line_id
                          JOIN product_product product ON product.id = line.product_id
                          JOIN product_template template ON template.id = product.product_tmpl_id
                         WHERE allocation.move_id = bill.id
                       ) items ON TRUE
                 WHERE bill.id IN %s
                 ORDER BY items.criticality DESC NULLS LAST, found.deadline NULLS LAST,
                          found.stake DESC NULLS LAST, bill.invoice_date DESC NULLS LAST, bill.id DESC
                OFFSET %s LIMIT %s
                """,
                list(CRITICALITIES),
                query.subselect(),
                offset,
                limit,
            )
        )
        return [bill_id for (bill_id,) in self.env.cr.fetchall()]

    @api.model
    def _queue_items(self, bills):
        bills = bills.sudo()
        bills.match_exception_ids.fetch(["state", "family", "amount_at_stake", "deadline", "user_id"])
        return [self._queue_item(bill) for bill in bills]

    @api.model
    def _queue_item(self, bill):
        open_exceptions = bill.match_exception_ids.filtered(lambda each: each.state == "open")
        criticalities = set(bill.match_allocation_ids.purchase_line_id.product_id.mapped("criticality"))
        deadlines = [each.deadline for each in open_exceptions if each.deadline]
        company_currency = bill.company_id.currency_id
        return {
            "move_id": bill.id,
            "name": self._bill_name(bill),
            "supplier": bill.commercial_partner_id.display_name or "",
            "reference": bill.ref,
            "date": iso(bill.invoice_date),
            "due_date": iso(bill.invoice_date_due),
            "amount": amount_text(bill.amount_total, bill.currency_id),
            "currency": bill.currency_id.id,
            "match_state": bill.match_state,
            "exception_count": len(open_exceptions),
            "families": list(dict.fromkeys(open_exceptions.mapped("family"))),
            "at_stake": amount_text(sum(open_exceptions.mapped("amount_at_stake")), company_currency),
            "company_currency": company_currency.id,
            "criticality": next((name for name in reversed(CRITICALITIES) if name in criticalities), False),
            "owner": self._owner_name(open_exceptions),
            "deadline": iso(min(deadlines, default=False)),
            "facility": self._facility(bill).name,
        }

    @api.model
    def _bill_name(self, bill):
        return bill.name if bill.name and bill.name != "/" else self.env._("Draft bill")

    @api.model
    def _owner_name(self, exceptions):
        """Return who has to look: a person before a group."""
        first = exceptions.sorted(lambda each: (each.deadline or fields.Date.today(), each.id))[:1]
        return first.user_id.name or first.group_id.name or False

    @api.model
    def _facility(self, bill):
        return bill.bill_facility_id or bill.match_allocation_ids.purchase_line_id.order_id.facility_id[:1]


def iso(value):
    """Return a date, or a naive UTC datetime, in ISO 8601; False for nothing."""
    if not value:
        return False
    text = value.isoformat()
    return f"{text[:19]}Z" if "T" in text else text


def amount_text(value, currency):
    """Return a monetary float as exact text with the currency's digits."""
    return f"{value:.{currency.decimal_places}f}"
