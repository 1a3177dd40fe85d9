from odoo import models
from odoo.exceptions import AccessError


class HealthcareContractLine(models.Model):
    """Unknown items are looked for again by the codes that were agreed, never by hand.

    What was approved is the contract's code and price. Which item of ours that is, the catalog
    says: so a line of a contract in force is resolved by its codes alone, and a wrong item needs
    an amendment.
    """

    _inherit = "healthcare.contract.line"

    def action_resolve(self):
        """Look for the items of lines whose item is unknown; others stay as they are."""
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_clerk")):
            raise AccessError(self.env._("Contracts are kept by procurement clerks."))
        self.check_access("read")
        self.contract_id.check_access("write")
        # sudo: a line of a contract in force is closed; here its codes decide, not the caller
        self.sudo()._resolve()
        return True

    def _resolve(self):
        """Set the item where the codes name just one; else say why not. In superuser mode."""
        lines = self.filtered(
            lambda line: line.is_unresolved and line.contract_id.state in ("draft", "active")
        )
        if not lines:
            return
        found = self.env["healthcare.packaging"]._find_products(
            [
                {"key": line.id, "partner_id": line.contract_id.partner_id.id, "item": line._item()}
                for line in lines
            ]
        )
        taken = {
            (other.contract_id.id, other.product_id.id): other
            for other in lines.contract_id.line_ids.filtered("product_id")
        }
        unpriceable = lines._unpriceable(found)
        resolved = self.browse()
        for line in lines:
            product, problem = line._resolution(found.get(line.id, ()), taken, unpriceable)
            if product:
                taken[line.contract_id.id, product] = line
                line.write({"product_id": product, "problem": False})
                resolved |= line
            elif line.problem != problem:
                line.problem = problem
        if resolved:
            resolved._resolved()

    def _resolved(self):
        """Called in superuser mode when the items of these lines became known.

        Hook: what was priced without these lines is looked at again there.
        """

    def _resolution(self, found, taken, unpriceable):
        """Return ``(product id or None, why not)`` of one line."""
        self.ensure_one()
        if not found:
            return None, self.env._("No item has one of these codes. Enter the item, or one of its codes.")
        if len(found) > 1:
            names = self.env["product.product"].browse(found[:3]).mapped("display_name")
            return None, self.env._("The codes name several items: %s. Correct the codes.", ", ".join(names))
        twin = taken.get((self.contract_id.id, found[0]))
        if twin:
            return None, self.env._("The item stands in line %s already.", twin.display_name)
        if unit := unpriceable.get((self.id, found[0])):
            return None, self.env._("Unit %s has no factor for the item. Enter a packaging of it.", unit)
        return found[0], None

    def _unpriceable(self, found):
        """Return ``{(line id, product id): unit}`` where a price's unit means nothing for the item."""
        requests = [
            {
                "key": (line.id, found[line.id][0], price.unit_code),
                "product_id": found[line.id][0],
                "partner_id": line.contract_id.partner_id.id,
                "unit_code": price.unit_code,
                "date": price._first_day_for_units(),
            }
            for line in self
            if len(found.get(line.id, ())) == 1
            for price in line.price_ids
        ]
        units = self.env["healthcare.packaging"]._resolve_units(requests) if requests else {}
        return {key[:2]: key[2] for key, unit in units.items() if not unit}

    def _item(self):
        """Return the line's codes as a canonical item."""
        self.ensure_one()
        names = ("buyer_code", "supplier_code", "manufacturer_code", "gtin", "ndc", "hibc", "udi_di")
        return {name: self[name] for name in names if self[name]}
