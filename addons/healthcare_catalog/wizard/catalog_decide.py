from odoo import api, fields, models
from odoo.exceptions import UserError

#: action → model and method that carries it out
_METHODS = {
    "propose": ("product.template", "action_propose_item"),
    "retire": ("product.template", "action_retire_item"),
    "adopt": ("product.template", "action_adopt_items"),
    "placeholder": ("product.template", "action_make_placeholder"),
    "end": ("healthcare.substitute", "action_end"),
    "lift": ("healthcare.recall", "action_request_lift"),
}


class CatalogDecide(models.TransientModel):
    """Asks for the reason, or for what a placeholder needs, before a button does its work."""

    _name = "healthcare.catalog.decide"
    _description = "Decide on Catalog Records"

    action = fields.Selection(
        [
            ("propose", "Propose for the Catalog"),
            ("retire", "Retire"),
            ("adopt", "Take Over as Approved"),
            ("placeholder", "Make a Placeholder"),
            ("end", "End the Substitute"),
            ("lift", "Ask to Lift the Recall"),
        ],
        required=True,
        readonly=True,
    )
    record_ids = fields.Json(readonly=True)
    record_count = fields.Integer(string="Records", compute="_compute_record_count")
    reason = fields.Text()
    owner_id = fields.Many2one(
        "res.users", domain=[("share", "=", False)], help="Turns what is asked for into items."
    )
    limit = fields.Float(
        string="Limit per Request Line", digits="Product Price", help="In the company's currency."
    )

    @api.depends("record_ids")
    def _compute_record_count(self):
        for decision in self:
            decision.record_count = len(decision.record_ids or ())

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        model, _method = _METHODS.get(values.get("action"), (None, None))
        if model and self.env.context.get("active_model") == model:
            values["record_ids"] = list(self.env.context.get("active_ids") or ())
        return values

    def action_confirm(self):
        """Carry it out in the name of the user: the methods check who may do what."""
        self.ensure_one()
        model, method = _METHODS[self.action]
        records = self.env[model].browse(self.record_ids or ()).exists()
        if not records:
            raise UserError(self.env._("There is nothing to decide on: open this from a record."))
        if self.action == "placeholder":
            records.action_make_placeholder(self.owner_id.id, self.limit)
        elif self.action == "lift":
            for record in records:
                record.action_request_lift(self.reason)
        else:
            getattr(records, method)(self.reason or "")
        return {"type": "ir.actions.act_window_close"}
