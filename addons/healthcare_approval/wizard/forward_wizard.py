from odoo import models


class ForwardWizard(models.TransientModel):
    _inherit = "tier.validation.forward.wizard"

    def add_forward(self):
        """Hand the user's decision to another person, through the same checks as a decision.

        OCA's makes a review on whatever record the caller names.
        """
        self.ensure_one()
        record = self.env["tier.review"]._documents(self.res_model, [self.res_id])
        record._approval_forward(self.forward_reviewer_id, self.forward_description)
        return {"type": "ir.actions.act_window_close"}
