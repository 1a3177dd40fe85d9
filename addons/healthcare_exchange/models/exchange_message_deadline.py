from datetime import timedelta

from odoo import api, fields, models

_ESCALATION_SLICE = 500


class HealthcareExchangeMessage(models.Model):
    """Messages that need a person: until when, and who is told when it is not done by then."""

    _inherit = ["healthcare.exchange.message", "healthcare.exchange.error.mixin"]
    _name = "healthcare.exchange.message"

    deadline = fields.Datetime(readonly=True, copy=False, help="By then it should be replayed or cancelled.")
    escalated_to_id = fields.Many2one(
        "res.users", readonly=True, copy=False, index="btree_not_null", help="Was told that it is overdue."
    )
    overdue = fields.Boolean(compute="_compute_overdue", search="_search_overdue")

    # `_escalate_dead_letters`: what is overdue and nobody was told.
    _overdue_idx = models.Index("(deadline) WHERE state IN ('dead', 'rejected') AND escalated_to_id IS NULL")

    @api.depends("state", "deadline")
    def _compute_overdue(self):
        now = fields.Datetime.now()
        for message in self:
            message.overdue = (
                message.state in ("dead", "rejected") and bool(message.deadline) and message.deadline < now
            )

    def _search_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = [("state", "in", ("dead", "rejected")), ("deadline", "<", fields.Datetime.now())]
        if set(value) == {True}:
            return overdue
        return ["!", "&", *overdue]

    def _deadlines(self):
        """Return ``{message_id: naive UTC}``: until when the owner has to have acted; kept on the
        messages."""
        now = fields.Datetime.now()
        for hours, messages in self.grouped(lambda m: m.endpoint_id.dead_letter_hours).items():
            messages.write({"deadline": now + timedelta(hours=hours), "escalated_to_id": False})
        return {message.id: message.deadline for message in self}

    def _drop_activities(self):
        """See the base; with the trouble its deadline is over, too."""
        result = super()._drop_activities()
        self.filtered("deadline").write({"deadline": False, "escalated_to_id": False})
        return result

    @api.model
    def _escalate_dead_letters(self):
        """Tell a second person of dead letters and refused messages that are overdue, once.

        Whoever is told finds them by the filter, and has one activity per endpoint: that of the
        alert ``dead_letter_overdue``.

        :return: how many were escalated; call again while there are any.
        """
        overdue = self.sudo().search(
            [
                ("state", "in", ("dead", "rejected")),
                ("escalated_to_id", "=", False),
                ("deadline", "<", fields.Datetime.now()),
            ],
            limit=_ESCALATION_SLICE,
            order="deadline",
        )
        for owner, messages in overdue.grouped("owner_id").items():
            endpoints = messages.endpoint_id
            users = endpoints._escalation_users(dict.fromkeys(endpoints.ids, owner))
            for user, theirs in messages.grouped(lambda m, u=users: u[m.endpoint_id.id]).items():
                theirs.write({"escalated_to_id": user.id})
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": message._name,
                    "res_id": message.id,
                    "res_name": message.display_name,
                    "action": "escalate",
                    "changes": {"escalated_to_id": [None, message.escalated_to_id.display_name]},
                    "company_id": message.company_id.id,
                }
                for message in overdue
            ]
        )
        return len(overdue)
