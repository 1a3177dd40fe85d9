from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

#: States from which a message can take another way.
_PENDING = ("queued", "retry", "dead", "rejected")
#: How people read that a partner may have what is sent once more.
_SHOWN = 10


class HealthcareExchangeMessage(models.Model):
    """Other ways for documents whose partner cannot be reached: another endpoint of the same
    partner, or an e-mail and a person.

    What is done here by a policy or a person is written on the message, on its business record
    and in the audit trail. All pending messages of one ordering key move together and in order.
    """

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    channel = fields.Selection(
        [("manual", "E-mail and a person")],
        readonly=True,
        copy=False,
        help="Empty: the integration service. A document that a person sent is 'sent' when the "
        "e-mail is queued and 'acknowledged' when the partner confirmed it.",
    )
    contingency_note = fields.Char(
        string="Other Way",
        readonly=True,
        copy=False,
        help="Which other way it took, by whose decision and why.",
    )
    rerouted_to_id = fields.Many2one(
        "healthcare.exchange.message",
        string="Sent Instead",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The message at another endpoint that took this one's place.",
    )
    rerouted_from_id = fields.Many2one(
        "healthcare.exchange.message",
        string="Sent Instead Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    # `acknowledgement_overdue`: what a person sent and nobody confirmed.
    _manual_idx = models.Index("(endpoint_id, sent_at) WHERE channel = 'manual' AND state = 'sent'")

    def _next_states(self, vals):
        """See the base. Besides the transport, only the manual channel leads to ``sent``."""
        allowed = super()._next_states(vals)
        if vals.get("channel") == "manual" and self.state in _PENDING:
            allowed = allowed | {"sent"}
        return allowed

    def _prepare_outbound_vals(self, request, number, mappings, now):
        """See the base. ``in_place_of``: a rerouted document keeps its idempotency key, so that a
        partner who has it after all knows it again."""
        values = super()._prepare_outbound_vals(request, number, mappings, now)
        instead = request.get("in_place_of")
        if instead:
            values.update(
                idempotency_key=instead.idempotency_key,
                rerouted_from_id=instead.id,
                contingency_note=request.get("contingency_note"),
            )
        return values

    def _replay(self):
        """See the base. What a person sent is not sent once more by the service."""
        return super(HealthcareExchangeMessage, self.filtered(lambda m: m.channel != "manual"))._replay()

    # People

    def action_reroute(self):
        """Ask an administrator which other way these messages shall take."""
        self._check_caller(administrator=True)
        self.check_access("read")
        able = self.filtered(lambda m: m.direction == "outbound" and m.state in _PENDING)
        if not able:
            raise UserError(
                self.env._(
                    "None of these messages can go another way: only what is queued, waits to be "
                    "retried, is a dead letter or was refused."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Another Way"),
            "res_model": "healthcare.exchange.reroute",
            "view_mode": "form",
            "target": "new",
            "context": {"default_message_ids": able.ids},
        }

    def action_confirm_received(self, note=""):
        """Record that the partner confirmed to a person that it has the document.

        :param note: who confirmed it and how.
        :raise AccessError: neither a clerk nor an administrator asks.
        :raise UserError: a message is not ``sent``.
        """
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_clerk")):
            raise AccessError(self.env._("What a partner confirms is recorded by clerks and administrators."))
        self.check_access("read")
        wrong = self.filtered(lambda m: m.direction != "outbound" or m.state != "sent")
        if wrong:
            raise UserError(
                self.env._(
                    "Message %(name)s is %(state)s: only what was sent and not acknowledged can be "
                    "confirmed.",
                    name=wrong[0].display_name,
                    state=wrong[0].state,
                )
            )
        text = self.env._("The partner confirmed that it has the document: %s", note or "-")
        # Nobody has write access to messages: the check above is the right.
        messages = self.sudo()
        messages._change_state("acknowledged", "confirm", {"next_attempt_at": False})
        messages._drop_activities()
        messages._tell({message.id: text for message in messages})
        messages._confirmed_received(text)

    def _confirmed_received(self, text):
        """Hook: a person recorded that the partner has these documents. In superuser mode."""

    # Another endpoint

    def _reroute(self, endpoint, reason="", confirm_unknown=False):
        """Let these messages, and all that waits with the same ordering keys, leave through
        another endpoint. By a person; in superuser mode.

        :param endpoint: of the same partner; active, and carrying the document types.
        :param reason: the person's.
        :param confirm_unknown: the person knows that the partner may get documents twice.
        :return: the messages at the other endpoint, in order.
        :raise UserError: something of it is being sent just now, the endpoint cannot take it, or
            an attempt may have arrived and that was not confirmed.
        """
        note = self.env._("by %(user)s: %(reason)s", user=self.env.user.name, reason=reason or "-")
        moved = self.browse()
        for source, messages in self.grouped("endpoint_id").items():
            whole = messages._with_followers()
            problem = (
                source._reroute_problem(endpoint, set(whole.mapped("document_type"))) or endpoint._hindrance()
            )
            if problem:
                raise UserError(problem)
            if not confirm_unknown:
                whole._check_not_arrived()
            moved |= whole._move_to(endpoint, note)
        return moved

    def _send_by_hand(self, reason="", confirm_unknown=False):
        """Let these messages, and all that waits with the same ordering keys, leave by e-mail and
        a person. By a person; in superuser mode. Parameters and errors as :meth:`_reroute`."""
        note = self.env._("by %(user)s: %(reason)s", user=self.env.user.name, reason=reason or "-")
        for messages in self.grouped("endpoint_id").values():
            whole = messages._with_followers()
            if not confirm_unknown:
                whole._check_not_arrived()
            whole._deliver_manually(note)

    def _with_followers(self):
        """Lock and return these messages of one endpoint with all that is pending under the same
        ordering keys, in order.

        :raise UserError: one of them is on its way just now, or cannot take another way.
        """
        wrong = self.filtered(lambda m: m.direction != "outbound" or m.state not in _PENDING)
        if wrong:
            raise UserError(
                self.env._(
                    "Message %(name)s is %(state)s and cannot go another way.",
                    name=wrong[0].display_name,
                    state=wrong[0].state,
                )
            )
        groups, held = self._lock_groups(self.endpoint_id.id, self._group_keys())
        if held:
            raise UserError(
                self.env._(
                    "%s is just being sent. Try again in a minute, when its outcome is known.",
                    self.filtered(lambda m: m._group_key() in held)[:1].display_name,
                )
            )
        return self.union(*groups.values()).sorted(lambda m: m.in_place_of_id.id or m.id)

    def _group_key(self):
        return self.ordering_key or self.uuid

    def _group_keys(self):
        return sorted({message._group_key() for message in self})

    @api.model
    def _lock_groups(self, endpoint_id, keys):
        """Lock what is pending at an endpoint under ordering keys (a message without one is its
        own group).

        :return: ``({key: messages in order}, keys of which something is on its way)``.
        """
        group = SQL(
            "m.endpoint_id = %s AND m.direction = 'outbound'"
            " AND m.state IN ('queued', 'retry', 'leased', 'dead')"
            " AND (m.ordering_key = ANY(%s) OR m.ordering_key IS NULL AND m.uuid = ANY(%s))",
            endpoint_id,
            keys,
            keys,
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT m.id FROM healthcare_exchange_message m WHERE %s ORDER BY m.id"
                " FOR UPDATE SKIP LOCKED",
                group,
            )
        )
        locked = {message_id for (message_id,) in self.env.cr.fetchall()}
        # A second statement, so that it sees what others did before the locks were ours.
        self.env.cr.execute(
            SQL(
                "SELECT m.id, COALESCE(m.ordering_key, m.uuid), m.state"
                "  FROM healthcare_exchange_message m WHERE %s"
                " ORDER BY COALESCE(m.in_place_of_id, m.id)",
                group,
            )
        )
        groups, held = {}, set()
        for message_id, key, state in self.env.cr.fetchall():
            if state == "leased" or message_id not in locked:
                held.add(key)
            groups.setdefault(key, []).append(message_id)
        self.invalidate_model()
        return {key: self.browse(group) for key, group in groups.items() if key not in held}, held

    def _maybe_arrived(self):
        """Return those of which the partner may have the document: an attempt did not certainly
        end before it was sent."""
        if not self:
            return self
        self.env.cr.execute(
            SQL(
                "SELECT DISTINCT message_id FROM healthcare_exchange_attempt"
                " WHERE message_id = ANY(%s) AND outcome <> 'not_sent'",
                self.ids,
            )
        )
        return self.browse(sorted(message_id for (message_id,) in self.env.cr.fetchall()))

    def _check_not_arrived(self):
        maybe = self._maybe_arrived()
        if maybe:
            raise UserError(
                self.env._(
                    "The partner may have these documents already, since an attempt ended without an "
                    "answer: %(names)s. Sent another way they may be delivered twice. Ask the partner "
                    "first, then confirm that you know the danger.",
                    names=", ".join(maybe[:_SHOWN].mapped("display_name")),
                )
            )

    def _move_to(self, endpoint, note):
        """Queue these messages of one endpoint, which are locked, at another one instead.

        :param note: who decided it and why.
        :return: the new messages, in the same order.
        """
        source = self.endpoint_id
        note = self.env._(
            "Sent through %(other)s instead of %(code)s, %(note)s",
            code=source.code,
            other=endpoint.code,
            note=note,
        )
        self._check_not_there_before(endpoint)
        created = self._enqueue_many(
            [
                {
                    "endpoint": endpoint,
                    "document_type": message.document_type,
                    "document": message.document,
                    "record": message._record(),
                    "ordering_key": message.ordering_key,
                    "priority": message.priority,
                    "trace_id": message.trace_id,
                    "in_place_of": message,
                    "contingency_note": note,
                }
                for message in self
            ]
        )
        self._record_decision("reroute", note, {"endpoint": [source.code, endpoint.code]})
        for old, new in zip(self, created, strict=True):
            old.write(
                {
                    "state": "cancelled",
                    "rerouted_to_id": new.id,
                    "contingency_note": note,
                    "next_attempt_at": False,
                }
            )
        self._drop_activities()
        self._tell(dict.fromkeys(self.ids, note))
        created._rerouted()
        return created

    def _rerouted(self):
        """Hook: these messages took the place of others (``rerouted_from_id``). In superuser mode;
        override where a record refers to its message."""

    def _check_not_there_before(self, endpoint):
        known = self.search(
            [
                ("endpoint_id", "=", endpoint.id),
                ("direction", "=", "outbound"),
                ("idempotency_key", "in", self.mapped("idempotency_key")),
            ],
            limit=1,
        )
        if known:
            raise UserError(
                self.env._(
                    "%(name)s was at endpoint %(code)s before and went away from there. A document does "
                    "not come back to an endpoint: replay it where it is, or send it by e-mail.",
                    name=known.display_name,
                    code=endpoint.code,
                )
            )

    # E-mail and a person

    def _deliver_manually(self, note):
        """Send these messages, which are locked and pending, by e-mail through Odoo, with an
        activity for a person to have it confirmed.

        The message is ``sent`` then: its e-mail is queued in the same transaction.

        :raise UserError: there is no such way for a document type, or the e-mail cannot be made.
        """
        for document_type, messages in self.grouped("document_type").items():
            handler = self._handler(document_type)
            if handler is None or not handler._manual:
                raise UserError(
                    self.env._(
                        "Documents of type %s cannot be sent by e-mail. Send them another way.", document_type
                    )
                )
            handler._send_manually(messages)
        note = self.env._("Sent by e-mail; a person has it confirmed, %s", note)
        self._record_decision("manual", note, {})
        self.write(
            {
                "state": "sent",
                "channel": "manual",
                "contingency_note": note,
                "sent_at": self.env.cr.now(),
                "next_attempt_at": False,
            }
        )
        self._drop_activities()
        self._tell(dict.fromkeys(self.ids, note))

    # Where decisions are shown

    def _record(self):
        """Return the business record that this message is about, an empty set where there is
        none (any more)."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            return self.env["res.partner"].browse()
        return self.env[self.res_model].browse(self.res_id).exists()

    def _record_decision(self, action, note, changes):
        """Put a decision about these messages into the audit trail."""
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": self._name,
                    "res_id": message.id,
                    "res_name": message.display_name,
                    "action": action,
                    "changes": {"state": [message.state, None], "note": [None, note], **changes},
                    "company_id": message.company_id.id,
                }
                for message in self
            ]
        )

    def _tell(self, texts):
        """Write on these messages and on their business records what was decided.

        :param texts: ``{message_id: sentence}``.
        """
        self._message_log_batch(bodies=texts)
        for model, messages in self.grouped("res_model").items():
            if not model or model not in self.env or "message_ids" not in self.env[model]._fields:
                continue
            records = self.env[model].browse(sorted(set(messages.mapped("res_id")))).exists()
            bodies = {message.res_id: f"{message.display_name}: {texts[message.id]}" for message in messages}
            records._message_log_batch(bodies={record.id: bodies[record.id] for record in records})
