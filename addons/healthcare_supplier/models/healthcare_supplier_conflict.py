from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_approval.tools.digest import digest_of
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

#: Groups of a supplier's fields of which one system's word counts.
FIELD_GROUPS = [
    ("identity", "Name and Codes"),
    ("identifiers", "Identifiers"),
    ("address", "Address"),
    ("contact", "Phone, E-Mail and Website"),
    ("contacts", "Contact Persons"),
    ("category", "Supplier Category"),
    ("payment_terms", "Payment Terms"),
    ("qualification", "Qualifications"),
    ("status", "State"),
]


class HealthcareSupplierConflict(models.Model):
    """Another system says of a supplier what is not its to say: a person decides.

    Nothing of it was written. What was decided is remembered: the same difference is not raised
    again.
    """

    _name = "healthcare.supplier.conflict"
    _description = "Supplier Conflict"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.audit.mixin"]
    _order = "state, id desc"
    _mail_post_access = "read"
    _audit_fields = (
        "partner_id",
        "endpoint_id",
        "field_group",
        "their_text",
        "state",
        "reason",
        "decided_by_id",
    )

    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # Compliance and finance, who keep no endpoints, search by who sent it, too.
    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint",
        string="Sent By",
        required=True,
        readonly=True,
        ondelete="restrict",
        bypass_search_access=True,
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    message_id = fields.Many2one("healthcare.exchange.message", string="Document", readonly=True)
    field_group = fields.Selection(FIELD_GROUPS, string="About", required=True, readonly=True)
    owner = fields.Char(string="Whose It Is", readonly=True, help="The system of record of these fields.")
    our_text = fields.Text(string="Here", readonly=True)
    their_text = fields.Text(string="There", readonly=True)
    their_values = fields.Json(readonly=True)
    digest = fields.Char(readonly=True, help="SHA-256 of both sides.")
    problem = fields.Text(readonly=True, help="Why their value cannot be taken as it is.")
    state = fields.Selection(
        [("open", "Open"), ("ours", "Ours Stays"), ("theirs", "Theirs Taken")],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    reason = fields.Text(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)

    _open_unique = models.UniqueIndex(
        "(partner_id, endpoint_id, field_group) WHERE state = 'open'",
        "This difference is listed already.",
    )

    @api.depends("partner_id.name", "field_group")
    def _compute_display_name(self):
        labels = dict(self._fields["field_group"]._description_selection(self.env))
        for conflict in self:
            conflict.display_name = (
                f"{conflict.partner_id.name or ''}: {labels.get(conflict.field_group, '')}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("Conflicts come from documents of other systems, they are not made here.")
            )
        return super(HealthcareSupplierConflict, without_defaults(self)).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("Conflicts are decided with Keep Ours or Take Theirs, not written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Conflicts and what was decided about them are kept as evidence."))

    @api.model
    def _raise(self, supplier, message, group, theirs, ours, problem=""):
        """List a difference, unless it is listed or was decided as it is. In superuser mode.

        :param str group: of :data:`FIELD_GROUPS`
        :param theirs: dict with ``values`` (JSON-able, what Take Theirs writes), ``text`` and
            ``owner`` (whose it is)
        :param str ours: what holds here, for people
        :param str problem: why theirs cannot be taken as it is
        :return: the conflict that is open; empty where it was decided before
        """
        endpoint = message.endpoint_id
        digest = digest_of({"theirs": theirs["values"], "their_text": theirs["text"], "ours": ours})
        known = self.search(
            [
                ("partner_id", "=", supplier.id),
                ("endpoint_id", "=", endpoint.id),
                ("field_group", "=", group),
                "|",
                ("state", "=", "open"),
                ("digest", "=", digest),
            ]
        )
        opened = known.filtered(lambda conflict: conflict.state == "open")
        if opened.digest == digest:
            return opened
        if not opened and known.filtered(lambda conflict: conflict.state == "ours"):
            return self.browse()
        values = {
            "message_id": message.id,
            "owner": theirs["owner"],
            "our_text": ours,
            "their_text": theirs["text"],
            "their_values": theirs["values"],
            "digest": digest,
            "problem": problem or False,
        }
        if opened:
            opened.write(values)
            opened.message_post(body=self.env._("A later document says: %s", theirs["text"]))
            return opened
        conflict = self.create(
            {**values, "partner_id": supplier.id, "endpoint_id": endpoint.id, "field_group": group}
        )
        conflict._give_owner()
        return conflict

    @api.model
    def _settle(self, supplier, endpoint, group):
        """Close what is open about a group on which both sides agree by now."""
        opened = self.search(
            [
                ("partner_id", "=", supplier.id),
                ("endpoint_id", "=", endpoint.id),
                ("field_group", "=", group),
                ("state", "=", "open"),
            ]
        )
        opened._decided("theirs", self.env._("Both sides agree by now."))

    def _give_owner(self):
        """Give each conflict to the supplier's buyer, else to an officer of compliance."""
        compliance = self.env.ref("healthcare_supplier.group_compliance").all_user_ids
        for conflict in self:
            officers = compliance.filtered(
                lambda user, conflict=conflict: conflict.company_id in user.company_ids and not user.share
            )
            owner = (conflict.partner_id.buyer_id | officers).filtered("active")[:1]
            if owner:
                conflict.with_context(mail_activity_quick_update=True).activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=owner.id,
                    summary=self.env._("Decide whose value holds"),
                    note=plaintext2html(conflict.their_text or ""),
                )

    def _decided(self, state, reason):
        """Write down a decision; in superuser mode."""
        if not self:
            return
        self.write(
            {
                "state": state,
                "reason": reason,
                "decided_by_id": self.env.uid if self.env.user.active else False,
                "decided_at": fields.Datetime.now(),
            }
        )
        self.activity_unlink(["mail.mail_activity_data_todo"])
