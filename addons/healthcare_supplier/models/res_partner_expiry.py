from datetime import timedelta

from odoo import api, models

from ..tools.selections import ORDERABLE_STATES
from .healthcare_supplier_qualification_expiry import SLICE


class ResPartner(models.Model):
    """Suppliers whose mandatory qualifications or conditions have run out."""

    _inherit = "res.partner"

    def _remind_of_expiry(self, qualifications):
        """Schedule an activity per supplier for who is responsible, and write to the supplier.

        :param qualifications: those that expire, of these suppliers
        """
        template = self.env.ref("healthcare_supplier.mail_template_expiry", raise_if_not_found=False)
        by_user = {}
        for partner in self:
            user = partner._supplier_responsible()
            by_user[user] = by_user.get(user, self.browse()) | partner
        for user, partners in by_user.items():
            if not user:
                continue
            for partner in partners:
                mine = qualifications.filtered(lambda row, partner=partner: row.partner_id == partner)
                partner.with_context(mail_activity_quick_update=True).activity_schedule(
                    "healthcare_supplier.mail_activity_qualification",
                    min(mine.mapped("valid_to")),
                    summary=self.env._("Renew: %s", ", ".join(mine.mapped("display_name"))),
                    user_id=user.id,
                )
        reachable = self.filtered("email")
        if template and reachable:
            template.send_mail_batch(reachable.ids)

    def _supplier_responsible(self):
        """Return who looks after this supplier's qualification: of its category, its buyer, else
        a compliance officer of its company."""
        self.ensure_one()
        named = self.supplier_category_id.responsible_id or self.buyer_id
        if named.active:
            return named
        officers = self.env.ref("healthcare_supplier.group_compliance").all_user_ids.filtered(
            lambda user: user.active and (not self.company_id or self.company_id in user.company_ids)
        )
        return officers.sorted("id")[:1]

    def _expiring_qualifications(self):
        """Return what the reminder's text lists: expiring and expired, not renewed yet."""
        self.ensure_one()
        return self.qualification_ids.filtered(
            lambda row: row.state in ("expiring", "expired") and not row._is_renewed()
        ).sorted("valid_to")

    @api.model
    def _watch_expired_suppliers(self, today):
        """Stop suppliers whose mandatory qualification has expired or whose condition is over."""
        for work in (self._end_conditions, self._act_on_expiry):
            seen = 0
            while suppliers := work(today, seen):
                seen = max(suppliers.ids)
                if not self.env["ir.cron"]._commit_progress(len(suppliers)):
                    return

    @api.model
    def _end_conditions(self, today, after):
        """Suspend conditional suppliers whose last day is over; returns a slice of them."""
        suppliers = self.with_context(active_test=False).search(
            [
                ("id", ">", after),
                ("supplier_state", "=", "conditional"),
                ("condition_until", "<", today),
            ],
            order="id",
            limit=SLICE,
        )
        for partner in suppliers:
            note = partner.condition_note or ""
            partner._suspend_by_system(
                self.env._(
                    "The condition was not fulfilled until %(date)s. %(note)s",
                    date=partner.condition_until,
                    note=note,
                ).strip()
            )
        return suppliers

    @api.model
    def _act_on_expiry(self, today, after):
        """Suspend suppliers of what has expired, or let them go on conditionally, as their
        category says; returns a slice of those looked at."""
        suppliers = self.with_context(active_test=False).search(
            [
                ("id", ">", after),
                ("supplier_state", "in", ORDERABLE_STATES),
                ("qualification_ids.state", "=", "expired"),
            ],
            order="id",
            limit=SLICE,
        )
        for partner in suppliers:
            expired = partner._newly_expired(today)
            if not expired:
                continue
            text = self.env._(
                "Expired: %s", ", ".join(f"{row.display_name} ({row.valid_to})" for row in expired)
            )
            category = partner.supplier_category_id
            if category.on_expiry == "suspended":
                partner._suspend_by_system(text)
            elif partner.supplier_state == "approved":
                partner._set_supplier_state(
                    "conditional",
                    text,
                    condition_note=text,
                    condition_until=today + timedelta(days=category.grace_days),
                )
        return suppliers

    def _newly_expired(self, today):
        """Return the mandatory qualifications that ran out after this state was decided and
        that nothing replaces. What was over before was known to who approved conditionally."""
        self.ensure_one()
        expired = self.env["healthcare.supplier.qualification"]
        decided_on = self.supplier_state_date.date() if self.supplier_state_date else None
        for requirement, rows in self._supplier_checklist():
            if not requirement.mandatory or any(row._is_in_force(today) for row in rows):
                continue
            last = rows.filtered(lambda row: row.state == "expired").sorted("valid_to")[-1:]
            if last and (not decided_on or last.valid_to >= decided_on):
                expired |= last
        return expired

    def _suspend_by_system(self, reason):
        """Suspend a supplier because a day has passed, and tell who is responsible."""
        self.ensure_one()
        self._set_supplier_state("suspended", reason)
        if user := self._supplier_responsible():
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "healthcare_supplier.mail_activity_qualification",
                summary=self.env._("Suspended: %s", reason),
                user_id=user.id,
            )
