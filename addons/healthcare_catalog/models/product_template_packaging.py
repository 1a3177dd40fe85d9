from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.units import unit_label
from odoo.exceptions import UserError
from odoo.fields import Domain


class ProductTemplate(models.Model):
    """Packaging levels on the item: as a string, as a list, and what is missing of them."""

    _inherit = "product.template"

    item_packaging_ids = fields.One2many(
        "healthcare.packaging", "product_tmpl_id", string="Packaging Levels", help="Of all suppliers."
    )
    packaging_string = fields.Char(
        compute="_compute_packaging_string",
        inverse="_inverse_packaging_string",
        help="Units from smallest to largest with how many are in the next one, such as "
        "EA 10/BX 25/CS. For every supplier without packagings of their own, valid today.",
    )
    missing_packaging = fields.Boolean(compute="_compute_missing", search="_search_missing_packaging")
    missing_gtin = fields.Boolean(
        string="Missing GTIN",
        compute="_compute_missing",
        search="_search_missing_gtin",
        help="The item itself or one of its packaging levels has no GTIN.",
    )
    any_code = fields.Char(
        string="Any Identifier",
        compute="_compute_any_code",
        search="_search_any_code",
        help="GTIN of any packaging level, HIBC, NDC, own, manufacturer's or supplier's number, or a "
        "scanned label.",
    )

    @api.depends(
        "item_packaging_ids.unit_code",
        "item_packaging_ids.factor",
        "item_packaging_ids.partner_id",
        "item_packaging_ids.date_from",
        "item_packaging_ids.date_to",
        "uom_id.unit_code",
    )
    def _compute_packaging_string(self):
        for template in self:
            levels = [
                (packaging.unit_code, packaging.factor)
                for packaging in template._general_packagings().sorted("factor")
            ]
            template.packaging_string = self._packaging_string(template.uom_id.unit_code, levels)

    @api.model
    def _packaging_string(self, unit_code, levels):
        """Return levels as a string, or ``False`` when there are none.

        Levels of which one does not hold a whole number of the one before stand side by side:
        ``EA 10/BX; EA 12/PK``.

        :param levels: ``[(unit code, factor)]`` from the smallest to the largest
        """
        if not unit_code or not levels:
            return False
        chains = []
        for code, factor in levels:
            chain = next(
                (chain for chain in chains if factor % chain[-1][1] == 0 and factor > chain[-1][1]), None
            )
            if chain is None:
                chains.append(chain := [(unit_code, 1)])
            chain.append((code, factor))
        return "; ".join(
            "/".join(
                [
                    *(
                        f"{unit_label(code)} {following[1] // factor}"
                        for (code, factor), following in zip(chain, chain[1:], strict=False)
                    ),
                    unit_label(chain[-1][0]),
                ]
            )
            for chain in chains
        )

    def _inverse_packaging_string(self):
        """Make the packagings that the string names and that are not there yet; none is ended."""
        packagings = self.env["healthcare.packaging"]
        for template in self:
            if not template.packaging_string:
                continue
            if len(template.product_variant_ids) != 1:
                raise UserError(
                    self.env._(
                        "%s has variants: give each its packagings in the list.", template.display_name
                    )
                )
            known = {each.unit_code: each.factor for each in template._general_packagings()}
            vals_list = []
            for text in template.packaging_string.split(";"):
                vals_list += packagings._prepare_from_string(template.product_variant_ids, text.strip())
            for vals in vals_list:
                factor = known.get(vals["unit_code"])
                if factor is None:
                    known[vals["unit_code"]] = vals["factor"]
                    packagings |= packagings.create(vals)
                elif factor != vals["factor"]:
                    raise UserError(
                        self.env._(
                            "%(item)s has %(unit)s of %(known)s already, not of %(factor)s. End that "
                            "packaging in the list first: orders in it keep their meaning.",
                            item=template.display_name,
                            unit=vals["unit_code"],
                            known=factor,
                            factor=vals["factor"],
                        )
                    )

    def _general_packagings(self):
        """Return the packagings that hold today for every supplier, without the unit itself."""
        today = fields.Date.context_today(self)
        return self.item_packaging_ids.filtered(
            lambda packaging: (
                not packaging.partner_id
                and packaging.unit_code != packaging.reference_uom_id.unit_code
                and (not packaging.date_from or packaging.date_from <= today)
                and (not packaging.date_to or today <= packaging.date_to)
            )
        )

    @api.depends("item_packaging_ids.gtins", "barcode", "type")
    def _compute_missing(self):
        for template in self:
            packagings = template.item_packaging_ids
            goods = template.type == "consu" and not template.is_placeholder
            template.missing_packaging = goods and not packagings
            template.missing_gtin = goods and (
                not template.gtin or any(not packaging.gtins for packaging in packagings)
            )

    def _search_missing_packaging(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._missing_domain([("item_packaging_ids", "=", False)], True in value)

    def _search_missing_gtin(self, operator, value):
        if operator != "in":
            return NotImplemented
        without = Domain("barcode", "=", False) | Domain("item_packaging_ids.gtins", "=", False)
        return self._missing_domain(without, True in value)

    @api.model
    def _missing_domain(self, domain, value):
        domain = Domain(domain) & Domain("type", "=", "consu") & Domain("is_placeholder", "=", False)
        return domain if value else ~domain

    def _compute_any_code(self):
        self.any_code = False

    def _search_any_code(self, operator, value):
        if operator not in ("in", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        texts = value if operator == "in" else [value]
        texts = [text for text in texts if isinstance(text, str) and text.strip()]
        products = self.env["product.product"]
        found = products._find_by_any_code(texts)
        domain = Domain("product_variant_ids", "in", found)
        for text in texts:
            domain |= Domain("default_code", "=ilike", text) | Domain("manufacturer_code", "=ilike", text)
        return domain
