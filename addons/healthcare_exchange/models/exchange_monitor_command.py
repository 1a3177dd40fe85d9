from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .exchange_message_operation import _CANCELLABLE, _REPLAYABLE

#: Messages of one call: a call is one short transaction, a thousand messages are ten calls.
MAX_SLICE = 200
_COMMANDS = ("retry", "replay", "cancel")
_REROUTABLE = ("queued", "retry", "dead", "rejected")


class HealthcareExchangeMonitor(models.AbstractModel):
    """What administrators do from the monitor: retry, replay, cancel, one or many."""

    _inherit = "healthcare.exchange.monitor"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def run_command(self, command, selection, cursor=None, limit=100):
        """Carry out a command on a slice of the chosen messages, newest first.

        Call it again with ``next_cursor`` until that is False. What cannot be done is left as it
        is and counted with its reason; nothing else of the slice is held up by it.

        :param str command: ``retry`` (what waits for its next attempt is due now), ``replay``
            (sent or processed again, same key, same bytes) or ``cancel``
        :param dict selection: ``{"uuids": [...]}`` (200 at most per call), or ``{"filters":
            {...}, "until": id}``: all that match filters of :meth:`load_messages` up to that id
        :param int cursor: ``next_cursor`` of the slice before
        :param int limit: messages of this slice, 200 at most
        :return: ``{"seen", "done", "left": [{"reason", "number"}], "next_cursor"}``; reasons:
            ``on_its_way``, ``finished``, ``cancelled``, ``unreadable``, ``by_hand``,
            ``not_waiting``, ``unknown``
        :raises AccessError: for all but administrators
        :raises UserError: for another command, or a selection in neither shape
        """
        self._check_administrator()
        if command not in _COMMANDS:
            raise UserError(self.env._("There is no command '%s'.", command))
        limit = self._check_whole(limit, "limit", 1, MAX_SLICE)
        domain, asked = self._selection_domain(selection, limit)
        if cursor:
            domain &= Domain("id", "<", self._check_whole(cursor, "cursor", 1, 2**31 - 1))
        messages = self.env["healthcare.exchange.message"].search(domain, order="id desc", limit=limit + 1)
        more = len(messages) > limit
        messages = messages[:limit]
        reasons = {}
        able = messages.browse()
        for message in messages:
            reason = self._obstacle(command, message)
            if reason:
                reasons[reason] = reasons.get(reason, 0) + 1
            else:
                able |= message
        if asked is not None and len(messages) < asked:
            reasons["unknown"] = asked - len(messages)
        done = self._carry_out(command, able)
        if len(done) < len(able):
            reasons["unreadable"] = reasons.get("unreadable", 0) + len(able) - len(done)
        return {
            "seen": asked if asked is not None else len(messages),
            "done": len(done),
            "left": [{"reason": reason, "number": number} for reason, number in sorted(reasons.items())],
            "next_cursor": messages[-1].id if more and asked is None else False,
        }

    @api.model
    def action_reroute(self, uuids):
        """Return the action that asks where to send messages instead.

        :param list uuids: UUIDs of messages, 200 at most
        :return: an action of Odoo's web client
        :raises AccessError: for all but administrators
        :raises UserError: messages cannot be rerouted, or there are none
        """
        self._check_administrator()
        domain, _asked = self._selection_domain({"uuids": uuids}, MAX_SLICE)
        messages = self.env["healthcare.exchange.message"].search(domain)
        if not messages:
            raise UserError(self.env._("There is no such message that can be rerouted."))
        action = messages.action_reroute()
        # Called by RPC and not by a button: the web client wants the views by name.
        return {**action, "views": [(False, mode) for mode in action["view_mode"].split(",")]}

    @api.model
    def _check_administrator(self):
        if not self._can_act():
            raise AccessError(
                self.env._("Messages are retried, replayed, rerouted and cancelled by administrators.")
            )

    @api.model
    def _selection_domain(self, selection, limit):
        """Return the domain of a selection, and how many messages it names (None: unknown)."""
        selection = selection if isinstance(selection, dict) else {}
        if selection.keys() == {"uuids"}:
            uuids = self.env["healthcare.exchange.message"]._check_list(
                selection["uuids"], "uuids", limit=limit
            )
            return Domain("uuid", "in", uuids), len(uuids)
        if selection.keys() == {"filters", "until"} and isinstance(selection["filters"], dict):
            until = self._check_whole(selection["until"], "until", 1, 2**31 - 1)
            return self._filter_domain(selection["filters"]) & Domain("id", "<=", until), None
        raise UserError(self.env._("A selection has uuids, or filters and until."))

    @api.model
    def _offered(self, message):
        """Return the commands that a message's state allows, for those who may give them."""
        if not self._can_act():
            return []
        offered = [each for each in _COMMANDS if not self._obstacle(each, message)]
        if message.direction == "outbound" and message.state in _REROUTABLE:
            offered.append("reroute")
        return offered

    @api.model
    def _obstacle(self, command, message):
        """Return why a command leaves a message alone, or False."""
        state = message.state
        if command == "retry":
            return False if state == "retry" else "not_waiting"
        able = _CANCELLABLE if command == "cancel" else _REPLAYABLE[message.direction]
        if state not in able:
            if state in ("queued", "leased"):
                return "on_its_way"
            return "cancelled" if state == "cancelled" else "finished"
        if command == "replay" and message.channel == "manual":
            return "by_hand"
        # Bytes that could not be read are read again by the service, from the file.
        if command == "replay" and not message.document_type:
            return "unreadable"
        return False

    @api.model
    def _carry_out(self, command, messages):
        """Do it, in the caller's name; return the messages that it was done to."""
        messages.check_access("read")
        # Nobody has write access to messages: the caller was checked, and the messages were found
        # in the caller's rights.
        messages = messages.sudo()
        if command == "retry":
            return messages._retry()
        if command == "replay":
            return messages._replay()
        if messages:
            messages.action_cancel()
        return messages
