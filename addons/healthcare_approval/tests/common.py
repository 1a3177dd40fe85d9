"""Builders for the tests of this addon and of the addons above it."""

from odoo import Command
from odoo.addons.healthcare_base.tests.common import HealthcareCommon


class ApprovalBuilders:
    """What tests of approvals need, beside ``HealthcareCommon`` or anything like it."""

    @staticmethod
    def approve(request, user, reason=""):
        """Approve a request as ``user``."""
        request.with_user(user).action_approve(reason)
        request.invalidate_recordset()
        return request


class ApprovalCommon(ApprovalBuilders, HealthcareCommon):
    """``HealthcareCommon`` with an integration approver (``users["integration_approver"]``) and
    two managers, who approve orders from 1000 on (``tier``) where :meth:`make_tier` is called.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["integration_approver"] = cls.make_user(
            "test_integration_approver", "healthcare_approval.group_integration_approver"
        )
        cls.clerk = cls.users["clerk"]
        cls.other_clerk = cls.make_user("test_other_clerk", "healthcare_base.group_clerk")
        cls.manager = cls.make_user("test_manager", "healthcare_base.group_approver")
        cls.director = cls.make_user("test_director", "healthcare_base.group_approver")

    @classmethod
    def make_tier(cls, reviewer, amount=1000, model="purchase.order", **values):
        """Return a tier that asks ``reviewer`` (a user or a group) from ``amount`` on."""
        who = (
            {"review_type": "individual", "reviewer_id": reviewer.id}
            if reviewer._name == "res.users"
            else {"review_type": "group", "reviewer_group_id": reviewer.id}
        )
        return cls.env["tier.definition"].create(
            {
                "name": f"{reviewer.name} from {amount}",
                "model_id": cls.env["ir.model"]._get_id(model),
                "definition_domain": f"[('amount_total', '>=', {amount})]",
                "company_id": cls.company.id,
                "approve_sequence": True,
                **who,
                **values,
            }
        )

    @classmethod
    def make_order(cls, price=10.0, quantity=200, user=None, **values):
        """Return a draft order of one line, made by ``user``, default the clerk."""
        orders = cls.env["purchase.order"].with_user(user or cls.clerk)
        order = orders.create(
            {
                "partner_id": cls.other_supplier.id,  # without a price list: prices stay
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.gloves.id,
                            "product_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        return order.sudo(False)

    @classmethod
    def make_approved_order(cls, **values):
        """Return an order that the clerk asked for and the manager approved, not yet confirmed."""
        order = cls.make_order(**values)
        order.request_validation()
        order.with_user(cls.manager).validate_tier()
        order.invalidate_recordset()
        return order

    def reread(self, record):
        """Return the record as the database has it, for everybody."""
        self.env.flush_all()
        self.env.invalidate_all()
        return record.sudo()
