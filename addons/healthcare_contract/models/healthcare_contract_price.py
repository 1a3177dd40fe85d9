from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.addons.healthcare_base.tools.units import normalise_unit_code, unit_label
from odoo.exceptions import ValidationError

from ..tools.price_numbers import number_problems
from ..tools.selections import PRICE_CLASSES, PRICE_KINDS


class HealthcareContractPrice(models.Model):
    """A price of a contract line: for a tier, a price class, from a quantity, between two days.

    Empty tier or price class: for every one. Empty days: as long as the contract. ``net_amount``
    is what is paid for ``base_quantity`` of ``unit_code``; the parts that it comes from are kept.
    """

    _name = "healthcare.contract.price"
    _description = "Contract Price"
    _inherit = ["healthcare.contract.part"]
    _order = "line_id, tier_id, price_class, unit_code, min_quantity, valid_from, id"

    line_id = fields.Many2one("healthcare.contract.line", required=True, index=True, ondelete="cascade")
    contract_id = fields.Many2one(related="line_id.contract_id", store=True, index=True)
    product_id = fields.Many2one(related="line_id.product_id", store=True, index="btree_not_null")
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    tier_id = fields.Many2one(
        "healthcare.contract.tier",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('contract_id', '=', contract_id)]",
    )
    kind = fields.Selection(PRICE_KINDS, required=True, default="net")
    amount = ExactDecimal(
        required=True,
        help="Net price, list price or acquisition cost, for the base quantity of the unit.",
    )
    discount_percent = ExactDecimal(string="Discount (%)", help="Off the list price.")
    markup_percent = ExactDecimal(string="Markup (%)", help="On the acquisition cost.")
    fee = ExactDecimal(help="Added to cost and markup, for the base quantity.")
    net_amount = ExactDecimal(
        compute="_compute_net_amount",
        store=True,
        string="Net Price",
        help="What is paid for the base quantity of the unit.",
    )
    base_quantity = ExactDecimal(
        string="Per", required=True, default="1", help="How many of the unit the price is for."
    )
    unit_code = fields.Char(
        string="Unit", required=True, default="EA", help="UN/ECE code, such as EA or XBX."
    )
    min_quantity = ExactDecimal(
        string="From Quantity", required=True, default="0", help="Ordered at once, in the unit."
    )
    price_class = fields.Selection(PRICE_CLASSES)
    valid_from = fields.Date(help="First day. Empty: since the contract began.")
    valid_to = fields.Date(help="Last day. Empty: as long as the contract.")
    is_backdated = fields.Boolean(
        readonly=True,
        copy=False,
        help="Approved after its first day: bills of the days between are not touched, but claimed.",
    )

    @api.depends("kind", "amount", "discount_percent", "markup_percent", "fee")
    def _compute_net_amount(self):
        for price in self:
            price.net_amount = price._net() if price.amount else False

    def _net(self):
        """Return the net price as canonical text."""
        amount = Decimal(self.amount)
        if self.kind == "list":
            amount *= 1 - Decimal(self.discount_percent or 0) / 100
        elif self.kind == "cost_plus":
            amount = amount * (1 + Decimal(self.markup_percent or 0) / 100) + Decimal(self.fee or 0)
        return numeric_text(amount)

    @api.depends("net_amount", "base_quantity", "unit_code", "tier_id.code", "min_quantity", "price_class")
    def _compute_display_name(self):
        for price in self:
            base = "" if price.base_quantity in (False, "1") else f"{price.base_quantity} "
            parts = [
                f"{price.net_amount or '?'} / {base}{unit_label(price.unit_code or '?')}",
                price.tier_id.code,
                price.price_class,
                price.min_quantity not in (False, "0") and f"≥ {price.min_quantity}",
            ]
            price.display_name = " · ".join(filter(None, parts))

    @api.constrains(
        "kind", "amount", "discount_percent", "markup_percent", "fee", "base_quantity", "min_quantity"
    )
    def _check_numbers(self):
        """Negative and absurd numbers are refused."""
        for price in self:
            for name, problem in number_problems(price):
                raise price._price_error(self._number_sentence(problem, price[name]), name)

    @api.model
    def _number_sentence(self, problem, value):
        """Return what is wrong with a number, by a code of :func:`number_problems`."""
        return {
            "not_a_number": self.env._("%s is not a number", value),
            "not_above_zero": self.env._("it is above 0, not %s", value or "0"),
            "absurd": self.env._("%s cannot be: compare it with the contract", value),
            "below_zero": self.env._("it is not below 0, as %s", value),
            "discount_range": self.env._("a discount is from 0 to below 100 percent, not %s", value),
            "markup_range": self.env._("a markup is above -100 and at most 1000 percent, not %s", value),
            "only_cost_plus": self.env._("markup and fee belong to a price of kind cost plus"),
            "only_list": self.env._("a discount belongs to a price of kind list less discount"),
        }[problem]

    @api.constrains("unit_code", "line_id")
    def _check_units(self):
        """The unit means something for the item: no price without a known factor."""
        for price in self:
            if normalise_unit_code(price.unit_code) != price.unit_code:
                raise price._price_error(
                    self.env._("%s is no unit code; use a UN/ECE code such as EA or XBX", price.unit_code),
                    "unit_code",
                )
        for price in self._without_factor():
            raise price._price_error(
                self.env._(
                    "unit %(unit)s has no factor for %(item)s. Enter a packaging of the item, or correct "
                    "the unit",
                    unit=price.unit_code,
                    item=price.product_id.display_name,
                ),
                "unit_code",
            )

    def _without_factor(self):
        """Return those prices of known items whose unit cannot be converted."""
        known = self.filtered("line_id.product_id")
        units = self.env["healthcare.packaging"]._resolve_units(
            [
                {
                    "key": price.id,
                    "product_id": price.line_id.product_id.id,
                    "partner_id": price.contract_id.partner_id.id,
                    "unit_code": price.unit_code,
                    "date": price._first_day_for_units(),
                }
                for price in known
            ]
        )
        return known.filtered(lambda price: not units.get(price.id))

    def _first_day_for_units(self):
        """Return the day whose packagings a price is read with: its first, or today if it runs."""
        return self.line_id.contract_id._price_day(
            self.valid_from, self.valid_to, fields.Date.context_today(self)
        )

    @api.constrains("line_id", "tier_id")
    def _check_tier(self):
        for price in self:
            if price.tier_id and price.tier_id.contract_id != price.line_id.contract_id:
                raise price._price_error(
                    self.env._("tier %s belongs to another contract", price.tier_id.display_name), "tier_id"
                )

    @api.constrains("line_id", "valid_from", "valid_to")
    def _check_inside_contract(self):
        for price in self:
            contract = price.line_id.contract_id
            if price.valid_from and price.valid_to and price.valid_to < price.valid_from:
                raise price._price_error(self.env._("it ends before it begins"), "valid_to")
            if not contract._covers(price.valid_from, price.valid_to):
                raise price._price_error(
                    self.env._(
                        "%(from)s to %(to)s is outside the contract's days: %(contract)s",
                        **{
                            "from": price.valid_from or "…",
                            "to": price.valid_to or "…",
                            "contract": contract._days_text(),
                        },
                    ),
                    "valid_from",
                )

    @api.constrains(
        "line_id", "tier_id", "unit_code", "min_quantity", "price_class", "valid_from", "valid_to"
    )
    def _check_overlap(self):
        """At any day, one price for line, tier, unit, quantity and price class."""
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT mine.id, other.id
              FROM healthcare_contract_price mine
              JOIN healthcare_contract_price other
                ON other.line_id = mine.line_id AND other.id != mine.id
               AND other.tier_id IS NOT DISTINCT FROM mine.tier_id
               AND other.unit_code = mine.unit_code
               AND other.min_quantity = mine.min_quantity
               AND other.price_class IS NOT DISTINCT FROM mine.price_class
               AND COALESCE(other.valid_from, '-infinity') <= COALESCE(mine.valid_to, 'infinity')
               AND COALESCE(mine.valid_from, '-infinity') <= COALESCE(other.valid_to, 'infinity')
             WHERE mine.id = ANY(%s)
             ORDER BY mine.id, other.id
             LIMIT 1
            """,
            [list(self.ids)],
        )
        if row := self.env.cr.fetchone():
            mine, other = self.browse(row[0]), self.browse(row[1])
            raise mine._price_error(
                self.env._(
                    "the same tier, unit, quantity and price class has %(price)s from %(from)s to %(to)s "
                    "already. End that price before this one begins",
                    **{
                        "price": other.display_name,
                        "from": other.valid_from or "…",
                        "to": other.valid_to or "…",
                    },
                ),
                "valid_from",
            )

    @api.model_create_multi
    def create(self, vals_list):
        model = super(HealthcareContractPrice, without_defaults(self, {"is_backdated"}))
        return model.create(vals_list).with_env(self.env)

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` with a canonical unit code, and without what approval alone knows."""
        vals = dict(super()._clean_vals(vals))
        for name, empty in (("min_quantity", "0"), ("base_quantity", "1")):
            if name in vals and vals[name] in (False, None, ""):
                vals[name] = empty
        if not self.env.su:
            vals.pop("is_backdated", None)
        return vals

    def _part_contracts(self):
        return self.sudo().line_id.contract_id

    def _contracts_named(self, vals):
        lines = self.env["healthcare.contract.line"].sudo().browse(vals.get("line_id") or [])
        return lines.exists().contract_id

    def _price_error(self, text, name):
        """Return the error of one price, naming contract, line and field."""
        self.ensure_one()
        return ValidationError(
            self.env._(
                "%(contract)s, line %(line)s, price %(price)s, field %(field)s: %(text)s.",
                contract=self.line_id.contract_id.display_name,
                line=self.line_id.display_name,
                price=self.display_name,
                field=self._fields[name]._description_string(self.env),
                text=text,
            )
        )
