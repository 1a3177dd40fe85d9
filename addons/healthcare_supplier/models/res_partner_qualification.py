from odoo import api, fields, models


class ResPartner(models.Model):
    """What a supplier has to show, by its category, and what it has shown."""

    _inherit = "res.partner"

    supplier_category_id = fields.Many2one(
        "healthcare.supplier.category",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Decides what the supplier has to show before it is approved.",
    )
    qualification_ids = fields.One2many("healthcare.supplier.qualification", "partner_id", copy=False)
    qualification_open_count = fields.Integer(
        string="Open Points",
        compute="_compute_qualification_counts",
        compute_sudo=True,
        help="Mandatory points of the checklist that nothing valid stands for.",
    )
    qualification_count = fields.Integer(
        string="Mandatory Points", compute="_compute_qualification_counts", compute_sudo=True
    )
    qualification_next_expiry = fields.Date(
        string="Next Expiry",
        compute="_compute_qualification_next_expiry",
        compute_sudo=True,
        store=True,
        help="The first day on which a verified qualification, not renewed yet, is over.",
    )

    @api.depends(
        "supplier_category_id.requirement_ids.mandatory",
        "qualification_ids.state",
        "qualification_ids.valid_from",
    )
    def _compute_qualification_counts(self):
        today = fields.Date.context_today(self)
        for partner in self:
            checklist = [item for item in partner._supplier_checklist() if item[0].mandatory]
            partner.qualification_count = len(checklist)
            partner.qualification_open_count = sum(
                not any(row._is_in_force(today) for row in rows) for _requirement, rows in checklist
            )

    @api.depends("qualification_ids.decision", "qualification_ids.valid_to", "qualification_ids.kind")
    def _compute_qualification_next_expiry(self):
        for partner in self:
            last = {}
            for row in partner.qualification_ids:
                if row.decision == "verified" and row.valid_to:
                    key = (row.kind, row.requirement_id.id if row.kind == "other" else False)
                    last[key] = max(row.valid_to, last.get(key, row.valid_to))
            partner.qualification_next_expiry = min(last.values(), default=False)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners.filtered("supplier_category_id")._sync_checklist()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if vals.get("supplier_category_id") or vals.get("supplier_state"):
            self.filtered("supplier_category_id")._sync_checklist()
        return result

    def action_view_qualifications(self):
        """Open what these suppliers have shown, old ones too."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Qualifications"),
            "res_model": "healthcare.supplier.qualification",
            "view_mode": "list,form,pivot",
            "domain": [("partner_id", "in", self.commercial_partner_id.ids)],
            "context": {"default_partner_id": self.commercial_partner_id[:1].id},
        }

    def _supplier_checklist(self):
        """Return ``[(requirement, qualifications of it)]`` of this supplier."""
        self.ensure_one()
        return [
            (requirement, self.qualification_ids.filtered(requirement._is_fulfilled_by))
            for requirement in self.supplier_category_id.requirement_ids
        ]

    def _sync_checklist(self):
        """Add a missing qualification for each point of the checklist that has none."""
        # sudo: the checklist follows the category, whoever chose that
        vals_list = [
            {"partner_id": partner.id, "requirement_id": requirement.id, "kind": requirement.kind}
            for partner in self.sudo()
            if partner.supplier_state
            for requirement, rows in partner._supplier_checklist()
            if not rows
        ]
        if vals_list:
            self.env["healthcare.supplier.qualification"].sudo().create(vals_list)

    def _supplier_checklist_problems(self, verified=True):
        """Return what the checklist still asks for, as sentences.

        :param bool verified: whether handing in does (False) or it must be verified (True)
        """
        self.ensure_one()
        if not self.supplier_category_id:
            return [self.env._("Choose the supplier's category: it says what the supplier has to show.")]
        today = fields.Date.context_today(self)
        problems = []
        for requirement, rows in self._supplier_checklist():
            if not requirement.mandatory or any(row._is_in_force(today) for row in rows):
                continue
            handed_in = rows.filtered(lambda row: row.state == "submitted")
            if handed_in and not verified:
                continue
            name = requirement.display_name
            if handed_in:
                problems.append(self.env._("%s: handed in, not verified by compliance yet.", name))
            elif expired := rows.filtered(lambda row: row.state == "expired"):
                last = max(expired.mapped("valid_to"))
                problems.append(
                    self.env._("%(name)s: expired on %(date)s, ask for a renewal.", name=name, date=last)
                )
            elif rows.filtered(lambda row: row.state == "refused"):
                problems.append(self.env._("%s: refused, ask for another one.", name))
            else:
                problems.append(self.env._("%s: missing.", name))
        return problems
