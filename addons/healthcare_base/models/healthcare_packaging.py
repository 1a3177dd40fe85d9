from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.identifiers import gtin_problem, normalise_gtin
from ..tools.packaging_string import PackagingStringError, parse_packaging_string
from ..tools.units import normalise_unit_code, unit_label


class HealthcarePackaging(models.Model):
    _name = "healthcare.packaging"
    _description = "Packaging of an Item"
    _inherit = ["healthcare.audit.mixin"]
    _order = "product_id, partner_id, factor, date_from, id"
    _rec_names_search = ["unit_code", "gtins", "product_id"]

    _audit_fields = (
        "product_id",
        "partner_id",
        "unit_code",
        "factor",
        "gtins",
        "date_from",
        "date_to",
        "active",
    )
    # What a quantity on a document in this unit means; frozen once there is such a document.
    _meaning_fields = ("product_id", "unit_code", "factor")

    product_id = fields.Many2one(
        "product.product", string="Item", required=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: for every supplier who has no packaging of their own.",
    )
    unit_code = fields.Char(
        required=True,
        help="UN/ECE code of the pack as documents send it, such as XBX for a box.",
    )
    factor = fields.Integer(required=True, default=1, help="How many of the item's reference unit are in it.")
    reference_uom_id = fields.Many2one(related="product_id.uom_id", string="Reference Unit")
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Unit of orders, receipts and bills in this pack. Found or made from code and "
        "factor, shared by all items, and never changed.",
    )
    gtins = fields.Char(
        string="GTINs", help="GTINs of this packaging level, 14 digits each, separated by spaces."
    )
    date_from = fields.Date(string="Valid From", help="First day of validity. Empty: always was.")
    date_to = fields.Date(string="Valid To", help="Last day of validity. Empty: open end.")
    active = fields.Boolean(default=True)

    _factor_positive = models.Constraint(
        "CHECK(factor >= 1)", "A pack holds at least one of the reference unit."
    )
    _date_order = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A packaging cannot end before it begins.",
    )
    # Not "required": people leave it empty, create fills it.
    _uom_there = models.Constraint("CHECK(uom_id IS NOT NULL)", "A packaging needs an item and a unit.")
    # Backs _check_overlap where two transactions cannot see each other's rows.
    _validity_uniq = models.UniqueIndex(
        "(product_id, COALESCE(partner_id, 0), unit_code, COALESCE(date_from, '-infinity')) WHERE active",
        "The item has this unit from that day on already. End that packaging first: two factors at a "
        "time would make every quantity ambiguous.",
    )
    # For _find_by_gtins.
    _gtins_index = models.Index("USING gin (string_to_array(gtins, ' ')) WHERE gtins IS NOT NULL")

    @api.depends("product_id", "unit_code", "factor", "uom_id")
    def _compute_display_name(self):
        for packaging in self:
            unit = unit_label(packaging.unit_code or "")
            packaging.display_name = f"{packaging.product_id.display_name}: " + (
                packaging.uom_id.name or f"{unit} of {packaging.factor}"
            )

    @api.constrains("unit_code", "factor", "product_id")
    def _check_unit_code(self):
        for packaging in self:
            if normalise_unit_code(packaging.unit_code) != packaging.unit_code:
                raise ValidationError(
                    self.env._(
                        "%(item)s: %(code)s is not a unit code. Use a UN/ECE code such as EA, "
                        "XBX (box) or XCS (case).",
                        item=packaging.product_id.display_name,
                        code=packaging.unit_code,
                    )
                )
            reference = packaging.product_id.uom_id
            if packaging.unit_code == reference.unit_code and packaging.factor != 1:
                raise ValidationError(
                    self.env._(
                        "%(item)s: %(code)s is its reference unit (%(unit)s), so the factor is 1 "
                        "and not %(factor)s.",
                        item=packaging.product_id.display_name,
                        code=packaging.unit_code,
                        unit=reference.name,
                        factor=packaging.factor,
                    )
                )

    @api.constrains("product_id", "partner_id", "unit_code", "date_from", "date_to", "active")
    def _check_overlap(self):
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT mine.id, other.id
              FROM healthcare_packaging mine
              JOIN healthcare_packaging other
                ON other.id != mine.id
               AND other.active
               AND other.product_id = mine.product_id
               AND other.partner_id IS NOT DISTINCT FROM mine.partner_id
               AND other.unit_code = mine.unit_code
               AND daterange(other.date_from, other.date_to, '[]')
                   && daterange(mine.date_from, mine.date_to, '[]')
             WHERE mine.active AND mine.id = ANY(%s)
             ORDER BY mine.id, other.id
             LIMIT 1
            """,
            [list(self.ids)],
        )
        if row := self.env.cr.fetchone():
            mine, other = self.browse(row[0]), self.browse(row[1])
            raise ValidationError(
                self.env._(
                    "%(item)s has unit %(code)s with factor %(factor)s from %(date_from)s to "
                    "%(date_to)s already. End that packaging first: two factors at a time would "
                    "make every quantity ambiguous.",
                    item=mine.product_id.display_name,
                    code=mine.unit_code,
                    factor=other.factor,
                    date_from=other.date_from or "…",
                    date_to=other.date_to or "…",
                )
            )

    @api.constrains("gtins", "product_id", "unit_code", "factor", "active")
    def _check_gtins(self):
        """A GTIN is well-formed and names one packaging level of one item."""
        for packaging in self.filtered("gtins"):
            for gtin in packaging.gtins.split(" "):
                packaging._check_gtin(gtin)
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT gtin, mine.id, other.id
              FROM healthcare_packaging mine
              CROSS JOIN LATERAL unnest(string_to_array(mine.gtins, ' ')) gtin
              JOIN healthcare_packaging other
                ON other.id != mine.id AND other.active
               AND string_to_array(other.gtins, ' ') @> ARRAY[gtin]
               AND (other.product_id, other.factor) != (mine.product_id, mine.factor)
             WHERE mine.active AND mine.id = ANY(%s)
             LIMIT 1
            """,
            [list(self.ids)],
        )
        if row := self.env.cr.fetchone():
            raise ValidationError(
                self.env._(
                    "GTIN %(gtin)s stands for %(mine)s and for %(other)s. A GTIN names one "
                    "packaging level of one item: correct the wrong one.",
                    gtin=row[0],
                    mine=self.browse(row[1]).display_name,
                    other=self.browse(row[2]).sudo().display_name,
                )
            )

    def _check_gtin(self, gtin):
        """Raise a ``ValidationError`` that says what is wrong with ``gtin``."""
        problem = gtin_problem(gtin)
        if problem is None:
            return
        code, detail = problem
        reason = {
            "characters": self.env._("a GTIN has digits only"),
            "length": self.env._("a GTIN has 8, 12, 13 or 14 digits, this has %s", detail),
            "zero": self.env._("it has only zeros"),
            "check_digit": self.env._("the check digit (last digit) should be %s", detail),
        }[code]
        raise ValidationError(
            self.env._(
                "GTIN %(gtin)s of %(item)s, unit %(code)s: %(reason)s. Compare the number with "
                "the label or the supplier's list.",
                gtin=gtin,
                item=self.product_id.display_name,
                code=self.unit_code,
                reason=reason,
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["product_id", "partner_id", "unit_code", "factor"])
        vals_list = [self._clean_vals({**defaults, **vals}) for vals in vals_list]
        products = self.env["product.product"].browse(
            {vals["product_id"] for vals in vals_list if vals.get("product_id")}
        )
        products.mapped("uom_id")  # read at once
        packs = [self._pack_of(vals) for vals in vals_list]
        units = self.env["uom.uom"]._find_or_make_packs([pack for pack in packs if pack])
        for vals, pack in zip(vals_list, packs, strict=True):
            vals.pop("uom_id", None)
            if pack:
                code, factor, reference = pack
                vals["uom_id"] = units[code, factor, reference.id].id
            elif vals.get("product_id"):
                vals["uom_id"] = self.env["product.product"].browse(vals["product_id"]).uom_id.id
        packagings = super().create(vals_list)
        packagings._offer_units()
        return packagings

    def write(self, vals):
        vals = self._clean_vals(vals)
        vals.pop("uom_id", None)
        changes_meaning = self.filtered(lambda packaging: packaging._changes_meaning(vals))
        changes_meaning._check_unused()
        result = super().write(vals)
        for packaging, uom in changes_meaning._units().items():
            super(HealthcarePackaging, packaging).write({"uom_id": uom.id})
        changes_meaning._offer_units()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` with canonical unit code, GTINs of 14 digits, commercial supplier."""
        vals = dict(vals)
        if vals.get("unit_code"):
            vals["unit_code"] = normalise_unit_code(vals["unit_code"]) or vals["unit_code"].strip()
        if "gtins" in vals:
            gtins = (vals["gtins"] or "").replace(",", " ").replace(";", " ").split()
            gtins = dict.fromkeys(normalise_gtin(gtin) or gtin for gtin in gtins)
            vals["gtins"] = " ".join(gtins) or False
        if vals.get("partner_id"):
            partner = self.env["res.partner"].browse(vals["partner_id"])
            vals["partner_id"] = partner.commercial_partner_id.id
        return vals

    def _pack_of(self, vals):
        """Return ``(unit code, factor, reference unit)``, or ``None`` for the reference itself."""
        reference = self.env["product.product"].browse(vals.get("product_id") or []).uom_id
        code, factor = vals.get("unit_code"), vals.get("factor", 1)
        if not reference or not code or normalise_unit_code(code) != code or not factor or factor < 1:
            return None  # a constraint says what is wrong
        return None if code == reference.unit_code else (code, factor, reference)

    def _units(self):
        """Return ``{packaging: uom.uom}``: the frozen unit of each one's code and factor."""
        packs = {
            packaging: self._pack_of(
                {
                    "product_id": packaging.product_id.id,
                    "unit_code": packaging.unit_code,
                    "factor": packaging.factor,
                }
            )
            for packaging in self
        }
        units = self.env["uom.uom"]._find_or_make_packs([pack for pack in packs.values() if pack])
        return {
            packaging: units[pack[0], pack[1], pack[2].id] if pack else packaging.product_id.uom_id
            for packaging, pack in packs.items()
        }

    def _offer_units(self):
        """Let Odoo offer the units on order lines of these items.

        sudo: a clerk keeps packagings, but may not write on products otherwise.
        """
        by_template = defaultdict(lambda: self.env["uom.uom"])
        for packaging in self:
            if packaging.uom_id != packaging.product_id.uom_id:
                by_template[packaging.product_id.product_tmpl_id] |= packaging.uom_id
        for template, uoms in by_template.items():
            if missing := uoms - template.uom_ids:
                template.sudo().write({"uom_ids": [fields.Command.link(uom.id) for uom in missing]})

    def _audit_company(self):
        self.ensure_one()
        return self.product_id.company_id.id or 0

    def _changes_meaning(self, vals):
        """Tell whether ``vals`` changes what a quantity in this packaging means."""
        self.ensure_one()
        return any(
            name in vals and self._fields[name].convert_to_write(self[name], self) != vals[name]
            for name in self._meaning_fields
        )

    def _check_unused(self):
        """Raise when an order, receipt or bill line is in the unit of one of the packagings."""
        if not self:
            return
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT packaging.id
              FROM healthcare_packaging packaging
              JOIN product_product product ON product.id = packaging.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE packaging.id = ANY(%s)
               AND packaging.uom_id != template.uom_id
               AND (
                   EXISTS (SELECT 1 FROM purchase_order_line line
                            WHERE line.product_id = packaging.product_id
                              AND line.product_uom_id = packaging.uom_id)
                OR EXISTS (SELECT 1 FROM stock_move move
                            WHERE move.product_id = packaging.product_id
                              AND move.product_uom = packaging.uom_id)
                OR EXISTS (SELECT 1 FROM account_move_line item
                            WHERE item.product_id = packaging.product_id
                              AND item.product_uom_id = packaging.uom_id)
               )
             LIMIT 1
            """,
            [list(self.ids)],
        )
        if row := self.env.cr.fetchone():
            raise UserError(
                self.env._(
                    "%s is used on orders, receipts or bills, so what it means cannot be "
                    "changed. Set its last day of validity and make a new packaging.",
                    self.browse(row[0]).display_name,
                )
            )

    @api.model
    def _prepare_from_string(self, product, text, partner=None):
        """Return values of the packagings that a string such as ``EA 10/BX 25/CS`` names.

        The first unit must be the item's reference unit; it is not part of the result.

        :raises ValidationError: the string cannot be read, or begins with another unit
        """
        try:
            levels = parse_packaging_string(text)
        except PackagingStringError as error:
            raise ValidationError(
                self.env._(
                    "Packaging %(text)s of %(item)s: %(reason)s.",
                    text=text,
                    item=product.display_name,
                    reason=str(error),
                )
            ) from error
        first = normalise_unit_code(levels[0][0])
        if first != product.uom_id.unit_code:
            raise ValidationError(
                self.env._(
                    "Packaging %(text)s of %(item)s begins with %(first)s, but the item's "
                    "reference unit is %(unit)s.",
                    text=text,
                    item=product.display_name,
                    first=first,
                    unit=product.uom_id.unit_code or product.uom_id.name,
                )
            )
        return [
            {
                "product_id": product.id,
                "partner_id": partner.id if partner else False,
                "unit_code": normalise_unit_code(code),
                "factor": factor,
            }
            for code, factor in levels[1:]
        ]

    @api.model
    def _resolve_units(self, requests):
        """Say how many of the item's reference unit each requested unit holds.

        The supplier's own packaging wins over the one for all suppliers; then the item's
        reference unit; then a unit with a fixed meaning of the same kind (a dozen), if it holds
        a whole number of reference units. Pack codes are never resolved globally.

        :param requests: list of ``{"key", "product_id", "partner_id" or False, "unit_code",
            "date" or False}``; ``date`` (date or ISO text) is the day the packaging must be
            valid on, today when empty; keys are hashable and unique
        :return: dict from key to ``{"factor": int, "uom_id": id, "source": "packaging" |
            "product_uom" | "standard_uom", "packaging_id": id or False}``, or to ``None``
            where the unit is unknown for the item
        """
        today = fields.Date.context_today(self)
        products = self.env["product.product"].browse(
            {request["product_id"] for request in requests if request["product_id"]}
        )
        products = products.exists()
        products.fetch(["uom_id"])
        partners = self.env["res.partner"].browse(
            {request["partner_id"] for request in requests if request.get("partner_id")}
        )
        commercial = {partner.id: partner.commercial_partner_id.id for partner in partners}
        codes = {normalise_unit_code(request["unit_code"]) for request in requests} - {None}
        by_unit = defaultdict(list)
        for packaging in self.search(
            [("product_id", "in", products.ids), ("unit_code", "in", list(codes))], order="id"
        ):
            by_unit[packaging.product_id.id, packaging.unit_code].append(packaging)
        standard = self._standard_units(codes)
        known = {product.id: product for product in products}
        result = {}
        for request in requests:
            code = normalise_unit_code(request["unit_code"])
            product_id = request["product_id"]
            result[request["key"]] = (
                self._resolve_unit(
                    known[product_id],
                    code,
                    by_unit.get((product_id, code), ()),
                    commercial.get(request.get("partner_id")),
                    fields.Date.to_date(request.get("date") or today),
                    standard.get(code),
                )
                if code and product_id in known
                else None
            )
        return result

    def _resolve_unit(self, product, code, packagings, partner_id, date, standard):
        """Resolve one unit of :meth:`_resolve_units` from what was read for all of them."""
        valid = [
            packaging
            for packaging in packagings
            if packaging.partner_id.id in (False, partner_id)
            and (not packaging.date_from or packaging.date_from <= date)
            and (not packaging.date_to or date <= packaging.date_to)
        ]
        if valid:
            # supplier's own first
            packaging = max(valid, key=lambda candidate: bool(candidate.partner_id))
            return {
                "factor": packaging.factor,
                "uom_id": packaging.uom_id.id,
                "source": "packaging",
                "packaging_id": packaging.id,
            }
        reference = product.uom_id
        if code == reference.unit_code:
            return {
                "factor": 1,
                "uom_id": reference.id,
                "source": "product_uom",
                "packaging_id": False,
            }
        if standard and (factor := self._standard_factor(standard, reference)):
            return {
                "factor": factor,
                "uom_id": standard.id,
                "source": "standard_uom",
                "packaging_id": False,
            }
        return None

    @api.model
    def _standard_factor(self, standard, reference):
        """Return how many of ``reference`` a unit with a fixed meaning holds, or ``None`` where
        it is of another kind or holds no whole number of it."""
        if not standard._has_common_reference(reference):
            return None
        factor = standard.factor / reference.factor
        # Odoo's factors are floats: 1 lb is 16.000000000000004 oz
        return round(factor) if factor >= 1 and abs(factor - round(factor)) <= 1e-9 * factor else None

    @api.model
    def _standard_units(self, codes):
        """Return units whose code says how much it is (not packages), by code."""
        units = (
            self.env["uom.uom"]
            .with_context(active_test=False)
            .search(
                [
                    ("unit_code", "in", [code for code in codes if not code.startswith("X")]),
                    ("is_pack", "=", False),
                ],
                order="active, id desc",
            )
        )
        return {uom.unit_code: uom for uom in units}

    @api.model
    def _find_by_gtins(self, gtins):
        """Return ``{gtin: [product ids]}`` of packagings that are active, for 14-digit GTINs."""
        found = defaultdict(list)
        wanted = set(gtins)
        if not wanted:
            return found
        self.flush_model(["gtins", "active", "product_id"])
        query = self._search([("active", "=", True)])
        query.add_where("string_to_array(healthcare_packaging.gtins, ' ') && %s::text[]", [sorted(wanted)])
        for packaging in self.browse(query):
            for gtin in wanted.intersection(packaging.gtins.split(" ")):
                if packaging.product_id.id not in found[gtin]:
                    found[gtin].append(packaging.product_id.id)
        return found

    @api.model
    def _find_products(self, requests):
        """Find the items that canonical item codes name; see ``product.product``.

        :param requests: list of ``{"key", "partner_id" or False, "item": canonical item}``
        :return: dict from key to a list of product ids, strongest evidence first
        """
        return self.env["product.product"]._find_by_item_codes(requests)
