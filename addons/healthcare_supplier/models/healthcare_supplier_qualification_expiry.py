from datetime import timedelta

from odoo import api, fields, models

#: How many qualifications or suppliers are worked at in one transaction.
SLICE = 200
#: The longest time before an expiry that is looked at for reminders.
LOOK_AHEAD_DAYS = 366
#: How long after a reminder the next one is sent, while nothing is renewed.
REMIND_AGAIN_DAYS = 14


class HealthcareSupplierQualification(models.Model):
    """What happens by itself as days go by: reminders, expiry, and what follows from it."""

    _inherit = "healthcare.supplier.qualification"

    @api.model
    def _cron_watch(self):
        """Bring states up to the day, remind of what expires, and stop suppliers of what has.

        In slices; each stands by itself, so a run that is cut off goes on at the next.
        """
        today = fields.Date.context_today(self)
        seen = 0
        while rows := self._refresh_states(today, seen):
            seen = max(rows.ids)
            if not self.env["ir.cron"]._commit_progress(len(rows)):
                return
        while done := self._remind(today):
            if not self.env["ir.cron"]._commit_progress(done):
                return
        self.env["res.partner"]._watch_expired_suppliers(today)

    @api.model
    def _refresh_states(self, today, after):
        """Set the states that a day has changed; returns the slice that was looked at."""
        rows = self.search(
            [
                ("id", ">", after),
                ("decision", "=", "verified"),
                ("valid_to", "<=", today + timedelta(days=LOOK_AHEAD_DAYS)),
            ],
            order="id",
            limit=SLICE,
        )
        moved = rows.filtered(lambda row: row.state != row._state_on(today))
        self.env.add_to_compute(self._fields["state"], moved)
        moved.flush_recordset(["state"])
        return rows

    @api.model
    def _remind(self, today):
        """Tell the responsible and the supplier of what expires and is not renewed.

        :return: number of qualifications
        """
        due = self.search(
            [
                ("state", "in", ("expiring", "expired")),
                ("supplier_state", "in", ("approved", "conditional")),
                ("partner_id.active", "=", True),
                "|",
                ("reminded_on", "=", False),
                ("reminded_on", "<=", today - timedelta(days=REMIND_AGAIN_DAYS)),
            ],
            limit=SLICE,
        )
        if not due:
            return 0
        due.reminded_on = today
        open_rows = due.filtered(lambda row: not row._is_renewed())
        open_rows.partner_id._remind_of_expiry(open_rows)
        return len(due)

    def _is_renewed(self):
        """Return whether another qualification of the same point holds longer, or waits."""
        self.ensure_one()
        return any(
            row != self
            and row.kind == self.kind
            and (row.kind != "other" or row.requirement_id == self.requirement_id)
            and (row.state == "submitted" or row._outlasts(self))
            for row in self.partner_id.qualification_ids
        )

    def _outlasts(self, other):
        """Return whether this is verified and holds longer than another one."""
        self.ensure_one()
        return self.decision == "verified" and (not self.valid_to or self.valid_to > other.valid_to)
