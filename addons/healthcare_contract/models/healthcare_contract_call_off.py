from odoo import api, fields, models
from odoo.tools import SQL

#: States of an order that commits.
CONFIRMED = ("purchase", "done")


class HealthcareContract(models.Model):
    """What was called off from a contract."""

    _inherit = "healthcare.contract"  # pylint: disable=consider-merging-classes-inherited

    order_ids = fields.One2many("purchase.order", "contract_id", string="Orders")
    called_off = fields.Float(
        compute="_compute_called_off", compute_sudo=True, help="By confirmed orders, before tax."
    )
    called_off_percent = fields.Float(compute="_compute_called_off", compute_sudo=True)

    @api.depends("order_ids.amount_untaxed", "order_ids.state", "not_to_exceed")
    def _compute_called_off(self):
        amounts = self._called_off()
        for contract in self:
            contract.called_off = amounts.get(contract.id, 0.0)
            limit = float(contract.not_to_exceed or 0)
            contract.called_off_percent = 100 * contract.called_off / limit if limit else 0.0

    def _called_off(self, without=None):
        """Return ``{contract id: amount}`` of confirmed orders on any version of each contract.

        In superuser mode.

        :param without: orders that do not count
        """
        if not self.ids:
            return {}
        self.env["purchase.order"].flush_model(["contract_id", "state", "amount_untaxed"])
        self.flush_model(["root_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mine.id, COALESCE(SUM(po.amount_untaxed), 0)::float
                  FROM healthcare_contract mine
                  JOIN healthcare_contract version ON version.root_id = mine.root_id
                  JOIN purchase_order po ON po.contract_id = version.id
                 WHERE mine.id = ANY(%s) AND po.state = ANY(%s) AND NOT po.id = ANY(%s)
                 GROUP BY mine.id
                """,
                list(self.ids),
                list(CONFIRMED),
                list(without.ids if without else ()),
            )
        )
        return {**dict.fromkeys(self.ids, 0.0), **dict(rows)}

    def _lock_call_offs(self):
        """Make two call-offs at a time see each other: the later one is begun anew.

        In superuser mode. Locking without writing would let it go on with what it saw before.
        """
        if not self.ids:
            return
        self.env.cr.execute(
            SQL(
                "UPDATE healthcare_contract SET call_off_serial = COALESCE(call_off_serial, 0) + 1"
                " WHERE id = ANY(%s)",
                sorted(self.root_id.ids),
            )
        )
