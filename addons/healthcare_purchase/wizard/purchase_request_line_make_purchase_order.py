from odoo import api, models
from odoo.exceptions import UserError

from ..tools.selections import URGENCY


class PurchaseRequestLineMakePurchaseOrder(models.TransientModel):
    _inherit = "purchase.request.line.make.purchase.order"

    @api.model
    def _prepare_purchase_order(self, picking_type, company, origin):
        """Carry the requests' facility and the highest urgency among them to the order."""
        data = super()._prepare_purchase_order(picking_type, company, origin)
        data["facility_id"] = self._requested_facility().id
        data["urgency"] = self._requested_urgency()
        return data

    @api.model
    def _prepare_purchase_order_line(self, po, item):
        """Leave the price to price truth where the order has a facility; OCA's is 0."""
        data = super()._prepare_purchase_order_line(po, item)
        if po.facility_id and not data.get("price_unit"):
            data.pop("price_unit", None)
        return data

    def make_purchase_order(self):
        facility = self._requested_facility()
        order = self.purchase_order_id
        if order and facility and order.facility_id and order.facility_id != facility:
            raise UserError(
                self.env._(
                    "Order %(order)s is for %(ordered)s, the requests are for %(requested)s. "
                    "Choose another order or make a new one.",
                    order=order.name,
                    ordered=order.facility_id.display_name,
                    requested=facility.display_name,
                )
            )
        result = super().make_purchase_order()
        if order:
            order.urgency = max(order.urgency or "routine", self._requested_urgency(), key=self._urgency_rank)
            if facility and not order.facility_id:
                order.facility_id = facility
        return result

    def _requested_facility(self):
        """Return the one facility that the chosen requests are for, if any."""
        facilities = self.item_ids.request_id.facility_id
        if len(facilities) > 1:
            raise UserError(
                self.env._(
                    "The requests are for %s. Make one order for each facility.",
                    ", ".join(facilities.mapped("display_name")),
                )
            )
        return facilities

    def _requested_urgency(self):
        urgencies = self.item_ids.request_id.mapped("urgency")
        return max(filter(None, urgencies), key=self._urgency_rank, default="routine")

    @api.model
    def _urgency_rank(self, urgency):
        return [code for code, _label in URGENCY].index(urgency)
