from decimal import Decimal

from odoo import api, models

from ..tools.digest import digest_of, jsonable

#: Head fields that are approved; addons that add fields of their own name these too.
HEAD_FIELDS = (
    "partner_id",
    "currency_id",
    "company_id",
    "payment_term_id",
    "fiscal_position_id",
    "incoterm_id",
    "picking_type_id",
    "dest_address_id",
)


class PurchaseOrder(models.Model):
    """What an order commits to is what was approved."""

    _name = "purchase.order"
    _inherit = [
        "purchase.order",
        "healthcare.approval.document",
        "healthcare.approval.mixin",
        "tier.validation",
    ]

    _approval_head_fields = HEAD_FIELDS
    _approval_fixed_fields = ("partner_id", "currency_id", "company_id", "payment_term_id")
    _approval_lines_field = "order_line"
    _approval_line_fields = (
        "product_id",
        "name",
        "product_qty",
        "product_uom_id",
        "price_unit",
        "discount",
        "tax_ids",
        "date_planned",
    )
    _approval_line_fixed_fields = ("product_id", "product_uom_id", "tax_ids")
    _approval_line_limited_fields = ("product_qty",)

    @api.model
    def _approval_states(self):
        return {"purchase", "done"}

    @api.model
    def _approval_is_line(self, line):
        return not line.display_type

    def _approval_limits(self, was, values):
        """An order grows by quantity and by the price after discount."""
        return [
            *super()._approval_limits(was, values),
            ("price_unit", self._net_price(was), self._net_price(values)),
        ]

    @api.model
    def _net_price(self, values):
        """Return the price after discount of a line's content, exactly."""
        price = Decimal(values.get("price_unit") or 0)
        return price * (1 - Decimal(values.get("discount") or 0) / 100)

    def _approval_change_hint(self):
        return self.env._("Use Ask for a Change.")

    # A change of an order in force, as an approval request of kind "override"

    def action_ask_for_change(self):
        """Open the form in which to ask for other quantities and prices of a confirmed order."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for a Change"),
            "res_model": "healthcare.approval.order.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _approval_snapshot(self, kind):
        if kind != "override":
            return super()._approval_snapshot(kind)
        return self._approval_content()

    def _approval_covers(self, kind):
        return kind == "override" or super()._approval_covers(kind)

    def _approval_title(self, kind, proposed_values):
        if kind != "override":
            return super()._approval_title(kind, proposed_values)
        return self.env._("Change of order %s", self.name)

    def _approval_describe(self, kind, proposed_values, snapshot):
        if "lines" not in proposed_values:
            return super()._approval_describe(kind, proposed_values, snapshot)
        lines = []
        for change in proposed_values["lines"]:
            line = self.order_line.browse(change["line_id"]).exists()
            was = snapshot.get("lines", {}).get(str(change["line_id"]), {})
            for name in ("product_qty", "price_unit"):
                if name in change:
                    label = self._approval_label(line, name)
                    item = change.get("product") or line.display_name
                    lines.append(f"{item}: {label} {was.get(name, '–')} → {change[name]}")
        return lines

    def _approval_facts(self, kind):
        return {
            **super()._approval_facts(kind),
            "amount": self.amount_total,
            "currency_id": self.currency_id.id,
        }

    def _approval_apply(self, kind, proposed_values):
        """Change the lines of the order, and take the change up in what was approved.

        :param proposed_values: ``{"lines": [{"line_id", "product_qty", "price_unit"}]}``
        """
        if kind != "override" or "lines" not in proposed_values:
            return super()._approval_apply(kind, proposed_values)
        lines = {line.id: line for line in self.order_line}
        changes = [
            (
                lines[change["line_id"]],
                {name: float(change[name]) for name in ("product_qty", "price_unit") if name in change},
            )
            for change in proposed_values["lines"]
        ]
        self._approval_extend(changes)
        for line, values in changes:
            line.write(values)
        return None

    def _approval_extend(self, changes):
        """Take changes of lines up in what was approved, before they are written.

        :param changes: list of ``(line, {field: value})``
        """
        self.ensure_one()
        content = self.approval_content if self.approval_digest else self._approval_content()
        for line, values in changes:
            entry = content["lines"].setdefault(str(line.id), self._approval_content()["lines"][str(line.id)])
            entry.update({name: jsonable(value) for name, value in values.items()})
        self.write({"approval_content": content, "approval_digest": digest_of(content)})
