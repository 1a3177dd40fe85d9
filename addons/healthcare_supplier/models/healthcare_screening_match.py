from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

#: What was known when the match was raised; never written again, by nobody.
EVIDENCE = frozenset(("entry_id", "snapshot", "score", "reasons", "subject", "run_id", "facts_digest"))


class HealthcareScreeningMatch(models.Model):
    """A supplier that may be an excluded party: the evidence, and what a person decided.

    Raised by screening only. A decision holds until the facts that were compared change; then the
    old match stays as it is and a new one follows it.
    """

    _name = "healthcare.screening.match"
    _description = "Screening Match"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.audit.mixin"]
    _order = "state_order, score desc, id desc"
    _audit_fields = ("partner_id", "entry_id", "state", "decision_reason", "decided_by_id", "entry_ended_on")

    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    subject = fields.Char(readonly=True, help="Whose name was compared: the supplier's, or a contact's.")
    entry_id = fields.Many2one(
        "healthcare.exclusion.entry", required=True, readonly=True, index=True, ondelete="restrict"
    )
    source = fields.Selection(related="entry_id.source", store=True)
    entry_name = fields.Char(related="entry_id.name", string="Excluded Party")
    entry_ended_on = fields.Date(
        readonly=True, help="The entry left its list: it stops nothing any more, the decision stays."
    )
    score = fields.Float(readonly=True, digits=(4, 3), aggregator="max", help="0 to 1.")
    reasons = fields.Json(readonly=True)
    reason_text = fields.Text(string="Why", compute="_compute_reason_text")
    snapshot = fields.Json(
        readonly=True, help="Supplier, entry as sent, and file, as they were at screening."
    )
    supplier_text = fields.Text(string="Our Supplier", compute="_compute_sides")
    entry_text = fields.Text(string="Excluded Party as Sent", compute="_compute_sides")
    file_text = fields.Char(string="From File", compute="_compute_sides")
    facts_digest = fields.Char(readonly=True)
    run_id = fields.Many2one("healthcare.screening.run", readonly=True, ondelete="restrict")
    last_seen = fields.Datetime(readonly=True, help="Last screening that found it again.")
    found_last_time = fields.Boolean(
        string="Still Found",
        default=True,
        readonly=True,
        help="No: name or address of the supplier have changed since. It is still to be decided.",
    )
    state = fields.Selection(
        [
            ("possible", "Possible"),
            ("confirmed", "Confirmed"),
            ("cleared", "Cleared"),
            ("ended", "Ended"),
        ],
        default="possible",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        help="Ended: the entry left its list before anybody decided.",
    )
    state_order = fields.Integer(compute="_compute_state_order", store=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decision_reason = fields.Text(readonly=True)
    previous_id = fields.Many2one(
        "healthcare.screening.match",
        string="Decided Before",
        readonly=True,
        ondelete="restrict",
        help="The match before the facts changed.",
    )
    is_superseded = fields.Boolean(string="Superseded", readonly=True)

    # One question at a time about a supplier and an entry.
    _pair_unique = models.UniqueIndex(
        "(partner_id, entry_id) WHERE NOT COALESCE(is_superseded, FALSE)",
        "The supplier has a match with this entry already.",
    )

    @api.depends("state")
    def _compute_state_order(self):
        order = {"possible": 0, "confirmed": 1, "cleared": 2, "ended": 3}
        for match in self:
            match.state_order = order.get(match.state, 9)

    @api.depends("partner_id", "entry_id")
    def _compute_display_name(self):
        for match in self:
            match.display_name = f"{match.partner_id.name} ~ {match.entry_id.name}"

    @api.depends("reasons")
    def _compute_reason_text(self):
        for match in self:
            match.reason_text = "\n".join(match._reason_sentence(reason) for reason in match.reasons or [])

    @api.depends("snapshot")
    def _compute_sides(self):
        for match in self:
            snapshot = match.snapshot or {}
            entry = snapshot.get("entry") or {}
            match.supplier_text = self._lines(snapshot.get("supplier") or {})
            match.entry_text = self._lines(entry.get("as_sent") or {})
            match.file_text = " · ".join(
                filter(None, (entry.get("file"), entry.get("loaded_at"), entry.get("file_sha256")))
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Matches come from screening, not by hand."))
        return super(HealthcareScreeningMatch, without_defaults(self)).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su:
            wrong = sorted(name for name in vals if not self._is_conversation(name))
            if wrong:
                raise AccessError(
                    self.env._("A match is decided with its buttons, not written (%s).", ", ".join(wrong))
                )
        if EVIDENCE & vals.keys():
            raise AccessError(self.env._("What screening found is evidence and is not changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Screening matches are evidence and are kept."))

    @api.model
    def _is_conversation(self, name):
        """Return whether a field is one of messages, followers and activities."""
        return name.startswith(("message_", "activity_"))

    def action_confirm(self, reason):
        """Decide: the supplier is the excluded party. It is blocked at once.

        :param str reason: required; what the decision rests on
        :raises AccessError: to who is no compliance officer
        :raises UserError: without a reason, or when it is decided already
        """
        self._decide("confirmed", reason)
        for match in self:
            match.partner_id._screening_block(match)
        return True

    def action_clear(self, reason):
        """Decide: another party. Remembered until the facts change.

        :param str reason: required; how the two were told apart
        :raises AccessError: to who is no compliance officer, or made, changed or submitted the
            supplier
        :raises UserError: without a reason, or when it is decided already
        """
        if own := self.partner_id._made_by_user():
            raise AccessError(
                self.env._(
                    "You made, changed or submitted the record of %s: another compliance officer clears it.",
                    own[0].display_name,
                )
            )
        self._decide("cleared", reason)
        return True

    def action_reopen(self, reason):
        """Ask again about a decision that was wrong; the decision stays in the record before.

        :param str reason: required
        """
        self._check_compliance(reason)
        for match in self.sudo():
            if match.state not in ("confirmed", "cleared") or match.is_superseded:
                raise UserError(self.env._("%s is not decided.", match.display_name))
            again = match._supersede(match._evidence_values())
            again.message_post(body=reason)
            again._ask()
        self.partner_id._refresh_screening_state()
        return True

    def action_view_partner(self):
        """Open the supplier."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def _check_compliance(self, reason):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("healthcare_supplier.group_compliance"):
            raise AccessError(self.env._("A compliance officer decides about screening matches."))
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(self.env._("Say what the decision rests on."))

    def _decide(self, state, reason):
        """Write a decision down. Deciders are told apart by who is at work, also in su mode."""
        self._check_compliance(reason)
        for match in self:
            if match.state != "possible" or match.is_superseded:
                raise UserError(
                    self.env._(
                        "%s is decided, or ended. Reopen it where the decision was wrong.",
                        match.display_name,
                    )
                )
        # sudo: matches are written by these methods alone; who may is checked above
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "decision_reason": reason.strip(),
            }
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        self.partner_id._refresh_screening_state()

    def _evidence_values(self):
        """Return the evidence of this match, for one that follows it."""
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "entry_id": self.entry_id.id,
            "subject": self.subject,
            "score": self.score,
            "reasons": self.reasons,
            "snapshot": self.snapshot,
            "facts_digest": self.facts_digest,
            "run_id": self.run_id.id,
            "last_seen": self.last_seen,
        }

    def _supersede(self, values):
        """Raise the question again; this match stays as it was decided.

        :param values: evidence of the new one
        :return: the new match
        """
        self.ensure_one()
        self.write({"is_superseded": True})
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self.flush_recordset()
        return self.create({**values, "previous_id": self.id})

    def _ask(self):
        """Have compliance look at these: a task for each."""
        officers = self.env.ref("healthcare_supplier.group_compliance").sudo().all_user_ids
        for match in self:
            company = match.partner_id.company_id
            able = officers.filtered(
                lambda user, company=company: user.active and (not company or company in user.company_ids)
            )
            if able:
                match.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Decide: is this the excluded party?"),
                    user_id=able[0].id,
                )

    @api.model
    def _follow_entries(self):
        """Bring matches in line with entries that left their list, or came back to it."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id, e.active, e.ended_on
                  FROM healthcare_screening_match m
                  JOIN healthcare_exclusion_entry e ON e.id = m.entry_id
                 WHERE NOT COALESCE(m.is_superseded, FALSE)
                   AND (e.active = (m.entry_ended_on IS NOT NULL) OR NOT e.active AND m.state = 'possible')
                """
            )
        )
        rows = self.env.cr.fetchall()
        by_day = {}
        for match_id, active, ended_on in rows:
            day = None if active else ended_on or fields.Date.today()
            by_day.setdefault(day, []).append(match_id)
        for day, match_ids in by_day.items():
            matches = self.sudo().browse(match_ids)
            matches.write({"entry_ended_on": day or False})
            if day:
                open_ones = matches.filtered(lambda match: match.state == "possible")
                open_ones.write({"state": "ended"})
                open_ones.activity_unlink(["mail.mail_activity_data_todo"])
            matches.partner_id._refresh_screening_state()

    @api.model
    def _lines(self, values):
        """Return what was compared, a line each; the database keeps no order of them."""
        first = ("name", "BUSNAME", "LASTNAME", "FIRSTNAME", "street", "ADDRESS", "city", "CITY")
        rank = {key: place for place, key in enumerate((*first, "state", "STATE", "zip", "ZIP"))}
        keys = sorted((key for key in values if values[key]), key=lambda key: rank.get(key, len(rank)))
        return "\n".join(f"{key}: {values[key]}" for key in keys)

    def _reason_sentence(self, reason):
        """Return a reason in words, with what was compared."""
        labels = {
            "name": self.env._("Name %(similarity)s alike"),
            "npi": self.env._("Same NPI"),
            "uei": self.env._("Same UEI"),
            "cage": self.env._("Same CAGE code"),
            "zip": self.env._("Same postal code"),
            "city": self.env._("Same city"),
            "state": self.env._("Same state"),
            "other_state": self.env._("Other state"),
            "street": self.env._("Same street"),
        }
        label = labels.get(reason["kind"], reason["kind"])
        if "similarity" in reason:
            label %= {"similarity": f"{reason['similarity']:.0%}"}
        return f"{label} ({reason['points']:+.2f}): {reason['ours']} ~ {reason['theirs']}"
