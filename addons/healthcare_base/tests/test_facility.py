from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import HealthcareCommon, with_gs1_check_digit


@tagged("post_install", "-at_install")
class TestFacility(HealthcareCommon):
    def test_gln(self):
        gln = with_gs1_check_digit("407777700000")
        self.clinic.gln = f" {gln[:3]} {gln[3:7]}-{gln[7:]} "
        self.assertEqual(self.clinic.gln, gln, "kept as bare digits")
        wrong = gln[:-1] + str((int(gln[-1]) + 1) % 10)
        with self.assertRefused(f"{wrong}.*CLIN.*should be {gln[-1]}"):
            self.clinic.gln = wrong
        for no_gln in ("123", "40777770000A5", "١" * 13):
            with self.assertRefused("13 digits"):
                self.clinic.gln = no_gln

    @mute_logger("odoo.sql_db")
    def test_code_and_gln_are_unique_in_a_company(self):
        with self.assertRefused("code_company_uniq", IntegrityError):
            self.make_facility(" MAIN ")
        with self.assertRefused("gln_company_uniq", IntegrityError):
            self.make_facility("TWIN", gln=self.facility.gln)
        other = self.make_company("Other Group")
        twin = self.make_facility("MAIN", gln=self.facility.gln, company_id=other.id, warehouse_id=False)
        self.assertTrue(twin)

    def test_hierarchy(self):
        ward = self.make_facility("WARD", parent_id=self.clinic.id)
        self.assertEqual(
            self.env["healthcare.facility"].search([("id", "child_of", self.facility.id)]),
            self.facility + self.clinic + ward,
        )
        with self.assertRaises(UserError):
            self.facility.parent_id = ward
        with self.assertRaises(UserError):
            ward.parent_id = ward

    def test_one_company_throughout(self):
        other = self.make_company("Other Group")
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        with self.assertRaises(UserError):
            self.facility.warehouse_id = warehouse
        stranger = self.make_facility("STR", company_id=other.id, warehouse_id=warehouse.id)
        with self.assertRaises(UserError):
            self.clinic.parent_id = stranger

    def test_record_rules(self):
        other = self.make_company("Other Group")
        stranger = self.make_facility("STR", company_id=other.id, warehouse_id=False)
        account = self.env["healthcare.facility.account"].create(
            {"facility_id": stranger.id, "partner_id": self.supplier.id, "account_number": "1"}
        )
        exemption = self.env["healthcare.tax.exemption"].create(
            {"facility_id": stranger.id, "number": "E1", "jurisdiction": "US-OH"}
        )
        for role in ("clerk", "auditor", "administrator"):
            for record in (stranger, account, exemption):
                mine = record.with_user(self.users[role])
                with self.subTest(role=role, record=record), self.assertRaises(AccessError):
                    mine.read(["display_name"])
                self.assertFalse(mine.search([("id", "=", record.id)]))
        with self.assertRaises(AccessError):
            self.facility.with_user(self.users["administrator"]).write({"company_id": other.id})

    def test_addresses(self):
        self.assertEqual(self.facility._ship_to_partner(), self.warehouse.partner_id)
        self.assertEqual(self.facility._bill_to_partner(), self.company.partner_id)
        self.facility.partner_id = self.other_supplier
        self.facility.bill_to_id = self.supplier
        self.assertEqual(self.facility._ship_to_partner(), self.other_supplier)
        self.assertEqual(self.facility._bill_to_partner(), self.supplier)

    def test_found_by_code_name_and_gln(self):
        for text in ("MAIN", "Facility MAIN", self.facility.gln):
            found = self.env["healthcare.facility"].name_search(text)
            self.assertIn(self.facility.id, [item[0] for item in found])
        self.assertEqual(self.facility.display_name, "[MAIN] Facility MAIN")

    @mute_logger("odoo.sql_db")
    def test_supplier_accounts(self):
        values = {
            "facility_id": self.facility.id,
            "partner_id": self.supplier.id,
            "account_number": "4711",
        }
        accounts = self.env["healthcare.facility.account"]
        accounts.create({**values, "price_class": "gpo"})
        accounts.create({**values, "price_class": "340b"})
        with self.assertRefused("account_uniq", IntegrityError):
            accounts.create({**values, "price_class": "gpo", "account_number": "4712"})

    def test_exemption_validity(self):
        exemptions = self.env["healthcare.tax.exemption"]
        values = {"facility_id": self.facility.id, "number": "E1", "jurisdiction": "US-OH"}
        first = exemptions.create({**values, "date_from": "2026-01-01", "date_to": "2026-12-31"})
        self.assertTrue(first._is_valid_on(Date.to_date("2026-12-31")))
        self.assertFalse(first._is_valid_on(Date.to_date("2027-01-01")))
        self.assertTrue(exemptions.create({**values, "date_from": "2027-01-01"}))
        with self.assertRefused("E1 of US-OH"):
            exemptions.create({**values, "date_from": "2026-12-31", "date_to": "2026-12-31"})

    def test_form_of_an_administrator(self):
        user = self.users["administrator"]
        with Form(self.env["healthcare.facility"].with_user(user)) as form:
            form.code = "FORM"
            form.name = "From the form"
            form.gln = with_gs1_check_digit("407777700001")
            form.warehouse_id = self.warehouse
            form.parent_id = self.facility
            with form.account_ids.new() as line:
                line.partner_id = self.supplier
                line.account_number = "99"
        facility = form.record
        self.assertEqual(facility.company_id, self.company)
        self.assertEqual(facility.account_ids.price_class, "own_use")
