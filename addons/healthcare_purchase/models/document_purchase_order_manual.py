import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

_REPORT = "purchase.action_report_purchase_order"


class HealthcareDocumentPurchaseOrder(models.AbstractModel):
    """Purchase orders without the service: an e-mail with the order as PDF, and a clerk who has
    it confirmed by phone."""

    _inherit = "healthcare.document.purchase_order"  # pylint: disable=consider-merging-classes-inherited

    _manual = True

    @api.model
    def _send_manually(self, messages):
        """See the base. The e-mail names all lines, so that it is an order where no PDF can be
        made (its activity says so then).

        :raise UserError: an order or the supplier's e-mail address is missing.
        """
        owners = messages._owners()
        for message in messages:
            order = message._record()
            if order._name != "purchase.order" or not order:
                raise UserError(
                    self.env._("%s is about no order that could be sent by e-mail.", message.display_name)
                )
            order = order.with_context(lang=order.partner_id.lang or self.env.lang)
            if not order.partner_id.email:
                raise UserError(
                    self.env._(
                        "Order %(order)s: %(supplier)s has no e-mail address. Enter one, or call the "
                        "supplier and cancel the message.",
                        order=order.name,
                        supplier=order.partner_id.display_name,
                    )
                )
            attachment = self._order_attachment(order)
            self.env.ref("healthcare_purchase.mail_template_manual_order").send_mail(
                order.id, force_send=False, email_values={"attachment_ids": attachment.ids}
            )
            self._schedule_confirmation(order, owners[message.id], bool(attachment))

    def _order_attachment(self, order):
        """Return the order's report as an attachment of it; none where this server cannot make
        PDFs."""
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() in ("install", "broken"):
            return self.env["ir.attachment"]
        content, kind = reports._render_qweb_pdf(_REPORT, order.ids)
        return self.env["ir.attachment"].create(
            {
                "name": f"{order.name.replace('/', '_')}.{kind}",
                "datas": base64.b64encode(content),
                "res_model": order._name,
                "res_id": order.id,
            }
        )

    def _schedule_confirmation(self, order, owner, has_pdf):
        note = self.env._(
            "The supplier's system cannot be reached; the order went to %(email)s. Call %(phone)s, then "
            "press 'Supplier Confirmed' on the order.",
            email=order.partner_id.email,
            phone=order.partner_id.phone or order.partner_id.display_name,
        )
        if not has_pdf:
            note += " " + self.env._("This server cannot make PDFs: the e-mail has the lines only.")
        order.with_context(mail_activity_quick_update=True).activity_schedule(
            "healthcare_purchase.activity_type_confirm_order",
            date_deadline=fields.Date.context_today(order),
            note=plaintext2html(note),
            # An order that a scheduled action made has no buyer who could call.
            user_id=(order.user_id.filtered("active") or owner).id,
        )
