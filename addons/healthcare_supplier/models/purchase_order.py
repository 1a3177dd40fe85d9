from odoo import api, fields, models


class PurchaseOrder(models.Model):
    """Orders go to approved suppliers only, from the company's date on."""

    _inherit = "purchase.order"

    supplier_problem = fields.Text(
        compute="_compute_supplier_problem",
        compute_sudo=True,
        help="Why this order cannot be confirmed now because of its supplier.",
    )

    @api.depends("partner_id", "company_id", "state")
    def _compute_supplier_problem(self):
        problems = {}
        for company, orders in self.grouped("company_id").items():
            if company:
                problems |= {company: orders.partner_id._supplier_problems("order", company)}
        for order in self:
            sentences = problems.get(order.company_id, {}).get(order.partner_id.id, [])
            waiting = order.state in ("draft", "sent", "to approve")
            order.supplier_problem = "\n".join(sentences) if waiting and sentences else False

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._check_supplier_approved()
        return orders

    def write(self, vals):
        entering = self.browse()
        if vals.get("state") == "purchase":
            entering = self.filtered(lambda order: order.state != "purchase")
        if "partner_id" in vals or "company_id" in vals:
            entering = self
        result = super().write(vals)
        entering._check_supplier_approved()
        return result

    def _check_supplier_approved(self):
        """Refuse confirmed orders to suppliers that are not approved.

        :raises UserError: naming the orders and why
        """
        # sudo: the gate holds whoever confirms, and whatever they may read
        orders = self.sudo().filtered(lambda order: order.state == "purchase")
        self.env["res.partner"]._check_supplier_gate(
            "order", [(order.company_id, order.partner_id, order.name) for order in orders]
        )
