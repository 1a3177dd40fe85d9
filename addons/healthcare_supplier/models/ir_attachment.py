from odoo import api, models
from odoo.exceptions import UserError

_MODEL = "healthcare.supplier.qualification"
#: What makes an attachment somebody's document.
_GUARDED = {"raw", "datas", "db_datas", "store_fname", "checksum", "res_model", "res_id", "res_field"}


class IrAttachment(models.Model):
    """The document of a decided qualification stays as it was shown.

    Who may write a qualification may write its attachments: without this, the guard on the
    qualification would be passed by writing the attachment itself.
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._check_qualification_documents()
        return attachments

    def write(self, vals):
        guarded = not _GUARDED.isdisjoint(vals)
        if guarded:
            self._check_qualification_documents()
        result = super().write(vals)
        if guarded:
            self._check_qualification_documents()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_qualification_documents(self):
        self._check_qualification_documents()

    def _check_qualification_documents(self):
        """Refuse to touch documents of qualifications past the qualification itself.

        :raises UserError: naming the qualification
        """
        if self.env.su:
            return
        # sudo: attachments of fields are hidden from people
        mine = self.sudo().filtered(lambda each: each.res_model == _MODEL and each.res_field)
        if not mine:
            return
        rows = self.env[_MODEL].sudo().browse(mine.mapped("res_id")).exists()
        raise UserError(
            self.env._(
                "The document of %s is changed on the qualification, not as an attachment.",
                ", ".join(rows.mapped("display_name")) or self.env._("a qualification"),
            )
        )
