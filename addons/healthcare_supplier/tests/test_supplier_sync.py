from odoo import fields
from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.addons.healthcare_exchange.tests.common import ExchangeBuilders, canonical
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .bank_common import IBAN, OTHER_IBAN, THIRD_IBAN, BankCommon

GLN = with_gs1_check_digit("400000000001")
OTHER_GLN = with_gs1_check_digit("400000000002")


class SyncCommon(ExchangeBuilders, BankCommon):
    """``erp`` and ``compliance``: endpoints of those systems, both ways."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        ways = (("supplier", "inbound"), ("supplier", "outbound"))
        cls.erp = cls.make_endpoint(cls, "ERP", ways, system="erp")
        cls.compliance = cls.make_endpoint(cls, "VENDOR_CHECK", ways, system="compliance")
        cls.supplier.write({"street": "1 Old Road", "city": "Springfield", "zip": "62701"})
        cls.owners = cls.env["healthcare.record.owner"]
        cls.conflicts = cls.env["healthcare.supplier.conflict"]
        cls.net33 = cls.env["account.payment.term"].create(
            {
                "name": "Test net 33",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 33, "delay_type": "days_after"}
                    )
                ],
            }
        )

    def document(self, number="V-1", **values):
        """Return a supplier document; without identifiers it names nobody known."""
        values.setdefault("legal_name", "Brightwater Medical Inc.")
        return canonical("supplier", number, test=True, **values)

    def take(self, *documents, endpoint=None):
        """Take documents in, and return the answers."""
        answers = self.receive(endpoint or self.erp, *documents)
        self.env.invalidate_all()
        return answers

    def taken(self, document, endpoint=None):
        """Take one document in; return the supplier that it is about."""
        [answer] = self.take(document, endpoint=endpoint)
        self.assertEqual(answer["status"], "accepted", answer["errors"])
        return self.env["res.partner"].browse(answer["res_id"])

    def refused(self, document, code, regex, endpoint=None):
        """Take one document in and assert that it is refused."""
        [answer] = self.take(document, endpoint=endpoint)
        self.assertEqual(answer["status"], "rejected")
        self.assertEqual(answer["errors"][0]["code"], code, answer["errors"])
        self.assertRegex(answer["errors"][0]["message"], regex)

    def about(self, number="V-1", **values):
        """Return a document about ``supplier``, known by our code."""
        return self.document(
            number,
            legal_name=self.supplier.name,
            identifiers=[{"scheme": "buyer_assigned", "value": "TSUP"}],
            **values,
        )

    def terms(self, supplier=None):
        """Return the payment terms of a supplier in the endpoints' company."""
        return (supplier or self.supplier).with_company(self.company).property_supplier_payment_term_id

    def open_conflicts(self, supplier=None):
        """Return what is open about a supplier."""
        supplier = supplier or self.supplier
        return self.conflicts.search([("partner_id", "=", supplier.id), ("state", "=", "open")])

    def give(self, group, owner):
        """Give a group of fields to another system; in superuser mode."""
        row = self.owners.search([("entity", "=", "Supplier"), ("field_group", "=", group)])
        row.write({"owner": owner, "date_from": fields.Date.today()})

    def end_transaction(self):
        """Run what runs before a commit; return the messages that it queued."""
        before = self.env["healthcare.exchange.message"].search([], order="id desc", limit=1).id or 0
        self.env.flush_all()
        self.env.cr.precommit.run()
        return self.env["healthcare.exchange.message"].search(
            [("id", ">", before), ("direction", "=", "outbound"), ("document_type", "=", "supplier")]
        )


@tagged("post_install", "-at_install")
class TestSupplierSyncInbound(SyncCommon):
    """Another system's supplier documents."""

    def full(self, **values):
        return self.document(
            identifiers=[
                {"scheme": "vat", "value": "98-7654321"},
                {"scheme": "gln", "value": GLN},
                {"scheme": "email", "value": "orders@brightwater.example"},
            ],
            addresses=[
                {
                    "street": "5 River St",
                    "city": "Albany",
                    "state": "NY",
                    "postal_code": "12207",
                    "country": "US",
                },
                {"kind": "billing", "street": "Other"},
            ],
            phone="+1 555 0400",
            website="brightwater.example",
            contacts=[{"name": "Ada Day", "role": "Sales", "email": "ada@brightwater.example"}],
            payment_terms={"net_days": 33},
            qualifications=[
                {
                    "kind": "iso_13485",
                    "number": "ISO-1",
                    "valid_from": "2026-01-01",
                    "valid_to": "2028-12-31",
                },
                {"kind": "halal", "number": "H-1"},
            ],
            status="approved",
            **values,
        )

    def test_who_hands_in_a_file_is_an_author(self):
        clerk = self.users["clerk"]
        answer = self.receive_file(self.erp, self.document(), clerk)
        self.assertEqual(answer["status"], "accepted", answer["errors"])
        supplier = self.env["res.partner"].browse(answer["res_id"])
        self.assertIn(clerk.id, supplier.approval_authors or ())

    def test_unknown_supplier_becomes_a_draft(self):
        supplier = self.taken(self.full(bank_accounts=[{"iban": OTHER_IBAN, "holder": "Brightwater"}]))
        self.assertEqual((supplier.supplier_state, supplier.supplier_source), ("draft", "document"))
        self.assertEqual(
            (supplier.name, supplier.vat, supplier.street),
            ("Brightwater Medical Inc.", "98-7654321", "5 River St"),
        )
        self.assertEqual(
            (supplier.state_id.code, supplier.country_id.code, supplier.zip), ("NY", "US", "12207")
        )
        self.assertEqual((supplier.phone, supplier.email), ("+1 555 0400", "orders@brightwater.example"))
        self.assertEqual(supplier.identifier_ids.mapped("scheme"), ["gln"])
        self.assertEqual(supplier.child_ids.mapped("email"), ["ada@brightwater.example"])
        self.assertEqual(self.terms(supplier), self.net33)
        rows = supplier.qualification_ids
        self.assertEqual(set(rows.mapped("state")), {"submitted"}, "compliance verifies it as always")
        self.assertEqual(rows.filtered(lambda row: row.kind == "other").name, "halal")
        change = supplier.bank_change_ids
        self.assertEqual((change.state, change.source, change.action), ("held", "sync", "add"))
        self.assertEqual(change.message_id.endpoint_id, self.erp)
        self.assertFalse(supplier.bank_ids)
        self.assertFalse(supplier._known_phones(), "the number came with the request")

    def test_delivered_again_changes_nothing(self):
        document = self.full(bank_accounts=[{"iban": OTHER_IBAN}])
        supplier = self.taken(document)
        [again] = self.take(document)
        self.assertEqual(again["message_uuid"], supplier.bank_change_ids.message_id.uuid)
        self.assertEqual(self.taken({**document, "issued_at": "2026-11-24"}), supplier)
        self.assertEqual(len(supplier.bank_change_ids), 1)
        self.assertEqual(len(supplier.identifier_ids), 1)
        self.assertEqual(len(supplier.child_ids), 1)
        self.assertEqual(len(supplier.qualification_ids), 2)
        self.assertEqual(self.open_conflicts(supplier).mapped("field_group"), ["status"])

    def test_known_by_its_number_there_then_by_identifiers(self):
        supplier = self.taken(self.full())
        self.assertEqual(self.taken(self.document(legal_name=supplier.name)), supplier)
        other = self.document("W-7", legal_name=supplier.name, identifiers=[{"scheme": "gln", "value": GLN}])
        self.assertEqual(self.taken(other, endpoint=self.compliance), supplier)

    def test_duplicates_are_refused_with_the_others_name(self):
        self.refused(
            self.document("X", bank_accounts=[{"iban": IBAN}]),
            "supplier_duplicate",
            r"is that of Test Supplier \(#",
        )
        gone = self.make_supplier("Gone Supplier", vat="12-1111111")
        gone.active = False
        self.refused(
            self.document("X", identifiers=[{"scheme": "tax_id", "value": "121111111"}]),
            "supplier_duplicate",
            "Gone Supplier",
        )
        self.refused(
            self.document(
                "X",
                identifiers=[
                    {"scheme": "buyer_assigned", "value": "TSUP"},
                    {"scheme": "buyer_assigned", "value": "OSUP"},
                ],
            ),
            "supplier_mismatch",
            "Test Supplier.*Other Supplier|Other Supplier.*Test Supplier",
        )
        known = self.taken(self.about())
        self.assertEqual(known, self.supplier)
        self.refused(
            self.document("V-1", identifiers=[{"scheme": "buyer_assigned", "value": "OSUP"}]),
            "supplier_mismatch",
            "Other Supplier",
        )

    def test_endpoint_of_one_supplier_speaks_of_that_one(self):
        own = self.make_endpoint(
            "OWN", (("supplier", "inbound"),), system="supplier", partner_id=self.supplier.id
        )
        self.assertEqual(
            self.taken(self.document("1", legal_name="Test Supplier"), endpoint=own), self.supplier
        )
        self.refused(
            self.document("1", identifiers=[{"scheme": "buyer_assigned", "value": "OSUP"}]),
            "supplier_mismatch",
            "Other Supplier",
            endpoint=own,
        )

    def test_bad_values_are_refused_with_a_sentence(self):
        for values, code, regex in (
            ({"legal_name": ""}, "supplier_incomplete", "no legal name"),
            (
                {"identifiers": [{"scheme": "gln", "value": "4000000000019"}]},
                "supplier_invalid",
                "check digit",
            ),
            ({"identifiers": [{"scheme": "npi", "value": "1234567890"}]}, "supplier_invalid", "check digit"),
            ({"addresses": [{"country": "Atlantis"}]}, "supplier_invalid", "country Atlantis"),
            ({"status": "fine"}, "supplier_invalid", "status fine is none of"),
            (
                {"qualifications": [{"kind": "fda", "valid_from": "2026-02-01", "valid_to": "2026-01-01"}]},
                "supplier_invalid",
                "ends before it begins",
            ),
            ({"bank_accounts": [{"iban": "DE89370400440532013001"}]}, "supplier_invalid", "IBAN .* is wrong"),
            (
                {"bank_accounts": [{"routing_number": "021000022", "account_number": "1234567"}]},
                "supplier_invalid",
                "routing number 021000022 is wrong",
            ),
        ):
            with self.subTest(values=values):
                self.refused(self.document("BAD", **values), code, regex)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Brightwater Medical Inc.")]))

    def test_what_is_not_the_senders_is_a_conflict(self):
        supplier = self.taken(
            self.about(
                addresses=[{"street": "9 New Road", "city": "Springfield", "postal_code": "62701"}],
                phone="+1 555 0999",
                payment_terms={"net_days": 33},
                status="blocked",
                status_reason="Excluded by the state",
                qualifications=[{"kind": "fda", "number": "F-1"}],
                contacts=[{"name": "New Person", "phone": "+1 555 0998"}],
            ),
            endpoint=self.compliance,
        )
        self.assertEqual(supplier, self.supplier)
        self.assertEqual((supplier.street, supplier.phone), ("1 Old Road", self.phone))
        self.assertFalse(self.terms())
        conflicts = self.open_conflicts()
        self.assertEqual(
            set(conflicts.mapped("field_group")),
            {"address", "contact", "contacts", "payment_terms", "qualification", "status"},
        )
        address = conflicts.filtered(lambda one: one.field_group == "address")
        self.assertEqual((address.our_text, address.their_text), ("Street: 1 Old Road", "Street: 9 New Road"))
        self.assertEqual((address.owner, address.endpoint_id), ("odoo", self.compliance))
        terms = conflicts.filtered(lambda one: one.field_group == "payment_terms")
        self.assertEqual((terms.owner, terms.their_text), ("erp", "Vendor Payment Terms: Test net 33"))
        self.assertTrue(address.activity_ids)
        status = conflicts.filtered(lambda one: one.field_group == "status")
        self.assertIn("Excluded by the state", status.their_text)

    def test_erp_wins_on_payment_terms(self):
        """As shipped, without a hand of anybody: the ERP is connected, so the terms are its own."""
        self.assertFalse(self.env.ref("healthcare_exchange.owner_supplier_payment_terms").date_from)
        self.taken(self.about(payment_terms={"net_days": 33}))
        self.assertEqual(self.terms(), self.net33)
        self.assertFalse(self.open_conflicts())
        self.assertIn("Test net 33", self.supplier.message_ids[0].body, "what changed is said")
        entry = self.audit_entries(self.supplier).filtered(
            lambda one: "property_supplier_payment_term_id" in one.changes
        )
        self.assertIn("Test net 33", entry.changes)
        other = self.env["account.payment.term"].create({"name": "Test net 60"})
        clerk = self.supplier.with_user(self.clerk).with_company(self.company)
        for value in (other.id, False):
            with self.assertRaisesRegex(AccessError, "belong to Finance ERP"):
                clerk.property_supplier_payment_term_id = value
        with self.assertRaisesRegex(AccessError, "belong to Finance ERP"):
            clerk.create({"name": "New", "property_supplier_payment_term_id": other.id})
        self.env.invalidate_all()
        self.assertEqual(self.terms(), self.net33)
        elsewhere = self.make_company("Elsewhere")
        self.supplier.with_company(elsewhere).property_supplier_payment_term_id = other
        self.assertEqual(self.terms(), self.net33, "where no ERP is connected, Odoo keeps its own")

    def test_payment_terms_are_ours_until_an_erp_sends_suppliers(self):
        inbound = self.erp.document_ids.filtered(lambda row: row.direction == "inbound")
        inbound.active = False
        clerk = self.supplier.with_user(self.clerk).with_company(self.company)
        clerk.property_supplier_payment_term_id = self.net33
        inbound.active = True
        with self.assertRaises(AccessError):
            clerk.property_supplier_payment_term_id = False
        self.erp.state = "suspended"
        with self.assertRaises(AccessError):
            clerk.property_supplier_payment_term_id = False
        self.erp.state = "draft"
        clerk.property_supplier_payment_term_id = False
        self.assertFalse(self.terms())

    def test_new_suppliers_and_what_is_whose(self):
        """Each field of a new supplier is taken from whom it belongs to, or listed."""
        self.give("Address", "erp")
        self.give("State and category", "compliance")
        stated = {"addresses": [{"street": "5 River St"}], "payment_terms": {"net_days": 33}}
        theirs = self.taken(self.document("E-1", **stated))
        self.assertEqual((theirs.street, theirs.supplier_state), ("5 River St", "draft"))
        self.assertEqual(self.terms(theirs), self.net33)
        self.assertFalse(self.open_conflicts(theirs))
        third = self.taken(
            self.document("C-1", legal_name="Clearbrook Devices", **stated), endpoint=self.compliance
        )
        self.assertFalse(third.street)
        self.assertFalse(self.terms(third))
        self.assertEqual(set(self.open_conflicts(third).mapped("field_group")), {"address", "payment_terms"})
        by_hand = self.env["res.partner"].with_user(self.clerk).create({"name": "X", "supplier_rank": 1})
        self.assertEqual(by_hand.supplier_state, "draft")
        self.give("Identity and qualification", "erp")
        self.refused(
            self.document("C-2", legal_name="Greenfield Labs"),
            "not_system_of_record",
            "announce it there first",
            endpoint=self.compliance,
        )
        self.assertEqual(
            self.taken(self.document("E-2", legal_name="Greenfield Labs")).name, "Greenfield Labs"
        )

    def test_the_owner_writes(self):
        self.give("Address", "erp")
        document = self.about(
            addresses=[{"street": "9 New Road"}], payment_terms={"net_days": 33}, phone="+1 1"
        )
        self.taken(document, endpoint=self.compliance)
        self.assertEqual(self.supplier.street, "1 Old Road", "another system does not")
        self.taken(document)
        self.assertEqual(self.supplier.street, "9 New Road")
        self.assertEqual(self.terms(), self.net33)
        erps = self.open_conflicts().filtered(lambda one: one.endpoint_id == self.erp)
        self.assertEqual(erps.mapped("field_group"), ["contact"])
        with self.assertRaises(AccessError):
            self.supplier.with_user(self.clerk).street = "2 Clerk Road"

    def test_the_owner_of_states_and_qualifications(self):
        self.supplier._set_supplier_state("approved")
        self.give("State and category", "compliance")
        self.give("Qualifications", "compliance")
        self.taken(
            self.about(
                status="blocked", status_reason="x", qualifications=[{"kind": "fda", "number": "F-1"}]
            ),
            endpoint=self.compliance,
        )
        self.assertEqual(self.supplier.supplier_state, "blocked")
        self.assertEqual(self.supplier.qualification_ids.state, "valid")
        self.assertFalse(self.open_conflicts())

    def test_a_new_supplier_that_they_have_stopped(self):
        supplier = self.taken(self.document(status="blocked"), endpoint=self.compliance)
        self.assertEqual(supplier.supplier_state, "draft")
        self.assertEqual(self.open_conflicts(supplier).field_group, "status")

    def test_payment_terms_that_are_not_here(self):
        self.taken(self.about(payment_terms={"net_days": 47}))
        conflict = self.open_conflicts()
        self.assertIn("net_days 47", conflict.their_text)
        with self.assertRefused("There are no payment terms like this"):
            conflict.with_user(self.clerk).action_take_theirs("ok")

    def test_what_was_decided_is_not_raised_again(self):
        document = self.about(addresses=[{"street": "9 New Road"}])
        self.taken(document)
        self.open_conflicts().with_user(self.clerk).action_keep_ours("Their data are old")
        self.taken({**document, "issued_at": "2026-11-24"})
        self.assertFalse(self.open_conflicts())
        self.taken(self.about(addresses=[{"street": "10 Newest Road"}]))
        self.assertEqual(self.open_conflicts().their_text, "Street: 10 Newest Road")
        self.taken(self.about(addresses=[{"street": "11 Even Newer Road"}]))
        self.assertEqual(self.open_conflicts().their_text, "Street: 11 Even Newer Road")
        self.taken(self.about(addresses=[{"street": "1 Old Road"}]))
        self.assertFalse(self.open_conflicts(), "both sides agree")

    def test_theirs_is_taken_with_the_rights_of_who_decides(self):
        self.taken(
            self.about(
                addresses=[{"street": "9 New Road"}],
                qualifications=[{"kind": "fda", "number": "F-1"}],
                contacts=[{"name": "New Person"}],
                status="suspended",
            )
        )
        conflicts = {one.field_group: one for one in self.open_conflicts()}
        for role in ("approver", "accounts_payable", "finance", "auditor"):
            with self.assertRaises(AccessError):
                conflicts["address"].with_user(self.users[role]).action_take_theirs("x")
        with self.assertRefused("Say why"):
            conflicts["address"].with_user(self.clerk).action_take_theirs(" ")
        conflicts["address"].with_user(self.clerk).action_take_theirs("They moved")
        self.assertEqual(self.supplier.street, "9 New Road")
        self.assertEqual(conflicts["address"].decided_by_id, self.clerk)
        with self.assertRefused("is decided already"):
            conflicts["address"].with_user(self.clerk).action_keep_ours("x")
        conflicts["contacts"].with_user(self.clerk).action_take_theirs("Called her")
        self.assertIn("New Person", self.supplier.child_ids.mapped("name"))
        conflicts["qualification"].with_user(self.clerk).action_take_theirs("Fine")
        self.assertEqual(self.supplier.qualification_ids.state, "submitted")
        with self.assertRaises(AccessError):
            conflicts["status"].with_user(self.clerk).action_take_theirs("x")
        conflicts["status"].with_user(self.users["compliance"]).action_take_theirs("Recall not answered")
        self.assertEqual(self.supplier.supplier_state, "suspended")

    def test_identity_of_an_approved_supplier_is_asked_for(self):
        self.supplier._set_supplier_state("approved")
        self.taken({**self.about(), "legal_name": "Test Supplier Holding"})
        conflict = self.open_conflicts()
        conflict.with_user(self.clerk).action_take_theirs("New name in the register")
        self.assertEqual(self.supplier.name, "Test Supplier")
        request = self.supplier.approval_request_ids.filtered(lambda one: one.state == "pending")
        self.assertEqual(request.proposed_values, {"values": {"name": "Test Supplier Holding"}})

    def test_new_identifiers_of_a_known_supplier(self):
        self.taken(
            self.document(
                legal_name="Test Supplier",
                identifiers=[
                    {"scheme": "buyer_assigned", "value": "TSUP"},
                    {"scheme": "gln", "value": OTHER_GLN},
                ],
            )
        )
        conflict = self.open_conflicts()
        self.assertEqual((conflict.field_group, conflict.their_text), ("identifiers", f"gln {OTHER_GLN}"))
        conflict.with_user(self.clerk).action_take_theirs("In the GLN register")
        self.assertEqual(self.supplier.identifier_ids.value, OTHER_GLN)

    def test_bank_accounts_become_bank_changes(self):
        self.taken(self.about(bank_accounts=[{"iban": IBAN}, {"iban": "****9999"}]))
        self.assertFalse(self.supplier.bank_change_ids, "the same account, and a masked one")
        self.taken(self.about(bank_accounts=[{"iban": OTHER_IBAN}]))
        change = self.supplier.bank_change_ids
        self.assertEqual(
            (change.action, change.old_account_id, change.source), ("replace", self.account, "sync")
        )
        self.taken(self.about(bank_accounts=[{"iban": OTHER_IBAN}], phone=self.phone))
        self.assertEqual(self.supplier.bank_change_ids, change)
        self.taken(self.about(bank_accounts=[{"iban": THIRD_IBAN}]))
        added = self.supplier.bank_change_ids - change
        self.assertEqual((added.action, added.state), ("add", "held"))
        self.assertTrue(self.account.active)

    def test_who_called_does_not_release_what_a_system_asked_for(self):
        self.taken(self.about(bank_accounts=[{"iban": OTHER_IBAN}]))
        change = self.call(self.supplier.bank_change_ids, user=self.finance)
        with self.assertRaises(AccessError):
            self.approve(change.approval_request_ids, self.finance)
        self.release(change, self.other_finance)
        self.assertEqual(self.supplier.bank_ids.sanitized_acc_number, OTHER_IBAN)

    def test_a_refused_account_is_not_asked_for_each_night(self):
        self.taken(self.about(bank_accounts=[{"iban": OTHER_IBAN}]))
        self.call(self.supplier.bank_change_ids, result="denied", note="Not ours")
        [answer] = self.take(self.about(bank_accounts=[{"iban": OTHER_IBAN}], issued_at="2026-11-25"))
        self.assertEqual(answer["exceptions"], ["bank_change_refused_before"])
        self.assertEqual(len(self.supplier.bank_change_ids), 1)

    def test_an_older_document_comes_late(self):
        self.give("Address", "erp")
        self.taken(self.about(issued_at="2026-11-24T10:00:00Z", addresses=[{"street": "9 New Road"}]))
        late = self.about(issued_at="2026-11-24T11:00:00+02:00", addresses=[{"street": "8 Older Road"}])
        [answer] = self.take(late)
        self.assertEqual(answer["exceptions"], ["superseded"])
        self.assertEqual(self.supplier.street, "9 New Road")

    def test_nobody_writes_conflicts(self):
        self.taken(self.about(addresses=[{"street": "9 New Road"}]))
        conflict = self.open_conflicts()
        for role in ("clerk", "compliance", "administrator"):
            records = conflict.with_user(self.users[role])
            with self.assertRaises(AccessError):
                records.write({"state": "ours"})
            with self.assertRaises(AccessError):
                records.write({"their_values": {"street": "x"}})
            with self.assertRaises(AccessError):
                records.create(
                    {"partner_id": self.supplier.id, "endpoint_id": self.erp.id, "field_group": "address"}
                )
            with self.assertRaises(AccessError):
                records.unlink()
        with self.assertRefused("kept as evidence"):
            conflict.unlink()
        readers = dict.fromkeys(
            ("clerk", "administrator", "accounts_payable", "compliance", "finance", "auditor"), "r"
        )
        self.assertAccessMatrix(
            {
                "healthcare.supplier.conflict": readers,
                "healthcare.supplier.link": readers,
                "healthcare.supplier.conflict.decide": dict.fromkeys(
                    ("clerk", "administrator", "compliance"), "crud"
                ),
            }
        )

    def test_suppliers_of_documents_are_found_by_any_identifier(self):
        """What other documents name in ``parties.supplier``."""
        self.env["healthcare.partner.identifier"].create(
            {"partner_id": self.supplier.id, "scheme": "gln", "value": GLN}
        )
        handler = self.env["healthcare.document"]
        party = {"identifiers": [{"scheme": "gln", "value": GLN}]}
        found = handler._resolve_supplier({"number": "1", "parties": {"supplier": party}}, self.erp)
        self.assertEqual(found, self.supplier)


@tagged("post_install", "-at_install")
class TestSupplierSyncOutbound(SyncCommon):
    """What other systems are told."""

    def approve_supplier(self):
        self.supplier._set_supplier_state("approved")
        return self.end_transaction()

    def test_on_approval(self):
        self.env["healthcare.partner.identifier"].create(
            {"partner_id": self.supplier.id, "scheme": "gln", "value": GLN}
        )
        with self.owners._acting_for(self.erp):
            self.supplier.with_company(self.company).property_supplier_payment_term_id = self.net33
        self.assertFalse(self.end_transaction(), "a draft is nobody's business")
        messages = self.approve_supplier()
        self.assertEqual(messages.endpoint_id, self.erp | self.compliance)
        self.assertEqual(len(set(messages.mapped("ordering_key"))), 2, "one that is down holds up no other")
        document = messages[0].document
        self.assertEqual((document["number"], document["legal_name"]), ("TSUP", "Test Supplier"))
        self.assertEqual(document["status"], "approved")
        self.assertIn({"scheme": "gln", "value": GLN}, document["identifiers"])
        self.assertEqual(document["payment_terms"], {"code": "Test net 33", "net_days": 33})
        self.assertEqual(document["addresses"][0]["street"], "1 Old Road")

    def test_bank_accounts_are_masked_unless_allowed(self):
        self.env["healthcare.exchange.minimisation"].create(
            {
                "endpoint_id": self.erp.id,
                "document_type": "supplier",
                "allowed_paths": [
                    "document_type",
                    "schema_version",
                    "number",
                    "legal_name",
                    "bank_accounts[].iban",
                ],
            }
        )
        accounts = {
            message.endpoint_id: message.document["bank_accounts"] for message in self.approve_supplier()
        }
        self.assertEqual(accounts[self.compliance], [{"iban": "****3000"}])
        self.assertEqual(accounts[self.erp], [{"iban": IBAN}])

    def test_on_each_change_and_once(self):
        self.approve_supplier()
        self.supplier.street = "2 Next Road"
        self.supplier.phone = "+1 555 0101"
        messages = self.end_transaction()
        self.assertEqual(len(messages), 2, "one to each system")
        self.assertEqual(messages[0].document["addresses"][0]["street"], "2 Next Road")
        self.supplier.street = "2 Next Road"
        self.assertFalse(self.end_transaction(), "nothing new")
        self.supplier.comment = "Internal"
        self.assertFalse(self.end_transaction())
        self.env["healthcare.partner.identifier"].create(
            {"partner_id": self.supplier.id, "scheme": "gln", "value": GLN}
        )
        self.assertEqual(len(self.end_transaction()), 2)
        self.env["res.partner"].create({"name": "Contact", "parent_id": self.supplier.id})
        self.assertEqual(len(self.end_transaction()), 2)
        self.make_released()
        self.assertEqual(len(self.end_transaction()), 2)
        self.supplier._set_supplier_state("blocked", "Excluded")
        messages = self.end_transaction()
        self.assertEqual(messages[0].document["status"], "blocked")
        self.assertNotIn(
            "status_reason", messages[0].document, "leaves only where the endpoint's list has it"
        )

    def test_who_told_us_is_not_told(self):
        self.approve_supplier()
        self.give("Address", "erp")
        self.end_transaction()
        self.taken(self.about(addresses=[{"street": "9 New Road"}]))
        sent = (
            self.env["healthcare.exchange.message"].search(
                [("direction", "=", "outbound"), ("document_type", "=", "supplier")], order="id"
            )[2:]
            | self.end_transaction()
        )
        self.assertEqual(sent.endpoint_id, self.compliance)
        self.assertEqual(sent.document["addresses"][0]["street"], "9 New Road")

    def test_only_to_whom_it_concerns(self):
        elsewhere = self.make_company("Elsewhere")
        self.supplier.company_id = self.company
        ways = (("supplier", "outbound"),)
        self.make_endpoint("ERP2", ways, system="erp", company_id=elsewhere.id)
        self.make_endpoint("OTHERS", ways, system="supplier", partner_id=self.other_supplier.id)
        own = self.make_endpoint("ITS", ways, system="supplier", partner_id=self.supplier.id)
        self.make_endpoint("DRAFT", ways, system="erp", state="draft")
        self.make_endpoint("INBOUND", (("supplier", "inbound"),), system="erp")
        self.assertEqual(self.approve_supplier().endpoint_id, self.erp | self.compliance | own)
