from odoo import api, fields, models
from odoo.exceptions import UserError


class HealthcareRecallTask(models.Model):
    """What one facility has to do about a recall: find the lots, and take them away."""

    _name = "healthcare.recall.task"
    _description = "Recall Task"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.audit.mixin"]
    _order = "state desc, deadline, id"

    _audit_fields = ("state", "user_id", "note")

    recall_id = fields.Many2one(
        "healthcare.recall", required=True, readonly=True, index=True, ondelete="cascade"
    )
    facility_id = fields.Many2one("healthcare.facility", required=True, readonly=True, index=True)
    company_id = fields.Many2one(related="facility_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", string="Responsible", index=True, tracking=True)
    deadline = fields.Date(required=True)
    quantity_found = fields.Float(
        string="Found When It Began",
        readonly=True,
        digits="Product Unit",
        help="In reference units, of all items.",
    )
    note = fields.Text(help="What was done: quarantined, returned, destroyed, already used.")
    state = fields.Selection(
        [("open", "Open"), ("done", "Done")], default="open", required=True, readonly=True, index=True
    )
    done_by_id = fields.Many2one("res.users", readonly=True)
    done_at = fields.Datetime(readonly=True)

    _once = models.UniqueIndex(
        "(recall_id, facility_id) WHERE state = 'open'", "The facility has an open task for this recall."
    )

    @api.depends("recall_id", "facility_id")
    def _compute_display_name(self):
        for task in self:
            task.display_name = f"{task.recall_id.name}: {task.facility_id.display_name}"

    def write(self, vals):
        if not self.env.su and not {"state", "done_by_id", "done_at", "recall_id", "facility_id"}.isdisjoint(
            vals
        ):
            raise UserError(
                self.env._("Tasks are finished by their button, when no stock is left outside quarantine.")
            )
        return super().write(vals)

    def action_done(self):
        """Finish tasks.

        :raises UserError: while stock of the lots lies at the facility outside quarantine, or the
            note is missing
        """
        self.check_access("write")
        for task in self.filtered(lambda each: each.state == "open"):
            if not (task.note or "").strip():
                raise UserError(self.env._("%s: write down what was done with the lots.", task.display_name))
            # sudo: what lies there counts, whoever may see it
            left = task.sudo()._quants_left()
            if left:
                raise UserError(
                    self.env._(
                        "%(task)s: %(item)s, lot %(lot)s, still lies at %(place)s. Move it to a quarantine "
                        "location, return it or scrap it first.",
                        task=task.display_name,
                        item=left[0].product_id.display_name,
                        lot=left[0].lot_id.name or "–",
                        place=left[0].location_id.display_name,
                    )
                )
            task.sudo().write({"state": "done", "done_by_id": self.env.uid, "done_at": fields.Datetime.now()})
        return True

    def action_view_stock(self):
        """Open the stock of the recalled lots at the facility."""
        self.ensure_one()
        quants = self._quants()
        return self.recall_id._list_action(self.env._("Recalled Stock"), quants)

    def _quants_left(self):
        self.ensure_one()
        return self._quants().filtered(lambda quant: not quant.location_id._is_in_quarantine())

    def _quants(self):
        """Return stock of the recalled lots at the facility."""
        self.ensure_one()
        quants = self.recall_id._affected_quants()
        # sudo: which facility a warehouse belongs to is no secret
        facilities = self.env["healthcare.facility"].sudo()._of_warehouses(quants.location_id.warehouse_id)
        return quants.filtered(
            lambda quant: facilities.get(quant.location_id.warehouse_id) == self.facility_id
        )

    @api.model
    def _make_for(self, recall, quants):
        """Make a task for each facility that has stock of the recall and no open task."""
        deadline = fields.Date.add(
            fields.Date.context_today(self), days=1 if recall.recall_class == "1" else 3
        )
        known = recall.task_ids.filtered(lambda task: task.state == "open").facility_id
        by_warehouse = quants.filtered(lambda quant: not quant.location_id._is_in_quarantine()).grouped(
            lambda quant: quant.location_id.warehouse_id
        )
        facilities = self.env["healthcare.facility"]._of_warehouses(quants.location_id.warehouse_id)
        tasks = []
        for warehouse, own in by_warehouse.items():
            facility = facilities.get(warehouse)
            if not facility or facility in known:
                continue
            known |= facility
            tasks.append(
                {
                    "recall_id": recall.id,
                    "facility_id": facility.id,
                    "deadline": deadline,
                    "quantity_found": sum(own.mapped("quantity")),
                }
            )
        self.flush_model(["state"])  # a task that was finished just now gives way to a new one
        return self.create(tasks)
