from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.tools import SQL


class HealthcareContractCommitment(models.Model):
    """How far a promise has come: read from orders and receipts, never kept.

    What counts are confirmed orders of the period from the contract's supplier or distributors:
    those that name the contract, and those of its items that name none.
    """

    _inherit = "healthcare.contract.commitment"

    achieved = fields.Float(compute="_compute_progress", compute_sudo=True, digits=(16, 2))
    expected = fields.Float(
        compute="_compute_progress",
        compute_sudo=True,
        digits=(16, 2),
        help="The target's share for the days that are over.",
    )
    target_value = fields.Float(compute="_compute_progress", compute_sudo=True, digits=(16, 2))
    progress = fields.Float(compute="_compute_progress", compute_sudo=True, string="Progress (%)")
    is_behind = fields.Boolean(
        string="Behind", compute="_compute_progress", compute_sudo=True, search="_search_is_behind"
    )
    progress_note = fields.Char(compute="_compute_progress", compute_sudo=True)

    @api.depends("kind", "target", "unit_code", "date_from", "date_to", "basis", "alert_percent", "line_id")
    def _compute_progress(self):
        today = fields.Date.context_today(self)
        achieved, notes = self._achieved()
        for commitment in self:
            target = float(commitment.target or 0)
            value = achieved.get(commitment.id, 0.0)
            share = commitment._elapsed(today)
            expected = target if commitment.kind == "share" else target * share
            commitment.target_value = target
            commitment.achieved = value
            commitment.expected = expected if share else 0.0
            commitment.progress = 100 * value / target if target else 0.0
            commitment.is_behind = bool(
                share
                and commitment.contract_id.state == "active"
                and value < expected * (1 - commitment.alert_percent / 100)
            )
            commitment.progress_note = notes.get(commitment.id, False)

    @api.model
    def _search_is_behind(self, operator, value):
        if operator != "in":
            return NotImplemented
        active = self.sudo().search([("contract_id.state", "=", "active")])
        behind = active.filtered("is_behind").ids
        return [("id", "in" if True in value else "not in", behind)]

    def _period(self):
        """Return first and last day, the last perhaps empty."""
        self.ensure_one()
        return self.date_from or self.contract_id.valid_from, self.date_to or self.contract_id.valid_to

    def _elapsed(self, today):
        """Return which share of the period is over after a day, 0 to 1; 0 with an open end."""
        self.ensure_one()
        first, last = self._period()
        if not first or not last or today < first:
            return 0.0
        return min(1.0, ((today - first).days + 1) / ((last - first).days + 1))

    def _achieved(self):
        """Return ``{id: value}`` in each one's measure, and ``{id: note}`` of what did not count."""
        stored = self.filtered(lambda one: isinstance(one.id, int))
        rows = stored._bought() if stored else []
        factors = stored._unit_factors(rows)
        mine, all_suppliers, notes = defaultdict(float), defaultdict(float), {}
        by_id = {commitment.id: commitment for commitment in stored}
        currencies = self.env["res.currency"].browse({row[2] for row in rows})
        by_currency = {currency.id: currency for currency in currencies}
        for commitment_id, product_id, currency_id, on_contract, amount, quantity in rows:
            commitment = by_id[commitment_id]
            if commitment.kind == "quantity":
                if not on_contract:
                    continue
                factor = factors.get((commitment_id, product_id))
                if factor:
                    mine[commitment_id] += quantity / factor
                else:
                    notes[commitment_id] = self.env._(
                        "Some items have no factor for unit %s: they do not count.", commitment.unit_code
                    )
                continue
            contract = commitment.contract_id
            value = by_currency[currency_id]._convert(
                amount, contract.currency_id, contract.company_id or self.env.company, round=False
            )
            all_suppliers[commitment_id] += value
            if on_contract:
                mine[commitment_id] += value
        for commitment in stored.filtered(lambda one: one.kind == "share"):
            total = all_suppliers[commitment.id]
            mine[commitment.id] = 100 * mine[commitment.id] / total if total else 0.0
        return {key: round(value, 6) for key, value in mine.items()}, notes

    def _unit_factors(self, rows):
        """Return ``{(commitment id, product id): reference units in the commitment's unit}``."""
        by_id = {commitment.id: commitment for commitment in self}
        requests, factors = [], {}
        for commitment_id, product_id, *_rest in rows:
            commitment = by_id[commitment_id]
            key = (commitment_id, product_id)
            if commitment.kind != "quantity":
                continue
            if not commitment.unit_code:
                factors[key] = 1
                continue
            requests.append(
                {
                    "key": key,
                    "product_id": product_id,
                    "partner_id": commitment.partner_id.id,
                    "unit_code": commitment.unit_code,
                }
            )
        found = self.env["healthcare.packaging"]._resolve_units(requests) if requests else {}
        factors.update({key: unit["factor"] for key, unit in found.items() if unit})
        return factors

    def _bought(self):
        """Return what was bought in each one's period, in one query.

        :return: rows of commitment id, product id, currency id, whether from the contract's
            suppliers, net amount, quantity in reference units
        """
        self.env.flush_all()
        today = fields.Date.today()
        periods = [(one.id, *one._period()) for one in self]
        rows = [
            SQL("(%s, %s::date, %s::date)", one_id, first, min(last or today, today))
            for one_id, first, last in periods
        ]
        return self.env.execute_query(
            SQL(
                """
                WITH period (commitment_id, first_day, last_day) AS (VALUES %s),
                commitment AS (
                    SELECT cm.*, c.root_id, c.company_id AS owner_company_id, period.first_day,
                           period.last_day, category.parent_path AS categ_path,
                           line.product_id AS line_product_id
                      FROM healthcare_contract_commitment cm
                      JOIN period ON period.commitment_id = cm.id
                      JOIN healthcare_contract c ON c.id = cm.contract_id
                      LEFT JOIN product_category category ON category.id = cm.categ_id
                      LEFT JOIN healthcare_contract_line line ON line.id = cm.line_id
                )
                SELECT cm.id, pol.product_id, po.currency_id, bought.on_contract,
                       SUM(pol.price_subtotal * bought.share)::float,
                       SUM(pol.product_qty * unit.factor / reference.factor * bought.share)::float
                  FROM commitment cm
                  JOIN purchase_order po
                    ON po.state IN ('purchase', 'done')
                   AND po.date_order >= cm.first_day
                   AND po.date_order < cm.last_day + 1
                   AND (cm.owner_company_id IS NULL OR po.company_id = cm.owner_company_id)
                  JOIN res_partner seller ON seller.id = po.partner_id
                  JOIN purchase_order_line pol ON pol.order_id = po.id AND pol.display_type IS NULL
                  JOIN product_product product ON product.id = pol.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                  LEFT JOIN product_category category ON category.id = template.categ_id
                  JOIN uom_uom unit ON unit.id = pol.product_uom_id
                  JOIN uom_uom reference ON reference.id = template.uom_id
                  LEFT JOIN healthcare_contract named ON named.id = po.contract_id
                 CROSS JOIN LATERAL (
                     SELECT CASE WHEN cm.basis = 'ordered' THEN 1
                                 ELSE LEAST(1, COALESCE(pol.qty_received / NULLIF(pol.product_qty, 0), 0))
                            END AS share,
                            COALESCE(named.root_id, cm.root_id) = cm.root_id
                            AND EXISTS (
                                SELECT FROM healthcare_contract v
                                  LEFT JOIN healthcare_contract_distributor_rel d ON d.contract_id = v.id
                                  LEFT JOIN res_partner dp ON dp.id = d.partner_id
                                 WHERE v.id = cm.contract_id
                                   AND seller.commercial_partner_id
                                       IN (v.partner_id, dp.commercial_partner_id)
                            ) AS on_contract
                 ) bought
                 WHERE (bought.on_contract OR cm.kind = 'share')
                   AND (cm.line_product_id IS NULL OR pol.product_id = cm.line_product_id)
                   AND (cm.categ_path IS NULL OR category.parent_path LIKE cm.categ_path || '%%')
                   AND (
                       named.root_id = cm.root_id
                       OR cm.categ_path IS NOT NULL
                       OR EXISTS (
                           SELECT FROM healthcare_contract_line line
                            WHERE line.contract_id = cm.contract_id AND line.product_id = pol.product_id
                       )
                   )
                 GROUP BY cm.id, pol.product_id, po.currency_id, bought.on_contract
                """,
                SQL(", ").join(rows),
            )
        )

    def _behind_text(self):
        """Return one sentence about a commitment that is behind."""
        self.ensure_one()
        return self.env._(
            "%(name)s: %(achieved)s of %(target)s, %(expected)s would be due by now",
            name=self.display_name,
            achieved=numeric_text(Decimal(repr(round(self.achieved, 2)))),
            target=self.target,
            expected=numeric_text(Decimal(repr(round(self.expected, 2)))),
        )

    def action_view_orders(self):
        """Open the order lines that count."""
        self.ensure_one()
        first, last = self._period()
        contract = self.contract_id
        sellers = (contract.partner_id | contract.distributor_ids).commercial_partner_id
        products = self.line_id.product_id or contract.line_ids.product_id
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "purchase.order.line",
            "view_mode": "list,form,pivot",
            "domain": [
                ("order_id.state", "in", ("purchase", "done")),
                ("order_id.date_order", ">=", first),
                *([("order_id.date_order", "<", last + timedelta(days=1))] if last else []),
                ("order_id.partner_id.commercial_partner_id", "in", sellers.ids),
                "|",
                ("order_id.contract_id.root_id", "=", contract.root_id.id),
                "&",
                ("order_id.contract_id", "=", False),
                ("product_id", "in", products.ids),
            ],
            "context": {"create": False},
        }
