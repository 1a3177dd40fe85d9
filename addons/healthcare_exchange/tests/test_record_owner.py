import json
import uuid

from odoo import SUPERUSER_ID, api
from odoo.addons.healthcare_approval.tests.common import ApprovalCommon
from odoo.exceptions import AccessError, ValidationError
from odoo.orm.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name

from ..exceptions import DocumentRejected
from .common import ExchangeBuilders, canonical, envelope

MODEL = "healthcare.record.owner"


@tagged("post_install", "-at_install")
class TestRecordOwner(ExchangeBuilders, ApprovalCommon):
    """Who owns a field writes it; anybody else is refused, and it is seen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.admin = self.users["administrator"]
        self.terms = self.env["account.payment.term"].create({"name": "30 days"})
        self.row = self.env.ref("healthcare_exchange.owner_supplier_payment_terms")
        self.erp = self.make_endpoint("ERP", system="erp")
        self.supplier_endpoint = self.make_endpoint("SUP")
        self.before = self.env["healthcare.audit.entry"]
        self.before = self.refusals()

    def enforce(self):
        self.row.date_from = "2026-01-01"

    def refusals(self):
        """Return what was refused in this test, newest first."""
        entries = self.env["healthcare.audit.entry"].sudo()
        return entries.search([("action", "=", "refused"), ("model", "=", "res.partner")]) - self.before

    def test_declared_only_hinders_nobody(self):
        self.supplier.with_user(self.admin).property_supplier_payment_term_id = self.terms
        self.assertFalse(self.refusals())

    def test_a_write_against_the_matrix_is_refused_and_listed(self):
        self.enforce()
        supplier = self.supplier.with_user(self.admin)
        for context in ({}, {"healthcare_exchange.acting_endpoint_id": self.erp.id, "su": True}):
            with self.assertRaisesRegex(AccessError, "belong to Finance ERP.*Refused Writes"):
                supplier.with_context(**context).write({"property_supplier_payment_term_id": self.terms.id})
        entry = self.refusals()[0]
        self.assertEqual((entry.model, entry.res_id), ("res.partner", self.supplier.id))
        self.assertEqual(entry.login, self.admin.login)
        changes = json.loads(entry.changes)
        self.assertEqual(changes["property_supplier_payment_term_id"], [None, "30 days"])
        self.assertEqual(changes["written_by"], [None, "odoo"])
        self.assertTrue(entry.recorded_at)
        self.assertFalse(supplier.property_supplier_payment_term_id)

    def test_creating_is_writing_too(self):
        self.enforce()
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.admin).create(
                {"name": "New", "property_supplier_payment_term_id": self.terms.id}
            )
        self.env["res.partner"].with_user(self.admin).create({"name": "New"})
        owners = self.env[MODEL]
        with owners._acting_for(self.supplier_endpoint):
            new = self.env["res.partner"].create({"name": "A supplier registers itself"})
            with self.assertRaises(DocumentRejected):
                new.name = "And renames itself"
        with owners._acting_for(self.erp), self.assertRaises(DocumentRejected):
            self.env["res.partner"].create({"name": "Not where suppliers come from"})

    def test_no_default_of_the_context_fills_what_another_system_owns(self):
        self.enforce()
        partners = self.env["res.partner"].with_user(self.admin)
        context = {"default_property_supplier_payment_term_id": self.terms.id, "default_comment": "mine"}
        new = partners.with_context(**context).create({"name": "New"})
        self.assertFalse(new.property_supplier_payment_term_id)
        self.assertIn("mine", new.comment)
        self.assertEqual(new.env.context.get("default_comment"), "mine")

    def test_the_same_value_is_no_conflict(self):
        self.supplier.property_supplier_payment_term_id = self.terms
        self.enforce()
        self.supplier.with_user(self.admin).write(
            {"property_supplier_payment_term_id": self.terms.id, "phone": "1"}
        )
        self.assertFalse(self.refusals())

    def test_the_owner_writes_and_another_endpoint_does_not(self):
        self.enforce()
        owners = self.env[MODEL]
        with owners._acting_for(self.erp):
            self.supplier.property_supplier_payment_term_id = self.terms
            with self.assertRaises(DocumentRejected) as caught:
                self.supplier.name = "The ERP's name for it"
        self.assertEqual(caught.exception.errors[0]["code"], "not_system_of_record")
        with owners._acting_for(self.supplier_endpoint), self.assertRaises(DocumentRejected):
            self.supplier.property_supplier_payment_term_id = False
        self.assertEqual(self.supplier.property_supplier_payment_term_id, self.terms)
        self.assertFalse(owners._acting_endpoint(), "the transaction is the person's again")
        with self.assertRaises(AccessError):
            self.supplier.property_supplier_payment_term_id = False

    def test_in_force_by_itself_where_the_owner_is_connected(self):
        elsewhere = self.make_company("Elsewhere")
        supplier = self.supplier.with_user(self.admin)
        self.assertFalse(self.row.connected_company_ids)
        connected = self.make_endpoint("ERP_IN", (("supplier", "inbound"),), system="erp")
        self.row.invalidate_recordset()
        self.assertEqual(self.row.connected_company_ids, connected.company_id)
        with self.assertRaisesRegex(AccessError, "belong to Finance ERP"):
            supplier.property_supplier_payment_term_id = self.terms
        self.supplier.with_company(elsewhere).property_supplier_payment_term_id = self.terms
        with self.env[MODEL]._acting_for(connected):
            self.supplier.property_supplier_payment_term_id = self.terms
        connected.state = "suspended"
        with self.assertRaises(AccessError):
            supplier.property_supplier_payment_term_id = False
        connected.active = False
        supplier.property_supplier_payment_term_id = False

    def test_who_approves_an_endpoint_reads_what_becomes_its_own(self):
        ways = (("supplier", "inbound"),)
        draft = self.make_endpoint("ERP_IN", ways, system="erp", state="draft")
        told = "\n".join(draft._approval_describe("endpoint", {"state": "active"}, {}))
        self.assertIn("Supplier: Payment terms belong to Finance ERP", told)
        other = self.make_endpoint("INV_IN", ways, system="inventory", state="draft")
        self.assertNotIn(
            "belong to", "\n".join(other._approval_describe("endpoint", {"state": "active"}, {}))
        )
        draft.state = "active"
        second = self.make_endpoint("ERP_2", ways, system="erp", state="draft")
        self.assertFalse(self.env[MODEL]._brought_into_force_by(second), "nothing new")

    def test_nobody_alone_says_what_comes_into_force_by_itself(self):
        row = self.row.with_user(self.admin)
        for values in ({"connected_by": False}, {"owner": "odoo"}, {"active": False}):
            with self.assertRaises(AccessError):
                row.write(values)
        with self.assertRaises(AccessError):
            row.unlink()
        values = {"entity": "X", "field_group": "Y", "owner": "erp", "initiates": "erp", "confirms": "erp"}
        with self.assertRaises(AccessError):
            row.create({**values, "connected_by": "supplier"})
        made = row.with_context(default_connected_by="supplier").create(values)
        self.assertFalse(made.connected_by)
        with self.assertRaises(AccessError):
            made.connected_by = "supplier"
        action = row.action_propose()
        proposal = self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])
        self.assertEqual((proposal.connected_by, proposal.enforced), ("supplier", False))
        proposal.connected_by = False
        proposal.action_propose()
        self.assertTrue(row.connected_by)
        self.approve(row.approval_request_ids, self.users["approver"])
        self.assertFalse(row.connected_by)

    def test_a_document_of_the_wrong_system_is_rejected(self):
        """From ingest on: the message is rejected with the reason, and nothing has changed."""
        handler = type(self.env["healthcare.document.functional_acknowledgement"])
        self.enforce()
        supplier = self.supplier

        def rename(handler, documents, messages):
            handler.env["res.partner"].browse(supplier.id).name = "Renamed by a supplier"
            return [{"record": None, "exceptions": []}]

        self.patch(handler, "_from_canonical", rename)
        service = self.service()
        document = canonical("functional_acknowledgement", "A1", status="accepted")
        [stored] = service.ingest("SUP", [envelope(document)])
        [answer] = service.process([stored["message_uuid"]])
        self.assertEqual(answer["status"], "rejected")
        self.assertEqual(answer["errors"][0]["code"], "not_system_of_record")
        self.assertNotEqual(supplier.name, "Renamed by a supplier")

    def test_of_one_company(self):
        self.enforce()
        self.row.company_id = self.make_company("Elsewhere")
        self.supplier.with_user(self.admin).property_supplier_payment_term_id = self.terms

    def test_the_matrix_changes_with_a_second_person_only(self):
        row = self.row.with_user(self.admin)
        for context in ({}, {"su": True, "install_mode": True}):
            with self.assertRaises(AccessError):
                row.with_context(**context).write({"date_from": "2026-01-01"})
        row.action_put_in_force()
        with self.assertRaises(AccessError):
            self.approve(row.approval_request_ids, self.admin)
        self.approve(row.approval_request_ids, self.users["approver"])
        self.assertTrue(row.date_from)
        for values in ({"owner": "odoo"}, {"active": False}, {"field_names": False}):
            with self.assertRaises(AccessError):
                row.write(values)
        with self.assertRaises(AccessError):
            row.unlink()
        with self.assertRaises(AccessError):
            row.create(
                {
                    "entity": "X",
                    "field_group": "Y",
                    "owner": "odoo",
                    "initiates": "odoo",
                    "confirms": "odoo",
                    "date_from": "2026-01-01",
                }
            )
        action = row.action_propose()
        proposal = self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])
        proposal.write({"owner": "odoo", "reason": "The ERP is switched off"})
        proposal.action_propose()
        self.assertEqual(row.owner, "erp")
        request = row.approval_request_ids.filtered(lambda one: one.state == "pending")
        self.approve(request, self.users["approver"])
        self.assertEqual((row.owner, row.field_names), ("odoo", "property_supplier_payment_term_id"))
        self.assertTrue(self.audit_entries(row).filtered(lambda one: '"owner"' in one.changes))
        self.supplier.with_user(self.admin).property_supplier_payment_term_id = self.terms

    def test_what_is_shipped(self):
        rows = self.env[MODEL].search([])
        self.assertEqual(
            set(rows.filtered("date_from").mapped("model_name")), set(self.env[MODEL]._guarded_models())
        )
        by_group = {(row.entity, row.field_group): row for row in rows}
        self.assertEqual(by_group["Supplier", "Payment terms"].owner, "erp")
        self.assertEqual(by_group["Bill", "Payment and its status"].owner, "erp")
        for row in rows.filtered("date_from"):
            self.assertEqual(row.owner, "odoo", "what another system owns waits until it is connected")
            self.assertTrue(row.fields_text)

    def test_rows_name_guarded_records_and_their_own_fields(self):
        with self.assertRefused("not guarded", ValidationError):
            self.row.write({"model_name": "res.users", "field_names": "login"})
        for names in ("colour", "name, display_name", "property_supplier_payment_term_id;vat"):
            with self.assertRefused("not stored fields", ValidationError):
                self.row.write({"field_names": names})
        self.enforce()
        with self.assertRefused("name the fields", ValidationError):
            self.row.write({"field_names": " , "})

    def test_only_administrators_ask(self):
        for role in ("approver", "clerk", "auditor"):
            with self.assertRaises(AccessError):
                self.row.with_user(self.users[role]).action_put_in_force()


@tagged("post_install", "-at_install")
class TestRefusalStays(BaseCase):
    def test_the_entry_outlives_the_refused_transaction(self):
        """With real cursors: what was tried is rolled back, that it was tried is not."""
        name = f"Refused {uuid.uuid4()}"
        registry = Registry(get_db_name())
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partner = env["res.partner"].create({"name": name})
            endpoint = env["healthcare.exchange.endpoint"].create(
                {"code": "REFUSED", "name": "x", "connector": "rest-json"}
            )
            with env[MODEL]._acting_for(endpoint), self.assertRaises(DocumentRejected):
                partner.name = "x"
            cr.rollback()
        with registry.cursor() as cr:
            cr.execute(
                "SELECT action, changes FROM healthcare_audit_entry"
                " WHERE res_name = %s AND action = 'refused'",
                [name],
            )
            [(action, changes)] = cr.fetchall()
        self.assertEqual(action, "refused")
        self.assertEqual(json.loads(changes)["name"], [name, "x"])
        self.assertEqual(json.loads(changes)["written_by"], [None, "REFUSED"])
