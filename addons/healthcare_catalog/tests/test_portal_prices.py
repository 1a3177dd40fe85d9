import re

from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .price_feed_common import PriceFeedCommon

CSV = b"supplier_code;description;unit;price\nL-1;Dressing;BX;12.50\n"


@tagged("post_install", "-at_install")
class TestSupplierPortalPrices(HealthcareCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.make_supplier("Larkfield Wound Care")
        cls.other = cls.make_supplier("Another Supplier")
        (cls.mine + cls.other).sudo().write({"supplier_state": "approved"})
        cls.portal = cls.make_portal(cls.mine, "larkfield")
        cls.rival = cls.make_portal(cls.other, "rival")

    @classmethod
    def make_portal(cls, supplier, login):
        """Return a portal user who speaks for a supplier."""
        user = cls.make_user(login, "base.group_portal", password=f"{login}-password")
        user.partner_id.parent_id = supplier
        return user

    def setUp(self):
        super().setUp()
        self.authenticate("larkfield", "larkfield-password")

    def hand_in(self, content=CSV, name="prices.csv"):
        page = self.url_open("/my/supplier/prices")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        files = {"file": (name, content, "text/csv")} if content else None
        return self.url_open("/my/supplier/prices", data={"csrf_token": token}, files=files)

    def uploads(self):
        return self.env["healthcare.exchange.upload"].search([("partner_id", "=", self.mine.id)])

    def test_a_file_is_read_by_the_service_as_this_suppliers(self):
        answer = self.hand_in()
        self.assertIn("We are reading your file", answer.text)
        upload = self.uploads()
        self.assertEqual(upload.requested_by_id, self.portal)
        self.assertEqual(upload.document_type, "catalog")
        self.assertEqual(upload.state, "reading")
        self.assertEqual(upload.command_id.kind, "read_file")
        state = self.make_jsonrpc_request(f"/my/supplier/prices/{upload.id}/state")
        self.assertEqual(state, {"state": "reading"})

    def test_what_was_found_is_shown(self):
        self.hand_in()
        upload = self.uploads()
        upload._read(
            {
                "documents": 0,
                "lines": 1,
                "errors": 1,
                "findings": [
                    {
                        "level": "error",
                        "code": "price",
                        "message": "<b>no number</b>",
                        "line": 2,
                        "path": "price",
                    }
                ],
            },
            "Not taken in",
        )
        page = self.url_open(f"/my/supplier/prices/{upload.id}")
        self.assertIn("Not taken in", page.text)
        self.assertIn("&lt;b&gt;no number&lt;/b&gt;", page.text)
        self.assertIn("prices.csv", self.url_open("/my/supplier/prices").text)

    def test_no_file_and_a_stopped_supplier_are_refused(self):
        self.assertIn("The file is empty", self.hand_in(content=b"").text)
        self.mine.sudo().supplier_state = "blocked"
        self.assertIn("Prices are not taken now", self.hand_in().text)
        self.assertFalse(self.uploads())

    def test_files_of_others_are_not_there(self):
        self.hand_in()
        upload = self.uploads()
        self.authenticate("rival", "rival-password")
        self.assertEqual(self.url_open(f"/my/supplier/prices/{upload.id}").status_code, 404)
        self.assertNotIn("prices.csv", self.url_open("/my/supplier/prices").text)

    def test_what_a_clerk_handed_in_is_not_the_suppliers(self):
        upload = (
            self.env["healthcare.exchange.upload"]
            .with_user(self.users["clerk"])
            ._take(self.mine, "catalog", "internal.csv", CSV)
        )
        self.assertEqual(self.url_open(f"/my/supplier/prices/{upload.id}").status_code, 404)

    def test_a_portal_user_reads_no_uploads_over_rpc(self):
        self.hand_in()
        for model in ("healthcare.exchange.upload", "healthcare.price.feed", "healthcare.price.feed.line"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.portal).search([])


@tagged("post_install", "-at_install")
class TestSupplierPortalPriceLines(PriceFeedCommon, HttpCase):
    """What a supplier sees of the lines of its file."""

    registry_test_mode = False  # price feeds have entered it

    def test_lines_that_were_not_taken_are_a_table(self):
        self.supplier.sudo().supplier_state = "approved"
        portal = self.make_user("larkfield", "base.group_portal", password="larkfield-password")
        portal.partner_id.parent_id = self.supplier
        feed = self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, "NOBODY", "5"))
        upload = self.env["healthcare.exchange.upload"]._take(
            self.supplier, "catalog", "prices.csv", CSV, requested_by=portal
        )
        feed.exchange_message_ids.upload_id = upload
        upload.sudo().state = "partial"
        self.authenticate("larkfield", "larkfield-password")
        page = self.url_open(f"/my/supplier/prices/{upload.id}").text
        self.assertRegex(page, r"<td>2</td>\s*<td>NOBODY</td>\s*<td>[^<]*No item has the code NOBODY\.")
        self.assertNotIn("o_supplier_problem", page)
        # what the reader found and what we found are sentences of their own
        line = feed.line_ids.filtered(lambda each: each.line_number == "2")
        line.sudo().write(
            {"flags": "gtin_invalid item_unknown", "reading": "gtin_invalid", "finding": "no GTIN"}
        )
        self.assertEqual(line.explanation, "no GTIN. No item has the code NOBODY.")
