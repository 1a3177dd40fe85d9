from odoo import api, fields, models


class HealthcareFormulary(models.Model):
    """Who may request what: of the company (group policy), or of one facility."""

    _name = "healthcare.formulary"
    _description = "Formulary"
    _inherit = ["mail.thread", "healthcare.audit.mixin"]
    _order = "company_id, facility_id, id"
    _check_company_auto = True

    _audit_fields = ("name", "company_id", "facility_id", "active")

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    facility_id = fields.Many2one(
        "healthcare.facility",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
        help="Empty: group policy, for all facilities of the company. Else it holds for the facility "
        "and its parts, where the group policy leaves room.",
    )
    line_ids = fields.One2many("healthcare.formulary.line", "formulary_id", string="Rules", copy=True)
    line_count = fields.Integer(compute="_compute_line_count")
    note = fields.Html()

    _one_per_place = models.UniqueIndex(
        "(company_id, COALESCE(facility_id, 0)) WHERE active",
        "The company or facility has a formulary already: add the rule there.",
    )

    @api.depends("line_ids")
    def _compute_line_count(self):
        counts = dict(
            self.env["healthcare.formulary.line"]._read_group(
                [("formulary_id", "in", self.ids)], ["formulary_id"], ["__count"]
            )
        )
        for formulary in self:
            formulary.line_count = counts.get(formulary, 0)

    @api.onchange("company_id")
    def _onchange_company_id(self):
        if self.facility_id.company_id != self.company_id:
            self.facility_id = False

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals or "facility_id" in vals:
            self.check_access("write")  # nobody moves rules into a company that is not theirs
        if not {"company_id", "facility_id", "active"}.isdisjoint(vals):
            self.line_ids._check_override()
        return result

    def action_view_lines(self):
        """Open the rules as a list, to filter and group them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "healthcare.formulary.line",
            "view_mode": "list,form",
            "domain": [("formulary_id", "=", self.id)],
            "context": {"default_formulary_id": self.id},
        }
