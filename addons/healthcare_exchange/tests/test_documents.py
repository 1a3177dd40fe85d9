from datetime import date, datetime
from decimal import Decimal

from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.tests import tagged

from ..exceptions import DocumentRejected
from .common import ExchangeBuilders, canonical


@tagged("post_install", "-at_install")
class TestDocumentHelpers(ExchangeBuilders, HealthcareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.documents = cls.env["healthcare.document.functional_acknowledgement"]

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("DOC", partner_id=self.supplier.id)
        self.open_endpoint = self.make_endpoint("OPEN")

    def invoice(self, **parties):
        return canonical(
            "invoice",
            "I1",
            parties={
                role: {"identifiers": [{"scheme": scheme, "value": value} for scheme, value in pairs]}
                for role, pairs in parties.items()
            },
        )

    def rejection(self, method, *arguments):
        with self.assertRaises(DocumentRejected) as caught:
            method(*arguments)
        return [error["code"] for error in caught.exception.errors]

    def test_supplier_of_the_endpoint(self):
        resolve = self.documents._resolve_supplier
        self.assertEqual(resolve(canonical("invoice", "I1"), self.endpoint), self.supplier)
        named = self.invoice(supplier=[("buyer_assigned", self.supplier.ref)])
        self.assertEqual(resolve(named, self.endpoint), self.supplier)
        # Numbers that we do not keep say nothing.
        named = self.invoice(supplier=[("duns", "123456789")])
        self.assertEqual(resolve(named, self.endpoint), self.supplier)

    def test_document_that_names_another_supplier(self):
        resolve = self.documents._resolve_supplier
        for value in (self.other_supplier.ref, "NOBODY"):
            named = self.invoice(supplier=[("buyer_assigned", value)])
            self.assertEqual(self.rejection(resolve, named, self.endpoint), ["supplier_mismatch"])
        self.other_supplier.vat = "US12-3456789"
        named = self.invoice(supplier=[("vat", "US12-3456789")])
        self.assertEqual(self.rejection(resolve, named, self.endpoint), ["supplier_mismatch"])

    def test_supplier_by_identifiers(self):
        resolve = self.documents._resolve_supplier
        named = self.invoice(supplier=[("buyer_assigned", self.other_supplier.ref)])
        self.assertEqual(resolve(named, self.open_endpoint), self.other_supplier)
        for document in (
            canonical("invoice", "I1"),
            self.invoice(supplier=[("buyer_assigned", "NOBODY")]),
            self.invoice(
                supplier=[
                    ("buyer_assigned", self.supplier.ref),
                    ("buyer_assigned", self.other_supplier.ref),
                ]
            ),
        ):
            self.assertEqual(self.rejection(resolve, document, self.open_endpoint), ["supplier_unknown"])

    def test_facility(self):
        resolve = self.documents._resolve_facility
        self.assertEqual(resolve(self.invoice(ship_to=[("gln", self.facility.gln)])), self.facility)
        self.assertEqual(resolve(self.invoice(ship_to=[("buyer_assigned", "CLIN")])), self.clinic)
        both = self.invoice(ship_to=[("buyer_assigned", "CLIN"), ("gln", self.facility.gln)])
        self.assertEqual(resolve(both), self.facility)
        self.assertFalse(resolve(self.invoice(ship_to=[("buyer_assigned", "?")])))
        self.assertFalse(resolve(canonical("invoice", "I1")))

    def test_orders(self):
        orders = self.env["purchase.order"].create(
            [{"partner_id": self.supplier.id}, {"partner_id": self.other_supplier.id}]
        )
        mine, others = orders
        find = self.documents._find_orders
        self.assertEqual(find([mine.name, mine.name, None], self.supplier), {mine.name: mine})
        self.assertEqual(
            self.rejection(find, [mine.name, others.name, "P99999"], self.supplier),
            ["order_of_other_supplier", "order_not_found"],
        )

    def test_party(self):
        self.supplier.write({"street": "1 Main", "zip": "12345", "city": "Springfield"})
        party = self.documents._party(self.supplier)
        self.assertEqual(party["name"], "Test Supplier")
        self.assertIn({"scheme": "buyer_assigned", "value": "TSUP"}, party["identifiers"])
        self.assertEqual(party["address"]["postal_code"], "12345")
        facility = self.documents._facility_party(self.facility)
        self.assertIn({"scheme": "gln", "value": self.facility.gln}, facility["identifiers"])
        self.assertIn({"scheme": "buyer_assigned", "value": "MAIN"}, facility["identifiers"])

    def test_header_and_decimals(self):
        header = self.documents._header(
            "N1", issued_at=datetime(2026, 3, 1, 9, 30, 5, 7), currency=self.company.currency_id
        )
        self.assertEqual(
            header,
            {
                "document_type": "functional_acknowledgement",
                "schema_version": "1.0",
                "number": "N1",
                "issued_at": "2026-03-01T09:30:05Z",
                "currency": self.company.currency_id.name,
            },
        )
        self.assertEqual(self.documents._moment(date(2026, 3, 1)), "2026-03-01")
        for value, digits, text in (
            (0.125, None, "0.125"),
            (0.1, None, "0.1"),
            (1e-7, None, "0.0000001"),
            (1e21, None, "1000000000000000000000"),
            (100, None, "100"),
            (Decimal("10.500"), None, "10.5"),
            (Decimal("-0.00"), None, "0"),
            ("2.5", 0, "3"),
            (Decimal("0.125"), 2, "0.13"),
        ):
            self.assertEqual(self.documents._decimal_str(value, digits), text)
