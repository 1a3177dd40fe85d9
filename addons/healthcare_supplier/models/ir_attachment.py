from odoo import api, models
from odoo.exceptions import UserError

_MODELS = ("healthcare.supplier.qualification", "healthcare.exclusion.list")
#: What makes an attachment somebody's document.
_GUARDED = {"raw", "datas", "db_datas", "store_fname", "checksum", "res_model", "res_id", "res_field"}


class IrAttachment(models.Model):
    """The document of a decided qualification stays as it was shown, and a file of exclusions as it
    was loaded.

    Who may write a record may write its attachments: without this, the guard on the record would
    be passed by writing the attachment itself.
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
        """Refuse to touch guarded documents past the record that they belong to.

        :raises UserError: naming the record
        """
        if self.env.su:
            return
        # sudo: attachments of fields are hidden from people
        mine = self.sudo().filtered(lambda each: each.res_model in _MODELS and each.res_field)
        if not mine:
            return
        model = mine[0].res_model
        mine = mine.filtered(lambda each: each.res_model == model)
        rows = self.env[model].sudo().browse(mine.mapped("res_id"))
        raise UserError(
            self.env._(
                "The document of %s is changed on the record itself, not as an attachment.",
                ", ".join(rows.exists().mapped("display_name")) or self.env[model]._description,
            )
        )
