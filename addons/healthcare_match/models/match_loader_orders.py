from collections import defaultdict
from fractions import Fraction

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.identifiers import normalise_gtin
from odoo.tools import SQL

from ..engine import OrderLine, StockMove, order_keys
from .match_loader import from_float, number


class HealthcareMatchLoader(models.AbstractModel):
    """Order side of the facts: order lines, their items and units, receipts and returns."""

    _inherit = "healthcare.match.loader"

    @api.model
    def _load_products(self, facts, lines):
        """Find the items that the lines' codes name."""
        requests = [
            {
                "key": line.id,
                "partner_id": line.move_id.commercial_partner_id.id,
                "item": line._item(),
            }
            for line in lines
            if not line.derived
        ]
        facts.products = self.env["healthcare.packaging"]._find_products(requests)
        for line in lines.filtered("derived"):
            facts.products[line.id] = line.derived_move_line_id.product_id.ids

    @api.model
    def _load_order_lines(self, facts, bills):
        """Find the order lines that may be billed: of named orders, and open ones of the items."""
        named = self._find_named_lines(bills)
        facts.named = named
        self._find_open_lines(facts, bills)
        for bill in bills:
            chosen = self._chosen_lines(bill)
            facts.fixed[bill.id] = {line_id for ids in chosen.values() for line_id in ids}
            for line_id, ids in chosen.items():
                facts.fixed["line", line_id] = tuple(ids)
        every = {line_id for ids in named.values() for line_id in ids}
        every |= {line_id for ids in facts.open_lines.values() for line_id in ids}
        every |= {line_id for bill in bills for line_id in facts.fixed[bill.id]}
        lines = self.env["purchase.order.line"].browse(sorted(every))
        facts.order_lines = self._order_lines(lines)

    @api.model
    def _chosen_lines(self, bill):
        """Return ``{bill line id: [order line ids]}`` that a person chose."""
        chosen = defaultdict(list)
        for allocation in bill.match_allocation_ids:
            if allocation.source == "manual" and not allocation.bill_line_id.derived:
                chosen[allocation.bill_line_id.id].append(allocation.purchase_line_id.id)
        for line in bill.bill_line_ids.filtered("derived"):
            order_line = line.derived_move_line_id.purchase_line_id
            if order_line:
                chosen[line.id].append(order_line.id)
        return chosen

    @api.model
    def _references_of(self, bill):
        """Return all order references of a bill and its lines."""
        document = bill.bill_document or {}
        found = [document.get("order_reference"), *self._document_references(document)]
        if not document:
            found.append(bill.invoice_origin)
        found += bill.bill_line_ids.mapped("order_number")
        return [reference for reference in found if reference]

    @api.model
    def _find_named_lines(self, bills):
        """Return ``{bill id: {order line ids}}`` of confirmed orders that bills name.

        Orders of other suppliers are among them: naming one is an exception of its own.
        """
        keys = {
            bill.id: {key for ref in self._references_of(bill) for key in order_keys(ref)} for bill in bills
        }
        wanted = sorted({key for found in keys.values() for key in found})
        if not wanted:
            return {}
        by_key = defaultdict(set)
        self.env.cr.execute(
            SQL(
                """
                SELECT regexp_replace(upper(o.name), '[^0-9A-Z]', '', 'g'), l.id
                  FROM purchase_order o
                  JOIN purchase_order_line l ON l.order_id = o.id
                 WHERE regexp_replace(upper(o.name), '[^0-9A-Z]', '', 'g') = ANY(%s)
                   AND o.company_id = ANY(%s) AND o.state = 'purchase' AND l.display_type IS NULL
                """,
                wanted,
                bills.company_id.ids,
            )
        )
        for key, line_id in self.env.cr.fetchall():
            by_key[key].add(line_id)
        return {
            bill_id: {line_id for key in found for line_id in by_key[key]} for bill_id, found in keys.items()
        }

    @api.model
    def _find_open_lines(self, facts, bills):
        """Read order lines of the suppliers that are not billed in full yet, by item.

        What is billed is a sum over allocations; it only narrows the search, the engine judges.
        """
        products = {product_id for ids in facts.products.values() for product_id in ids}
        without = any(not facts.products.get(line.id) for line in bills.bill_line_ids)
        self.env.cr.execute(
            SQL(
                """
                SELECT p.commercial_partner_id, l.product_id, l.id
                  FROM purchase_order_line l
                  JOIN purchase_order o ON o.id = l.order_id
                  JOIN res_partner p ON p.id = o.partner_id
                 WHERE o.company_id = ANY(%s) AND o.state = 'purchase'
                   AND p.commercial_partner_id = ANY(%s)
                   AND l.display_type IS NULL
                   AND (%s OR l.product_id = ANY(%s))
                   AND l.product_uom_qty > COALESCE((
                           SELECT sum(a.quantity)
                             FROM healthcare_match_allocation a
                             JOIN account_move b ON b.id = a.move_id
                            WHERE a.purchase_line_id = l.id AND b.state = 'posted'
                              AND b.match_state IN ('matched', 'matched_tolerance', 'released')
                              AND NOT b.id = ANY(%s)
                       ), 0)
                """,
                bills.company_id.ids,
                bills.commercial_partner_id.ids,
                without,
                sorted(products),
                bills.ids,
            )
        )
        found = defaultdict(set)
        for partner_id, product_id, line_id in self.env.cr.fetchall():
            found[partner_id, product_id].add(line_id)
            if without:
                found[partner_id, None].add(line_id)
        facts.open_lines = found

    @api.model
    def _order_lines(self, lines):
        """Return ``{id: OrderLine}`` with agreed price, units and codes."""
        codes = self._product_codes(lines)
        packs = self._pack_factors(lines)
        result = {}
        for line in lines:
            order, product = line.order_id, line.product_id
            supplier = order.partner_id.commercial_partner_id
            accepted = line.acknowledgement_decision == "accepted"
            result[line.id] = OrderLine(
                id=line.id,
                order_id=order.id,
                order_number=order.name,
                line_number=str(line.line_number or line.sequence),
                supplier_id=supplier.id,
                currency=order.currency_id.name,
                product_id=product.id,
                quantity=from_float(line.product_qty),
                unit=line.product_uom_id.unit_code or line.product_uom_id.name or "",
                factor=self._uom_ratio(line.product_uom_id, product.uom_id),
                price=number(line.agreed_price) or from_float(0.0),
                reference_unit=product.uom_id.unit_code or product.uom_id.name or "",
                codes=codes[supplier.id, product.id],
                description=line.name or "",
                ordered_on=fields.Date.to_date(order.date_approve or order.date_order),
                promised_on=line.promised_date or fields.Date.to_date(line.date_planned),
                facility_id=order.facility_id.id or None,
                by_amount=product.type == "service",
                pack_factors=packs[supplier.id, product.id],
                price_source="acknowledgement" if accepted else "order",
            )
        return result

    @api.model
    def _product_codes(self, lines):
        """Return ``{(supplier id, product id): codes}`` by which the items are known."""
        products = lines.product_id
        suppliers = lines.order_id.partner_id.commercial_partner_id
        codes = defaultdict(set)
        own = defaultdict(set)
        for product in products:
            for scheme, value in (
                ("buyer_code", product.default_code),
                ("manufacturer_code", product.manufacturer_code),
                ("gtin", normalise_gtin(product.barcode)),
                ("ndc", product.ndc),
                ("hibc", product.hibc),
            ):
                if value:
                    own[product.id].add((scheme, value))
        packagings = self.env["healthcare.packaging"].search(
            [("product_id", "in", products.ids), ("gtins", "!=", False)]
        )
        for packaging in packagings:
            own[packaging.product_id.id] |= {("gtin", each) for each in packaging.gtins.split()}
        infos = self.env["product.supplierinfo"].search(
            [
                ("product_tmpl_id", "in", products.product_tmpl_id.ids),
                ("partner_id.commercial_partner_id", "in", suppliers.ids),
                ("product_code", "!=", False),
            ]
        )
        for info in infos:
            for product in info.product_id or info.product_tmpl_id.product_variant_ids:
                key = (info.partner_id.commercial_partner_id.id, product.id)
                codes[key].add(("supplier_code", info.product_code))
        return defaultdict(
            frozenset,
            {
                (supplier.id, product.id): frozenset(own[product.id] | codes[supplier.id, product.id])
                for supplier in suppliers
                for product in products
            },
        )

    @api.model
    def _pack_factors(self, lines):
        """Return ``{(supplier id, product id): known pack sizes}``."""
        found = defaultdict(lambda: {1})
        packagings = self.env["healthcare.packaging"].search([("product_id", "in", lines.product_id.ids)])
        suppliers = lines.order_id.partner_id.commercial_partner_id
        for packaging in packagings:
            for supplier in packaging.partner_id or suppliers:
                found[supplier.id, packaging.product_id.id].add(packaging.factor)
        return defaultdict(lambda: frozenset({1}), {key: frozenset(value) for key, value in found.items()})

    @api.model
    def _load_units(self, facts, bills):
        """Resolve the units of the bills' lines for the items that they may be for."""
        requests = {}
        for bill in bills:
            supplier = bill.commercial_partner_id.id
            lines = bill.bill_line_ids.filtered(lambda line: not line.derived)
            units = {*lines.mapped("unit"), *lines.mapped("price_unit_code")} - {False, ""}
            candidates = self._candidate_ids(facts, bill, lines)
            products = {facts.order_lines[line_id].product_id for line_id in candidates}
            for product_id in products:
                for unit in units:
                    requests[product_id, supplier, unit, bill.id] = {
                        "key": (product_id, supplier, unit, bill.id),
                        "product_id": product_id,
                        "partner_id": supplier,
                        "unit_code": unit,
                        "date": bill.invoice_date or False,
                    }
        found = self.env["healthcare.packaging"]._resolve_units(list(requests.values()))
        facts.units = {key: value["factor"] for key, value in found.items() if value}

    @api.model
    def _load_receipts(self, facts):
        """Read done receipts and returns of the order lines from their detailed operations.

        Detailed operations have the unit that was counted in; the sum on the move is rounded to
        the order's unit.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id, m.purchase_line_id, m.date::date, d.usage = 'supplier',
                       k.name, sum(l.quantity)::text, u.factor::text, r.factor::text
                  FROM stock_move m
                  JOIN stock_move_line l ON l.move_id = m.id AND l.state = 'done'
                  JOIN uom_uom u ON u.id = l.product_uom_id
                  JOIN product_product p ON p.id = m.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                  JOIN uom_uom r ON r.id = t.uom_id
                  JOIN stock_location s ON s.id = m.location_id
                  JOIN stock_location d ON d.id = m.location_dest_id
                  LEFT JOIN stock_picking k ON k.id = m.picking_id
                 WHERE m.purchase_line_id = ANY(%s) AND m.state = 'done'
                   AND (d.usage = 'supplier' OR s.usage = 'supplier'
                        OR (s.usage = 'transit' AND s.company_id IS NULL))
                 GROUP BY m.id, m.purchase_line_id, m.date, d.usage, k.name, u.factor, r.factor
                """,
                sorted(facts.order_lines),
            )
        )
        found = {}
        for move_id, line_id, day, is_return, name, quantity, unit, reference in self.env.cr.fetchall():
            amount = Fraction(quantity) * Fraction(unit) / Fraction(reference)
            known = found.get(move_id)
            found[move_id] = StockMove(
                id=move_id,
                order_line_id=line_id,
                moved_on=day,
                quantity=amount + (known.quantity if known else 0),
                is_return=is_return,
                reference=name or "",
            )
        for move in found.values():
            facts.moves[move.order_line_id].append(move)
