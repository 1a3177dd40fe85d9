"""Builders for the tests of this addon and of the addons above it."""

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
    """``HealthcareCommon`` with an integration approver (``users["integration_approver"]``)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["integration_approver"] = cls.make_user(
            "test_integration_approver", "healthcare_approval.group_integration_approver"
        )
