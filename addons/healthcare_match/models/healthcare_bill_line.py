from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import AccessError, UserError

MATCH_STATES = [
    ("not_applicable", "Not Applicable"),
    ("waiting", "Waiting"),
    ("matched", "Matched"),
    ("matched_tolerance", "Matched Within Tolerance"),
    ("exception", "Exception"),
    ("released", "Released"),
]

#: Item codes of a canonical item, as fields of the line.
ITEM_CODES = (
    "buyer_code",
    "supplier_code",
    "manufacturer_code",
    "gtin",
    "ndc",
    "hibc",
    "udi_di",
    "unspsc",
)


class HealthcareBillLine(models.Model):
    """A line of a supplier's bill as sent: evidence, immutable but for its state.

    Where a person typed the bill, the line is *derived* from the accounting line, and made anew
    when that changes.
    """

    _name = "healthcare.bill.line"
    _description = "Bill Line as Sent"
    _order = "move_id, sequence, id"
    _rec_name = "line_number"

    move_id = fields.Many2one(
        "account.move", string="Bill", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="move_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="move_id.commercial_partner_id", string="Supplier")
    currency_id = fields.Many2one(related="move_id.currency_id")
    sequence = fields.Integer(readonly=True)
    line_number = fields.Char(string="No.", required=True, readonly=True)
    order_number = fields.Char(readonly=True, help="Order that the supplier cites for this line.")
    order_line_number = fields.Char(readonly=True)
    description = fields.Char(readonly=True)
    buyer_code = fields.Char(string="Our Code", readonly=True)
    supplier_code = fields.Char(string="Supplier's Code", readonly=True)
    manufacturer_code = fields.Char(string="Manufacturer's Code", readonly=True)
    gtin = fields.Char(string="GTIN", readonly=True)
    ndc = fields.Char(string="NDC", readonly=True)
    hibc = fields.Char(string="HIBC", readonly=True)
    udi_di = fields.Char(string="UDI-DI", readonly=True)
    unspsc = fields.Char(string="UNSPSC", readonly=True)
    quantity = ExactDecimal(readonly=True)
    unit = fields.Char(readonly=True, help="UN/ECE code of the unit.")
    quantity_as_sent = ExactDecimal(readonly=True)
    unit_as_sent = fields.Char(readonly=True, help="The supplier's own code of the unit.")
    price_unit = ExactDecimal(string="Price", readonly=True)
    price_base_quantity = ExactDecimal(
        string="Per", readonly=True, help="The price is for so many of its unit; empty: for one."
    )
    price_unit_code = fields.Char(
        string="Price Unit", readonly=True, help="Unit of the price; empty: the billed unit."
    )
    price_kind = fields.Selection([("net", "Net"), ("list", "List")], readonly=True)
    priced_quantity = ExactDecimal(readonly=True, help="Quantity in the price's unit (weighed).")
    amount = ExactDecimal(readonly=True)
    allowances_charges = fields.Json(readonly=True)
    taxes = fields.Json(readonly=True)
    document = fields.Json(readonly=True, help="The whole canonical line.")
    derived = fields.Boolean(
        readonly=True, help="Not sent by the supplier but taken from what a person typed."
    )
    derived_move_line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    match_state = fields.Selection(MATCH_STATES, readonly=True, default="waiting", index=True)
    allocation_ids = fields.One2many("healthcare.match.allocation", "bill_line_id", readonly=True)
    exception_ids = fields.One2many("healthcare.match.exception", "bill_line_id", readonly=True)
    move_line_ids = fields.One2many(
        "account.move.line", "bill_line_id", string="Accounting Lines", readonly=True
    )

    @api.depends("line_number", "description", "move_id.ref")
    def _compute_display_name(self):
        for line in self:
            # sudo: who receives goods reads the lines, but not the bills
            parts = (line.sudo().move_id.ref, line.line_number, line.description)
            line.display_name = " / ".join(part for part in parts if part)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Bill lines as sent come from documents, not by hand."))
        return super().create(vals_list)

    def write(self, vals):
        """Refuse any change but that of the state by the engine.

        :raises UserError: what was sent is evidence
        """
        if not self.env.su or vals.keys() - {"match_state"}:
            raise UserError(
                self.env._(
                    "What the supplier sent does not change. Resolve the exception, or ask the "
                    "supplier for a corrected bill."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if not self.env.su or any(not line.derived for line in self):
            raise UserError(
                self.env._("What the supplier sent is kept. Cancel the bill instead of deleting it.")
            )

    def _item(self):
        """Return the codes as a canonical ``item``."""
        self.ensure_one()
        return {name: self[name] for name in ITEM_CODES if self[name]}
