from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.tests import tagged
from odoo.tools import SQL

from .price_feed_common import PriceFeedCommon


@tagged("post_install", "-at_install")
class TestPriceFeedTwin(PriceFeedCommon):
    """The set-based resolution of items and units says what the one for single lines says."""

    def setUp(self):
        super().setUp()
        self.box_gtin = with_gs1_check_digit("2061414100017")
        self.gloves_box.gtins = self.box_gtin
        self.make_packaging(self.gloves, "XBX", 12, partner_id=self.supplier.id, date_from="2031-01-01")
        self.make_packaging(self.suture, "XBX", 36, partner_id=self.supplier.id)
        self.make_packaging(self.suture, "XBX", 24)
        self.make_packaging(self.suture, "XPK", 6, partner_id=self.other_supplier.id)
        self.drug = self.make_product(
            "Drug", "DRG", ndc="00777310502", barcode=with_gs1_check_digit("061414100002")
        )
        self.retired = self.make_product("Retired", "OLD", active=False)
        self.twin = self.make_product("Another glove", "GLV-2", manufacturer_code="MFG-GLV")
        self.items = [
            {"supplier_code": "S-GLV"},
            {"buyer_code": "GLV-1"},
            {"buyer_code": "OLD"},
            {"manufacturer_code": "MFG-GLV"},
            {"gtin": self.box_gtin},
            {"gtin": self.gloves.gtin},
            {"gtin": self.drug.gtin},
            {"udi_di": f"(01){self.box_gtin}"},
            {"ndc": "0777-3105-02"},
            {"supplier_code": "S-SUT", "gtin": self.gloves.gtin},
            {"buyer_code": "GLV-2", "manufacturer_code": "MFG-GLV", "gtin": self.box_gtin},
            {"supplier_code": "NOBODY"},
            {},
        ]
        self.units = ["EA", "C62", "BX", "XBX", "XCS", "XPK", "DZN", "DZ", "KGM", "??"]

    def resolved(self, feed):
        """Return ``{line id: (products, strongest first; uom id; factor)}`` of the twin."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "WITH %s SELECT s.id, (SELECT array_agg(p ORDER BY r.rank, n) FROM ranked r"
                " CROSS JOIN LATERAL unnest(r.products) WITH ORDINALITY AS u(p, n) WHERE r.id = s.id),"
                " u.uom_id, u.factor FROM slice s LEFT JOIN unit u ON u.id = s.id",
                feed._resolve_sql(SQL("l.feed_id = %s", feed.id)),
            )
        )
        return {row[0]: (list(dict.fromkeys(row[1] or [])), row[2], row[3]) for row in self.env.cr.fetchall()}

    def test_items(self):
        """Same items in the same order for every kind of code."""
        feed = self.deliver(
            self.catalog(*(self.line(n, item=item, amount="1") for n, item in enumerate(self.items)))
        )
        twin = self.resolved(feed)
        found = (
            self.env["healthcare.packaging"]
            .with_company(self.company)
            ._find_products(
                [
                    {"key": str(n), "partner_id": self.supplier.id, "item": item}
                    for n, item in enumerate(self.items)
                ]
            )
        )
        for line in feed.line_ids:
            self.assertEqual(twin[line.id][0], found[line.line_number], self.items[int(line.line_number)])
        self.assertTrue(any(found.values()))

    def test_units(self):
        """Same unit and factor for every code, item and day."""
        cases = [
            (product, unit, day)
            for product in (self.gloves, self.suture, self.drug)
            for unit in self.units
            for day in (None, "2031-06-01")
        ]
        feed = self.deliver(
            self.catalog(
                *(
                    self.line(
                        n,
                        item={"buyer_code": product.default_code},
                        amount="1",
                        unit=unit,
                        price={"valid_from": day} if day else {},
                    )
                    for n, (product, unit, day) in enumerate(cases)
                )
            )
        )
        twin = self.resolved(feed)
        found = self.env["healthcare.packaging"]._resolve_units(
            [
                {
                    "key": str(n),
                    "product_id": product.id,
                    "partner_id": self.supplier.id,
                    "unit_code": unit,
                    "date": day,
                }
                for n, (product, unit, day) in enumerate(cases)
            ]
        )
        for line in feed.line_ids:
            expected = found[line.line_number]
            self.assertEqual(
                twin[line.id][1:],
                (expected["uom_id"], expected["factor"]) if expected else (None, None),
                cases[int(line.line_number)],
            )
        self.assertIn(12, {answer["factor"] for answer in found.values() if answer})
        self.assertIn(None, found.values())
