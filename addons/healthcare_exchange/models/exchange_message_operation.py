from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .exchange_endpoint import SERVICE_LOGIN
from .exchange_message import iso

#: States from which a message can be sent or processed again.
_REPLAYABLE = {
    "outbound": {"retry", "sent", "acknowledged", "dead", "rejected"},
    "inbound": {"retry", "dead", "rejected"},
}
_CANCELLABLE = {"queued", "retry", "dead", "rejected"}


class HealthcareExchangeMessage(models.Model):
    """What people and operators do with messages: look, replay, cancel."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def status(self, uuids):
        """Return what became of messages: the keys of :meth:`process`, in order."""
        self._check_caller()
        uuids = self._check_list(uuids, "uuids")
        return self._answers(uuids, self._reachable_endpoints())

    @api.model
    def _answers(self, uuids, endpoints):
        """Return what became of messages, in the order asked for; committed state, not the
        request's snapshot."""
        with self._claim_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT m.uuid, m.direction, m.state, m.document_type, m.number, m.errors,
                           m.error_code, m.res_model, m.res_id, m.exceptions, m.attempt_count,
                           m.next_attempt_at, m.trace_id, e.code AS endpoint_code
                      FROM healthcare_exchange_message m
                      JOIN healthcare_exchange_endpoint e ON e.id = m.endpoint_id
                     WHERE m.uuid = ANY(%s) AND m.endpoint_id = ANY(%s)
                    """,
                    uuids,
                    endpoints.ids,
                )
            )
            found = {row["uuid"]: row for row in cr.dictfetchall()}
        return [_answer(message_uuid, found.get(message_uuid)) for message_uuid in uuids]

    @api.model
    def replay(self, uuids):
        """Queue messages again, with the same idempotency key and, going out, the same bytes.

        A message that is on its way, done or cancelled stays as it is.

        :return: the keys of :meth:`status`, in order, and ``replayed`` (bool).
        """
        self._check_caller()
        uuids = self._check_list(uuids, "uuids")
        endpoints = self._reachable_endpoints()
        # Whoever may call this has no write access to messages: the check above is the right.
        messages = self.sudo().search([("uuid", "in", uuids), ("endpoint_id", "in", endpoints.ids)])
        replayed = messages._replay()
        names = set(replayed.mapped("uuid"))
        found = {message.uuid: message for message in messages}
        return [
            {
                "message_uuid": message_uuid,
                "status": "waiting" if message_uuid in names else "unchanged",
                "state": found[message_uuid].state if message_uuid in found else False,
                "replayed": message_uuid in names,
            }
            for message_uuid in uuids
        ]

    def action_replay(self):
        """Send or process again, by an administrator's button."""
        self._check_caller(administrator=True)
        self.check_access("read")
        # Nobody has write access to messages: the check above is the right.
        replayed = self.sudo()._replay()
        if not replayed:
            raise UserError(
                self.env._(
                    "Nothing to replay: a message that is queued, on its way, done or cancelled "
                    "stays as it is; a file that could not be read has to be sent in again."
                )
            )

    def action_cancel(self):
        """Give up messages that are waiting or have failed, by an administrator's button."""
        self._check_caller(administrator=True)
        self.check_access("read")
        # Nobody has write access to messages: the check above is the right.
        messages = self.sudo()
        wrong = messages.filtered(lambda message: message.state not in _CANCELLABLE)
        if wrong:
            raise UserError(
                self.env._(
                    "Message %(name)s is %(state)s and cannot be cancelled.",
                    name=wrong[0].display_name,
                    state=wrong[0].state,
                )
            )
        messages._change_state("cancelled", "cancel", {"next_attempt_at": False})
        messages._drop_activities()

    def _replay(self):
        """Queue again what can be; return those messages. In superuser mode."""
        # Bytes that could not be read are read again by the service, from the file.
        messages = self.filtered(lambda m: m.state in _REPLAYABLE[m.direction] and m.document is not False)
        if not messages:
            return messages
        messages._change_state(
            "queued",
            "replay",
            {
                "attempt_count": 0,
                "spared_count": 0,
                "next_attempt_at": self.env.cr.now(),
                "error_code": False,
                "errors": False,
                "owner_id": False,
            },
        )
        messages._drop_activities()
        if messages.filtered(lambda message: message.direction == "outbound"):
            self._wake()
        if messages.filtered(lambda message: message.direction == "inbound"):
            self.env.ref("healthcare_exchange.cron_process")._trigger()
        return messages

    def _change_state(self, state, action, values):
        """Change the state by a person's or operator's will, and put it in the audit trail."""
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": self._name,
                    "res_id": message.id,
                    "action": action,
                    "changes": {"state": [message.state, state]},
                    "company_id": message.company_id.id,
                }
                for message in self
            ]
        )
        self.write({"state": state, **values})

    def action_open_record(self):
        """Open the business record that this message is about."""
        self.ensure_one()
        if not self.res_model or not self.res_id or self.res_model not in self.env:
            raise UserError(self.env._("This message is not about a record of this database."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    @api.model
    def _ensure_service_user(self):
        """Return the integration service's account, made where it is missing.

        It has the service group alone: it is not an internal user. Endpoints that list no service
        account list it afterwards. For set-up, which makes its API key.
        """
        users = self.env["res.users"].sudo().with_context(active_test=False)
        user = users.search([("login", "=", SERVICE_LOGIN)])
        group = self.env.ref("healthcare_base.group_service")
        # pylint: disable-next=no-search-all
        companies = self.env["res.company"].sudo().search([])
        if not user:
            user = users.with_context(no_reset_password=True).create(
                {
                    "login": SERVICE_LOGIN,
                    "name": "Integration Service",
                    "group_ids": [Command.set(group.ids)],
                    "company_id": companies[:1].id,
                    "company_ids": [Command.set(companies.ids)],
                }
            )
        self.env["healthcare.exchange.endpoint"].sudo().with_context(active_test=False).search(
            [("service_user_ids", "=", False)]
        ).write({"service_user_ids": [Command.link(user.id)]})
        return user


def _answer(message_uuid, row):
    if row is None:
        error = {
            "code": "message_unknown",
            "message": "there is no such message at an endpoint that you may use",
            "path": "",
            "line": "",
        }
        row = {"state": False, "errors": [error], "error_code": error["code"]}
    return {
        "message_uuid": message_uuid,
        "status": _status(row),
        "direction": row.get("direction") or False,
        "endpoint_code": row.get("endpoint_code") or False,
        "state": row["state"],
        "document_type": row.get("document_type") or False,
        "number": row.get("number") or False,
        "errors": row.get("errors") or [],
        "error_code": row.get("error_code") or False,
        "res_model": row.get("res_model") or False,
        "res_id": row.get("res_id") or False,
        "exceptions": row.get("exceptions") or [],
        "attempt_count": row.get("attempt_count") or 0,
        "next_attempt_at": iso(row.get("next_attempt_at")),
        "trace_id": row.get("trace_id") or False,
    }


def _status(row):
    """What a state means to the one who sent the document."""
    state = row["state"]
    if state in ("done", "sent", "acknowledged"):
        return "accepted"
    if state in ("queued", "leased", "retry"):
        return "waiting"
    return "duplicate" if row.get("error_code") == "duplicate_document" else "rejected"
