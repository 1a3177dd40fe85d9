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
        # sudo: the query itself answers for this user alone
        mine = self.env["tier.review"].sudo()._decidable_sql(self.env.user)
        rows = self.env.execute_query(
            SQL(
                "SELECT mine.model, array_agg(DISTINCT mine.res_id) FROM (%s) mine GROUP BY 1 ORDER BY 1",
                mine,
            )
        )
        entries = [
            self._review_count_of(self.env[model].with_context(active_test=False), res_ids)
            for model, res_ids in rows
            if model in self.env and hasattr(self.env[model], "can_review")
        ]
        return [entry for entry in entries if entry]

    @api.model
    def _review_count_of(self, records, res_ids):
        """Return the counter's entry for a model, or ``None`` when nothing waits there.

        :param res_ids: of the records that the user may decide; those they may not see do not count
        """
        domain = Domain("id", "in", res_ids)
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
            "id": records.search(domain, limit=1, order="id").id,
            "name": records._description,
            "model": records._name,
            "active_field": "active" in records._fields,
            "icon": modules.module.get_module_icon(records._original_module),
            "type": "tier_review",
            "pending_count": count,
        }
