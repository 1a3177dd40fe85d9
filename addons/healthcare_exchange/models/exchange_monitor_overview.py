from datetime import timedelta

from odoo import api, models

from ..tools.errors import explain
from .exchange_message import iso
from .exchange_monitor_figures import COUNT_LIMIT

#: A connection is degraded when so many of its latest attempts failed.
_DEGRADED_RATE = 0.2
#: ... or when something that may leave now has waited for so long.
_BACKLOG = timedelta(minutes=5)
#: A worker that was not heard of for so long is silent.
_SILENT = timedelta(minutes=2)
#: Workers that were last heard of longer ago are not there any more.
_FORGOTTEN = timedelta(days=1)
_MAX_ALERTS = 50
_WAITING = ("queued", "leased", "retry")


class HealthcareExchangeMonitor(models.AbstractModel):
    """The monitor's first screen: endpoints, alerts, workers, and charts."""

    _inherit = "healthcare.exchange.monitor"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def load_overview(self, period="day"):
        """Return the state of all endpoints that the caller may read.

        :param str period: ``hour``, ``day`` or ``week``: what rates and times are about; what
            waits is counted as it is now.
        :return: ``{"now", "since", "period", "can_act", "total", "endpoints", "alerts",
            "workers", "document_types"}``; times are ISO 8601, durations milliseconds.
        :raises AccessError: outside the roles that see the monitor
        :raises UserError: for an unknown period
        """
        self._check_reader()
        now = self._database_now()
        since = self._since(now, period)
        endpoints = self._endpoints()
        figures = self._figures(endpoints.ids, since)
        alerts = self._alerts(endpoints)
        rows = [self._endpoint_row(endpoint, figures, alerts, now) for endpoint in endpoints]
        return {
            "now": iso(now),
            "since": iso(since),
            "period": period,
            "can_act": self._can_act(),
            "total": self._total(rows, figures, alerts),
            "endpoints": rows,
            "alerts": alerts["shown"],
            "workers": self._workers(now),
            "document_types": sorted(set(endpoints.document_ids.mapped("document_type"))),
        }

    @api.model
    def load_history(self, endpoint=None, period="day"):
        """Return bars for the charts, and the errors behind them by code.

        :param str endpoint: an endpoint's code; empty: all that the caller may read
        :param str period: ``hour`` (bars of a minute), ``day`` (half an hour) or ``week`` (two
            hours)
        :return: ``{"since", "width_seconds", "endpoint", "bars", "errors"}``; each bar with
            ``at``, attempts ``delivered``, ``not_sent``, ``unknown``, documents ``received`` and
            delivery times ``p50``, ``p95`` in milliseconds (False: none). Empty bars are there.
        :raises AccessError: outside the roles that see the monitor
        :raises UserError: for an unknown period or endpoint
        """
        self._check_reader()
        now = self._database_now()
        width = self._check_period(period)[1]
        since = self._since(now, period)
        endpoints = self._endpoints(endpoint)
        found = {row["at"]: row for row in self._rows(self._bars_query(endpoints.ids, since, width))}
        bars = []
        moment = since
        while moment <= now:
            bars.append(_bar(moment, found.get(moment)))
            moment += width
        codes = {each.id: each.code for each in endpoints}
        return {
            "since": iso(since),
            "width_seconds": int(width.total_seconds()),
            "endpoint": endpoint or False,
            "bars": bars,
            "errors": [
                {
                    "code": row["code"],
                    "kind": row["kind"] or False,
                    **self._explained(row["code"]),
                    "direction": row["direction"],
                    "number": row["number"],
                    "last_at": iso(row["last_at"]),
                    "endpoints": sorted(codes[each] for each in row["endpoint_ids"]),
                }
                for row in self._rows(self._errors_query(endpoints.ids, since))
            ],
        }

    @api.model
    def _figures(self, endpoint_ids, since):
        """Return the rows of each query by endpoint id; None is the total."""

        def by_endpoint(query):
            return {row["endpoint_id"]: row for row in self._rows(query)}

        open_by_endpoint = {}
        for row in self._rows(self._open_query(endpoint_ids)):
            open_by_endpoint.setdefault(row["endpoint_id"], {})[row["state"]] = row
        return {
            "open": open_by_endpoint,
            "late": by_endpoint(self._unacknowledged_query(endpoint_ids)),
            "attempts": by_endpoint(self._attempts_query(endpoint_ids, since)),
            "recent": by_endpoint(self._recent_query(endpoint_ids)),
            "sent": by_endpoint(self._sent_query(endpoint_ids, since)),
            "received": by_endpoint(self._received_query(endpoint_ids, since)),
            "flow": self._flows(endpoint_ids),
            "maintenance": self.env["healthcare.exchange.window"]._now_open(endpoint_ids)[0],
        }

    @api.model
    def _endpoint_row(self, endpoint, figures, alerts, now):
        opened = figures["open"].get(endpoint.id, {})
        flow = figures["flow"].get(endpoint.id, {})
        attempts = figures["attempts"].get(endpoint.id, {})
        received = figures["received"].get(endpoint.id, {})
        waiting = _waiting(opened)
        recent = figures["recent"].get(endpoint.id, {"attempts": 0, "failed": 0})
        health, reasons = self._health(endpoint, opened, figures, recent, now)
        return {
            "id": endpoint.id,
            "code": endpoint.code,
            "name": endpoint.name,
            "partner": endpoint.partner_id.sudo().name or False,
            "company": endpoint.company_id.sudo().name,
            "direction": endpoint.direction,
            "test": endpoint.test,
            "state": endpoint.state,
            "health": health,
            "reasons": reasons,
            "breaker_since": iso(flow.get("breaker_since")),
            "open_until": iso(flow.get("open_until")),
            "paused_until": iso(flow.get("paused_until")),
            **waiting,
            "retrying": _number(opened, "retry"),
            "dead": _number(opened, "dead"),
            "rejected": _number(opened, "rejected"),
            "overdue": figures["late"].get(endpoint.id, {}).get("number", 0),
            "alerts": alerts["by_endpoint"].get(endpoint.id, 0),
            **_attempt_figures(attempts),
            **_sent_figures(figures["sent"].get(endpoint.id, {})),
            "received": received.get("received", 0),
            "last_delivered_at": iso(attempts.get("last_delivered_at")),
            "last_received_at": iso(received.get("last_at")),
        }

    @api.model
    def _health(self, endpoint, opened, figures, recent, now):
        """Return what a person calls the connection's state, and the reasons as codes.

        ``inactive`` (not yet in use), ``suspended``, ``maintenance``, ``paused``, ``open`` (the
        circuit breaker holds everything back), ``degraded``, ``up``.
        """
        flow = figures["flow"].get(endpoint.id, {})
        if endpoint.state == "suspended":
            return "suspended", []
        if endpoint.state != "active":
            return "inactive", []
        if endpoint.id in figures["maintenance"]:
            return "maintenance", []
        if flow.get("breaker") == "open":
            return "open", []
        if flow.get("paused_until") and flow["paused_until"] > now:
            return "paused", []
        reasons = []
        if flow.get("breaker") == "half_open":
            reasons.append("probing")
        if recent["failed"] and recent["failed"] >= recent["attempts"] * _DEGRADED_RATE:
            reasons.append("failures")
        if opened.get("retry"):
            reasons.append("retrying")
        queued = opened.get("queued")
        if queued and queued["prompt_at"] and queued["prompt_at"] < now - _BACKLOG:
            reasons.append("backlog")
        if flow.get("drain_until") and flow["drain_until"] > now and opened:
            reasons.append("draining")
        return ("degraded" if reasons else "up"), reasons

    @api.model
    def _flows(self, endpoint_ids):
        """Return what all workers share about each endpoint, such as the breaker's state."""
        # Not every reader of the monitor reads the table; the endpoints were found in their rights.
        rows = (
            self.env["healthcare.exchange.flow"]
            .sudo()
            .search_read(
                [("endpoint_id", "in", endpoint_ids)],
                ["endpoint_id", "breaker", "breaker_since", "open_until", "paused_until", "drain_until"],
                load=None,
            )
        )
        return {row["endpoint_id"]: row for row in rows}

    @api.model
    def _alerts(self, endpoints):
        """Return the open alerts of endpoints: the most pressing ones, and how many there are."""
        model = self.env["healthcare.exchange.alert"]
        if not model.has_access("read"):
            return {"shown": [], "by_endpoint": {}}
        domain = [("state", "=", "open"), ("endpoint_id", "in", [*endpoints.ids, False])]
        counts = model._read_group(domain, ["endpoint_id"], ["__count"])
        types = dict(model._fields["type"]._description_selection(self.env))
        return {
            "by_endpoint": {endpoint.id: number for endpoint, number in counts},
            "shown": [
                {
                    "id": alert.id,
                    "type": alert.type,
                    "label": types.get(alert.type, alert.type),
                    "summary": alert.summary or "",
                    "endpoint_code": alert.endpoint_id.code or False,
                    "message_uuid": alert.message_id.uuid or False,
                    "owner": alert.owner_id.sudo().name or False,
                    "escalated_to": alert.escalated_to_id.sudo().name or False,
                    "deadline": iso(alert.deadline),
                    "opened_at": iso(alert.opened_at),
                }
                for alert in model.search(domain, order="deadline, id", limit=_MAX_ALERTS)
            ],
        }

    @api.model
    def _explained(self, code):
        """Return what an error code means and what to do; empty for codes that are not ours."""
        title, hint = explain(code)
        return {"title": title, "hint": hint}

    @api.model
    def _workers(self, now):
        """Return the integration service's workers that have not said that they end, the last
        heard of first."""
        # Names of processes; whoever sees the monitor may know that there are some.
        workers = (
            self.env["healthcare.exchange.worker"]
            .sudo()
            .search(
                [("last_seen_at", ">=", now - _FORGOTTEN), ("stopped", "=", False)],
                order="last_seen_at desc, name",
                limit=50,
            )
        )
        return [
            {
                "name": worker.name,
                "version": worker.version or False,
                "last_seen_at": iso(worker.last_seen_at),
                "silent": worker.last_seen_at < now - _SILENT,
            }
            for worker in workers
        ]

    @api.model
    def _total(self, rows, figures, alerts):
        """Return the figures of all endpoints together."""
        oldest = [row["oldest_waiting_at"] for row in rows if row["oldest_waiting_at"]]
        return {
            "endpoints": len(rows),
            "in_trouble": sum(row["health"] in ("degraded", "open") for row in rows),
            "waiting": sum(row["waiting"] for row in rows),
            "waiting_more": any(row["waiting_more"] for row in rows),
            "oldest_waiting_at": min(oldest, default=False),
            "retrying": sum(row["retrying"] for row in rows),
            "dead": sum(row["dead"] for row in rows),
            "rejected": sum(row["rejected"] for row in rows),
            "overdue": sum(row["overdue"] for row in rows),
            "alerts": sum(alerts["by_endpoint"].values()),
            **_attempt_figures(figures["attempts"].get(None, {})),
            **_sent_figures(figures["sent"].get(None, {})),
            "received": sum(row["received"] for row in rows),
        }


def _number(opened, state):
    return opened.get(state, {}).get("number", 0)


def _waiting(opened):
    """What is still to be sent or processed; counts stop at a limit."""
    numbers = [_number(opened, state) for state in _WAITING]
    oldest = [opened[state]["oldest_at"] for state in _WAITING if state in opened]
    return {
        "waiting": sum(min(number, COUNT_LIMIT) for number in numbers),
        "waiting_more": any(number > COUNT_LIMIT for number in numbers),
        "oldest_waiting_at": iso(min(oldest)) if oldest else False,
    }


def _attempt_figures(row):
    attempts = row.get("attempts", 0)
    return {
        "attempts": attempts,
        "failed": row.get("failed", 0),
        "unknown": row.get("unknown", 0),
        "retries": row.get("retries", 0),
        "error_rate": round(row["failed"] / attempts, 4) if attempts else False,
        "duration": _percentiles(row.get("durations")),
    }


def _sent_figures(row):
    return {"sent": row.get("sent", 0), "latency": _percentiles(row.get("latencies"))}


def _percentiles(values):
    """Percentiles in whole milliseconds; False where there is nothing to measure."""
    if not values or values[0] is None:
        return False
    return dict(zip(("p50", "p95", "p99"), (max(0, round(value)) for value in values), strict=True))


def _bar(moment, row):
    row = row or {}
    return {
        "at": iso(moment),
        **{name: row.get(name, 0) for name in ("delivered", "not_sent", "unknown", "received")},
        **{name: False if row.get(name) is None else max(0, round(row[name])) for name in ("p50", "p95")},
    }
