from odoo import api, fields, models
from odoo.tools import SQL, format_datetime


class HealthcareExchangeMessage(models.Model):
    """When a message may leave, besides its own schedule."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    batch = fields.Boolean(
        readonly=True,
        copy=False,
        help="Waits for a batch window of the endpoint. Pinned when it is queued; urgent messages "
        "never wait.",
    )
    in_place_of_id = fields.Many2one(
        "healthcare.exchange.message",
        string="In the Place Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The message whose place it has in the order of its ordering key, since it was "
        "rerouted: what followed that one follows this one.",
    )
    spared_count = fields.Integer(
        string="Attempts Not Counted",
        readonly=True,
        copy=False,
        help="Failures that do not bring the message nearer to a dead letter: the partner was known "
        "to be down, or asked us to wait.",
    )

    waits_for = fields.Char(compute="_compute_waits_for", help="Why an outbound message is not sent now.")

    @api.depends("state", "next_attempt_at", "endpoint_id.state", "endpoint_id.flow_ids.breaker")
    def _compute_waits_for(self):
        self.waits_for = False
        waiting = self.filtered(
            lambda message: message.direction == "outbound" and message.state in ("queued", "retry")
        )
        if not waiting:
            return
        # Whoever sees a message may know why it waits, without seeing the endpoint's flow.
        waiting = waiting.sudo()
        earlier = waiting._earlier_in_order()
        maintenance, batch = self.env["healthcare.exchange.window"]._now_open(waiting.endpoint_id.ids)
        for message in waiting:
            endpoint = message.endpoint_id
            if earlier.get(message.id):
                reason = self.env._("the earlier message %s", earlier[message.id].display_name)
            elif endpoint.id in maintenance:
                reason = self.env._("the end of a maintenance window")
            elif message.batch and endpoint.id not in batch:
                reason = self.env._("a batch window")
            else:
                reason = endpoint._held_back() or message._own_schedule()
            message.waits_for = reason

    def _own_schedule(self):
        self.ensure_one()
        if self.next_attempt_at and self.next_attempt_at > fields.Datetime.now():
            return self.env._("its next attempt, %s", format_datetime(self.env, self.next_attempt_at))
        return self.env._("its turn, or a process of the integration service")

    def _earlier_in_order(self):
        """Return ``{message_id: message}``: the first that has to leave before, where one has."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id, (
                       SELECT earlier.id FROM healthcare_exchange_message earlier
                        WHERE earlier.direction = 'outbound'
                          AND earlier.ordering_key = m.ordering_key
                          AND COALESCE(earlier.in_place_of_id, earlier.id)
                              < COALESCE(m.in_place_of_id, m.id)
                          AND earlier.state IN ('queued', 'retry', 'leased', 'dead')
                     ORDER BY COALESCE(earlier.in_place_of_id, earlier.id)
                        LIMIT 1)
                  FROM healthcare_exchange_message m
                 WHERE m.id = ANY(%s) AND m.ordering_key IS NOT NULL
                """,
                self.ids,
            )
        )
        found = dict(self.env.cr.fetchall())
        messages = self.browse(filter(None, found.values()))
        by_id = {message.id: message for message in messages}
        return {message_id: by_id.get(earlier_id) for message_id, earlier_id in found.items()}

    def _prepare_outbound_vals(self, request, number, mappings, now):
        """Pin whether the message waits for a batch window, and its place in the order.

        A request may name ``in_place_of``, the message that this one is sent instead of.
        """
        values = super()._prepare_outbound_vals(request, number, mappings, now)
        row = request["endpoint"].sudo()._document(request["document_type"], "outbound")
        values["batch"] = row.timing == "batch" and values["priority"] > 0
        instead = request.get("in_place_of")
        if instead:
            # The first of a chain: its id is the place.
            first = instead.sudo()
            values["in_place_of_id"] = (first.in_place_of_id or first).id
        return values
