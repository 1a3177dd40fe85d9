import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError


class HealthcareExchangeNotice(models.TransientModel):
    """A notice to a partner about its endpoint: a change, a deprecation, a planned outage.

    Sent by Odoo's mail to the endpoint's contacts and kept in the endpoint's history. A planned
    outage can become a maintenance window: nothing leaves meanwhile.
    """

    _name = "healthcare.exchange.notice"
    _description = "Notice to a Partner"

    endpoint_id = fields.Many2one("healthcare.exchange.endpoint", required=True, ondelete="cascade")
    kind = fields.Selection(
        [("change", "Change"), ("deprecation", "Deprecation"), ("outage", "Planned Outage")],
        default="change",
        required=True,
    )
    contact_ids = fields.Many2many("res.partner", string="To", required=True)
    date_from = fields.Datetime(string="From", help="When the change or outage begins.")
    date_to = fields.Datetime(string="Until", help="Outage: when it ends. Deprecation: the last day.")
    summary = fields.Char(required=True, help="What it is about, in one line.")
    details = fields.Html(help="What the partner has to do.")
    make_window = fields.Boolean(
        string="Maintenance Window", default=True, help="Nothing leaves during the planned outage."
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        endpoint = self.env["healthcare.exchange.endpoint"].browse(values.get("endpoint_id"))
        if endpoint and "contact_ids" in fields:
            values.setdefault("contact_ids", [(6, 0, endpoint.contact_ids.ids)])
        return values

    def action_send(self):
        """Send the notice, and keep it in the endpoint's history.

        :raise AccessError: the caller is no administrator.
        :raise UserError: nobody to send it to, or an outage without its times.
        """
        self.ensure_one()
        endpoint = self.endpoint_id
        endpoint._check_administrator()
        self._check_complete()
        template = self.env.ref("healthcare_exchange.mail_template_notice")
        body = template._render_field("body_html", self.ids, compute_lang=True)[self.id]
        subject = template._render_field("subject", self.ids, compute_lang=True)[self.id]
        endpoint.message_post(
            body=body,
            subject=subject,
            partner_ids=self.contact_ids.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        # What was said to whom is evidence; people cannot write the trail themselves.
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": endpoint._name,
                    "res_id": endpoint.id,
                    "action": "notice",
                    "changes": {
                        "kind": self.kind,
                        "summary": self.summary,
                        "from": fields.Datetime.to_string(self.date_from) or "",
                        "until": fields.Datetime.to_string(self.date_to) or "",
                        "to": self.contact_ids.mapped("email"),
                    },
                    "company_id": endpoint.company_id.id,
                }
            ]
        )
        if self.kind == "outage" and self.make_window:
            self.env["healthcare.exchange.window"].create(self._prepare_window_vals())
        return {"type": "ir.actions.act_window_close"}

    def _check_complete(self):
        silent = self.contact_ids.filtered(lambda partner: not partner.email)
        if not self.contact_ids or silent:
            raise UserError(
                self.env._("%s has no e-mail address.", silent[0].name)
                if silent
                else self.env._("Say who gets the notice: the endpoint has no contacts.")
            )
        if self.kind == "outage" and not (self.date_from and self.date_to and self.date_from < self.date_to):
            raise UserError(self.env._("Say from when until when the outage is planned."))

    def _prepare_window_vals(self):
        """Return a maintenance window that covers the outage, in the endpoint's time zone."""
        zone = pytz.timezone(self.endpoint_id.tz or "UTC")
        start, end = (pytz.utc.localize(moment).astimezone(zone) for moment in (self.date_from, self.date_to))
        return {
            "endpoint_id": self.endpoint_id.id,
            "kind": "maintenance",
            "date_from": start.date(),
            "hour_from": start.hour + start.minute / 60,
            "date_to": end.date(),
            "hour_to": end.hour + end.minute / 60,
            "note": self.summary,
        }
