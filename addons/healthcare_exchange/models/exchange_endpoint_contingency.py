from odoo import fields, models


class HealthcareExchangeEndpoint(models.Model):
    """Who is told when documents do not get through, and when."""

    _inherit = "healthcare.exchange.endpoint"  # pylint: disable=consider-merging-classes-inherited

    dead_letter_hours = fields.Integer(
        string="Dead Letter Deadline (hours)",
        default=24,
        required=True,
        help="Hours in which a dead letter or refused message should be replayed or cancelled. "
        "Afterwards it is escalated.",
    )
    alert_minutes = fields.Integer(
        string="Alert Deadline (minutes)",
        default=60,
        required=True,
        help="Minutes in which an alert should be over. Afterwards it is escalated.",
    )
    backlog_minutes = fields.Integer(
        string="Backlog After (minutes)",
        default=15,
        required=True,
        help="Minutes a document may wait although it is due. 0: no alert.",
    )
    escalation_user_id = fields.Many2one(
        "res.users",
        string="Escalate To",
        tracking=True,
        domain=[("share", "=", False)],
        help="Gets overdue alerts and dead letters. Empty: an administrator of the company.",
    )
    alert_ids = fields.One2many("healthcare.exchange.alert", "endpoint_id", readonly=True)

    _deadlines_check = models.Constraint(
        "CHECK (dead_letter_hours BETWEEN 1 AND 8760 AND alert_minutes BETWEEN 1 AND 525600"
        " AND backlog_minutes BETWEEN 0 AND 525600)",
        "Deadlines: dead letters 1 hour to one year, alerts 1 minute to one year, backlog from 0.",
    )

    def _activation_problems(self):
        """See the base: each document type needs a policy that works."""
        problems = super()._activation_problems()
        rows = self.document_ids.filtered("active")
        missing = rows.filtered(lambda row: not row.contingency)
        if missing:
            problems.append(self._contingency_missing(missing))
        problems.extend(filter(None, (row._contingency_problem() for row in rows - missing)))
        return problems

    def _contingency_missing(self, rows):
        self.ensure_one()
        return self.env._(
            "Endpoint %(code)s: say what happens when the partner cannot be reached, for: %(types)s.",
            code=self.code,
            types=", ".join(f"{row.document_type} ({row.direction})" for row in rows),
        )

    def _responsible(self):
        """Return ``{endpoint_id: user}``, who gets what goes wrong there: the endpoint's owner,
        else an administrator of its company, else the system's administrator."""
        administrators = self._administrators()
        fallback = self.env.ref("base.user_admin")
        return {
            endpoint.id: (
                endpoint.owner_id.filtered("active")
                or administrators.filtered(lambda u, e=endpoint: e.company_id in u.company_ids)[:1]
                or fallback
            )
            for endpoint in self
        }

    def _escalation_users(self, owners):
        """Return ``{endpoint_id: user}``, who gets what its owner did not do in time.

        The endpoint's escalation user, else an administrator of its company, where possible
        another person than the owner.

        :param owners: ``{endpoint_id: user}``.
        """
        administrators = self._administrators()
        fallback = self.env.ref("base.user_admin")
        found = {}
        for endpoint in self:
            candidates = administrators.filtered(lambda u, e=endpoint: e.company_id in u.company_ids)
            found[endpoint.id] = (
                endpoint.escalation_user_id.filtered("active")
                or (candidates - owners[endpoint.id])[:1]
                or candidates[:1]
                or fallback
            )
        return found

    def _administrators(self):
        group = self.env.ref("healthcare_base.group_administrator")
        # sudo: who is told does not depend on who may read users
        return group.sudo().all_user_ids.filtered(lambda user: user.active and not user.share)

    def _reroute_problem(self, target, document_types):
        """Return why outbound documents of this endpoint cannot go to another one, as a sentence;
        empty where they can. Whether the other is active is looked at when it is needed.

        :param document_types: set of names.
        """
        self.ensure_one()
        # sudo: endpoints of other companies have a problem, and are not read
        source, target = self.sudo(), target.sudo()
        if not target:
            return self.env._(
                "Endpoint %s: choose the endpoint that documents go to when it is unreachable.",
                source.code,
            )
        names = {"code": source.code, "other": target.code}
        if target == source:
            return self.env._("Endpoint %(code)s cannot be its own way out.", **names)
        partner = source.partner_id.commercial_partner_id
        if (
            not partner
            or target.partner_id.commercial_partner_id != partner
            or target.company_id != source.company_id
        ):
            return self.env._(
                "Endpoint %(code)s: %(other)s does not belong to the same partner and company; what is "
                "meant for one partner is never sent to another.",
                **names,
            )
        if target.test != source.test:
            return self.env._(
                "Endpoint %(code)s: one of it and %(other)s is for tests, the other is not.", **names
            )
        missing = sorted(t for t in document_types if not target._carries(t, "outbound"))
        if missing:
            return self.env._(
                "Endpoint %(code)s: %(other)s does not send documents of type %(types)s.",
                types=", ".join(missing),
                **names,
            )
        return ""
