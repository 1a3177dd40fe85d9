import base64
import binascii

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.exchange_upload import MAX_BYTES


class HealthcareExchangeUploadFile(models.TransientModel):
    """Handing a file in: what it is, and whose."""

    _name = "healthcare.exchange.upload.file"
    _description = "Import File"

    document_type = fields.Selection(
        [("supplier", "Supplier List"), ("contract", "Contract"), ("catalog", "Price File")],
        string="Contents",
        required=True,
        default="catalog",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        domain=[("is_company", "=", True)],
        help="Whose prices or contract these are, whatever the file says.",
    )
    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()

    def action_import(self):
        """Hand the file in and show what becomes of it."""
        self.ensure_one()
        if len(self.file or b"") > MAX_BYTES * 4 // 3 + 4:
            raise UserError(self.env._("At most %s MB are taken. Split the file.", MAX_BYTES // 1_000_000))
        try:
            raw = base64.b64decode(self.file or b"", validate=True)
        except (binascii.Error, ValueError) as error:
            raise UserError(self.env._("The file did not arrive whole. Choose it again.")) from error
        # A supplier list is about many suppliers.
        partner = self.env["res.partner"] if self.document_type == "supplier" else self.partner_id
        upload = self.env["healthcare.exchange.upload"]._take(partner, self.document_type, self.filename, raw)
        return {
            "type": "ir.actions.act_window",
            "name": upload.filename,
            "res_model": upload._name,
            "res_id": upload.id,
            "view_mode": "form",
            "target": "current",
        }
