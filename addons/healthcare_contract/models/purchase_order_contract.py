from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.exceptions import UserError, ValidationError

from .healthcare_contract_call_off import CONFIRMED


class PurchaseOrder(models.Model):
    """An order on a contract; on a service contract, a call-off.

    Invariant: the confirmed call-offs of a contract together do not exceed its amount, whichever
    way an order is confirmed or a confirmed one grows.
    """

    _inherit = "purchase.order"

    contract_id = fields.Many2one(
        "healthcare.contract",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        domain="[('state', '=', 'active'), '|', ('partner_id', 'parent_of', partner_id),"
        " ('distributor_ids', 'parent_of', partner_id)]",
        help="What it is bought on. An order on a service contract is a call-off.",
    )
    contract_is_service = fields.Boolean(related="contract_id.is_service")
    contract_open_amount = fields.Float(
        compute="_compute_contract_open_amount",
        compute_sudo=True,
        help="What is left of the contract's amount, this order aside.",
    )

    @api.depends("contract_id", "amount_untaxed", "state")
    def _compute_contract_open_amount(self):
        called_off = self.contract_id._called_off(self._origin)
        for order in self:
            contract = order.contract_id
            limit = float(contract.not_to_exceed or 0)
            order.contract_open_amount = limit - called_off.get(contract.id, 0.0) if limit else 0.0

    @api.constrains("contract_id", "partner_id", "currency_id", "company_id")
    def _check_contract(self):
        """An order names a contract of its own supplier, company and currency."""
        for order in self.filtered("contract_id"):
            contract = order.sudo().contract_id
            sellers = (contract.partner_id | contract.distributor_ids).commercial_partner_id
            if order.partner_id.commercial_partner_id not in sellers:
                problem = self.env._("%s does not sell on it", order.partner_id.display_name)
            elif contract.company_id and contract.company_id != order.company_id:
                problem = self.env._("it belongs to %s", contract.company_id.display_name)
            elif contract.currency_id != order.currency_id:
                problem = self.env._("it is in %s", contract.currency_id.name)
            else:
                continue
            raise ValidationError(
                self.env._(
                    "%(order)s, contract %(contract)s: %(problem)s. Choose another contract, or none.",
                    order=order.display_name,
                    contract=contract.display_name,
                    problem=problem,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state in CONFIRMED)._check_call_off()
        return orders

    def write(self, vals):
        if "contract_id" in vals and not self.env.su:
            self._check_contract_stays(vals["contract_id"])
        entering = self.filtered(lambda order: order.state not in CONFIRMED)
        result = super().write(vals)
        if vals.get("state") in CONFIRMED:
            entering._check_call_off()
        elif {"order_line", "date_order"} & vals.keys():
            self._check_confirmed_call_off()
        return result

    def _check_confirmed_call_off(self):
        """Hold confirmed orders that changed against their contract's amount again."""
        self.filtered(lambda order: order.state in CONFIRMED)._check_call_off(entering=False)

    def _check_contract_stays(self, contract_id):
        """Refuse to move a confirmed order to a contract, or away from its amount."""
        moved = self.filtered(
            lambda order: order.state in CONFIRMED and order.sudo().contract_id.id != (contract_id or False)
        )[:1]
        if moved:
            raise UserError(
                self.env._(
                    "%s is confirmed: its contract stays. Cancel it, and make a new order.",
                    moved.display_name,
                )
            )

    def _check_call_off(self, entering=True):
        """Refuse orders that their contract does not cover.

        :param bool entering: they are just confirmed, so that the contract has to be in force
        :raises UserError: naming order, contract, and amounts
        """
        orders = self.filtered("contract_id")
        if not orders:
            return
        # sudo: what others called off counts too, whoever may see it
        orders = orders.sudo()
        if entering:
            for order in orders:
                order._check_contract_in_force()
        limited = orders.filtered(
            lambda order: order._contract_version().not_to_exceed or order._contract_version().call_off_limit
        )
        limited.contract_id._lock_call_offs()
        called_off = limited.contract_id._called_off()
        for order in limited:
            order._check_call_off_amount(called_off[order.contract_id.id])

    def _contract_version(self):
        """Return the version of the order's contract in force on its day, else the last."""
        self.ensure_one()
        day = self._contract_day()
        return (
            self.contract_id._in_force(day)[self.contract_id]
            or self.contract_id._latest_approved()
            or self.contract_id
        )

    def _contract_day(self):
        """Return the day on which the contract has to be in force: the order's, but no day gone by.

        An order that is dated back would call off from a contract that has ended.
        """
        self.ensure_one()
        today = fields.Date.today()
        return max(fields.Date.to_date(self.date_order) or today, today)

    def _check_contract_in_force(self):
        self.ensure_one()
        day = self._contract_day()
        if not self.contract_id._in_force(day)[self.contract_id]:
            raise UserError(
                self.env._(
                    "%(order)s: contract %(contract)s is not in force on %(date)s. Choose another one, or "
                    "none.",
                    order=self.display_name,
                    contract=self.contract_id.display_name,
                    date=day,
                )
            )

    def _check_call_off_amount(self, called_off):
        """:param float called_off: of the contract by all confirmed orders, this one included"""
        self.ensure_one()
        contract = self._contract_version()
        digits = contract.currency_id.decimal_places or 2
        total = Decimal(repr(round(called_off, digits)))
        mine = Decimal(repr(round(self.amount_untaxed, digits)))
        limit = Decimal(contract.call_off_limit or 0)
        if limit and mine > limit:
            raise UserError(
                self.env._(
                    "%(order)s: %(amount)s %(currency)s exceeds the limit of one call-off from contract "
                    "%(contract)s, %(limit)s. Split the work, or have the contract amended.",
                    order=self.display_name,
                    amount=numeric_text(mine),
                    currency=contract.currency_id.name,
                    contract=contract.display_name,
                    limit=contract.call_off_limit,
                )
            )
        ceiling = Decimal(contract.not_to_exceed or 0)
        if ceiling and total > ceiling:
            raise UserError(
                self.env._(
                    "%(order)s: with it, %(total)s %(currency)s would be called off from contract "
                    "%(contract)s, which is not to exceed %(limit)s. %(open)s is left. Reduce the order, or "
                    "have the contract amended.",
                    order=self.display_name,
                    total=numeric_text(total),
                    currency=contract.currency_id.name,
                    contract=contract.display_name,
                    limit=contract.not_to_exceed,
                    open=numeric_text(max(ceiling - total + mine, Decimal(0))),
                )
            )
