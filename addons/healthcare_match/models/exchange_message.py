from odoo import api, models
from odoo.exceptions import UserError


class ExchangeMessage(models.Model):
    """The payment gate towards the finance ERP: a held bill does not leave."""

    _inherit = "healthcare.exchange.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages._check_match_gate()
        return messages

    def _check_match_gate(self):
        """Refuse an outbound invoice or credit note that is no payable bill.

        :raises UserError: naming the bills that are held, or the message without a bill
        """
        outbound = self.sudo().filtered(
            lambda message: (
                message.direction == "outbound" and message.document_type in ("invoice", "credit_note")
            )
        )
        if not outbound:
            return
        for message in outbound:
            if message.res_model != "account.move" or not message.res_id:
                raise UserError(
                    self.env._(
                        "Invoice %(number)s cannot be sent: the message names no vendor bill, "
                        "so nothing shows that it may be paid.",
                        number=message.number or "",
                    )
                )
        self.env["account.move"].sudo().browse(outbound.mapped("res_id"))._check_match_gate()
