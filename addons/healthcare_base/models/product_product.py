from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.identifiers import gtin_forms, normalise_gtin, normalise_hibc, normalise_ndc


class ProductProduct(models.Model):
    _inherit = "product.product"

    gtin = fields.Char(
        string="GTIN",
        compute="_compute_gtin",
        search="_search_gtin",
        help="The barcode as a GTIN of 14 digits, when it is one. Searching it finds the item by "
        "the GTIN of any of its packagings.",
    )
    packaging_ids = fields.One2many("healthcare.packaging", "product_id", string="Supplier Packagings")

    @api.depends("barcode")
    def _compute_gtin(self):
        for product in self:
            product.gtin = normalise_gtin(product.barcode) or False

    def _search_gtin(self, operator, value):
        if operator not in ("in", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        values = value if operator == "in" else [value]
        found = self._find_by_gtins({normalise_gtin(text) for text in values} - {None})
        return [("id", "in", [product_id for ids in found.values() for product_id in ids])]

    @api.model
    def _search_display_name(self, operator, value):
        """Find items by GTIN of any packaging, HIBC and supplier's code too.

        Odoo's own search knows neither the barcodes of packagings nor, without a supplier in
        the context, supplier codes.
        """
        domain = super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS:
            return domain
        values = value if operator == "in" else [value]
        if codes := [text for text in values if isinstance(text, str) and text.strip()]:
            found = self._find_by_any_code(codes)
            if found:
                return Domain.OR([domain, [("id", "in", found)]])
        return domain

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Fall back to our codes where Odoo finds nothing (its search is by name and code)."""
        result = super().name_search(name, domain, operator, limit)
        if result or not name or operator in Domain.NEGATIVE_OPERATORS:
            return result
        if not (found := self._find_by_any_code([name])):
            return result
        products = self.search_fetch(
            Domain(domain or Domain.TRUE) & Domain("id", "in", found),
            ["display_name"],
            limit=limit,
        )
        return [(product.id, product.display_name) for product in products.sudo()]

    @api.model
    def _find_by_any_code(self, texts):
        """Return ids of items with one of ``texts`` as GTIN, HIBC, NDC, or as our own, the
        manufacturer's or a supplier's code."""
        texts = [text.strip() for text in texts]
        found = set()
        by_gtin = self._find_by_gtins({normalise_gtin(text) for text in texts} - {None})
        found.update(product_id for ids in by_gtin.values() for product_id in ids)
        hibcs = {normalise_hibc(text) for text in texts} - {None}
        ndcs = {normalise_ndc(text) for text in texts} - {None}
        named = Domain("default_code", "in", texts) | Domain("manufacturer_code", "in", texts)
        if hibcs or ndcs:
            named |= Domain("hibc", "in", list(hibcs)) | Domain("ndc", "in", list(ndcs))
        found.update(self._search(named))
        for infos in self._find_supplier_codes(texts).values():
            found.update(product_id for _partner_id, product_id in infos)
        return list(found)

    @api.model
    def _find_by_gtins(self, gtins):
        """Return ``{gtin: [product ids]}`` by barcode, Odoo's unit barcodes and packagings.

        :param gtins: 14-digit GTINs; barcodes are found in any of their shorter forms
        """
        found = defaultdict(list)
        if not gtins:
            return found
        forms = {form: gtin for gtin in gtins for form in gtin_forms(gtin)}
        for product in self.search([("barcode", "in", list(forms))]):
            found[forms[product.barcode]].append(product.id)
        unit_barcodes = self.env["product.uom"].sudo()  # no rights for buyers; shows only items
        for link in unit_barcodes.search([("barcode", "in", list(forms))]):
            found[forms[link.barcode]].append(link.product_id.id)
        for gtin, product_ids in self.env["healthcare.packaging"]._find_by_gtins(gtins).items():
            found[gtin].extend(product_ids)
        return defaultdict(
            list, {gtin: list(dict.fromkeys(product_ids)) for gtin, product_ids in found.items()}
        )

    @api.model
    def _find_supplier_codes(self, codes, partner_ids=None):
        """Return ``{code: [(commercial partner id, product id)]}`` from suppliers' price lists.

        :param partner_ids: only these commercial partners
        """
        domain = Domain("product_code", "in", list(set(codes)))
        if partner_ids is not None:
            domain &= Domain("partner_id.commercial_partner_id", "in", list(partner_ids))
        found = defaultdict(list)
        # sudo: price lists are not for everybody, but which item a code names is
        infos = self.env["product.supplierinfo"].sudo().search(domain)
        for info in infos:
            partner_id = info.partner_id.commercial_partner_id.id
            variants = info.product_id or info.product_tmpl_id.product_variant_ids
            for product in variants:
                if (partner_id, product.id) not in found[info.product_code]:
                    found[info.product_code].append((partner_id, product.id))
        return found

    @api.model
    def _find_by_field(self, name, values):
        """Return ``{value: [product ids]}`` of active items by one of their stored codes."""
        found = defaultdict(list)
        values = {value for value in values if value}
        if values:
            for product in self.search([(name, "in", list(values))]):
                found[product[name]].append(product.id)
        return found

    @api.model
    def _find_by_item_codes(self, requests):
        """Find the items that canonical item codes name.

        Strength, from strongest: our own code (``buyer_code``), the supplier's code in their
        price list, the manufacturer's code, GTIN or UDI of any packaging level, HIBC, NDC.

        :param requests: list of ``{"key", "partner_id" or False, "item": dict}``; the item has
            any of the codes of a canonical ``item``
        :return: dict from key to a list of product ids without repetition, strongest first
        """
        items = [request.get("item") or {} for request in requests]
        partners = self.env["res.partner"].browse(
            {request["partner_id"] for request in requests if request.get("partner_id")}
        )
        commercial = {partner.id: partner.commercial_partner_id.id for partner in partners}
        by_supplier_code = self._find_supplier_codes(
            {item["supplier_code"] for item in items if item.get("supplier_code")},
            set(commercial.values()),
        )
        by_buyer_code = self._find_by_field("default_code", (item.get("buyer_code") for item in items))
        by_manufacturer_code = self._find_by_field(
            "manufacturer_code", (item.get("manufacturer_code") for item in items)
        )
        by_gtin = self._find_by_gtins(
            {normalise_gtin(item.get(name)) for item in items for name in ("gtin", "udi_di")} - {None}
        )
        by_hibc = self._find_by_field("hibc", (normalise_hibc(item.get("hibc")) for item in items))
        by_ndc = self._find_by_field("ndc", (normalise_ndc(item.get("ndc")) for item in items))
        codes = (by_buyer_code, by_manufacturer_code, by_gtin, by_hibc, by_ndc)
        found = {product for by_code in codes for ids in by_code.values() for product in ids}
        found.update(product for ids in by_supplier_code.values() for _owner, product in ids)
        # Price lists and unit barcodes were read with sudo: only items that the user may see.
        visible = set(self.search([("id", "in", list(found))]).ids)
        result = {}
        for request, item in zip(requests, items, strict=True):
            partner_id = commercial.get(request.get("partner_id"))
            of_supplier = by_supplier_code.get(item.get("supplier_code"), ())
            result[request["key"]] = [
                product
                for product in dict.fromkeys(
                    [
                        *by_buyer_code.get(item.get("buyer_code"), ()),
                        *(product for owner, product in of_supplier if owner == partner_id),
                        *by_manufacturer_code.get(item.get("manufacturer_code"), ()),
                        *by_gtin.get(normalise_gtin(item.get("gtin")), ()),
                        *by_gtin.get(normalise_gtin(item.get("udi_di")), ()),
                        *by_hibc.get(normalise_hibc(item.get("hibc")), ()),
                        *by_ndc.get(normalise_ndc(item.get("ndc")), ()),
                    ]
                )
                if product in visible
            ]
        return result
