from odoo import api, fields, models
from odoo.exceptions import UserError


class HealthcarePartnerMergePropose(models.TransientModel):
    """Asks which of two records remains, and why they are one supplier."""

    _name = "healthcare.partner.merge.propose"
    _description = "Propose a Merge"

    candidate_id = fields.Many2one("healthcare.duplicate.candidate")
    survivor_id = fields.Many2one("res.partner", string="Remains", required=True)
    source_id = fields.Many2one("res.partner", string="Becomes Part of It", required=True)
    reason = fields.Text(required=True)
    survivor_text = fields.Text(string="Remaining Record", compute="_compute_sides", compute_sudo=True)
    source_text = fields.Text(string="Merged Record", compute="_compute_sides", compute_sudo=True)

    @api.model
    def default_get(self, fields_list):
        """The older record remains, unless one is chosen."""
        values = super().default_get(fields_list)
        candidate = self.env["healthcare.duplicate.candidate"].browse(values.get("candidate_id") or ())
        if candidate and not values.get("survivor_id"):
            values |= {"survivor_id": candidate.partner_id.id, "source_id": candidate.other_id.id}
        return values

    @api.depends("survivor_id", "source_id")
    def _compute_sides(self):
        side = self.env["healthcare.duplicate.candidate"]._side
        for dialog in self:
            # Only what the person may see of suppliers anyway: suppliers of their companies, no
            # private contacts. The dialog takes any id.
            for name, text in (("survivor_id", "survivor_text"), ("source_id", "source_text")):
                partner = dialog[name]
                shown = partner.supplier_state and partner.sudo(False).has_access("read")
                dialog[text] = side(partner) if shown else ""

    def action_swap(self):
        """Let the other record remain."""
        self.ensure_one()
        self.write({"survivor_id": self.source_id.id, "source_id": self.survivor_id.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Merge"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_propose(self):
        """Ask a second person; the rights are checked where it is done."""
        self.ensure_one()
        if self.source_id == self.survivor_id:
            raise UserError(self.env._("Choose two records."))
        merge = self.env["healthcare.partner.merge"]._propose(self.source_id, self.survivor_id, self.reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": merge._name,
            "res_id": merge.id,
            "views": [(False, "form")],
        }
