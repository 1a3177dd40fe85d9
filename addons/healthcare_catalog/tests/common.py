"""Builders for the tests of the catalog, and of the addons above it."""

from odoo import Command
from odoo.addons.healthcare_approval.tests.common import ApprovalBuilders
from odoo.addons.healthcare_base.tests.common import HealthcareCommon


class CatalogBuilders(ApprovalBuilders):
    """What tests of items, formularies, substitutes and recalls need, beside ``HealthcareCommon``."""

    @classmethod
    def add_clinical(cls):
        """Make a clinical reviewer, ``clinical``."""
        cls.clinical = cls.make_user("test_clinical", "healthcare_catalog.group_clinical")

    @classmethod
    def approve_items(cls, *products):
        """Have products in the catalog as approved items."""
        for product in products:
            template = product.product_tmpl_id.sudo()
            template.write({"item_type": "supply", "item_state": "approved"})

    @classmethod
    def make_formulary(cls, *lines, facility=None, **values):
        """Return a formulary of the test company with these rules (values of lines)."""
        return cls.env["healthcare.formulary"].create(
            {
                "name": facility.name if facility else "Group policy",
                "company_id": cls.company.id,
                "facility_id": facility.id if facility else False,
                "line_ids": [Command.create(line) for line in lines],
                **values,
            }
        )

    @classmethod
    def make_placeholder(cls, limit=500.0, name="Free text: supplies"):
        """Return a placeholder with the clerk as owner."""
        product = cls.env["product.product"].create(
            {"name": name, "type": "consu", "is_storable": False, "purchase_ok": True}
        )
        product.product_tmpl_id.action_make_placeholder(cls.users["clerk"].id, limit)
        return product

    @classmethod
    def make_recall(cls, product, lots=None, activate=True, **values):
        """Return a recall of lots of a product (default: of all), in force unless told."""
        recall = cls.env["healthcare.recall"].create(
            {
                "reference": "Z-1",
                "recall_class": "1",
                "reason": "Seal may leak.",
                "line_ids": [
                    Command.create(
                        {"product_id": product.id, "all_lots": lots is None, "lot_names": lots or False}
                    )
                ],
                **values,
            }
        )
        if activate:
            recall.action_activate()
        return recall

    @classmethod
    def make_lot(cls, product, name, quantity=0.0, location=None):
        """Return a lot, with stock of it at the warehouse unless told."""
        lot = cls.env["stock.lot"].create(
            {"name": name, "product_id": product.id, "company_id": cls.company.id}
        )
        if quantity:
            cls.stock(product, quantity, lot=lot, location=location)
        return lot

    @classmethod
    def stock(cls, product, quantity, lot=None, location=None):
        """Put stock on a shelf by a count."""
        quant = (
            cls.env["stock.quant"]
            .with_context(inventory_mode=True)
            .create(
                {
                    "product_id": product.id,
                    "lot_id": lot.id if lot else False,
                    "location_id": (location or cls.warehouse.lot_stock_id).id,
                    "inventory_quantity": quantity,
                }
            )
        )
        quant.action_apply_inventory()
        return quant

    @classmethod
    def make_location(cls, name, **values):
        """Return an internal location of the warehouse."""
        return cls.env["stock.location"].create(
            {
                "name": name,
                "usage": "internal",
                "location_id": cls.warehouse.view_location_id.id,
                "company_id": cls.company.id,
                **values,
            }
        )


class CatalogCommon(CatalogBuilders, HealthcareCommon):
    """``HealthcareCommon`` with a clinical reviewer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_clinical()
