from odoo import models
from odoo.exceptions import UserError


class ForwardWizard(models.TransientModel):
    _inherit = "tier.validation.forward.wizard"

    def add_forward(self):
        """Hand the user's decision to another person, through the same checks as a decision.

        OCA's makes a review on whatever record the caller names.
        """
        self.ensure_one()
        if self.res_model not in self.env or "review_ids" not in self.env[self.res_model]._fields:
            raise UserError(self.env._("%s is nothing that is approved.", self.res_model))
        record = self.env[self.res_model].browse(self.res_id)
        record._approval_forward(self.forward_reviewer_id, self.forward_description)
        return {"type": "ir.actions.act_window_close"}
