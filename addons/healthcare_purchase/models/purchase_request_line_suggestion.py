from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import UserError

from .purchase_order_line_truth import PRICE_SOURCES

_ON_CONTRACT = ("gpo_contract", "local_contract")


class PurchaseRequestLine(models.Model):
    """Where to buy what is asked for: on contract, else an approved substitute that is."""

    _inherit = "purchase.request.line"

    suggestion_source = fields.Selection(
        PRICE_SOURCES, string="Best Source", compute="_compute_suggestion", compute_sudo=True
    )
    suggestion_partner_id = fields.Many2one(
        "res.partner", string="Best Supplier", compute="_compute_suggestion", compute_sudo=True
    )
    suggestion_product_id = fields.Many2one(
        "product.product",
        string="On Contract Instead",
        compute="_compute_suggestion",
        compute_sudo=True,
        help="An approved substitute that is on contract, where the item itself is not.",
    )
    suggestion_price = ExactDecimal(
        string="Best Price",
        compute="_compute_suggestion",
        compute_sudo=True,
        help="For the line's unit, in the company's currency; of the substitute where one is named.",
    )
    suggestion_text = fields.Char(string="Suggestion", compute="_compute_suggestion", compute_sudo=True)

    @api.depends(
        "product_id",
        "item_id",
        "product_qty",
        "product_uom_id",
        "date_required",
        "request_id.facility_id",
        "request_id.company_id",
    )
    def _compute_suggestion(self):
        lines = self.filtered(lambda line: line.product_id and line._asked_item())
        answers = lines._ask_suggestions()
        for line in self:
            line._show_suggestion(*answers.get(line, (None, None, None)))

    def _asked_item(self):
        """Return the item that is to be bought: of free text, the one that was chosen for it."""
        self.ensure_one()
        item = self.item_id or self.product_id
        return item.browse() if item.is_placeholder else item

    def _ask_suggestions(self):
        """Return ``{line: (answer, substitute answer or None, substitute or None)}``.

        Price truth is asked twice at most: for the items, and for the substitutes of those that
        are not on contract.
        """
        if not self:
            return {}
        prices = self.env["healthcare.price"].sudo()
        companies = self.company_id or self.env.company
        requests = [line._suggestion_request(str(place)) for place, line in enumerate(self)]
        own = dict(zip(self, prices._resolve(requests, companies), strict=True))
        off_contract = [line for line in self if own[line]["source"] not in _ON_CONTRACT]
        found = self.env["healthcare.substitute"]._find_substitutes(
            [
                {
                    "key": line.id,
                    "product_id": line._asked_item()._origin.id,
                    "facility_id": line.request_id.facility_id._origin.id,
                }
                for line in off_contract
            ]
        )
        asked = [
            (
                line,
                substitute,
                line._suggestion_request(f"{line.id}-{substitute['substitute_id']}", substitute),
            )
            for line in off_contract
            for substitute in found.get(line.id, ())
        ]
        answers = prices._resolve([request for _line, _substitute, request in asked], companies)
        result = {line: (own[line], None, None) for line in self}
        for (line, substitute, _request), answer in zip(asked, answers, strict=True):
            # in the order of their preference, the first that is on contract
            if answer["source"] in _ON_CONTRACT and result[line][1] is None:
                result[line] = (own[line], answer, substitute)
        return result

    def _suggestion_request(self, key, substitute=None):
        """Return the line's request to price truth, or that of a substitute in its place."""
        self.ensure_one()
        item = self._asked_item()._origin
        uom = self.product_uom_id or item.uom_id
        quantity = Decimal(repr(self.product_qty or 1.0))
        request = {
            "key": key,
            "facility_id": self.request_id.facility_id._origin.id,
            "company_id": (self.company_id or self.env.company)._origin.id,
            "date": max(self.date_required or fields.Date.today(), fields.Date.today()),
        }
        if substitute is None:
            return {**request, "product_id": item.id, "uom_id": uom._origin.id, "quantity": abs(quantity)}
        # the factor is per reference unit of the item
        references = abs(quantity) * Decimal(repr(uom.factor)) / Decimal(repr(item.uom_id.factor))
        other = self.env["product.product"].browse(substitute["product_id"])
        return {
            **request,
            "product_id": other.id,
            "uom_id": other.uom_id.id,
            "quantity": numeric_text(references * Decimal(substitute["factor"]), 6),
        }

    def _show_suggestion(self, answer, other, substitute):
        """Set the suggestion from the answers of price truth; all may be ``None``."""
        best = other or answer
        priced = bool(best and best["price"])
        self.suggestion_source = (best["source"] or "none") if best else False
        self.suggestion_partner_id = best["partner_id"] if priced else False
        self.suggestion_product_id = substitute["product_id"] if other else False
        self.suggestion_price = self._suggested_price(best) if priced else False
        self.suggestion_text = self._suggestion_sentence(best, other) if best else False

    def _suggested_price(self, answer):
        """Return an answer's price for one unit in the company's currency, as text."""
        price = Decimal(answer["price"]) / Decimal(answer["base_quantity"])
        currency = self.env["res.currency"].browse(answer["currency_id"])
        company = self.company_id or self.env.company
        if currency != company.currency_id:
            rate = currency._get_conversion_rate(currency, company.currency_id, company, fields.Date.today())
            price *= Decimal(repr(rate))
        return numeric_text(price.quantize(Decimal("1E-6")))

    def _suggestion_sentence(self, answer, other):
        if not answer["price"]:
            return answer["explanation"]
        sources = dict(self._fields["suggestion_source"]._description_selection(self.env))
        facts = {
            "item": self.suggestion_product_id.display_name,
            "supplier": answer["partner_name"],
            "origin": " ".join(filter(None, (sources[answer["source"]], answer["contract_number"]))),
            "price": self.suggestion_price,
            "currency": (self.company_id or self.env.company).currency_id.name,
            "unit": (self.suggestion_product_id.uom_id if other else self.product_uom_id).name or "",
        }
        if other:
            return self.env._(
                "On contract instead: %(item)s from %(supplier)s at %(price)s %(currency)s per %(unit)s "
                "(%(origin)s)",
                **facts,
            )
        return self.env._("%(supplier)s at %(price)s %(currency)s per %(unit)s (%(origin)s)", **facts)

    @api.depends("request_id.facility_id", "item_id")
    def _compute_supplier_id(self):
        """Prefer the supplier of the valid price to the first of the item's list."""
        result = super()._compute_supplier_id()
        lines = self.filtered(lambda line: line.request_id.facility_id and line._asked_item())
        for line, (answer, _other, _substitute) in lines._ask_suggestions().items():
            if answer["price"]:
                line.supplier_id = answer["partner_id"]
        return result

    def action_take_suggestion(self):
        """Ask for the suggested item at the suggested price.

        :raises UserError: the request is no draft, or nothing is suggested
        """
        for line in self:
            if line.request_state != "draft":
                raise UserError(
                    self.env._("%s is submitted: what it asks for stays.", line.request_id.display_name)
                )
            if not line.suggestion_price:
                raise UserError(self.env._("%s: nothing is suggested.", line.name or line.display_name))
            line.write(line._prepare_suggestion_vals())
        return True

    def _prepare_suggestion_vals(self):
        """Return what taking the suggestion changes on the line."""
        self.ensure_one()
        quantity, vals = Decimal(repr(self.product_qty or 1.0)), {}
        if other := self.suggestion_product_id:
            [(_answer, _other, substitute)] = self._ask_suggestions().values()
            quantity = Decimal(self._suggestion_request("take", substitute)["quantity"])
            vals = {
                "product_id": other.id,
                "name": other.display_name,
                "product_uom_id": other.uom_id.id,
                "product_qty": float(quantity),
            }
        return {**vals, "estimated_cost": float(quantity * Decimal(self.suggestion_price))}
