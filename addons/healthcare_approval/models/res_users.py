from odoo import api, models, modules
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        if any("review_ids" in vals for vals in vals_list):
            self.env["tier.review"]._check_inside()
        return super().create(vals_list)

    def write(self, vals):
        if "review_ids" in vals:
            # the other side of a review's reviewers: who gives rights does not give decisions
            self.env["tier.review"]._check_inside()
        return super().write(vals)

    @api.model
    def review_user_count(self):
        """Return what waits for the user's decision, per model, for the counter on each page.

        Same answer as OCA's, which reads all reviews of the user; this counts in the database.
        """
        reviews = self.env["tier.review"]
        user = self.env.user
        models_waiting = self.env.execute_query(
            SQL("SELECT DISTINCT mine.model FROM (%s) mine", reviews._decidable_sql(user))
        )
        counts = []
        for (model,) in sorted(models_waiting):
            if model not in self.env or not hasattr(self.env[model], "can_review"):
                continue
            entry = self._review_count_of(self.env[model].with_context(active_test=False))
            if entry:
                counts.append(entry)
        return counts

    @api.model
    def _review_count_of(self, records):
        """Return the counter's entry for a model, or ``None`` when nothing waits there."""
        domain = Domain("can_review", "=", True)
        state = records._fields.get(records._state_field)
        if state and state.store:
            domain &= Domain(records._state_field, "!=", records._cancel_state)
        try:
            count = records.search_count(domain)
        except AccessError:
            return None  # a reviewer without rights on the model cannot decide there
        if not count:
            return None
        return {
            "id": records.search(domain, limit=1).id,
            "name": records._description,
            "model": records._name,
            "active_field": "active" in records._fields,
            "icon": modules.module.get_module_icon(records._original_module),
            "type": "tier_review",
            "pending_count": count,
        }
