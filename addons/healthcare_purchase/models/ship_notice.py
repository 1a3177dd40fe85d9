from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError


class HealthcareShipNotice(models.Model):
    """What a supplier says is on its way, as sent. Only its state ever changes."""

    _name = "healthcare.ship.notice"
    _description = "Ship Notice"
    _inherit = ["healthcare.supplier.evidence", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _order = "id desc"
    _derived_fields = frozenset({"superseded"})

    name = fields.Char(string="Number", required=True, readonly=True)
    shipment_number = fields.Char(string="Shipment", readonly=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    order_id = fields.Many2one(
        "purchase.order",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The order in the header; lines may name others.",
    )
    user_id = fields.Many2one(related="order_id.user_id")
    facility_id = fields.Many2one(related="order_id.facility_id")
    partner_id = fields.Many2one("res.partner", string="Supplier", required=True, readonly=True, index=True)
    message_id = fields.Many2one(
        "healthcare.exchange.message", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    digest = fields.Char(readonly=True, help="SHA-256 of the document's content.")
    issued_at = fields.Char(string="Issued", readonly=True, help="As the supplier states it.")
    shipped_at = fields.Char(string="Shipped", readonly=True, help="As the supplier states it.")
    expected_at = fields.Char(string="Arrival", readonly=True, help="As the supplier states it.")
    expected_date = fields.Date(readonly=True)
    carrier = fields.Char(readonly=True)
    tracking_number = fields.Char(readonly=True)
    bill_of_lading = fields.Char(readonly=True)
    state = fields.Selection(
        [("current", "Announced"), ("received", "Received"), ("superseded", "Superseded")],
        compute="_compute_state",
        store=True,
    )
    superseded = fields.Boolean(readonly=True, help="The supplier sent this shipment again.")
    line_ids = fields.One2many("healthcare.ship.notice.line", "notice_id", readonly=True)
    package_ids = fields.One2many("healthcare.ship.notice.package", "notice_id", readonly=True)
    problem_count = fields.Integer(string="Problems", compute="_compute_problem_count", store=True)

    # The handler looks for the same content again, so that it has no second effect.
    _digest_unique = models.UniqueIndex(
        "(company_id, partner_id, digest) WHERE digest IS NOT NULL",
        "This ship notice is there already.",
    )

    @api.depends("superseded", "line_ids.lot_ids.state", "line_ids.problem")
    def _compute_state(self):
        for notice in self:
            lots = notice.line_ids.filtered(lambda line: not line.problem).lot_ids
            received = lots and all(lot.state == "received" for lot in lots)
            if notice.superseded:
                notice.state = "superseded"
            else:
                notice.state = "received" if received else "current"

    @api.depends("line_ids.problem")
    def _compute_problem_count(self):
        for notice in self:
            notice.problem_count = len(notice.line_ids.filtered("problem"))

    def action_evaluate(self):
        """Look again at lines with problems, for instance since a packaging was entered."""
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_clerk")):
            raise AccessError(self.env._("Ship notices are looked after by procurement clerks."))
        self.check_access("read")
        # sudo: evidence is written by the system only; the right was checked above
        lines = self.sudo().line_ids.filtered("problem")
        lines._evaluate()
        lines._propose()

    def _take_effect(self):
        """Check the lines against their orders and propose lots on the receipts."""
        self.ensure_one()
        replaced = self._replace_earlier()
        if not replaced:
            self.line_ids.problem = "duplicate_shipment"
        else:
            self.line_ids._evaluate()
            self.line_ids._propose()
        self._tell_buyer()

    def _replace_earlier(self):
        """Let this notice replace an earlier one of the same shipment; not once it has arrived.

        :return: whether this notice may take effect
        """
        earlier = self.search(
            [
                ("id", "<", self.id),
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("shipment_number", "=", self.shipment_number),
                ("superseded", "=", False),
                ("line_ids.order_id", "in", self.line_ids.order_id.ids),
            ]
        )
        proposed = earlier.line_ids.lot_ids.move_line_ids
        if any(line.state == "done" or line.picked for line in proposed):
            return False
        moves = proposed.move_id
        proposed.unlink()
        earlier.superseded = True
        # what the notice does not cover is expected as before
        moves._action_assign()
        return True

    def _tell_buyer(self):
        """Give lines with problems to the order's buyer."""
        problems = self.line_ids.filtered("problem")
        if not problems:
            return
        owner = self.order_id.user_id or self.message_id.endpoint_id.owner_id
        self.order_id.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("Ship notice %s does not fit the order", self.name),
            note=Markup("<br/>").join(problems.mapped("explanation")),
            user_id=(owner or self.env.ref("base.user_admin")).id,
        )
