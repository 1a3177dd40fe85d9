from contextlib import ExitStack

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ExchangeCommon


@tagged("post_install", "-at_install")
class TestCodes(ExchangeCommon):
    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("CODES")
        self.model = self.env["healthcare.exchange.code"]

    def code(self, code, partner_code, table="unit", direction="both", endpoint=None):
        return self.model.create(
            {
                "endpoint_id": (endpoint or self.endpoint).id,
                "table": table,
                "code": code,
                "partner_code": partner_code,
                "direction": direction,
            }
        )

    def refused(self, reason):
        """``assertRaisesRegex`` leaves what was refused in the transaction."""
        stack = ExitStack()
        stack.enter_context(self.assertRaisesRegex(ValidationError, reason))
        stack.enter_context(self.env.cr.savepoint())
        return stack

    def test_each_side_is_told_its_own_direction(self):
        self.code("XBX", "KART")
        self.code("XBX", "KTN", direction="inbound")
        self.code("EA", "ST", direction="outbound")
        self.code("NORTH", "00417", table="ship_to")
        self.code("XBX", "other", endpoint=self.make_endpoint("OTHER"))
        self.enqueue(self.endpoint, "P1")
        _token, [row] = self.claim()
        self.assertEqual(
            row["code_tables"], {"unit": {"XBX": "KART", "EA": "ST"}, "ship_to": {"NORTH": "00417"}}
        )
        entries = {entry["code"]: entry for entry in self.service().endpoints()}
        self.assertEqual(
            entries["CODES"]["code_tables"],
            {"unit": {"KART": "XBX", "KTN": "XBX"}, "ship_to": {"00417": "NORTH"}},
        )
        self.assertEqual(entries["OTHER"]["code_tables"], {"unit": {"other": "XBX"}})

    def test_one_code_has_one_counterpart(self):
        self.code("XBX", "KART")
        with self.refused("outbound, 'XBX' would mean both 'KART' and 'KTN'"):
            self.code("XBX", "KTN")
        with self.refused("inbound, 'KART' would mean both"):
            self.code("XCS", "KART", direction="inbound")
        self.code("XCS", "KART", table="carrier")
        for bad in (" ", " KART", "KA\nRT", "x" * 201):
            with self.refused("is not a code"):
                self.code("EA", bad)

    def test_the_directory_asks_once_for_all_endpoints(self):
        for index in range(5):
            endpoint = self.make_endpoint(f"MANY_{index}")
            self.code("XBX", "KART", endpoint=endpoint)
            self.make_mapping(endpoint, document_type="invoice", direction="inbound")
        service = self.service()
        service.endpoints()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        service.endpoints()
        few = self.cr.sql_log_count - before
        for index in range(5, 25):
            endpoint = self.make_endpoint(f"MANY_{index}")
            self.code("XBX", "KART", endpoint=endpoint)
            self.make_mapping(endpoint, document_type="invoice", direction="inbound")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        service.endpoints()
        self.assertLessEqual(self.cr.sql_log_count - before, few + 2)
