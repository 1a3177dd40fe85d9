import base64
import json
import re

from odoo import Command
from odoo.addons.healthcare_approval.tests.common import ApprovalCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..tools import canonical as canonical_tool
from ..tools import minimisation
from .common import ExchangeBuilders, canonical, sha256

#: All that should not leave unless somebody says so, each with a mark to look for.
SECRETS = {
    "notes": "note-MRN-4711",
    "case_reference": "case-4711",
    "deliver_to": {"department": "OR 3", "person": "Dr. Quist", "phone": "555-0100"},
    "attachments": [{"filename": "patient-list.pdf", "uri": "https://x.example/4711"}],
    "parties": {"remit_to": {"name": "Bank", "bank_account": {"iban": "DE02120300000000202051"}}},
}
MARKS = ("MRN", "4711", "Quist", "555-0100", "patient-list", "DE0212", "account-6000")


def order(number="P1"):
    """Return an order that says more than a supplier needs."""
    return canonical(
        "purchase_order",
        number,
        **SECRETS,
        lines=[
            {
                "line_number": "1",
                "quantity": "2",
                "unit": "XBX",
                "item": {"supplier_code": "S-1"},
                "accounting": [{"account": "account-6000", "cost_centre": "OR"}],
                "schedules": [{"quantity": "2", "deliver_to": {"person": "Dr. Quist", "location": "Dock 4"}}],
            }
        ],
    )


@tagged("post_install", "-at_install")
class TestMinimisation(ExchangeBuilders, ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("MIN")
        self.admin = self.users["administrator"]
        self.model = self.env["healthcare.exchange.minimisation"].with_user(self.admin)

    def choice(self, document_type="purchase_order"):
        return (
            self.env["healthcare.exchange.minimisation.choice"]
            .with_user(self.admin)
            ._open(self.endpoint.with_user(self.admin), document_type)
        )

    def tick(self, choice, **paths):
        for path, allowed in paths.items():
            choice.line_ids.filtered(lambda line, p=path: line.path == p).allowed = allowed

    # What leaves

    def test_the_message_never_holds_what_may_not_leave(self):
        message = self.enqueue(self.endpoint, document=order())
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT row_to_json(m)::text FROM healthcare_exchange_message m WHERE id = %s", [message.id]
        )
        [(row,)] = self.env.cr.fetchall()
        for mark in MARKS:
            self.assertNotIn(mark, row)
        _token, [claimed] = self.claim()
        document = claimed["document"]
        self.assertEqual(document["deliver_to"], {"department": "OR 3"})
        schedules = document["lines"][0]["schedules"]
        self.assertEqual(schedules, [{"quantity": "2", "deliver_to": {"location": "Dock 4"}}])
        self.assertEqual(document["lines"][0]["item"], {"supplier_code": "S-1"})
        self.assertEqual(document["parties"], {"remit_to": {"name": "Bank"}})
        self.assertFalse(canonical_tool.validate(document))
        self.assertIn("case_reference", message.withheld)
        self.assertIn("lines[].accounting[].account", message.withheld)

    def test_what_an_endpoint_may_get_it_gets(self):
        default = minimisation.default_paths("purchase_order")
        other = self.make_endpoint("MIN_TWO")
        self.env["healthcare.exchange.minimisation"].create(
            {
                "endpoint_id": self.endpoint.id,
                "document_type": "purchase_order",
                "allowed_paths": sorted(default | {"case_reference"}),
            }
        )
        messages = self.env["healthcare.exchange.message"]._enqueue_many(
            [
                {
                    "endpoint": endpoint,
                    "document_type": "purchase_order",
                    "document": order(),
                    "record": self.env["res.partner"],
                }
                for endpoint in (self.endpoint, other)
            ]
        )
        self.assertEqual(messages[0].document["case_reference"], "case-4711")
        self.assertNotIn("notes", messages[0].document)
        self.assertNotIn("case_reference", messages[1].document)

    def test_shipped_lists(self):
        """Every type has one; it is valid, and names nothing sensitive."""
        for kind in canonical_tool.document_types():
            with self.subTest(kind):
                self.assertIn(kind, minimisation._shipped()["types"], "ship a list for this type")
                default = minimisation.default_paths(kind)
                self.assertEqual(minimisation.problems(kind, default), ([], []))
                self.assertFalse(default & minimisation.sensitive(kind))
        self.assertLessEqual(
            {
                "notes",
                "case_reference",
                "deliver_to.person",
                "deliver_to.phone",
                "lines[].accounting[].account",
                "lines[].schedules[].deliver_to.person",
                "attachments[].content",
                "parties.remit_to.bank_account.iban",
            },
            minimisation.sensitive("purchase_order"),
        )

    def test_minimised_documents_stay_valid(self):
        """Whatever is chosen: the schema's own required fields are always in."""
        document = order()
        leaves = sorted(minimisation.paths_of(document))
        for path in leaves:
            allowed = minimisation.complete(
                "purchase_order", minimisation.business_required("purchase_order") | {path}
            )
            result = minimisation.minimise(document, allowed)
            self.assertFalse(canonical_tool.validate(result), path)
            self.assertEqual(minimisation.paths_of(result) - allowed, set())

    # Who may choose what

    def test_required_fields_cannot_be_left_out(self):
        default = minimisation.default_paths("purchase_order")
        draft = self.make_endpoint("MIN_DRAFT", state="draft")
        values = {"endpoint_id": draft.id, "document_type": "purchase_order"}
        for path in ("number", "document_type", "lines[].line_number", "lines[].quantity", "lines[].unit"):
            with self.assertRefused(f"{re.escape(path)} cannot be left out", ValidationError):
                self.model.create({**values, "allowed_paths": sorted(default - {path})})
        with self.assertRefused("no field lines.*colour", ValidationError):
            self.model.create({**values, "allowed_paths": sorted(default | {"lines[].colour"})})
        for bad in ("number", [1], {"a": 1}):
            with self.assertRefused("list of paths", ValidationError):
                self.model.create({**values, "allowed_paths": bad})

    def test_more_may_leave_with_a_second_person_only(self):
        record = self.model.create({"endpoint_id": self.endpoint.id, "document_type": "purchase_order"})
        default = set(record.allowed_paths)
        more = sorted(default | {"case_reference"})
        for context in ({}, {"su": True, "install_mode": True}):
            with self.assertRefused("second person", AccessError):
                record.with_context(**context).write({"allowed_paths": more})
        with self.assertRefused("another endpoint", UserError):
            record.write({"endpoint_id": self.make_endpoint("MIN_DRAFT", state="draft").id})
        record.write({"allowed_paths": sorted(default - {"totals.tax"})})
        with self.assertRefused("second person", AccessError):
            record.unlink()
        choice = self.choice()
        self.tick(choice, case_reference=True)
        self.assertEqual((choice.more_text, choice.in_use), ("case_reference", True))
        choice.action_apply()
        self.assertNotIn("case_reference", record.allowed_paths)
        request = record.approval_request_ids
        self.assertEqual((request.kind, request.state), ("policy", "pending"))
        with self.assertRaises(AccessError):
            self.approve(request, self.admin)
        self.approve(request, self.users["approver"])
        self.assertIn("case_reference", record.allowed_paths)
        self.assertTrue(self.audit_entries(record).filtered(lambda e: "case_reference" in e.changes))

    def test_another_list_is_no_way_round(self):
        default = minimisation.default_paths("purchase_order")
        with self.assertRefused("second person", AccessError):
            self.model.create(
                {
                    "endpoint_id": self.endpoint.id,
                    "document_type": "purchase_order",
                    "allowed_paths": sorted(default | {"notes"}),
                }
            )
        with self.assertRefused("second person", AccessError):
            self.endpoint.with_user(self.admin).write(
                {
                    "minimisation_ids": [
                        Command.create(
                            {"document_type": "purchase_order", "allowed_paths": sorted(default | {"notes"})}
                        )
                    ]
                }
            )

    def test_an_administrator_ticks_fields(self):
        draft = self.make_endpoint("MIN_DRAFT", state="draft").with_user(self.admin)
        record = self.model.create({"endpoint_id": draft.id, "document_type": "purchase_order"})
        action = record.action_choose()
        choice = self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])
        lines = {line.path: line for line in choice.line_ids}
        self.assertTrue(lines["number"].required and lines["number"].allowed)
        self.assertTrue(lines["case_reference"].sensitive and not lines["case_reference"].allowed)
        self.assertFalse(lines["lines[]"].leaf)
        with Form(choice) as form:
            index = list(choice.line_ids).index(lines["case_reference"])
            with form.line_ids.edit(index) as line:
                line.allowed = True
            self.assertEqual(form.more_text, "case_reference")
        choice.action_apply()
        self.assertEqual(record.extra_text, "case_reference")
        self.assertEqual(record.sensitive_text, "case_reference")
        again = self.choice_of(record)
        again.action_default()
        again.action_apply()
        self.assertFalse(record.extra_text)

    def choice_of(self, record):
        action = record.action_choose()
        return self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])

    def test_what_the_schema_asks_for_beside_a_field_comes_with_it(self):
        default = minimisation.default_paths("purchase_order")
        only = minimisation.complete("purchase_order", {"parties.buyer.identifiers[].value"})
        self.assertIn("parties.buyer.identifiers[].scheme", only)
        self.assertNotIn("parties.buyer.name", only)
        self.assertIn("parties.buyer.identifiers[].scheme", default)

    def test_what_leaves_is_part_of_what_is_certified(self):
        before = self.endpoint._configuration_digest()
        record = self.model.create({"endpoint_id": self.endpoint.id, "document_type": "purchase_order"})
        self.assertEqual(self.endpoint._configuration_digest(), before, "the default, written down")
        record.sudo().allowed_paths = [*record.allowed_paths, "case_reference"]
        self.assertNotEqual(self.endpoint._configuration_digest(), before)

    def test_of_other_companies(self):
        record = self.model.create({"endpoint_id": self.endpoint.id, "document_type": "purchase_order"})
        code = self.env["healthcare.exchange.code"].create(
            {"endpoint_id": self.endpoint.id, "table": "unit", "code": "EA", "partner_code": "ST"}
        )
        mapping = self.make_mapping(self.endpoint, "draft")
        sample = mapping.sample_ids.create({"mapping_id": mapping.id, "name": "s", "input_text": "{}"})
        company = self.make_company("Elsewhere")
        stranger = self.make_user("stranger", "healthcare_base.group_administrator")
        stranger.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        for one in (record, code, mapping, sample):
            theirs = one.with_user(stranger).with_context(allowed_company_ids=company.ids)
            self.assertFalse(theirs.search([("id", "=", one.id)]), one._name)
            with self.assertRaises(AccessError):
                theirs.unlink()

    def test_raw_payload_goes_through_the_document(self):
        """What is staged is made of the claimed document: the service has nothing else."""
        self.enqueue(self.endpoint, document=order())
        token, [row] = self.claim()
        content = json.dumps(row["document"]).encode()
        self.service().stage(
            token,
            [
                {
                    "uuid": row["uuid"],
                    "payload": base64.b64encode(content).decode(),
                    "payload_sha256": sha256(content),
                    "filename": "o.json",
                    "content_type": "application/json",
                }
            ],
        )
        stored = base64.b64decode(self.message(row["uuid"]).payload)
        for mark in MARKS:
            self.assertNotIn(mark.encode(), stored)
        self.assertNotIn(b"Quist", json.dumps(row).encode())
