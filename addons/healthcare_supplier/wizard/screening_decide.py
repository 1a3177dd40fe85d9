from odoo import fields, models
from odoo.exceptions import UserError


class HealthcareScreeningDecide(models.TransientModel):
    """Asks compliance what a decision about a match or a possible duplicate rests on."""

    _name = "healthcare.screening.decide"
    _description = "Decide a Match"

    action = fields.Selection(
        [
            ("confirm", "It Is the Excluded Party"),
            ("clear", "Another Party"),
            ("reopen", "Ask Again"),
            ("not_same", "Not the Same Supplier"),
        ],
        required=True,
    )
    match_id = fields.Many2one("healthcare.screening.match")
    candidate_id = fields.Many2one("healthcare.duplicate.candidate")
    may_share = fields.Boolean(
        string="They Share Identifiers on Purpose",
        help="Such as the tax number of a tax group, or the account of a factor.",
    )
    reason = fields.Text(required=True)

    def action_decide(self):
        """Do it; the rights are checked where it is done."""
        self.ensure_one()
        if self.action == "not_same":
            if not self.candidate_id:
                raise UserError(self.env._("Choose the possible duplicate."))
            self.candidate_id.action_not_same(self.reason, may_share=self.may_share)
        else:
            if not self.match_id:
                raise UserError(self.env._("Choose the match."))
            getattr(self.match_id, f"action_{self.action}")(self.reason)
        return {"type": "ir.actions.act_window_close"}
