from odoo import api, fields, models

_TEXTS = ("unit", "gtin", "amount", "base_quantity", "min_quantity")
_DATES = ("valid_from", "valid_to")


class HealthcarePriceFeedCorrect(models.TransientModel):
    """Corrects one line of a price feed; what was sent stays beside it."""

    _name = "healthcare.price.feed.correct"
    _description = "Correct a Price Feed Line"

    line_id = fields.Many2one("healthcare.price.feed.line", required=True, readonly=True)
    explanation = fields.Char(related="line_id.explanation")
    remedy = fields.Char(related="line_id.remedy")
    product_id = fields.Many2one("product.product", string="Item")
    unit = fields.Char()
    gtin = fields.Char(string="GTIN", help="Empty: taken out.")
    amount = fields.Char(string="Price")
    base_quantity = fields.Char()
    min_quantity = fields.Char()
    valid_from = fields.Date()
    valid_to = fields.Date()

    @api.model
    def default_get(self, fields):
        """Begin with what the line is understood as."""
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "healthcare.price.feed.line":
            values["line_id"] = self.env.context.get("active_id")
        line = self.env["healthcare.price.feed.line"].browse(values.get("line_id") or ()).exists()
        line.check_access("read")
        for name, value in self._now(line).items():
            if name in fields:
                values[name] = value
        return values

    @api.model
    def _now(self, line):
        """Return what of a line can be corrected, as it is now."""
        if not line:
            return {}
        correction = line.correction or {}
        return {
            "product_id": line.product_id.id,
            "unit": correction.get("unit", line.unit_sent),
            "gtin": correction.get("gtin", line.gtin),
            "amount": correction.get("amount", line.amount_sent),
            "base_quantity": correction.get("base_quantity", line.base_quantity_sent),
            "min_quantity": correction.get("min_quantity", line.min_quantity_sent),
            "valid_from": correction.get("valid_from", line.valid_from_sent),
            "valid_to": correction.get("valid_to", line.valid_to_sent),
        }

    def action_confirm(self):
        """Hand over what differs from the line as it is."""
        self.ensure_one()
        now = self._now(self.line_id)
        values = {}
        if self.product_id and self.product_id.id != now["product_id"]:
            values["product_id"] = self.product_id.id
        for name in _TEXTS:
            if (self[name] or "") != (now[name] or ""):
                values[name] = self[name] or ("" if name == "gtin" else None)
        for name in _DATES:
            if self[name] != (fields.Date.to_date(now[name]) if now[name] else False):
                values[name] = fields.Date.to_string(self[name]) if self[name] else None
        if values:
            self.line_id.action_correct(values)
        return {"type": "ir.actions.act_window_close"}
