from decimal import Decimal

from odoo import models
from odoo.addons.healthcare_approval.models.purchase_order import HEAD_FIELDS
from odoo.exceptions import ValidationError


class PurchaseOrder(models.Model):
    """Who the order is for and how urgent it is are approved too, and decide on the tier."""

    _inherit = "purchase.order"

    _approval_head_fields = (*HEAD_FIELDS, "facility_id", "urgency", "order_kind", "contract_id")

    def _approval_facts(self, kind):
        return {
            **super()._approval_facts(kind),
            "facility_id": self.facility_id.id,
            "urgency": self.urgency,
        }

    def _approval_apply(self, kind, proposed_values):
        """The approved price is the one that bills are held against."""
        result = super()._approval_apply(kind, proposed_values)
        repriced = {
            change["line_id"] for change in proposed_values.get("lines", ()) if "price_unit" in change
        }
        self.order_line.browse(repriced)._agree_price()
        return result

    def _check_accepted_price(self, line, price):
        """Refuse to accept a supplier's price past the one that was approved.

        :param line: line of this order
        :param str price: net price for the line's unit
        :raises ValidationError: saying what was approved
        """
        approved = self.approval_content["lines"].get(str(line.id)) if self.approval_digest else None
        if approved and Decimal(price) > (limit := self._net_price(approved)):
            raise ValidationError(
                self.env._(
                    "%(order)s was approved at %(approved)s for %(line)s; %(price)s needs approval too. "
                    "Use Ask for a Change on the order, then refuse or accept the answer.",
                    order=self.name,
                    approved=limit.normalize().to_eng_string(),
                    line=line.display_name,
                    price=price,
                )
            )
