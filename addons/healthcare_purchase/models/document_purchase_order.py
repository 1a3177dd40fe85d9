from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext


class HealthcareDocumentPurchaseOrder(models.AbstractModel):
    """Purchase orders to suppliers (X12 850, ORDERS, Order)."""

    _name = "healthcare.document.purchase_order"
    _inherit = "healthcare.document"
    _description = "Canonical Purchase Order"

    _document_type = "purchase_order"

    @api.model
    def _to_canonical(self, records):
        """Return one canonical purchase order per order, in order.

        Quantities are in the order line's unit, prices net for one of it; both are exact.

        :raise UserError: a line's unit has no code, so that no supplier could read it
        """
        accounts = self._accounts(records)
        codes = self._supplier_codes(records)
        return [self._document(order, accounts.get(order.id), codes) for order in records]

    @api.model
    def _document(self, order, account, codes):
        document = {
            **self._header(
                order.name,
                issued_at=order.date_approve or order.date_order,
                currency=order.currency_id,
                references=self._references(order),
            ),
            "order_kind": order.order_kind or "standard",
            "urgency": order.urgency or "routine",
            "backorder_policy": order.backorder_policy or "allow",
            "substitution_allowed": order.substitution_allowed,
            "parties": self._parties(order, account),
            "totals": self._totals(order),
            "lines": [
                self._line(line, codes)
                for line in order.order_line
                if not line.display_type and line.line_number
            ],
        }
        optional = {
            "notes": html2plaintext(order.note or "").strip(),
            "price_class": account.price_class if account else False,
            "payment_terms": self._payment_terms(order.payment_term_id),
            "freight_terms": ({"incoterm": order.incoterm_id.code} if order.incoterm_id else False),
        }
        document.update({name: value for name, value in optional.items() if value})
        return document

    @api.model
    def _references(self, order):
        """The supplier's own number of the offer, where the buyer entered it."""
        if not order.partner_ref:
            return None
        return [{"type": "supplier_quotation", "number": order.partner_ref[:200]}]

    @api.model
    def _parties(self, order, account):
        facility = order.facility_id
        company = order.company_id.partner_id
        number = [("account", account.account_number)] if account else []
        if facility:
            ship_to = self._party(
                facility._ship_to_partner(),
                [("gln", facility.gln), ("buyer_assigned", facility.code), *number],
            )
            ship_to["name"] = facility.name
            bill_to = facility._bill_to_partner()
        else:
            warehouse = order.picking_type_id.warehouse_id
            ship_to = self._party(order.dest_address_id or warehouse.partner_id or company, number)
            bill_to = company
        return {
            "buyer": self._party(company),
            "supplier": self._party(order.partner_id),
            "ship_to": ship_to,
            "bill_to": self._party(bill_to),
        }

    @api.model
    def _totals(self, order):
        return {
            "lines": self._decimal_str(order.amount_untaxed),
            "tax": self._decimal_str(order.amount_tax),
            "payable": self._decimal_str(order.amount_total),
        }

    @api.model
    def _payment_terms(self, term):
        """Return a payment term with one instalment as days; of others only their name."""
        if not term:
            return False
        terms = {"code": term.name[:200]}
        if len(term.line_ids) == 1 and term.line_ids.delay_type == "days_after":
            terms["net_days"] = term.line_ids.nb_days
        if term.early_discount:
            terms["discount_percent"] = self._decimal_str(term.discount_percentage)
            terms["discount_days"] = term.discount_days
        return terms

    @api.model
    def _line(self, line, codes):
        unit = line.product_uom_id.unit_code
        if not unit:
            raise UserError(
                self.env._(
                    "Order %(order)s, line %(line)s (%(item)s): unit %(unit)s has no unit code, "
                    "so that the supplier could not read it. Order in a packaging of the item, "
                    "or have an administrator enter the unit's code.",
                    order=line.order_id.name,
                    line=line.line_number,
                    item=line.product_id.display_name,
                    unit=line.product_uom_id.name,
                )
            )
        quantity = self._decimal_str(line.product_qty)
        schedule = {"quantity": quantity}
        if line.date_planned:
            schedule["requested_date"] = fields.Date.to_string(
                fields.Datetime.context_timestamp(self._in_order_zone(line), line.date_planned)
            )
        return {
            "line_number": str(line.line_number),
            "item": self._item(line, codes),
            "description": (line.name or line.product_id.display_name)[:10000],
            "quantity": quantity,
            "unit": unit,
            "price": {
                "amount": line._ordered_price_text(),
                "base_quantity": "1",
                "unit": unit,
                "kind": "net",
            },
            "line_amount": self._decimal_str(line.price_subtotal),
            "schedules": [schedule],
        }

    @api.model
    def _in_order_zone(self, line):
        """The day that people see on the order is the day the supplier is asked for."""
        order = line.order_id
        warehouse = order.picking_type_id.warehouse_id
        zone = warehouse.partner_id.tz or order.company_id.partner_id.tz or self.env.user.tz
        return self.with_context(tz=zone or "UTC")

    @api.model
    def _item(self, line, codes):
        product = line.product_id
        item = {
            "buyer_code": product.default_code,
            "supplier_code": codes.get((line.order_id.partner_id.commercial_partner_id, product)),
            "manufacturer_code": product.manufacturer_code,
            "gtin": self._gtin(line),
        }
        return {name: value for name, value in item.items() if value}

    @api.model
    def _gtin(self, line):
        """Return the GTIN of the very pack that is ordered, if there is just one."""
        product = line.product_id
        if line.product_uom_id == product.uom_id:
            return product.gtin
        supplier = line.order_id.partner_id.commercial_partner_id
        packs = product.sudo().packaging_ids.filtered(
            lambda pack: (
                pack.active
                and pack.uom_id == line.product_uom_id
                and pack.partner_id.id in (False, supplier.id)
            )
        )
        gtins = {gtin for pack in packs for gtin in (pack.gtins or "").split()}
        return gtins.pop() if len(gtins) == 1 else False

    @api.model
    def _accounts(self, orders):
        """Return ``{order id: the facility's account with the supplier}``, own use before others."""
        accounts = (
            self.env["healthcare.facility.account"]
            .sudo()
            .search(
                [
                    ("facility_id", "in", orders.facility_id.ids),
                    ("partner_id", "in", orders.partner_id.commercial_partner_id.ids),
                ]
            )
        )
        by_key = {}
        for account in accounts.sorted(lambda account: account.price_class != "own_use"):
            by_key.setdefault((account.facility_id, account.partner_id), account)
        found = {
            order.id: by_key.get((order.facility_id, order.partner_id.commercial_partner_id))
            for order in orders.sudo()
        }
        return {order_id: account for order_id, account in found.items() if account}

    @api.model
    def _supplier_codes(self, orders):
        """Return ``{(supplier, product): the supplier's code}``; a variant's own code wins."""
        products = orders.order_line.product_id
        suppliers = orders.partner_id.commercial_partner_id
        infos = (
            self.env["product.supplierinfo"]
            .sudo()
            .search(
                [
                    ("partner_id.commercial_partner_id", "in", suppliers.ids),
                    ("product_tmpl_id", "in", products.product_tmpl_id.ids),
                    ("product_code", "!=", False),
                    ("company_id", "in", [False, *orders.company_id.ids]),
                ]
            )
        )
        codes = {}
        for info in infos.sorted(lambda info: (not info.product_id, info.sequence, info.id)):
            supplier = info.partner_id.commercial_partner_id
            variants = info.product_id or info.product_tmpl_id.product_variant_ids
            for product in variants:
                codes.setdefault((supplier, product), info.product_code)
        return codes
