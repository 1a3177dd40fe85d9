from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..tools.price_flags import BROKEN_FLAGS, NOTICE_FLAGS, SUSPICIOUS_FLAGS
from .healthcare_price_feed_decide import DECIDABLE

#: Most lines per page of :meth:`HealthcarePriceFeedReview.load_lines`.
_MAX_PAGE = 500
_KINDS = ("new", "changed", "ended", "unchanged", "suspicious", "broken", "ignored")
_DECISIONS = ("open", "proposed", "approved", "refused")
_FLAGS = {*BROKEN_FLAGS, *SUSPICIOUS_FLAGS, *NOTICE_FLAGS}


class HealthcarePriceFeedReview(models.AbstractModel):
    """What the screen *price feed review* calls. Payloads: ``price_feed_review_types.d.ts``.

    Rights are those of the feed and its methods; nothing is decided here.
    """

    _name = "healthcare.price.feed.review"
    _description = "Price Feed Review"

    @api.model
    def load(self, feed_id):
        """Return a feed with its counts, reasons, and what the user may do with it.

        :raise AccessError: the user may not read it
        """
        feed = self._feed(feed_id)
        clerk = self.env.user.has_group("healthcare_base.group_clerk")
        approver = self.env.user.has_group("healthcare_base.group_approver")
        is_open = feed.state in ("review", "applied")
        own = self.env.user in feed._submitters()
        reasons = feed._approval_sentences()
        if own and clerk and is_open:
            reasons.append(self.env._("you gave in its file: another person approves it"))
        one_person = not feed.approval_reasons and not own
        unflagged = self._unflagged(feed)
        return {
            "id": feed.id,
            "name": feed.name,
            "number": feed.number,
            "title": feed.title or "",
            "supplier": {"id": feed.partner_id.id, "name": feed.partner_id.sudo().name},
            "currency": feed.currency_id.name,
            "scope": feed.scope,
            "state": feed.state,
            "state_label": feed._state_label(),
            "state_reason": feed.state_reason or "",
            "progress": feed.progress,
            "valid_from": _day(feed.valid_from),
            "valid_to": _day(feed.valid_to),
            "received_at": _moment(feed.received_at),
            "compared_at": _moment(feed.compared_at),
            "applied_at": _moment(feed.applied_at),
            "digest": feed.digest or "",
            "owner": feed.owner_id.sudo().name or "",
            "submitter": feed.submitter_id.sudo().name or "",
            "portions": {"in": len(feed.portions or ()), "of": feed.portion_count},
            "counts": {
                "lines": feed.line_count,
                "before": feed.current_count,
                **{kind: feed[f"{kind}_count"] for kind in _KINDS},
                **{name: feed[f"{name}_count"] for name in (*_DECISIONS, "applied")},
                "unflagged": unflagged,
            },
            "flags": self._flag_counts(feed),
            "shares": {"changed": feed.changed_share or "0", "ended": feed.ended_share or "0"},
            "thresholds": feed.thresholds or {},
            "approval_reasons": reasons,
            "approval_request_id": self._pending_request(feed),
            "may": {
                "decide": clerk and is_open,
                "correct": clerk and is_open,
                "approve_unflagged": clerk and is_open and one_person and bool(unflagged),
                "request_approval": clerk
                and is_open
                and bool(feed.proposed_count or (unflagged and not one_person)),
                "refuse": clerk and is_open,
                "retry": clerk and feed.state == "failed",
                "roll_back": (clerk or approver) and feed.state == "applied",
            },
        }

    @api.model
    def load_lines(self, feed_id, filters=None, cursor=0, limit=100):
        """Return a page of a feed's lines, in the order of the list.

        :param dict filters: any of ``kinds``, ``decisions``, ``flags`` (lists of codes), ``search``
            (in codes, description and item), ``product_id``
        :param int cursor: ``next_cursor`` of the page before, 0 for the first
        :param int limit: 1 to 500
        :return: ``{"lines": [...], "next_cursor": int or False, "total": int}``
        """
        feed = self._feed(feed_id)
        if not isinstance(cursor, int) or not isinstance(limit, int) or not 0 < limit <= _MAX_PAGE:
            raise ValidationError(self.env._("A page has 1 to %s lines.", _MAX_PAGE))
        where = self._where(filters)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM healthcare_price_feed_line"
                " WHERE feed_id = %s AND NOT superseded AND id > %s AND %s ORDER BY id LIMIT %s",
                feed.id,
                cursor,
                where,
                limit + 1,
            )
        )
        rows = self.env.cr.fetchall()
        lines = self.env["healthcare.price.feed.line"].browse([row[0] for row in rows[:limit]])
        self.env.cr.execute(
            SQL(
                "SELECT count(*) FROM healthcare_price_feed_line"
                " WHERE feed_id = %s AND NOT superseded AND %s",
                feed.id,
                where,
            )
        )
        [total] = self.env.cr.fetchone()
        return {
            "lines": [self._payload(line) for line in lines],
            "next_cursor": lines[-1:].id if len(rows) > limit else False,
            "total": total,
        }

    @api.model
    def decide(self, feed_id, selection, decision, reason=""):
        """Decide lines of a feed in review.

        :param selection: ``{"line_ids": [...]}`` or ``{"filters": {...}}`` as in :meth:`load_lines`
        :param decision: ``approved`` (of a suspicious line: proposed to a second person),
            ``refused`` (with a reason) or ``open``
        :return: ``{"decided": count, "feed": ...}``
        """
        feed = self._feed(feed_id)
        if not isinstance(selection, dict) or selection.keys() not in ({"line_ids"}, {"filters"}):
            raise ValidationError(self.env._("Say which lines: by their ids, or by a filter."))
        if "line_ids" in selection:
            where = SQL("id = ANY(%s)", self._integers(selection["line_ids"]))
        else:
            where = self._where(selection["filters"])
        decided = feed._as_clerk()._decide(where, decision, reason)
        return {"decided": decided, "feed": self.load(feed_id)}

    @api.model
    def approve_unflagged(self, feed_id):
        """See ``healthcare.price.feed.action_approve_unflagged``; return the feed."""
        self._feed(feed_id).action_approve_unflagged()
        return self.load(feed_id)

    @api.model
    def request_approval(self, feed_id, reason):
        """See ``healthcare.price.feed.action_request_approval``; return the feed."""
        self._feed(feed_id).action_request_approval(reason)
        return self.load(feed_id)

    @api.model
    def correct(self, line_id, values):
        """See ``healthcare.price.feed.line.action_correct``; return the feed and the line."""
        [line_id] = self._integers([line_id])
        line = self.env["healthcare.price.feed.line"].browse(line_id)
        line.check_access("read")
        line.action_correct(values)
        return {"feed": self.load(line.feed_id.id), "line": self._payload(line)}

    @api.model
    def refuse(self, feed_id, reason):
        """See ``healthcare.price.feed.action_refuse``; return the feed."""
        self._feed(feed_id).action_refuse(reason)
        return self.load(feed_id)

    @api.model
    def retry(self, feed_id):
        """See ``healthcare.price.feed.action_retry``; return the feed."""
        self._feed(feed_id).action_retry()
        return self.load(feed_id)

    @api.model
    def roll_back(self, feed_id, reason):
        """See ``healthcare.price.feed.action_roll_back``; return the feed."""
        self._feed(feed_id).action_roll_back(reason)
        return self.load(feed_id)

    # Reading

    def _feed(self, feed_id):
        [feed_id] = self._integers([feed_id])
        feed = self.env["healthcare.price.feed"].browse(feed_id).exists()
        if not feed:
            raise AccessError(self.env._("There is no such price list."))
        feed.check_access("read")
        return feed

    def _integers(self, values):
        if not isinstance(values, list) or not all(type(value) is int for value in values):
            raise ValidationError(self.env._("Ids are whole numbers."))
        return values

    def _where(self, filters):
        """Return a filter of :meth:`load_lines` as a condition."""
        filters = filters or {}
        known = {"kinds", "decisions", "flags", "search", "product_id"}
        if not isinstance(filters, dict) or set(filters) - known:
            raise ValidationError(self.env._("Lines are filtered by: %s.", ", ".join(sorted(known))))
        parts = [SQL("TRUE")]
        for name, column, allowed in (
            ("kinds", "kind", _KINDS),
            ("decisions", "decision", _DECISIONS),
        ):
            if values := filters.get(name):
                if not isinstance(values, list) or set(values) - set(allowed):
                    raise ValidationError(
                        self.env._("%(name)s are: %(all)s.", name=name, all=", ".join(allowed))
                    )
                parts.append(SQL("%s = ANY(%s)", SQL.identifier(column), values))
        if flags := filters.get("flags"):
            if not isinstance(flags, list) or set(flags) - _FLAGS:
                raise ValidationError(self.env._("flags are: %s.", ", ".join(sorted(_FLAGS))))
            parts.append(SQL("string_to_array(flags, ' ') && %s::text[]", flags))
        if filters.get("product_id"):
            parts.append(SQL("product_id = ANY(%s)", self._integers([filters["product_id"]])))
        if search := filters.get("search"):
            parts.append(self._search_sql(str(search)))
        return SQL(" AND ").join(parts)

    def _search_sql(self, text):
        escaped = text.strip()[:100].replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        products = self.env["product.product"]._search([("display_name", "ilike", text.strip()[:100])])
        return SQL(
            "(concat_ws(' ', line_number, supplier_code, buyer_code, manufacturer_code, gtin, description)"
            " ILIKE %s OR product_id IN %s)",
            f"%{escaped}%",
            products.subselect(),
        )

    def _unflagged(self, feed):
        """Return how many open lines one person may approve, were it not for the feed's shares."""
        self.env.cr.execute(
            "SELECT count(*) FROM healthcare_price_feed_line WHERE feed_id = %s AND NOT superseded"
            " AND decision = 'open' AND kind IN ('new', 'changed', 'ended')",
            [feed.id],
        )
        return self.env.cr.fetchone()[0]

    def _flag_counts(self, feed):
        """Return ``{flag: count}`` over the lines that there is something to decide about."""
        self.env.cr.execute(
            """
            SELECT flag, count(*)
              FROM healthcare_price_feed_line l
             CROSS JOIN LATERAL unnest(string_to_array(l.flags, ' ')) flag
             WHERE l.feed_id = %s AND NOT l.superseded AND l.kind = ANY(%s)
             GROUP BY flag ORDER BY flag
            """,
            [feed.id, [*DECIDABLE, "broken"]],
        )
        return dict(self.env.cr.fetchall())

    def _pending_request(self, feed):
        # sudo: that a feed waits may be seen by who sees the feed
        pending = feed.sudo().approval_request_ids.filtered(lambda request: request.state == "pending")
        return pending[:1].id or False

    def _payload(self, line):
        product = line.product_id.sudo()  # the item's name is shown to who may read the feed
        return {
            "id": line.id,
            "line_number": line.line_number or "",
            "generated": line.generated,
            "kind": line.kind or "",
            "change": line.change or "",
            "flags": (line.flags or "").split(),
            "explanation": line.explanation or "",
            "remedy": line.remedy or "",
            "product": {"id": product.id, "name": product.display_name} if product else False,
            "sent": {
                "supplier_code": line.supplier_code or "",
                "buyer_code": line.buyer_code or "",
                "manufacturer_code": line.manufacturer_code or "",
                "gtin": line.gtin or "",
                "description": line.description or "",
                "packaging": line.packaging or "",
                "unit": line.unit_sent or "",
                "amount": line.amount_sent or "",
                "base_quantity": line.base_quantity_sent or "",
                "min_quantity": line.min_quantity_sent or "",
                "valid_from": _day(line.valid_from_sent),
                "valid_to": _day(line.valid_to_sent),
                "list_price": line.list_price or "",
            },
            "correction": line.correction or {},
            "price": {
                "amount": line.amount or "",
                "base_quantity": line.base_quantity or "",
                "unit": line.unit_code or "",
                "factor": line.factor or 0,
                "min_quantity": line.min_quantity or "",
                "currency": line.currency_id.name or "",
                "valid_from": _day(line.valid_from),
                "valid_to": _day(line.valid_to),
                "price_class": line.price_class or "",
                "contract_number": line.contract_number or "",
            },
            "before": {
                "amount": line.old_price or "",
                "base_quantity": line.old_base_quantity or "",
                "unit": line.old_unit_code or "",
                "valid_to": _day(line.old_date_end),
            }
            if line.old_info_id
            else False,
            "change_percent": line.change_percent or "",
            "contract": {"amount": line.contract_price, "name": line.contract_name or ""}
            if line.contract_price
            else False,
            "decision": line.decision or "",
            "decision_reason": line.decision_reason or "",
            "decided_by": line.decided_by_id.sudo().name or "",
            "applied": bool(line.applied_at),
        }


def _day(value):
    return value.isoformat() if value else ""


def _moment(value):
    return value.isoformat(timespec="seconds") + "Z" if value else ""
