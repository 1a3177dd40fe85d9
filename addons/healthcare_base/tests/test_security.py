from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import ROLES, HealthcareCommon

PEOPLE = [role for role in ROLES if role != "service"]


@tagged("post_install", "-at_install")
class TestSecurity(HealthcareCommon):
    def test_access_matrix(self):
        everybody = dict.fromkeys(PEOPLE, "r")
        readers = dict.fromkeys(("clerk", "approver", "accounts_payable", "auditor"), "r")
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

    def test_matrix_of_odoo_records(self):
        """What the roles may do with Odoo's documents: its own groups' rights, and reading."""
        # OCA's requests let those who request read orders.
        requests = "purchase.request" in self.env
        self.assertAccessMatrix(
            {
                "purchase.order": {
                    "requester": "r" if requests else "",
                    "clerk": "crud",
                    "approver": "r",
                    "accounts_payable": "ru",
                    "storeroom": "r",
                    "administrator": "crud",
                    "auditor": "r",
                },
                "stock.picking": {
                    "clerk": "crud",
                    "approver": "r",
                    "accounts_payable": "cru",
                    "storeroom": "crud",
                    "administrator": "crud",
                    "auditor": "r",
                },
                "account.move": {
                    "clerk": "crud",
                    "approver": "r",
                    "accounts_payable": "crud",
                    "storeroom": "",
                    "administrator": "crud",
                    "auditor": "r",
                },
                "account.payment": {
                    "accounts_payable": "crud",
                    "administrator": "crud",
                    "auditor": "r",
                },
            }
        )

    def test_the_matrix_can_fail(self):
        with self.assertRaisesRegex(AssertionError, "clerk may r, not -"):
            self.assertAccessMatrix({"healthcare.facility": {}})
        with self.assertRaisesRegex(AssertionError, "service may -, not r"):
            self.assertAccessMatrix({"healthcare.facility": dict.fromkeys(ROLES, "r")})

    def test_the_service_is_nobody(self):
        """No rights but those the suite gives by name; not even those of every employee."""
        user = self.users["service"]
        self.assertFalse(user._is_internal())
        env = self.env(user=user)
        writable = [
            name
            for name, model in env.items()
            if not model._abstract and not model._transient and model.has_access("write")
        ]
        self.assertEqual(writable, [])
        for name in ("res.partner", "product.product", "purchase.order", "account.move", "stock.picking"):
            with self.subTest(model=name), self.assertRaises(AccessError):
                env[name].search([])

    def test_approvers_see_supplier_documents_only(self):
        moves = self.env(user=self.users["approver"])["account.move"]
        self.env["account.journal"].create(
            [
                {"name": "Sales", "code": "TSA", "type": "sale", "company_id": self.company.id},
                {"name": "Purchases", "code": "TPU", "type": "purchase", "company_id": self.company.id},
            ]
        )
        bill, invoice = (
            self.env["account.move"].create(
                {"move_type": move_type, "partner_id": self.supplier.id, "company_id": self.company.id}
            )
            for move_type in ("in_invoice", "out_invoice")
        )
        self.assertEqual(moves.search([("id", "in", (bill + invoice).ids)]), bill)

    def test_everybody_can_open_what_they_may_read(self):
        self.make_supplierinfo(self.gloves, self.other_supplier, "O-GLV", 4.0)
        for role in PEOPLE:
            for record in (self.facility, self.gloves_box):
                with self.subTest(role=role, record=record):
                    Form(record.with_user(self.users[role]))
                    view = record.with_user(self.users[role]).get_views([(False, "list")])
                    names = view["models"][record._name]["fields"]
                    listed = {
                        name: {"fields": {"display_name": {}}} for name in names if name in record._fields
                    }
                    specification = {
                        name: spec if record._fields[name].relational else {} for name, spec in listed.items()
                    }
                    record.with_user(self.users[role]).web_search_read([], specification)
        self.facility.name = "Changed"
        for role in ("auditor", "administrator"):
            Form(self.audit_entries(self.facility, "write").with_user(self.users[role]))
