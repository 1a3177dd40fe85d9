from odoo import models
from odoo.exceptions import UserError


class CommentWizard(models.TransientModel):
    _inherit = "comment.wizard"

    def add_comment(self):
        """Decide with a comment, through the same checks as without.

        OCA's writes the comment on whatever reviews the caller names.
        """
        self.ensure_one()
        statuses = {"validate": "approved", "reject": "rejected"}
        if self.validate_reject not in statuses:
            raise UserError(self.env._("Choose whether to approve or to refuse."))
        record = self.env["tier.review"]._documents(self.res_model, [self.res_id])
        # sudo: only to name the reviews; which of them the user may decide is checked there
        record._approval_decide(statuses[self.validate_reject], self.comment, tiers=self.sudo().review_ids)
        return {"type": "ir.actions.act_window_close"}
