from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

_BY_PEOPLE = {"is_done", "done_note", "user_id"}


class HealthcareContractProblem(models.Model):
    """A part of a contract document that could not be taken over as it was sent.

    It is kept as sent, has an owner, and keeps the draft from being submitted: a person enters
    what was meant and closes it, or the sender sends a corrected document.
    """

    _name = "healthcare.contract.problem"
    _description = "Contract Problem"
    _inherit = ["healthcare.contract.part"]
    _order = "contract_id, id"
    _rec_name = "message"

    contract_id = fields.Many2one("healthcare.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    line_id = fields.Many2one("healthcare.contract.line", index="btree_not_null", ondelete="cascade")
    line_number = fields.Char(string="Line No.", readonly=True)
    path = fields.Char(string="Field", readonly=True, help="In the document, such as lines[3].prices[0].")
    code = fields.Char(readonly=True)
    message = fields.Char(string="Problem", readonly=True, required=True)
    as_sent = fields.Json(string="Value Sent", readonly=True)
    as_sent_text = fields.Text(string="As Sent", compute="_compute_as_sent_text")
    user_id = fields.Many2one("res.users", string="Owner", index="btree_not_null")
    is_done = fields.Boolean(string="Done", help="A person has entered what was meant, or left it out.")
    done_note = fields.Char(string="What Was Done")

    def write(self, vals):
        """People say what they did about it; what was sent and why it was no good stays."""
        if not self.env.su and not _BY_PEOPLE.issuperset(vals):
            raise AccessError(self.env._("What was sent is kept as it was: say what was done about it."))
        return super().write(vals)

    @api.constrains("is_done", "done_note")
    def _check_note(self):
        for problem in self:
            if problem.is_done and not (problem.done_note or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(contract)s: say what was done about this: %(problem)s",
                        contract=problem.contract_id.display_name,
                        problem=problem.message,
                    )
                )

    def _compute_as_sent_text(self):
        for problem in self:
            sent = problem.as_sent
            problem.as_sent_text = (
                ", ".join(f"{key}: {value}" for key, value in sent.items())
                if isinstance(sent, dict)
                else str(sent or "")
            )
