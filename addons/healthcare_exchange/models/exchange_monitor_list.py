import re
import uuid as uuid_tool
from contextlib import suppress
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .exchange_message import iso
from .exchange_monitor import PERIODS
from .exchange_monitor_figures import COUNT_LIMIT

MAX_PAGE = 200
_MAX_TEXT = 200
#: A part of a number or reference is looked for in so many of the newest messages; beyond them
#: numbers are found by how they begin, and identifiers as a whole.
_SEARCHED = 100_000
_TRACE = re.compile(r"[0-9a-fA-F]{32}\Z")

#: Groups of states that people look for.
STATE_FILTERS = {
    "all": (),
    "waiting": ("queued", "leased", "retry"),
    "attention": ("dead", "rejected"),
    "delivered": ("sent", "acknowledged", "done"),
}
_KNOWN = {
    "search", "endpoint", "direction", "document_type", "state", "period", "mine", "error_code", "overdue",
}  # fmt: skip
_FIELDS = (
    "uuid", "number", "document_type", "direction", "endpoint_id", "state", "priority",
    "create_date", "sent_at", "next_attempt_at", "attempt_count", "error_code", "owner_id", "channel",
    "partner_reference", "trace_id", "res_model", "res_id",
)  # fmt: skip


class HealthcareExchangeMonitor(models.AbstractModel):
    """The monitor's list of messages: newest first, by keyset, so that the hundredth page costs
    what the first does."""

    _inherit = "healthcare.exchange.monitor"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def load_messages(self, filters=None, cursor=None, limit=80):
        """Return a page of messages, newest first.

        :param dict filters: any of ``search`` (number, reference, UUID, trace id, error code),
            ``endpoint`` (code), ``direction``, ``document_type``, ``state`` (a state, or
            ``waiting``, ``attention``, ``delivered``, ``all``), ``period`` (``hour``, ``day``,
            ``week``; empty: any time), ``mine`` (bool), ``error_code``, ``overdue`` (bool: not
            acknowledged in time)
        :param int cursor: ``next_cursor`` of the page before; empty: the first page
        :param int limit: at most so many, 200 at most
        :return: ``{"items", "next_cursor" (False at the end), "total", "total_more"}``; the count
            stops at 10 000 and is made with the first page only (else False)
        :raises AccessError: outside the roles that see the monitor
        :raises UserError: for a filter that does not exist
        """
        self._check_reader()
        domain = self._filter_domain(filters)
        limit = self._check_whole(limit, "limit", 1, MAX_PAGE)
        page = domain
        if cursor:
            page &= Domain("id", "<", self._check_whole(cursor, "cursor", 1, 2**31 - 1))
        model = self.env["healthcare.exchange.message"]
        messages = model.search_fetch(page, _FIELDS, order="id desc", limit=limit + 1)
        more = len(messages) > limit
        messages = messages[:limit]
        total = False if cursor else model.search_count(domain, limit=COUNT_LIMIT + 1)
        return {
            "items": [self._message_row(message) for message in messages],
            "next_cursor": messages[-1].id if more else False,
            "total": total is not False and min(total, COUNT_LIMIT),
            "total_more": total is not False and total > COUNT_LIMIT,
        }

    @api.model
    def _message_row(self, message):
        endpoint = message.endpoint_id
        return {
            "id": message.id,
            "uuid": message.uuid,
            "number": message.number or False,
            "document_type": message.document_type or False,
            "direction": message.direction,
            "endpoint_code": endpoint.code,
            "partner": endpoint.partner_id.sudo().name or False,
            "state": message.state,
            "priority": message.priority,
            "created_at": iso(message.create_date),
            "sent_at": iso(message.sent_at),
            "latency": _milliseconds(message.create_date, message.sent_at),
            "next_attempt_at": iso(message.next_attempt_at),
            "attempt_count": message.attempt_count,
            "error_code": message.error_code or False,
            "owner": message.owner_id.sudo().name or False,
            "partner_reference": message.partner_reference or False,
            "trace_id": message.trace_id or False,
            "actions": self._offered(message),
        }

    @api.model
    def _filter_domain(self, filters):
        """Return the domain that filters mean; the caller's record rules come on top of it.

        :raise UserError: an unknown filter or value, for a typing error must not mean "all".
        """
        filters = filters or {}
        if not isinstance(filters, dict) or filters.keys() - _KNOWN:
            raise UserError(self.env._("Filters are an object with any of: %s.", ", ".join(sorted(_KNOWN))))
        domain = self._state_domain(filters.get("state")) & self._period_domain(filters.get("period"))
        if filters.get("endpoint"):
            domain &= Domain("endpoint_id", "=", self._endpoints(self._text(filters, "endpoint")).id)
        direction = self._text(filters, "direction")
        if direction:
            if direction not in ("inbound", "outbound"):
                raise UserError(self.env._("A direction is inbound or outbound, not '%s'.", direction))
            domain &= Domain("direction", "=", direction)
        for name in ("document_type", "error_code"):
            if filters.get(name):
                domain &= Domain(name, "=", self._text(filters, name))
        if filters.get("mine"):
            domain &= Domain("owner_id", "=", self.env.uid)
        if filters.get("overdue"):
            domain &= self._overdue_domain()
        search = self._text(filters, "search")
        return domain & self._search_domain(search) if search else domain

    @api.model
    def _state_domain(self, state):
        if not state:
            return Domain.TRUE
        known = dict(self.env["healthcare.exchange.message"]._fields["state"].selection)
        if not isinstance(state, str) or (state not in known and state not in STATE_FILTERS):
            raise UserError(self.env._("There is no state '%s'.", state))
        states = STATE_FILTERS.get(state, (state,))
        return Domain("state", "in", states) if states else Domain.TRUE

    @api.model
    def _period_domain(self, period):
        if not period or period == "all":
            return Domain.TRUE
        self._check_period(period)
        return Domain("create_date", ">=", self._database_now() - PERIODS[period][0])

    @api.model
    def _overdue_domain(self):
        now = self._database_now()
        endpoints = self._endpoints().filtered(lambda e: e.expects_functional_ack and e.acknowledge_by > 0)
        waiting = Domain("state", "=", "sent") & Domain("document_type", "!=", "functional_acknowledgement")
        return waiting & Domain.OR(
            Domain("endpoint_id", "in", group.ids) & Domain("sent_at", "<", now - timedelta(minutes=minutes))
            for minutes, group in endpoints.grouped("acknowledge_by").items()
        )

    @api.model
    def _search_domain(self, text):
        """Return the domain of messages that a text names, wholly or in part."""
        part = f"%{_escaped(text)}%"
        ways = [
            Domain("error_code", "=", text) & self._newest_domain(),
            Domain("number", "=like", f"{_escaped(text)}%"),
            Domain("number", "=like", f"{_escaped(text.upper())}%"),
            self._newest_domain()
            & (Domain("number", "=ilike", part) | Domain("partner_reference", "=ilike", part)),
        ]
        if _TRACE.match(text):
            ways.append(Domain("trace_id", "=", text.lower()))
        with suppress(ValueError):
            ways.append(Domain("uuid", "=", str(uuid_tool.UUID(text))))
        return Domain.OR(ways)

    @api.model
    def _newest_domain(self):
        self.env.cr.execute(SQL("SELECT COALESCE(max(id), 0) FROM healthcare_exchange_message"))
        return Domain("id", ">", self.env.cr.fetchone()[0] - _SEARCHED)

    @api.model
    def _text(self, filters, name):
        value = filters.get(name) or ""
        # PostgreSQL's texts hold no NUL.
        if not isinstance(value, str) or "\0" in value:
            raise UserError(self.env._("The filter %s is a text.", name))
        return value.strip()[:_MAX_TEXT]

    @api.model
    def _check_whole(self, value, name, low, high):
        return self.env["healthcare.exchange.message"]._check_number(value, name, low, high)


def _milliseconds(start, end):
    return max(0, round((end - start).total_seconds() * 1000)) if end else False


def _escaped(text):
    """Text as itself in a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
