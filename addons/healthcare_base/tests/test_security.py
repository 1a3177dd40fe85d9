from odoo.tests import tagged

from .common import HealthcareCommon


@tagged("post_install", "-at_install")
class TestSecurity(HealthcareCommon):
    def test_access_matrix(self):
        readers = {"clerk": "r", "approver": "r", "accounts_payable": "r", "auditor": "r"}
        everybody = dict.fromkeys(
            ("requester", "clerk", "approver", "accounts_payable", "storeroom", "auditor"), "r"
        )
        self.assertAccessMatrix(
            {
                "healthcare.facility": {**everybody, "administrator": "crud"},
                "healthcare.facility.account": {**readers, "administrator": "crud"},
                "healthcare.tax.exemption": {**readers, "administrator": "crud"},
                "healthcare.packaging": {**everybody, "clerk": "cru", "administrator": "crud"},
                "healthcare.audit.entry": {"auditor": "r", "administrator": "r"},
                "healthcare.audit.head": {"auditor": "r", "administrator": "r"},
            }
        )
