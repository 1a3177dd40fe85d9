from decimal import Context, Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import UserError

#: Sources as people read them; the codes are those of ``healthcare.price``.
PRICE_SOURCES = [
    ("gpo_contract", "GPO Contract"),
    ("local_contract", "Local Contract"),
    ("catalog", "Catalog"),
    ("last_approved", "Last Approved"),
    ("none", "No Valid Price"),
]
#: Written at confirmation only; approvals, audits and the leakage report rely on them.
EVIDENCE_FIELDS = {"price_source", "price_truth", "price_contract_id", "price_evidence", "price_losers"}
_CONFIRMED = ("purchase", "done")
#: A price per unit that does not end is cut here; the exact one stays in the evidence.
_PLACES = 12
_EXACT = Context(prec=60)


class PurchaseOrderLine(models.Model):
    """The price of a line is price truth; what somebody typed instead is shown against it.

    Orders for a facility take the price by themselves. Without a facility nobody is known to be
    eligible for anything: there the price is Odoo's own, and price truth stands beside it.
    """

    _inherit = "purchase.order.line"

    price_source = fields.Selection(
        PRICE_SOURCES,
        string="Source at Confirmation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Where the valid price came from when the order was confirmed.",
    )
    price_truth = ExactDecimal(
        string="Valid Price at Confirmation",
        readonly=True,
        copy=False,
        help="Net price for the line's unit and in the order's currency that was valid when the order "
        "was confirmed, whatever the line says.",
    )
    price_contract_id = fields.Many2one(
        "healthcare.contract",
        string="Price of Contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    price_evidence = fields.Json(
        readonly=True, copy=False, help="What price truth answered when the order was confirmed."
    )
    price_losers = fields.Json(
        readonly=True, copy=False, help="The other prices at confirmation, each with why it lost."
    )
    truth_source = fields.Selection(
        PRICE_SOURCES, string="Price Source", compute="_compute_price_truth", compute_sudo=True
    )
    truth_price = ExactDecimal(
        string="Valid Price",
        compute="_compute_price_truth",
        compute_sudo=True,
        help="Net price for the line's unit from contracts and catalog: of today's knowledge on a "
        "draft, as it was at confirmation on an order.",
    )
    truth_difference = ExactDecimal(
        string="Price Difference",
        compute="_compute_price_truth",
        compute_sudo=True,
        help="What the line's net price is above the valid one, for the line's unit; below 0: cheaper.",
    )
    truth_state = fields.Selection(
        [
            ("agrees", "Valid Price"),
            ("above", "Above Valid Price"),
            ("below", "Below Valid Price"),
            ("unknown", "No Valid Price"),
            ("stopped", "Buying Stopped"),
        ],
        string="Price Check",
        compute="_compute_price_truth",
        compute_sudo=True,
    )
    truth_text = fields.Char(string="Price Explained", compute="_compute_price_truth", compute_sudo=True)

    @api.depends(
        "product_id",
        "product_qty",
        "product_uom_id",
        "price_unit",
        "discount",
        "display_type",
        "date_planned",
        "price_evidence",
        "order_id.state",
        "order_id.partner_id",
        "order_id.facility_id",
        "order_id.date_order",
        "order_id.currency_id",
    )
    def _compute_price_truth(self):
        lines = self.filtered(lambda line: line.product_id and not line.display_type)
        recorded = lines.filtered(lambda line: line.price_evidence and line.order_id.state in _CONFIRMED)
        answers = dict(
            zip(lines - recorded, (lines - recorded)._ask_price_truth(), strict=True)
            if lines - recorded
            else ()
        )
        for line in self:
            if line in recorded:
                line._show_truth(line.price_evidence, line.price_truth)
            elif line in answers:
                line._show_truth(answers[line], line._truth_price_text(answers[line]))
            else:
                line.truth_source = line.truth_price = line.truth_difference = False
                line.truth_state = line.truth_text = False

    def _show_truth(self, answer, price):
        """Set the shown fields from an answer of price truth and the price it means here.

        :param price: decimal text for the line's unit, in the order's currency, or ``False``
        """
        self.truth_source = answer["source"] or "none"
        self.truth_price = price
        self.truth_difference = False
        if not price:
            self.truth_state = "stopped" if answer["reason"] == "feed_stopped" else "unknown"
            self.truth_text = answer["explanation"]
            return
        difference = self._ordered_price() - Decimal(price)
        # what is smaller than money's last digits is the rounding of a price that does not end
        if abs(difference) < Decimal(1).scaleb(-8):
            difference = Decimal(0)
        self.truth_difference = numeric_text(difference)
        self.truth_state = "above" if difference > 0 else "below" if difference < 0 else "agrees"
        self.truth_text = self._truth_sentence(answer, price)

    def _truth_sentence(self, answer, price):
        """Return in words where a price comes from."""
        sources = dict(self._fields["truth_source"]._description_selection(self.env))
        parts = [
            sources[answer["source"]],
            answer["contract_number"],
            answer["tier"],
            answer["held_until"] and self.env._("held until %s", answer["held_until"]),
        ]
        return self.env._(
            "%(price)s %(currency)s per %(unit)s: %(origin)s",
            price=price,
            currency=self.currency_id.name,
            unit=self.product_uom_id.name,
            origin=", ".join(filter(None, parts)),
        )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get(name) for vals in vals_list for name in EVIDENCE_FIELDS):
            raise self._system_field_error()
        priced = [vals.get("price_unit") is not None for vals in vals_list]
        model = super(PurchaseOrderLine, without_defaults(self, EVIDENCE_FIELDS))
        lines = model.create(vals_list).with_env(self.env)
        # Odoo computes the price of a new line for the smallest quantity, not for its own.
        unpriced = lines.browse(
            [line.id for line, has_price in zip(lines, priced, strict=True) if not has_price]
        )
        unpriced.filtered("order_id.facility_id")._take_price_truth()
        lines.filtered(lambda line: line.order_id.state in _CONFIRMED)._record_price_truth()
        return lines

    def write(self, vals):
        if not self.env.su and not EVIDENCE_FIELDS.isdisjoint(vals):
            raise self._system_field_error()
        result = super().write(vals)
        if "product_id" in vals or "product_uom_id" in vals:
            self.filtered(lambda line: line.order_id.state in _CONFIRMED)._record_price_truth()
        return result

    def _compute_price_unit_and_date_planned_and_name(self):
        """Take price truth for orders of a facility; a confirmed price stays as it was agreed."""
        taking = self.filtered(lambda line: line._takes_price_truth())
        agreed = self.filtered(
            lambda line: line._origin and line.order_id.facility_id and line.order_id.state in _CONFIRMED
        )
        result = super(PurchaseOrderLine, self - agreed)._compute_price_unit_and_date_planned_and_name()
        taking._set_price_truth()
        return result

    def _takes_price_truth(self):
        """Tell whether the line's price is ours to set, as Odoo decides it for its own."""
        self.ensure_one()
        order = self.order_id
        return bool(
            self.product_id
            and not self.display_type
            and order.facility_id
            and self.company_id
            and not self.invoice_lines
            and not self.env.context.get("skip_uom_conversion")
            and order.state not in (*_CONFIRMED, "cancel")
            # somebody typed another price than the one that was computed
            and self.technical_price_unit == self.price_unit
            and not self._has_blanket_price()
        )

    def _has_blanket_price(self):
        """Tell whether the price is that of a blanket order, where Odoo's addon for them is there."""
        order = self.order_id
        if "requisition_id" not in order._fields:
            return False
        return self.product_id in order.requisition_id.line_ids.product_id

    def action_price_timeline(self):
        """Open how the item's price came about, with this line's among them, in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "healthcare_contract.price_timeline",
            "name": self.env._("Price Timeline"),
            "target": "new",
            "params": {"product_id": self.product_id.id, "order_line_id": self.id},
        }

    def _take_price_truth(self):
        """Take the price anew where nobody typed one, for instance since the facility changed."""
        self.filtered(lambda line: line._takes_price_truth())._set_price_truth()

    def _set_price_truth(self):
        """Write the valid price into lines; where there is none, Odoo's estimate stays."""
        if not self:
            return
        for line, answer in zip(self, self._ask_price_truth(), strict=True):
            if answer["price"]:
                price, discount = line._truth_as_ordered(answer)
                line.price_unit = line.technical_price_unit = price
                line.discount = discount

    def _ask_price_truth(self):
        """Return the answers of price truth for the lines, in their order."""
        requests = [line._price_request(str(place)) for place, line in enumerate(self)]
        # sudo: whoever may see an order line may see what its price is held against
        return self.env["healthcare.price"].sudo()._resolve(requests, self.order_id.company_id)

    def _price_request(self, key):
        """Return the line's request to price truth."""
        self.ensure_one()
        order = self.order_id
        ordered_on = fields.Date.context_today(self, order.date_order) if order.date_order else None
        planned_on = fields.Date.context_today(self, self.date_planned) if self.date_planned else ordered_on
        return {
            "key": key,
            "product_id": self.product_id._origin.id,
            "uom_id": (self.product_uom_id or self.product_id.uom_id)._origin.id,
            "facility_id": order.facility_id._origin.id,
            "company_id": order.company_id._origin.id,
            "order_id": order._origin.id,
            "partner_id": order.partner_id._origin.id,
            "quantity": abs(self.product_qty),
            "date": ordered_on,
            "dates": {"order": ordered_on, "ship": planned_on, "receipt": planned_on},
        }

    def _truth_rate(self, answer):
        """Return what one of the answer's currency is in the order's, as a decimal."""
        order = self.order_id
        currency = self.env["res.currency"].browse(answer["currency_id"])
        if currency == order.currency_id:
            return Decimal(1)
        day = order.date_order or fields.Datetime.now()
        return Decimal(
            repr(currency._get_conversion_rate(currency, order.currency_id, order.company_id, day))
        )

    def _truth_price_text(self, answer):
        """Return the answer's price for one of the line's unit in the order's currency, as text."""
        if not answer["price"]:
            return False
        price = _EXACT.divide(Decimal(answer["price"]), Decimal(answer["base_quantity"]))
        return _short(_EXACT.multiply(price, self._truth_rate(answer)))

    def _truth_as_ordered(self, answer):
        """Return ``(unit price, discount)`` for the line: a hand-made list price keeps its discount."""
        net = Decimal(self._truth_price_text(answer))
        discount = 0.0
        parts = answer["parts"] or {}
        if answer["source_model"] == "product.supplierinfo":
            if "discount_percent" in parts and Decimal(parts["discount_percent"]) < 100:
                discount = float(parts["discount_percent"])
                net = _EXACT.divide(net, 1 - Decimal(parts["discount_percent"]) / 100)
                net = Decimal(_short(net))
            taxes = self.product_id.supplier_taxes_id
            if taxes.filtered("price_include"):
                net = self.env["account.tax"]._fix_tax_included_price_company(
                    float(net), taxes, self.tax_ids, self.company_id
                )
        return float(net), discount

    def _record_price_truth(self):
        """Keep what price truth says at confirmation; refuse lines whose buying is stopped.

        :raises UserError: naming order, item and why
        """
        # sudo: evidence is recorded by the system
        lines = self.sudo().filtered(lambda line: line.product_id and not line.display_type)
        if not lines:
            return
        answers = lines._ask_price_truth()
        stopped = [
            self.env._(
                "%(order)s, %(item)s: %(reason)s",
                order=line.order_id.name,
                item=line.product_id.display_name,
                reason=answer["explanation"],
            )
            for line, answer in zip(lines, answers, strict=True)
            if answer["reason"] == "feed_stopped"
        ]
        if stopped:
            raise UserError(
                self.env._(
                    "%s\nGet a price list from the supplier, or buy from another one.", "\n".join(stopped)
                )
            )
        for line, answer in zip(lines, answers, strict=True):
            evidence = {name: value for name, value in answer.items() if name not in ("losers", "key")}
            line.write(
                {
                    "price_source": answer["source"] or "none",
                    "price_truth": line._truth_price_text(answer),
                    "price_contract_id": answer["contract_id"],
                    "price_evidence": evidence,
                    "price_losers": answer["losers"],
                }
            )


def _short(number):
    """Return canonical text of at most :data:`_PLACES` decimals; a price that ends keeps all."""
    rounded = number.quantize(Decimal(1).scaleb(-_PLACES), context=_EXACT)
    return numeric_text(rounded)
