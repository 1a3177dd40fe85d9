from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

#: What lots are stopped for; a lifted or drafted recall stops nothing.
STOPPING = ("active", "completed")
_SYSTEM_FIELDS = {"state", "activated_at", "activated_by_id", "completed_at", "name"}
_FACTS = ("issuer_id", "reference", "recall_class", "kind", "reason", "issued_on")
#: May say that something is recalled: rather once too often than too late.
_STARTERS = (
    "healthcare_base.group_clerk",
    "healthcare_base.group_storeroom",
    "healthcare_catalog.group_clinical",
)


class HealthcareRecall(models.Model):
    """Lots that must not be received, issued or put back, of whatever company.

    It takes effect the moment a person starts it. It goes on stopping lots after all tasks are
    done: a late delivery brings them again. Only a clinical reviewer's approval lifts it.
    """

    _name = "healthcare.recall"
    _description = "Recall"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.audit.mixin", "healthcare.approval.mixin"]
    _order = "activated_at desc, id desc"
    _rec_names_search = ["name", "reference", "line_ids.product_id", "line_ids.lot_names"]

    _audit_fields = (*_FACTS, "state")

    name = fields.Char(string="Number", readonly=True, copy=False, default=lambda self: self.env._("New"))
    reference = fields.Char(
        required=True, index=True, help="Number that the manufacturer or the authority gave it."
    )
    issuer_id = fields.Many2one(
        "res.partner", string="Recalled By", index="btree_not_null", help="Manufacturer or supplier."
    )
    authority = fields.Char(help="Authority that published it, such as FDA or BfArM.")
    kind = fields.Selection(
        [("recall", "Recall"), ("withdrawal", "Market Withdrawal"), ("quarantine", "Own Hold")],
        required=True,
        default="recall",
    )
    recall_class = fields.Selection(
        [("1", "Class I"), ("2", "Class II"), ("3", "Class III")],
        string="Class",
        help="I: serious harm is likely. II: harm is temporary or unlikely. III: no harm is likely.",
    )
    issued_on = fields.Date(default=fields.Date.context_today)
    reason = fields.Text(string="Reason and Instructions", help="Shown to people whom the recall stops.")
    line_ids = fields.One2many("healthcare.recall.line", "recall_id", string="Items and Lots", copy=True)
    task_ids = fields.One2many("healthcare.recall.task", "recall_id", string="Tasks")
    task_open_count = fields.Integer(compute="_compute_task_counts")
    task_count = fields.Integer(compute="_compute_task_counts")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "In Force"), ("completed", "Completed"), ("lifted", "Lifted")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        help="Lots stay stopped in a completed recall; a lifted one stops none.",
    )
    activated_at = fields.Datetime(string="In Force Since", readonly=True, copy=False)
    activated_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    completed_at = fields.Datetime(readonly=True, copy=False)

    @api.depends("name", "reference")
    def _compute_display_name(self):
        for recall in self:
            recall.display_name = f"{recall.name} ({recall.reference})" if recall.reference else recall.name

    @api.depends("task_ids.state")
    def _compute_task_counts(self):
        for recall in self:
            recall.task_count = len(recall.task_ids)
            recall.task_open_count = len(recall.task_ids.filtered(lambda task: task.state == "open"))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(_SYSTEM_FIELDS & vals.keys() for vals in vals_list):
            vals_list = [self._without_initial(vals) for vals in vals_list]
        recalls = super(HealthcareRecall, without_defaults(self, _SYSTEM_FIELDS)).create(vals_list)
        for recall in recalls.sudo():
            recall.name = self.env["ir.sequence"].sudo().next_by_code("healthcare.recall") or recall.name
        return recalls.with_env(self.env)

    def write(self, vals):
        if not self.env.su:
            if _SYSTEM_FIELDS & vals.keys():
                raise self._state_error()
            if not set(_FACTS).isdisjoint(vals) and (
                fixed := self.filtered(lambda each: each.state == "lifted")
            ):
                raise UserError(self.env._("%s was lifted and stays as it is.", fixed[0].display_name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if begun := self.filtered(lambda recall: recall.state != "draft"):
            raise UserError(self.env._("%s was in force and is kept.", begun[0].display_name))

    @api.model
    def _without_initial(self, vals):
        """Return ``vals`` without what a new form sends along; raise for anything else."""
        initial = {"state": "draft", "name": self.env._("New")}
        if any(vals[name] and vals[name] != initial.get(name) for name in _SYSTEM_FIELDS & vals.keys()):
            raise self._state_error()
        return {name: value for name, value in vals.items() if name not in _SYSTEM_FIELDS}

    def _state_error(self):
        return AccessError(
            self.env._("Recalls are started, completed and lifted by their buttons, not by hand.")
        )

    def action_activate(self):
        """Put recalls in force at once: reservations of their lots end, tasks are made.

        :raises AccessError: for others than clerks, storeroom staff and clinical reviewers
        :raises UserError: when a recall is no draft or names no item
        """
        self._check_starter()
        for recall in self:
            if recall.state != "draft":
                raise UserError(self.env._("%s is no draft.", recall.display_name))
            if not recall.line_ids:
                raise UserError(self.env._("%s names no item: add what is recalled.", recall.display_name))
        # sudo: it has to reach stock that who starts it does not see
        for recall in self.sudo():
            recall.write(
                {"state": "active", "activated_at": fields.Datetime.now(), "activated_by_id": self.env.uid}
            )
            recall._take_effect()
        return True

    def action_complete(self):
        """Say that nothing remains to be done; the lots stay stopped.

        :raises UserError: while a task is open or stock is outside quarantine
        """
        self._check_starter()
        for recall in self:
            if recall.state != "active":
                raise UserError(self.env._("%s is not in force.", recall.display_name))
            if open_tasks := recall.sudo().task_ids.filtered(lambda task: task.state == "open"):
                raise UserError(
                    self.env._(
                        "%(recall)s: tasks are open at %(facilities)s.",
                        recall=recall.display_name,
                        facilities=", ".join(open_tasks.mapped("facility_id.display_name")),
                    )
                )
            recall.sudo().write({"state": "completed", "completed_at": fields.Datetime.now()})
        return True

    def action_request_lift(self, reason):
        """Ask a clinical reviewer to lift a recall, for instance since it was a mistake.

        :param str reason: required
        """
        self._check_starter()
        self.ensure_one()
        if self.state not in STOPPING:
            raise UserError(self.env._("%s is not in force.", self.display_name))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the lots may be used again: the reviewer decides on that."))
        return self._request_approval("recall_lift", {"state": "lifted"}, reason.strip())

    def action_update_tasks(self):
        """Look for stock again, and make tasks where some has come since."""
        self._check_starter()
        self.filtered(lambda recall: recall.state in STOPPING).sudo()._take_effect()
        return True

    def _check_starter(self):
        if not self.env.su and not any(self.env.user.has_group(group) for group in _STARTERS):
            raise AccessError(
                self.env._("Recalls are handled by clerks, storeroom staff and clinical reviewers.")
            )
        self.check_access("read")

    def _take_effect(self):
        """Free what was reserved of the lots, and give each facility that has some a task."""
        self.env["stock.lot"].invalidate_model(["is_recalled", "recall_id"])
        self.env["stock.quant"].invalidate_model(["is_recalled"])
        for recall in self:
            quants = recall._affected_quants()
            recall._free_reservations(quants)
            recall.task_ids._make_for(recall, quants)

    def _free_reservations(self, quants):
        """Unreserve moves that would issue recalled stock."""
        self.ensure_one()
        keys = {(quant.product_id, quant.location_id, quant.lot_id) for quant in quants}
        lines = self.env["stock.move.line"].search(
            [
                ("product_id", "in", quants.product_id.ids),
                ("location_id", "in", quants.location_id.ids),
                ("state", "not in", ("done", "cancel", "draft")),
                ("picked", "=", False),
            ]
        )
        held = lines.filtered(
            lambda line: (
                (line.product_id, line.location_id, line.lot_id) in keys
                and not line.move_id._may_move_recalled(line.location_id, line.location_dest_id)
            )
        )
        moves, pickings = held.move_id, held.picking_id
        held.unlink()
        moves._recompute_state()
        for picking in pickings:
            picking.message_post(
                body=self.env._("Reserved lots were taken off: they are recalled by %s.", self.display_name)
            )

    def _approval_snapshot(self, kind):
        return {
            "state": self.state,
            "lines": sorted(
                [line.product_id.id, line.all_lots, line.lot_names or ""] for line in self.line_ids
            ),
        }

    def _approval_changers(self, kind):
        """Who lifts a recall need only be another person than who asks for it."""
        return self.env["res.users"]

    def _approval_covers(self, kind):
        return False

    def _approval_describe(self, kind, proposed_values, snapshot):
        return [
            self.env._("The lots may be received and issued again:"),
            *(line.display_name for line in self.line_ids),
        ]
