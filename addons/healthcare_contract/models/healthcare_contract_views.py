from datetime import timedelta

from odoo import api, fields, models


class HealthcareContract(models.Model):
    """What the form and the lists show beside the contract itself."""

    _inherit = "healthcare.contract"  # pylint: disable=consider-merging-classes-inherited

    # Days before its end from which a contract without notice is shown as expiring.
    _expiring_days = 90

    is_expiring = fields.Boolean(
        string="Expiring",
        compute="_compute_is_expiring",
        search="_search_is_expiring",
        help="Active, and its notice date is there, or its end is near.",
    )
    order_count = fields.Integer(compute="_compute_order_count")
    version_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    unresolved_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    problem_count = fields.Integer(compute="_compute_counts", compute_sudo=True)

    @api.depends("state", "notice_date", "valid_to")
    def _compute_is_expiring(self):
        today = fields.Date.context_today(self)
        near = today + timedelta(days=self._expiring_days)
        for contract in self:
            contract.is_expiring = bool(
                contract.state == "active"
                and not contract.superseded_by_id
                and contract.valid_to
                and (contract.valid_to <= near or contract.notice_date <= today)
            )

    @api.model
    def _search_is_expiring(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domain = fields.Domain(
            [
                ("state", "=", "active"),
                ("superseded_by_id", "=", False),
                "|",
                ("valid_to", "<=", today + timedelta(days=self._expiring_days)),
                ("notice_date", "<=", today),
            ]
        )
        return domain if True in value else ~domain

    @api.depends("order_ids")
    def _compute_order_count(self):
        readable = self.env["purchase.order"].has_access("read")
        counts = (
            dict(
                self.env["purchase.order"]._read_group(
                    [("contract_id", "in", self.root_id.version_ids.ids)], ["contract_id"], ["__count"]
                )
            )
            if readable
            else {}
        )
        for contract in self:
            contract.order_count = sum(counts.get(version, 0) for version in contract.root_id.version_ids)

    @api.depends("root_id.version_ids", "line_ids.is_unresolved", "problem_ids.is_done")
    def _compute_counts(self):
        unresolved = dict(
            self.env["healthcare.contract.line"]._read_group(
                [("contract_id", "in", self.ids), ("is_unresolved", "=", True)], ["contract_id"], ["__count"]
            )
        )
        problems = dict(
            self.env["healthcare.contract.problem"]._read_group(
                [("contract_id", "in", self.ids), ("is_done", "=", False)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.version_count = len(contract.root_id.version_ids)
            contract.unresolved_count = unresolved.get(contract, 0)
            contract.problem_count = problems.get(contract, 0)

    def action_view_orders(self):
        """Open the orders that name a version of this contract."""
        self.ensure_one()
        return self._window(
            self.env._("Orders"), "purchase.order", [("contract_id.root_id", "=", self.root_id.id)]
        )

    def action_view_versions(self):
        """Open all versions of this contract."""
        self.ensure_one()
        return self._window(
            self.env._("Versions"), "healthcare.contract", [("root_id", "=", self.root_id.id)]
        )

    def action_view_unresolved(self):
        """Open the lines whose item is unknown."""
        self.ensure_one()
        return self._window(
            self.env._("Unknown Items"),
            "healthcare.contract.line",
            [("contract_id", "=", self.id), ("is_unresolved", "=", True)],
        )

    def _window(self, name, model, domain):
        """Return an action that shows records as a list."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": domain,
            "context": {"create": False},
        }
