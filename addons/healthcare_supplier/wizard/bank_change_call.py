from odoo import fields, models


class HealthcareBankChangeCall(models.TransientModel):
    """The form in which a call to a supplier about its bank data is recorded."""

    _name = "healthcare.bank.change.call"
    _description = "Record the Call"

    change_id = fields.Many2one("healthcare.bank.change", required=True, readonly=True)
    known_numbers_text = fields.Text(related="change_id.known_numbers_text")
    account_masked = fields.Char(related="change_id.account_masked")
    number = fields.Char(string="Number Called", required=True)
    found_at = fields.Char(
        string="Where It Was Found",
        help="Only for a number that was not known before: a public register, a signed contract. "
        "Not the request, nor anything that came with it.",
    )
    result = fields.Selection(
        [("confirmed", "Confirmed"), ("denied", "Denied"), ("not_reached", "Not Reached")],
        string="Outcome",
        required=True,
    )
    person = fields.Char(string="Spoken To")
    note = fields.Text(string="What Was Said")

    def action_record(self):
        """Record the call on the change."""
        self.ensure_one()
        self.change_id.action_record_call(
            self.number, self.result, self.person or "", self.note or "", self.found_at or ""
        )
        return {"type": "ir.actions.act_window_close"}
