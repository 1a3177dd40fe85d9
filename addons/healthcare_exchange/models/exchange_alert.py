from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.duration import duration_text

#: What a person can do about each type of alert, in the order of the list in docs/operations.md.
ALERT_TYPES = [
    ("breaker_open", "Partner does not answer"),
    ("acknowledgement_overdue", "Acknowledgement overdue"),
    ("dead_letter", "Dead letters"),
    ("dead_letter_overdue", "Dead letters overdue"),
    ("backlog", "Documents wait too long"),
    ("service_silent", "Integration service silent"),
    ("late_acknowledgement", "Acknowledged after it was moved"),
    ("contingency_failed", "Contingency could not be carried out"),
    ("credential_expiring", "Credential expires"),
    ("certification_stale", "Certification out of date"),
]

#: What has happened and stays so until a person has dealt with it.
_SETTLED_BY_PEOPLE = ("late_acknowledgement",)
#: Filters of the messages' list that show what an alert is about.
_FILTERS = {
    "breaker_open": ("waiting",),
    "acknowledgement_overdue": ("unacknowledged",),
    "dead_letter": ("trouble",),
    "dead_letter_overdue": ("overdue",),
    "backlog": ("waiting",),
    "contingency_failed": ("waiting",),
}


class HealthcareExchangeAlert(models.Model):
    """A condition that a person has to know of while it lasts: it has an owner, a deadline, and
    closes by itself when the condition is over.

    One alert is open per type, endpoint and key. Only superuser mode writes here: alerts are
    raised and closed by what watches, and people act through the methods.
    """

    _name = "healthcare.exchange.alert"
    _description = "Exchange Alert"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.exchange.error.mixin"]
    _order = "state desc, deadline, id desc"
    _rec_name = "summary"
    _mail_post_access = "read"

    type = fields.Selection(ALERT_TYPES, required=True, readonly=True)
    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, index=True, help="Empty: it concerns all companies."
    )
    message_id = fields.Many2one(
        "healthcare.exchange.message", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    key = fields.Char(default="", readonly=True, help="Tells alerts of one type at one endpoint apart.")
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")], default="open", required=True, readonly=True
    )
    owner_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    deadline = fields.Datetime(readonly=True)
    escalated_to_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    escalated_at = fields.Datetime(readonly=True)
    opened_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    closed_at = fields.Datetime(readonly=True)
    duration = fields.Char(compute="_compute_duration", help="How long the condition lasted, or lasts.")
    overdue = fields.Boolean(compute="_compute_overdue", search="_search_overdue")
    summary = fields.Char(required=True, readonly=True)
    facts = fields.Json(readonly=True)

    # One open alert per condition; `_raise_many` finds it.
    _open_unique = models.UniqueIndex(
        "(type, COALESCE(endpoint_id, 0), key) WHERE state = 'open'",
        "This alert is open already.",
    )
    # `_escalate_overdue`: what is past its deadline and nobody was told.
    _deadline_idx = models.Index("(deadline) WHERE state = 'open' AND escalated_at IS NULL")

    @api.depends("opened_at", "closed_at")
    def _compute_duration(self):
        now = fields.Datetime.now()
        for alert in self:
            alert.duration = duration_text(self.env, (alert.closed_at or now) - (alert.opened_at or now))

    @api.depends("state", "deadline")
    def _compute_overdue(self):
        now = fields.Datetime.now()
        for alert in self:
            alert.overdue = alert.state == "open" and bool(alert.deadline) and alert.deadline < now

    def _search_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = [("state", "=", "open"), ("deadline", "<", fields.Datetime.now())]
        if set(value) == {True}:
            return overdue
        return ["!", "&", *overdue]

    @api.model_create_multi
    def create(self, vals_list):
        self._check_inside()
        return super().create(vals_list)

    def write(self, vals):
        self._check_inside()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """What went wrong, and for how long, is part of the record."""
        raise UserError(self.env._("An alert cannot be deleted; it closes when its cause is over."))

    def _check_inside(self):
        if not self.env.su:
            raise AccessError(self.env._("Alerts are raised and closed by the exchange itself."))

    # People

    def action_take_over(self):
        """Make the caller the owner of open alerts, who then has their activity."""
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_clerk")):
            raise AccessError(self.env._("Alerts are taken over by clerks and administrators."))
        self.check_access("read")
        user = self.env.user
        # Nobody has write access to alerts: the check above is the right.
        alerts = self.sudo().filtered(lambda a: a.state == "open" and a.owner_id != user)
        alerts._drop_activities()
        alerts.write({"owner_id": user.id})
        alerts._schedule(user)

    def action_settle(self):
        """Close alerts about something that has happened and does not pass by itself.

        :raise AccessError: neither a clerk nor an administrator asks.
        :raise UserError: an alert closes by itself when its cause is over.
        """
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_clerk")):
            raise AccessError(self.env._("Alerts are settled by clerks and administrators."))
        self.check_access("read")
        lasting = self.filtered(lambda alert: alert.type not in _SETTLED_BY_PEOPLE)
        if lasting:
            raise UserError(
                self.env._("This alert closes by itself when its cause is over: %s", lasting[0].summary)
            )
        # Nobody has write access to alerts: the check above is the right.
        alerts = self.sudo().filtered(lambda alert: alert.state == "open")
        alerts._close(self.env._("Settled by %s.", self.env.user.name))
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": alert._name,
                    "res_id": alert.id,
                    "res_name": alert.summary,
                    "action": "settle",
                    "changes": {"state": ["open", "closed"]},
                    "company_id": alert.company_id.id or 0,
                }
                for alert in alerts
            ]
        )

    def action_view_messages(self):
        """Open the messages that this alert is about."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("healthcare_exchange.exchange_message_action")
        filters = _FILTERS.get(self.type, ())
        action["domain"] = [("endpoint_id", "=", self.endpoint_id.id)]
        action["context"] = {f"search_default_{name}": 1 for name in filters}
        return action

    # What watches

    @api.model
    def _raise_many(self, requests):
        """Open an alert for each condition that has none open yet; refresh those that have.

        :param requests: list of dicts: ``type``, ``endpoint`` (record, or empty), ``key``
            (default ""), ``summary`` (a sentence), ``message`` (the exchange message concerned),
            ``deadline`` (naive UTC; default: the endpoint's ``alert_minutes`` from now),
            ``owner`` (default: the endpoint's owner, else an administrator), ``since`` (when the
            condition began; default: now), ``error_code``, ``facts`` (dict).
        :return: the open alerts of these conditions, in no particular order.
        """
        alerts = self.sudo()
        if not requests:
            return alerts.browse()
        wanted = {alerts._identity(request): request for request in requests}
        known = {
            (alert.type, alert.endpoint_id.id, alert.key or ""): alert
            for alert in alerts.search(
                [("state", "=", "open"), ("type", "in", list({key[0] for key in wanted}))]
            )
        }
        for identity, alert in known.items():
            if identity in wanted:
                alert._refresh(wanted[identity])
        missing = [request for identity, request in wanted.items() if identity not in known]
        opened = alerts._open(missing)
        return opened.union(*(alert for identity, alert in known.items() if identity in wanted))

    @api.model
    def _clear(self, alert_type, endpoint, keys=None):
        """Close open alerts: the condition is over.

        :param endpoint: record, or empty for alerts of no endpoint.
        :param keys: those of the alerts; None: all of the type and endpoint.
        :return: the alerts closed.
        """
        domain = [
            ("state", "=", "open"),
            ("type", "=", alert_type),
            ("endpoint_id", "=", endpoint.id if endpoint else False),
        ]
        if keys is not None:
            domain.append(("key", "in", list(keys)))
        alerts = self.sudo().search(domain)
        alerts._close()
        return alerts

    @api.model
    def _reconcile(self, findings):
        """Make the open alerts of some types what was found, no more and no less.

        :param findings: ``{type: [requests as for _raise_many]}``; an empty list closes all open
            alerts of the type.
        """
        for alert_type, requests in findings.items():
            current = self._raise_many([{**request, "type": alert_type} for request in requests])
            stale = self.sudo().search([("state", "=", "open"), ("type", "=", alert_type)]) - current
            stale._close()

    def _identity(self, request):
        endpoint = request.get("endpoint")
        return request["type"], endpoint.id if endpoint else False, request.get("key") or ""

    def _refresh(self, request):
        """Tell the present state of a condition that lasts."""
        message = request.get("message")
        values = {
            "summary": request["summary"],
            "message_id": message.id if message else False,
            "error_code": request.get("error_code") or False,
            "facts": request.get("facts") or False,
        }
        changed = {
            name: value
            for name, value in values.items()
            if (self[name].id if name == "message_id" else self[name]) != value
        }
        if changed:
            self.with_context(tracking_disable=True).write(changed)

    def _open(self, requests):
        endpoint_model = self.env["healthcare.exchange.endpoint"].sudo()
        endpoints = endpoint_model.union(*(r["endpoint"] for r in requests if r.get("endpoint"))).sudo()
        owners = endpoints._responsible()
        anybody = endpoint_model._anybody()[:1]
        now = fields.Datetime.now()
        opened = self.with_context(tracking_disable=True, mail_create_nolog=True).create(
            [
                {
                    "type": request["type"],
                    "endpoint_id": request["endpoint"].id if request.get("endpoint") else False,
                    "company_id": request["endpoint"].sudo().company_id.id
                    if request.get("endpoint")
                    else False,
                    "message_id": request["message"].id if request.get("message") else False,
                    "key": request.get("key") or "",
                    "owner_id": (
                        request.get("owner")
                        or (owners[request["endpoint"].id] if request.get("endpoint") else anybody)
                    ).id,
                    "opened_at": request.get("since") or now,
                    "error_code": request.get("error_code") or False,
                    "deadline": request.get("deadline")
                    or now
                    + timedelta(
                        minutes=request["endpoint"].sudo().alert_minutes if request.get("endpoint") else 60
                    ),
                    "summary": request["summary"],
                    "facts": request.get("facts") or False,
                }
                for request in requests
            ]
        )
        for owner, alerts in opened.grouped("owner_id").items():
            alerts._schedule(owner)
        return opened.with_context(tracking_disable=False)

    def _schedule(self, user):
        """Give these alerts' activity to a person, without an e-mail for each."""
        labels = dict(self._fields["type"]._description_selection(self.env))
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": alert.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_warning").id,
                    "automated": True,
                    "user_id": user.id,
                    "date_deadline": fields.Date.to_date(alert.deadline) or fields.Date.today(),
                    "summary": labels[alert.type],
                    "note": Markup("<p>%s</p>") % alert.summary,
                }
                for alert in self
            ]
        )

    def _drop_activities(self):
        self.activity_ids.filtered("automated").unlink()

    def _close(self, note=""):
        """Close these alerts; the history says how long the condition lasted."""
        if not self:
            return
        now = fields.Datetime.now()
        self._drop_activities()
        self.with_context(tracking_disable=True).write({"state": "closed", "closed_at": now})
        self._message_log_batch(
            bodies={
                alert.id: note or self.env._("It is over. It lasted %s.", alert.duration) for alert in self
            }
        )

    def _escalate_overdue(self):
        """Tell a second person of what is past its deadline, once."""
        now = fields.Datetime.now()
        overdue = self.sudo().search(
            [("state", "=", "open"), ("escalated_at", "=", False), ("deadline", "<", now)], limit=500
        )
        if not overdue:
            return
        endpoint_model = self.env["healthcare.exchange.endpoint"].sudo()
        anybody = endpoint_model._anybody()
        by_owner = overdue.grouped("owner_id")
        for owner, alerts in by_owner.items():
            endpoints = alerts.endpoint_id
            users = endpoints._escalation_users(dict.fromkeys(endpoints.ids, owner))
            users[False] = (anybody - owner)[:1] or anybody[:1]
            for user, theirs in alerts.grouped(lambda a, u=users: u[a.endpoint_id.id]).items():
                theirs.with_context(tracking_disable=True).write(
                    {"escalated_to_id": user.id, "escalated_at": now}
                )
                if user != owner:
                    theirs._schedule(user)
                theirs._message_log_batch(
                    bodies={
                        alert.id: self.env._("Not over by its deadline: escalated to %s.", user.display_name)
                        for alert in theirs
                    }
                )
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": alert._name,
                    "res_id": alert.id,
                    "res_name": alert.summary,
                    "action": "escalate",
                    "changes": {"escalated_to_id": [None, alert.escalated_to_id.display_name]},
                    "company_id": alert.company_id.id or 0,
                }
                for alert in overdue
            ]
        )
