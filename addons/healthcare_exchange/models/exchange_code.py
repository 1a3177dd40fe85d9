from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HealthcareExchangeCode(models.Model):
    """A row of a code table of an endpoint: our code and the partner's.

    Outbound, tables apply before the mapping; inbound, after it. A code that is in no table stays
    as it is and is never guessed.
    """

    _name = "healthcare.exchange.code"
    _description = "Exchange Code"
    _inherit = ["healthcare.exchange.part", "healthcare.audit.mixin"]
    _order = "endpoint_id, table, code, partner_code"
    _rec_name = "code"
    _audit_fields = ("endpoint_id", "table", "code", "partner_code", "direction")

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    table = fields.Selection(
        [
            ("unit", "Units"),
            ("carrier", "Carriers"),
            ("account", "Customer accounts"),
            ("ship_to", "Ship-to numbers"),
            ("reason", "Reasons"),
            ("gl_account", "General ledger accounts"),
            ("cost_centre", "Cost centres"),
        ],
        required=True,
        help="Units: UN/ECE Recommendation 20, such as EA or XBX. Ship-to numbers: our facility's "
        "code and the partner's number of it.",
    )
    code = fields.Char(string="Our Code", required=True)
    partner_code = fields.Char(string="Partner's Code", required=True)
    direction = fields.Selection(
        [("both", "Both Ways"), ("outbound", "Outbound"), ("inbound", "Inbound")],
        default="both",
        required=True,
        help="Several codes of the partner may mean one of ours: say which one we send.",
    )
    note = fields.Char()

    @api.constrains("endpoint_id", "table", "code", "partner_code", "direction")
    def _check_codes(self):
        """One code has one counterpart in a direction."""
        for row in self:
            for name in ("code", "partner_code"):
                text = row[name] or ""
                if text != text.strip() or not text or len(text) > 200 or not text.isprintable():
                    raise ValidationError(
                        self.env._(
                            "Table %(table)s: '%(code)s' is not a code (1 to 200 characters, no blanks "
                            "around).",
                            table=row.table,
                            code=text,
                        )
                    )
        seen = {}
        for row in self.search([("endpoint_id", "in", self.endpoint_id.ids)]):
            ways = ("outbound", "inbound") if row.direction == "both" else (row.direction,)
            for way in ways:
                given = row.code if way == "outbound" else row.partner_code
                other = seen.setdefault((row.endpoint_id, row.table, way, given), row)
                if other != row:
                    raise ValidationError(
                        self.env._(
                            "Endpoint %(endpoint)s, table %(table)s: %(way)s, '%(code)s' would mean both "
                            "'%(one)s' and '%(two)s'. Give one of the rows another direction.",
                            endpoint=row.endpoint_id.code,
                            table=row.table,
                            way=way,
                            code=given,
                            one=other.partner_code if way == "outbound" else other.code,
                            two=row.partner_code if way == "outbound" else row.code,
                        )
                    )

    @api.model
    def _tables(self, endpoints, direction):
        """Return ``{endpoint_id: {table: {code: counterpart}}}`` for a direction.

        Outbound from our codes to the partner's, inbound the other way.
        """
        rows = self.search([("endpoint_id", "in", endpoints.ids), ("direction", "in", ("both", direction))])
        tables = {}
        for row in rows:
            pair = (row.code, row.partner_code)
            given, counterpart = pair if direction == "outbound" else reversed(pair)
            tables.setdefault(row.endpoint_id.id, {}).setdefault(row.table, {})[given] = counterpart
        return tables
