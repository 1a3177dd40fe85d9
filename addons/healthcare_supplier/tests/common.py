"""Builders for suppliers under qualification."""

import base64
from datetime import timedelta

from odoo import fields
from odoo.addons.healthcare_approval.tests.common import ApprovalBuilders
from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon

#: The smallest thing that is a PDF by its first bytes.
PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n")


class SupplierBuilders(ApprovalBuilders):
    """What tests of suppliers need, beside ``HealthcareCommon`` or anything like it.

    :meth:`set_up_suppliers` makes ``second_clerk``, ``officer`` and ``second_officer``
    (compliance), ``finance``, ``manager`` (approver), and ``category`` with a mandatory tax form
    (no expiry) and insurance (document, expiry, reminder 60 days), and an optional diversity
    certificate.
    """

    roles = {
        **ROLES,
        "compliance": "healthcare_supplier.group_compliance",
        "finance": "healthcare_supplier.group_finance",
    }

    @classmethod
    def set_up_suppliers(cls):
        """Make the people and the category; call after ``HealthcareCommon.setUpClass``."""
        cls.today = fields.Date.today()
        cls.second_clerk = cls.make_user("test_second_clerk", "healthcare_base.group_clerk")
        cls.officer = cls.users["compliance"]
        cls.second_officer = cls.make_user("test_second_officer", "healthcare_supplier.group_compliance")
        cls.finance = cls.users["finance"]
        cls.manager = cls.users["approver"]
        cls.category = cls.env["healthcare.supplier.category"].create(
            {
                "name": "Test supplies",
                "on_expiry": "suspended",
                "grace_days": 14,
                "requirement_ids": [
                    fields.Command.create(
                        {"kind": "tax_form", "needs_document": False, "needs_expiry": False}
                    ),
                    fields.Command.create({"kind": "insurance", "reminder_days": 60}),
                    fields.Command.create({"kind": "diversity", "mandatory": False}),
                ],
            }
        )

    @classmethod
    def make_draft_supplier(cls, name="Newcomer Devices", user=None, **values):
        """Return a supplier under qualification in draft, made by ``user``, default the clerk."""
        return (
            cls.env["res.partner"]
            .with_user(user or cls.users["clerk"])
            .create(
                {
                    "name": name,
                    "is_company": True,
                    "supplier_state": "draft",
                    "supplier_category_id": cls.category.id,
                    **values,
                }
            )
        )

    @classmethod
    def make_approved_supplier(cls, name="Known Devices", **values):
        """Return an approved supplier, as the demo and migrations make it."""
        supplier = cls.make_supplier(name, **values)
        supplier._set_supplier_state("approved")
        return supplier

    @classmethod
    def hand_in(cls, supplier, kind, user=None, **values):
        """Fill in the supplier's qualification of a kind as ``user``, default the clerk."""
        row = supplier.sudo().qualification_ids.filtered(lambda row: row.kind == kind and not row.decision)
        row = row[:1].sudo(False).with_user(user or cls.users["clerk"])
        if kind == "insurance":
            values = {
                "document": PDF,
                "document_name": "policy.pdf",
                "valid_to": cls.today + timedelta(days=365),
                **values,
            }
        row.write({"number": f"{kind}-1", **values})
        return row

    @classmethod
    def hand_in_all(cls, supplier, verify=True):
        """Hand in what is mandatory, and have compliance verify it."""
        rows = cls.hand_in(supplier, "tax_form") | cls.hand_in(supplier, "insurance")
        if verify:
            rows.with_user(cls.officer).action_verify()
        return rows

    @classmethod
    def submit(cls, supplier, user=None):
        """Submit a supplier; return the pending request."""
        supplier = supplier.with_user(user or cls.users["clerk"])
        supplier.action_submit_supplier()
        return cls.pending(supplier)

    @classmethod
    def pending(cls, supplier):
        """Return the request that waits for a decision about a supplier."""
        return (
            supplier.sudo()
            .approval_request_ids.filtered(lambda request: request.state == "pending")
            .sudo(False)
        )

    @classmethod
    def approve_by_three(cls, request):
        """Approve a request for a supplier by procurement, compliance and finance."""
        for user in (cls.manager, cls.second_officer, cls.finance):
            cls.approve(request, user)
        return request


class SupplierCommon(SupplierBuilders, HealthcareCommon):
    """``HealthcareCommon`` with what tests of suppliers need, and the gate on since yesterday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_suppliers()
        cls.company.supplier_gate_date = cls.today - timedelta(days=1)
