from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import to_decimal
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.tools import SQL

#: Sources of price truth that are contracts.
CONTRACT_SOURCES = ("gpo_contract", "local_contract")
# Order lines that are looked at in one go of the job.
_SLICE = 2000
# Orders whose transaction began before a look at them, and ended after it, are looked at again.
_OVERLAP = "5 minutes"


class HealthcareContractLeakage(models.Model):
    """How a confirmed order line stands to the contracts of its day: a report kept by the system.

    ``above_contract``: bought from a supplier of an eligible contract, dearer than it says.
    ``off_contract``: bought elsewhere, though an eligible contract had a price. ``on_contract``:
    neither. Items that no eligible contract had a price for that day have no row.

    The contract's price is what price truth answers for the order's day, facility, unit and
    quantity; so there is one rule for what is eligible and valid.
    """

    _name = "healthcare.contract.leakage"
    _description = "Contract Leakage"
    _order = "overpaid desc, date_order desc, id"
    _rec_name = "order_line_id"

    order_line_id = fields.Many2one("purchase.order.line", required=True, readonly=True, ondelete="cascade")
    order_id = fields.Many2one("purchase.order", readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    verdict = fields.Selection(
        [
            ("off_contract", "Off contract"),
            ("above_contract", "Above contract"),
            ("on_contract", "On contract"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    date_order = fields.Date(string="Order Date", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Bought From", readonly=True, index=True)
    facility_id = fields.Many2one("healthcare.facility", readonly=True)
    user_id = fields.Many2one("res.users", string="Buyer", readonly=True)
    product_id = fields.Many2one("product.product", string="Item", readonly=True, index=True)
    categ_id = fields.Many2one("product.category", string="Category", readonly=True)
    contract_id = fields.Many2one("healthcare.contract", readonly=True, index=True, ondelete="cascade")
    contract_partner_id = fields.Many2one("res.partner", string="Contract Supplier", readonly=True)
    source = fields.Selection(
        [("gpo_contract", "GPO contract"), ("local_contract", "Local contract")], readonly=True
    )
    quantity = fields.Float(readonly=True, digits="Product Unit", aggregator=None)
    uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    price_paid = ExactDecimal(readonly=True, help="Net price for the order line's unit.")
    contract_price = ExactDecimal(readonly=True, help="For the order line's unit, in the order's currency.")
    spend = fields.Monetary(readonly=True, help="What the line costs, before tax.")
    overpaid = fields.Monetary(
        readonly=True, help="What the line costs above the contract's price; never below 0."
    )
    explanation = fields.Char(readonly=True)

    _line_unique = models.UniqueIndex("(order_line_id)", "An order line stands here once.")

    # Keeping it

    @api.model
    def _cron_refresh(self):
        """Look at confirmed order lines that changed since, or whose contracts did, in slices."""
        self._drop_unconfirmed()
        begun = fields.Datetime.now()
        progress = self.env["ir.cron"]._commit_progress
        while lines := self._stale_lines(begun):
            self._refresh(lines)
            if not progress(len(lines), remaining=self._stale_count(begun)):
                break

    @api.model
    def _drop_unconfirmed(self):
        """Remove the rows of lines that commit to nothing any more."""
        self.search([("order_id.state", "not in", ("purchase", "done"))]).unlink()

    @api.model
    def _stale_where(self, begun):
        return SQL(
            """
            FROM purchase_order_line line JOIN purchase_order po ON po.id = line.order_id
           WHERE po.state IN ('purchase', 'done') AND line.display_type IS NULL
             AND line.product_id IS NOT NULL
             AND (
                 line.leakage_checked_at IS NULL
                 OR (
                     line.leakage_checked_at < %(begun)s
                     AND GREATEST(line.write_date, po.write_date)
                         > line.leakage_checked_at - interval %(overlap)s
                 )
             )
            """,
            begun=begun,
            overlap=_OVERLAP,
        )

    @api.model
    def _stale_lines(self, begun):
        self.env["purchase.order.line"].flush_model()
        self.env["purchase.order"].flush_model()
        rows = self.env.execute_query(
            SQL("SELECT line.id %s ORDER BY line.id LIMIT %s", self._stale_where(begun), _SLICE)
        )
        return self.env["purchase.order.line"].browse([row[0] for row in rows])

    @api.model
    def _stale_count(self, begun):
        return self.env.execute_query(SQL("SELECT count(*) %s", self._stale_where(begun)))[0][0]

    @api.model
    def _refresh(self, lines):
        """Write down anew how order lines stand to the contracts of their day.

        In superuser mode, in a number of queries that does not depend on the lines.
        """
        lines = lines.filtered(
            lambda line: (
                line.product_id and not line.display_type and line.order_id.state in ("purchase", "done")
            )
        )
        answers = self._ask(lines)
        self.search([("order_line_id", "in", lines.ids)]).unlink()
        contracts = self.env["healthcare.contract"].browse(
            {answer["contract_id"] for answer in answers.values() if answer.get("contract_id")}
        )
        known = {contract.id: contract for contract in contracts}
        vals_list = [
            vals
            for line in lines
            if (
                vals := self._prepare_vals(
                    line, answers[f"seller {line.id}"], answers[f"any {line.id}"], known
                )
            )
        ]
        self.create(vals_list)
        self.env.cr.execute(
            SQL(
                "UPDATE purchase_order_line SET leakage_checked_at = (now() AT TIME ZONE 'UTC')"
                " WHERE id = ANY(%s)",
                lines.ids,
            )
        )
        lines.invalidate_recordset(["leakage_checked_at"], flush=False)

    @api.model
    def _ask(self, lines):
        """Return what price truth says of each line's day: of its supplier, and of any."""
        requests = []
        for line in lines:
            order = line.order_id
            request = {
                "product_id": line.product_id.id,
                "uom_id": line.product_uom_id.id,
                "facility_id": order.facility_id.id,
                "company_id": order.company_id.id,
                "quantity": abs(line.product_qty),
                "date": fields.Date.to_date(order.date_order),
            }
            requests.append(
                {
                    **request,
                    "key": f"seller {line.id}",
                    "partner_id": order.partner_id.commercial_partner_id.id,
                }
            )
            requests.append({**request, "key": f"any {line.id}"})
        if not requests:
            return {}
        answers = self.env["healthcare.price"]._resolve(requests, lines.company_id)
        return {answer["key"]: answer for answer in answers}

    @api.model
    def _prepare_vals(self, line, seller, anyone, contracts):
        """Return the row of one order line, ``None`` where no contract had a price.

        :param dict seller: answer for the order's supplier
        :param dict anyone: answer for any supplier
        """
        own = seller.get("source") in CONTRACT_SOURCES
        answer = seller if own else anyone
        named = line.order_id.contract_id
        if answer.get("source") not in CONTRACT_SOURCES:
            return self._row(line, "on_contract", named, None, None) if named else None
        contract = contracts[answer["contract_id"]]
        price = self._contract_price(line, answer, contract)
        if own:
            verdict = "above_contract" if line._ordered_price() > price else "on_contract"
        else:
            verdict = "on_contract" if named else "off_contract"
        return self._row(line, verdict, contract, answer, price)

    @api.model
    def _contract_price(self, line, answer, contract):
        """Return the contract's price for one of the line's unit, in the order's currency."""
        price = to_decimal(answer["price"]) / to_decimal(answer["base_quantity"] or "1")
        order = line.order_id
        if contract.currency_id != order.currency_id:
            rate = contract.currency_id._get_conversion_rate(
                contract.currency_id, order.currency_id, order.company_id, order.date_order
            )
            price *= Decimal(repr(rate))
        return price

    @api.model
    def _row(self, line, verdict, contract, answer, price):
        """Return the values of one row.

        :param price: of the contract, per line unit and in the order's currency; ``None``: it has
            none for this item
        """
        order, company = line.order_id, line.company_id
        paid = line._ordered_price()
        over = 0.0
        if price is not None and verdict != "on_contract":
            over = float(max(paid - price, Decimal(0)) * Decimal(repr(line.product_qty)))
        day = fields.Date.to_date(order.date_order)

        def in_company(amount):
            return order.currency_id._convert(amount, company.currency_id, company, day)

        return {
            "order_line_id": line.id,
            "order_id": order.id,
            "company_id": company.id,
            "verdict": verdict,
            "date_order": day,
            "partner_id": order.partner_id.commercial_partner_id.id,
            "facility_id": order.facility_id.id,
            "user_id": order.user_id.id,
            "product_id": line.product_id.id,
            "categ_id": line.product_id.categ_id.id,
            "contract_id": contract.id,
            "contract_partner_id": answer["partner_id"] if answer else contract.partner_id.id,
            "source": answer["source"] if answer else False,
            "quantity": abs(line.product_qty),
            "uom_id": line.product_uom_id.id,
            "price_paid": line._ordered_price_text(),
            "contract_price": self._price_text(price),
            "spend": in_company(line.price_subtotal),
            "overpaid": in_company(over),
            "explanation": self._explain(line, verdict, contract, answer, price),
        }

    @api.model
    def _price_text(self, price):
        """Return a price as text; what a conversion leaves is rounded at the tenth digit."""
        return False if price is None else format(round(price, 10).normalize(), "f")

    @api.model
    def _explain(self, line, verdict, contract, answer, price):
        """Return one sentence about a row."""
        if price is None:
            return self.env._(
                "Ordered on contract %s, which has no price for this item.", contract.display_name
            )
        text = {
            "off_contract": self.env._(
                "Bought from %(partner)s at %(paid)s; contract %(contract)s with %(seller)s had it at "
                "%(price)s per %(unit)s on that day."
            ),
            "above_contract": self.env._(
                "Bought from %(partner)s at %(paid)s; its contract %(contract)s says %(price)s per %(unit)s."
            ),
            "on_contract": self.env._(
                "Bought from %(partner)s at %(paid)s; contract %(contract)s says %(price)s per %(unit)s."
            ),
        }[verdict]
        return text % {
            "partner": line.order_id.partner_id.commercial_partner_id.display_name,
            "paid": line._ordered_price_text(),
            "contract": contract.number,
            "seller": answer["partner_name"],
            "price": self._price_text(price),
            "unit": line.product_uom_id.name,
        }

    def action_open_order(self):
        """Open the order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "purchase.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
            "name": self.order_id.display_name,
        }
