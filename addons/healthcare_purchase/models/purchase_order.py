from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

from ..tools.selections import BACKORDER_POLICY, ORDER_KIND, URGENCY

#: Set by the suite itself; a client that writes them would forge what the supplier was told.
_SYSTEM_FIELDS = {"exchange_message_id", "trace_id", "changed_since_sent"}
#: What the supplier knows the order by; after it was sent these stay.
_SENT_FIELDS = {"name", "partner_id", "company_id", "facility_id", "currency_id", "order_kind"}


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    facility_id = fields.Many2one(
        "healthcare.facility",
        check_company=True,
        index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
        help="Who the goods are for. Its warehouse receives them.",
    )
    urgency = fields.Selection(URGENCY, default="routine", index=True)
    order_kind = fields.Selection(ORDER_KIND, default="standard")
    backorder_policy = fields.Selection(BACKORDER_POLICY, default="allow")
    substitution_allowed = fields.Boolean(
        help="The supplier may offer another item. What it offers still waits for a decision."
    )
    trace_id = fields.Char(readonly=True, copy=False, help="Ties together all documents of the order.")
    exchange_endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint",
        string="Sent Through",
        compute="_compute_exchange",
        compute_sudo=True,
        help="The supplier's active endpoint for purchase orders.",
    )
    exchange_message_id = fields.Many2one(
        "healthcare.exchange.message",
        string="Order Message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    exchange_state = fields.Selection(
        selection="_selection_exchange_state",
        string="Sending",
        compute="_compute_exchange",
        compute_sudo=True,
    )
    exchange_message_ids = fields.Many2many(
        "healthcare.exchange.message",
        string="Exchange Messages",
        compute="_compute_exchange_messages",
        compute_sudo=True,
    )
    exchange_message_count = fields.Integer(compute="_compute_exchange_messages", compute_sudo=True)
    changed_since_sent = fields.Boolean(
        readonly=True, copy=False, help="The supplier has not been told of a change."
    )
    acknowledgement_ids = fields.One2many("healthcare.order.acknowledgement", "order_id")
    acknowledgement_state = fields.Selection(
        [
            ("none", "Not acknowledged"),
            ("partial", "Partly acknowledged"),
            ("changed", "Changes to decide"),
            ("waiting", "Backordered or on hold"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
        ],
        compute="_compute_acknowledgement_state",
        store=True,
        index=True,
        copy=False,
    )
    ship_notice_line_ids = fields.One2many("healthcare.ship.notice.line", "order_id")
    ship_notice_count = fields.Integer(compute="_compute_shipments", compute_sudo=True)
    expected_shipments = fields.Integer(
        compute="_compute_shipments",
        compute_sudo=True,
        help="Shipments that the supplier announced and that have not arrived.",
    )

    @api.model
    def _selection_exchange_state(self):
        states = self.env["healthcare.exchange.message"]._fields["state"]
        return [
            ("none", self.env._("Not confirmed")),
            ("no_endpoint", self.env._("No active endpoint")),
            ("not_sent", self.env._("Not sent")),
            *states._description_selection(self.env),
        ]

    @api.depends("state", "partner_id", "company_id", "exchange_message_id.state")
    def _compute_exchange(self):
        endpoints = self.filtered(lambda order: not order.exchange_message_id)._find_endpoints()
        for order in self:
            message = order.exchange_message_id
            endpoint = message.endpoint_id or endpoints.get(order.id)
            order.exchange_endpoint_id = endpoint
            if message:
                order.exchange_state = message.state
            elif order.state != "purchase":
                order.exchange_state = "none"
            else:
                order.exchange_state = "not_sent" if endpoint else "no_endpoint"

    @api.depends(
        "exchange_message_id",
        "acknowledgement_ids.message_id",
        "ship_notice_line_ids.notice_id.message_id",
    )
    def _compute_exchange_messages(self):
        for order in self:
            messages = (
                order.exchange_message_id
                | order.acknowledgement_ids.message_id
                | order.ship_notice_line_ids.notice_id.message_id
            )
            order.exchange_message_ids = messages
            order.exchange_message_count = len(messages)

    @api.depends(
        "order_line.acknowledgement_status",
        "order_line.display_type",
        "acknowledgement_ids.state",
        "acknowledgement_ids.line_ids.decision",
    )
    def _compute_acknowledgement_state(self):
        for order in self:
            lines = order.order_line.filtered(lambda line: not line.display_type)
            current = order.acknowledgement_ids.filtered(lambda ack: ack.state == "current")
            order.acknowledgement_state = self._acknowledgement_state_of(
                set(lines.mapped("acknowledgement_status")),
                pending="pending" in current.line_ids.mapped("decision"),
                answered=bool(order.acknowledgement_ids),
            )

    @api.model
    def _acknowledgement_state_of(self, statuses, pending, answered):
        """Return the order's state for the set of its lines' ``statuses``."""
        if pending:
            return "changed"
        if not statuses - {False}:
            return "partial" if answered else "none"
        if statuses <= {"rejected", "cancelled"}:
            return "rejected"
        if False in statuses:
            return "partial"
        if statuses & {"backordered", "on_hold", "price_pending", "date_pending"}:
            return "waiting"
        return "accepted"

    @api.depends("ship_notice_line_ids.notice_id.state")
    def _compute_shipments(self):
        for order in self:
            notices = order.ship_notice_line_ids.notice_id
            order.ship_notice_count = len(notices)
            order.expected_shipments = len(notices.filtered(lambda n: n.state == "current"))

    @api.onchange("facility_id")
    def _onchange_facility_id(self):
        if picking_type := self.facility_id.warehouse_id.in_type_id:
            self.picking_type_id = picking_type

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._with_facility_picking_types(vals_list)
        if not self.env.su and any(vals.get(name) for vals in vals_list for name in _SYSTEM_FIELDS):
            raise self._system_field_error()
        model = super(PurchaseOrder, without_defaults(self, _SYSTEM_FIELDS))
        orders = model.create(vals_list).with_env(self.env)
        orders.filtered(lambda order: order.state == "purchase")._after_confirmation()
        return orders

    def write(self, vals):
        if not self.env.su and not _SYSTEM_FIELDS.isdisjoint(vals):
            raise self._system_field_error()
        if "state" in vals:
            self._check_buyer()
        self._check_sent(vals)
        if "facility_id" in vals:
            vals = self._with_facility_picking_types([vals])[0]
        confirmed = self.browse()
        if vals.get("state") == "purchase":
            confirmed = self.filtered(lambda order: order.state != "purchase")
        cancelled = self.browse()
        if vals.get("state") == "cancel":
            cancelled = self.filtered(lambda order: order.state != "cancel")
        result = super().write(vals)
        confirmed._after_confirmation()
        cancelled._after_cancellation()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        """What a supplier was sent is evidence."""
        if sent := self.filtered("exchange_message_id"):
            raise UserError(
                self.env._(
                    "Order %s was sent to the supplier and cannot be deleted. Keep it cancelled.",
                    sent[0].name,
                )
            )

    def action_exchange_send(self):
        """Send confirmed orders that were not sent, for instance since the endpoint came later."""
        self._check_buyer()
        self.check_access("write")
        missing = self.filtered(
            lambda order: (
                order.state == "purchase" and not order.exchange_message_id and not order.exchange_endpoint_id
            )
        )
        if missing:
            raise UserError(
                self.env._(
                    "Order %(order)s: %(supplier)s has no active endpoint for purchase orders. "
                    "Ask an administrator to connect the supplier, or send the order by hand.",
                    order=missing[0].name,
                    supplier=missing[0].partner_id.display_name,
                )
            )
        self._exchange_send()

    def action_view_exchange_messages(self):
        """Open the messages of these orders."""
        return self._evidence_action(
            self.env._("Exchange Messages"), "healthcare.exchange.message", self.exchange_message_ids
        )

    def action_view_acknowledgements(self):
        """Open what the supplier answered."""
        return self._evidence_action(
            self.env._("Acknowledgements"),
            "healthcare.order.acknowledgement",
            self.acknowledgement_ids,
        )

    def action_view_ship_notices(self):
        """Open what the supplier announced."""
        return self._evidence_action(
            self.env._("Ship Notices"), "healthcare.ship.notice", self.ship_notice_line_ids.notice_id
        )

    def _prepare_grouped_data(self, rfq):
        """Keep orders of different facilities or kinds apart when orders are merged."""
        return (*super()._prepare_grouped_data(rfq), rfq.facility_id.id, rfq.order_kind)

    def _evidence_action(self, name, model, records):
        action = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": [("id", "in", records.ids)],
            "context": {"create": False},
        }
        if len(records) == 1:
            action.update(view_mode="form", res_id=records.id)
        return action

    def _check_buyer(self):
        """Refuse those who may write orders for billing alone."""
        if not (self.env.su or self.env.user.has_group("purchase.group_purchase_user")):
            raise AccessError(self.env._("Orders are confirmed, sent and cancelled by procurement clerks."))

    def _check_sent(self, vals):
        """Refuse to change what a supplier knows the order by."""
        sent = self.sudo().filtered("exchange_message_id")
        if not sent:
            return
        if vals.get("state") in ("draft", "sent", "to approve"):
            raise UserError(
                self.env._(
                    "Order %s was sent to the supplier and cannot become a draft again. "
                    "Duplicate it instead.",
                    sent[0].name,
                )
            )
        for name in _SENT_FIELDS.intersection(vals):
            field = self._fields[name]
            changed = sent.filtered(
                lambda order, field=field, name=name: (
                    field.convert_to_write(order[name], order) != (vals[name] or False)
                )
            )
            if changed:
                raise UserError(
                    self.env._(
                        "Order %(order)s was sent to the supplier: %(field)s cannot change. "
                        "Cancel the order and make a new one.",
                        order=changed[0].name,
                        field=field._description_string(self.env),
                    )
                )

    @api.model
    def _with_facility_picking_types(self, vals_list):
        """Return the values with the operation type of the facility where none is given."""
        facilities = self.env["healthcare.facility"].browse(
            {vals["facility_id"] for vals in vals_list if vals.get("facility_id")}
        )
        types = {f.id: f.warehouse_id.in_type_id.id for f in facilities if f.warehouse_id}
        return [
            {"picking_type_id": types[vals["facility_id"]], **vals}
            if vals.get("facility_id") in types
            else vals
            for vals in vals_list
        ]

    def _system_field_error(self):
        return AccessError(self.env._("What was sent to a supplier is recorded by the system, not by hand."))
