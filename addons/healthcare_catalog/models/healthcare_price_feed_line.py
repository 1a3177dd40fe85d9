from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import AccessError, UserError

from ..tools.unchecked import UncheckedMany2one


class HealthcarePriceFeedLine(models.Model):
    """One price of a price feed: as sent, what it was understood as, and what it changes.

    As-sent columns are written once, by the document. Corrections by people stand beside them.
    """

    _name = "healthcare.price.feed.line"
    _description = "Price Feed Line"
    _order = "feed_id desc, id"
    _rec_name = "line_number"
    # 100 000 at a time; who did what when stands on the feed and in the decision's columns
    _log_access = False

    feed_id = fields.Many2one("healthcare.price.feed", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one(related="feed_id.company_id")
    partner_id = fields.Many2one(related="feed_id.partner_id")
    # messages are never deleted, units and currencies not while items and feeds have them
    message_id = UncheckedMany2one("healthcare.exchange.message", string="Document", readonly=True)

    # As sent
    line_number = fields.Char(string="Line", readonly=True)
    price_number = fields.Integer(readonly=True, help="Which of the line's prices, from 1.")
    generated = fields.Boolean(
        readonly=True, help="Not sent: a price that a list of the whole catalog does not name any more."
    )
    buyer_code = fields.Char(readonly=True)
    supplier_code = fields.Char(readonly=True)
    manufacturer_code = fields.Char(readonly=True)
    gtin = fields.Char(string="GTIN", readonly=True)
    udi_di = fields.Char(string="UDI-DI", readonly=True)
    hibc = fields.Char(string="HIBC", readonly=True)
    ndc = fields.Char(string="NDC", readonly=True)
    description = fields.Char(readonly=True)
    packaging = fields.Char(readonly=True)
    unit_sent = fields.Char(string="Unit as Sent", readonly=True)
    amount_sent = fields.Char(string="Price as Sent", readonly=True)
    base_quantity_sent = fields.Char(readonly=True)
    min_quantity_sent = fields.Char(readonly=True)
    valid_from_sent = fields.Date(readonly=True)
    valid_to_sent = fields.Date(readonly=True)
    price_kind = fields.Char(readonly=True)
    list_price = fields.Char(readonly=True)
    price_class = fields.Char(readonly=True)
    tier = fields.Char(readonly=True)
    contract_number = fields.Char(readonly=True)
    buying_group_number = fields.Char(readonly=True)
    currency_sent = fields.Char(readonly=True)
    status_sent = fields.Char(readonly=True)
    lead_time_days = fields.Integer(readonly=True)

    # Of the file, by its reader
    reading = fields.Selection(
        [
            ("unreadable", "Not Readable"),
            ("gtin_invalid", "GTIN Left Out"),
            ("read_with_doubt", "Read with Doubt"),
        ],
        readonly=True,
        help="What the line's fields as sent are worth. Not readable: something of it is missing.",
    )
    finding = fields.Char(readonly=True, help="What the reader of the file says of the line.")

    # Corrected by a person
    correction = fields.Json(readonly=True, help="Field → what a person put in its place.")
    corrected_by_id = fields.Many2one("res.users", readonly=True)
    corrected_at = fields.Datetime(readonly=True)
    superseded = fields.Boolean(readonly=True, help="The supplier sent this line again.")

    # As understood
    product_id = fields.Many2one("product.product", string="Item", readonly=True, ondelete="restrict")
    uom_id = UncheckedMany2one("uom.uom", string="Unit", readonly=True)
    unit_code = fields.Char(readonly=True)
    factor = fields.Integer(readonly=True, help="How many of the item's reference unit the unit holds.")
    stated_factor = fields.Integer(readonly=True, help="What the supplier's packaging says of it.")
    amount = ExactDecimal(string="New Price", readonly=True)
    base_quantity = ExactDecimal(readonly=True)
    min_quantity = ExactDecimal(readonly=True)
    currency_id = UncheckedMany2one("res.currency", readonly=True)
    valid_from = fields.Date(readonly=True)
    valid_to = fields.Date(readonly=True)

    # Compared
    kind = fields.Selection(
        [
            ("new", "New"),
            ("changed", "Changed"),
            ("ended", "Ended"),
            ("unchanged", "Unchanged"),
            ("suspicious", "Suspicious"),
            ("broken", "Broken"),
            ("ignored", "Ignored"),
        ],
        readonly=True,
        help="Empty: not compared yet.",
    )
    change = fields.Selection(
        [("new", "New"), ("changed", "Changed"), ("ended", "Ended"), ("unchanged", "Unchanged")],
        readonly=True,
        help="What the line does, suspicious or not.",
    )
    flags = fields.Char(readonly=True, help="Codes of what was found, separated by blanks.")
    related_line = fields.Char(readonly=True, help="The other line that a finding is about.")
    old_info_id = fields.Integer(string="Price Row Before", readonly=True)
    old_price = ExactDecimal(readonly=True)
    old_base_quantity = ExactDecimal(readonly=True)
    old_unit_code = fields.Char(readonly=True)
    old_date_end = fields.Date(readonly=True)
    change_percent = ExactDecimal(
        string="Change (%)", readonly=True, help="Of the price for one reference unit."
    )
    contract_price = ExactDecimal(readonly=True, help="For the same base quantity and unit.")
    contract_name = fields.Char(readonly=True)

    # Decided
    decision = fields.Selection(
        [
            ("open", "Open"),
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        readonly=True,
        help="Proposed: waits for a second person.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decision_reason = fields.Char(readonly=True)
    applied_at = fields.Datetime(readonly=True)

    # For the diff of a feed, page by page, and for what is left to compare.
    _kind_index = models.Index("(feed_id, kind, id)")
    # What is left to apply.
    _unapplied_index = models.Index("(feed_id, id) WHERE decision = 'approved' AND applied_at IS NULL")
    # What lists changed about an item; most lines change nothing, and are left out.
    _product_index = models.Index("(product_id) WHERE kind IN ('new', 'changed', 'ended', 'suspicious')")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Lines of a price feed come from the supplier's document."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(
                self.env._("Lines of a price feed are decided and corrected in the review of the feed.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Lines of a price feed are evidence and are kept."))
