import base64
import uuid
from unittest.mock import patch

from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models import exchange_upload
from .common import ExchangeBuilders, canonical, envelope

RAW = b"Item,Unit,Price\nA-1,EA,1.50\n"
PROCESS_LOG = "odoo.addons.healthcare_exchange.models.exchange_message_process"


@tagged("post_install", "-at_install")
class TestUpload(ExchangeBuilders, HealthcareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.clerk = self.users["clerk"]
        self.taken = []

    @property
    def uploads(self):
        """The model as the integration service calls it."""
        return self.env["healthcare.exchange.upload"].with_user(self.service().env.user)

    def take(self, partner=None, document_type="catalog", raw=RAW, user=None):
        """Hand a file in as a clerk does."""
        model = self.env["healthcare.exchange.upload"].with_user(user or self.clerk)
        return model._take(self.supplier if partner is None else partner, document_type, "prices.csv", raw)

    def lease(self):
        """Claim the commands that wait, as the service does; return ``(token, rows)``."""
        token = str(uuid.uuid4())
        commands = self.env["healthcare.exchange.command"].with_user(self.service().env.user)
        return token, commands.claim("worker", 10, 60, token)

    def read_file(self, upload, *documents, findings=(), errors=0, raw=RAW):
        """Read the upload as the service does: documents in, then the report."""
        token, rows = self.lease()
        [row] = [row for row in rows if row["arguments"]["upload_id"] == upload.id]
        answers = []
        if documents:
            envelopes = [
                envelope(document, raw, position=position) for position, document in enumerate(documents)
            ]
            answers = self.uploads.take_in(row["uuid"], envelopes)
        result = {
            "documents": len(documents),
            "lines": 1,
            "errors": errors,
            "warnings": 0,
            "findings": list(findings),
        }
        commands = self.env["healthcare.exchange.command"].with_user(self.service().env.user)
        commands.report(token, [{"uuid": row["uuid"], "state": "done", "result": result, "message": "read"}])
        upload.invalidate_recordset()
        return answers

    def handled(self):
        """Let the documents be taken in by a handler that keeps whose they are."""
        handler = self.env["healthcare.document.functional_acknowledgement"]
        test = self

        def from_canonical(self, documents, messages):
            for document, message in zip(documents, messages, strict=True):
                test.taken.append(self._resolve_supplier(document, message.endpoint_id))
            return [{"record": None, "exceptions": []} for _document in documents]

        return (
            patch.object(type(handler), "_from_canonical", from_canonical),
            patch.object(
                type(self.env["healthcare.exchange.message"]),
                "_handler",
                lambda self, kind: self.env["healthcare.document.functional_acknowledgement"],
            ),
        )

    def process(self, answers):
        """Process what was stored and bring the upload up to it."""
        taken, handler = self.handled()
        with taken, handler, mute_logger(PROCESS_LOG):
            result = self.service().process([answer["message_uuid"] for answer in answers])
        self.env["healthcare.exchange.upload"]._cron_follow()
        return result

    # Handing in

    def test_a_clerk_hands_in_and_sees_what_became_of_it(self):
        upload = self.take()
        self.assertEqual((upload.state, upload.requested_by_id), ("reading", self.clerk))
        self.assertEqual(upload.endpoint_id.company_id, self.company)
        finding = {"level": "warning", "code": "w", "message": "<b>m</b>", "line": 2, "path": "Price"}
        answers = self.read_file(upload, canonical("catalog", "PL-1"), findings=[finding])
        self.assertEqual(upload.state, "processing")
        self.assertEqual(upload.message_ids.mapped("number"), ["PL-1"])
        self.assertIn("&lt;b&gt;m", upload.findings_html)
        [answer] = self.process(answers)
        self.assertEqual(answer["status"], "accepted", answer)
        self.assertEqual(self.taken, [self.supplier])
        self.assertEqual(upload.state, "done")
        self.assertIn("1 of 1", upload.summary)

    def test_the_file_reaches_the_service_as_it_came(self):
        raw = b"\xef\xbb\xbfA;B\r\n\x80\xff;1\r\n"
        upload = self.take(raw=raw)
        _token, [row] = self.lease()
        self.assertEqual((row["kind"], row["arguments"]), ("read_file", {"upload_id": upload.id}))
        content = self.uploads.content(row["uuid"])
        self.assertEqual(base64.b64decode(content["raw"]), raw)
        self.assertEqual((content["filename"], content["document_type"]), ("prices.csv", "catalog"))

    def test_whose_documents_they_are_is_not_the_files_to_say(self):
        upload = self.take()
        other = {"supplier": {"identifiers": [{"scheme": "buyer_assigned", "value": "OSUP"}]}}
        answers = self.read_file(upload, canonical("catalog", "PL-2", parties=other))
        [answer] = self.process(answers)
        self.assertEqual(answer["errors"][0]["code"], "supplier_mismatch")
        self.assertEqual(self.taken, [])
        self.assertEqual(upload.state, "rejected")
        [state] = upload._public_state()
        self.assertIn("Other Supplier", state["rejections"][0])

    def test_only_what_it_was_handed_in_as(self):
        upload = self.take()
        [answer] = self.read_file(upload, canonical("supplier", "S-1", legal_name="Mallory"))
        self.assertEqual(answer["status"], "rejected")
        self.assertEqual(answer["errors"][0]["code"], "unsupported_document_type")

    def test_lines_that_are_wrong_do_not_cost_the_others(self):
        upload = self.take()
        token, [row] = self.lease()
        broken = {
            "level": "error",
            "code": "csv_invalid_number",
            "message": '"12.5O" is no number',
            "line": 3,
            "scope": "line",
            "line_number": "3",
        }
        items = [envelope(canonical("catalog", "PL-3"), RAW, diagnostics=[broken])]
        [answer] = self.uploads.take_in(row["uuid"], items)
        self.assertEqual(answer["status"], "accepted")
        message = self.message(answer["message_uuid"])
        self.assertEqual(message.diagnostics[0]["line_number"], "3")
        doubtful = {**broken, "scope": "file"}
        damaged = [envelope(canonical("catalog", "PL-4"), RAW, diagnostics=[doubtful], position=1)]
        [answer] = self.uploads.take_in(row["uuid"], damaged)
        self.assertEqual(answer["status"], "rejected")
        self.assertTrue(token and upload)

    def test_the_same_file_again_changes_nothing_unless_it_was_rejected(self):
        first = self.take()
        self.process(self.read_file(first, canonical("catalog", "PL-5")))
        again = self.take()
        [answer] = self.read_file(again, canonical("catalog", "PL-5"))
        self.assertEqual((answer["status"], again.state), ("duplicate", "duplicate"))
        elsewhere = self.take(partner=self.other_supplier)
        [answer] = self.read_file(elsewhere, canonical("catalog", "PL-5"))
        self.assertEqual(answer["status"], "accepted", "another supplier's prices are others")
        wrong = {"supplier": {"identifiers": [{"scheme": "buyer_assigned", "value": "NOBODY"}]}}
        document = canonical("catalog", "PL-6", parties=wrong)
        rejected = self.take(raw=b"other")
        self.process(self.read_file(rejected, document, raw=b"other"))
        self.assertEqual(rejected.state, "rejected")
        repeated = self.take(raw=b"other")
        [answer] = self.read_file(repeated, document, raw=b"other")
        self.assertEqual(answer["status"], "accepted", "what made it fail may have been mended")

    def test_a_file_that_holds_nothing(self):
        upload = self.take()
        self.read_file(upload, findings=[{"level": "error", "code": "csv_no_header", "message": "no header"}])
        self.assertEqual((upload.state, upload.summary), ("rejected", "read"))

    def test_no_service_and_again(self):
        upload = self.take()
        upload.sudo().command_id._finish("expired", message="No integration service is running")
        self.assertEqual(upload.state, "failed")
        upload.with_user(self.clerk).action_try_again()
        self.assertEqual(upload.state, "reading")
        self.read_file(upload, canonical("catalog", "PL-7"))
        with self.assertRaisesRegex(UserError, "was read"):
            upload.with_user(self.clerk).action_try_again()

    def test_bounds(self):
        with self.assertRaisesRegex(UserError, "empty"):
            self.take(raw=b"")
        with patch.object(exchange_upload, "MAX_BYTES", 10), self.assertRaisesRegex(UserError, "Split"):
            self.take()
        with self.assertRaisesRegex(UserError, "Choose the supplier"):
            self.take(partner=self.env["res.partner"])
        with self.assertRaises(ValidationError):
            self.take(document_type="invoice")
        with patch.object(exchange_upload, "_MAX_OPEN", 1):
            self.take()
            with self.assertRaisesRegex(UserError, "being read already"):
                self.take(raw=b"2")

    # Rights

    def test_who_may(self):
        for role in ("requester", "approver", "accounts_payable", "storeroom", "auditor", "service"):
            with self.assertRaises(AccessError, msg=role):
                self.take(user=self.users[role])
        self.take(user=self.users["administrator"])

    def test_uploads_are_written_by_their_own_methods_alone(self):
        upload = self.take()
        for role in ("clerk", "administrator"):
            mine = upload.with_user(self.users[role])
            with self.assertRaises(AccessError):
                mine.write({"state": "done"})
            with self.assertRaises(AccessError):
                mine.create({"filename": "x", "document_type": "catalog"})
            with self.assertRaises(UserError):
                mine.unlink()
        with self.assertRaises(UserError):
            upload.sudo().unlink()

    def test_the_protocol_is_the_services(self):
        upload = self.take()
        _token, [row] = self.lease()
        for role in ("clerk", "administrator"):
            with self.assertRaises(AccessError):
                upload.with_user(self.users[role]).content(row["uuid"])
            with self.assertRaises(AccessError):
                upload.with_user(self.users[role]).take_in(row["uuid"], [])
        with self.assertRaisesRegex(ValidationError, "another file"):
            self.uploads.take_in(row["uuid"], [envelope(canonical("catalog", "X"), b"another file")])
        for wrong in ("", "x", str(uuid.uuid4()), False, 7):
            with self.assertRaises(ValidationError):
                self.uploads.content(wrong)
        stranger = new_test_user(self.env, "other-service", groups="healthcare_base.group_service")
        with self.assertRaises(ValidationError):
            self.env["healthcare.exchange.upload"].with_user(stranger).content(row["uuid"])

    def test_a_context_decides_nothing(self):
        """RPC callers set any context key: neither the partner nor the upload comes from it."""
        upload = self.take()
        endpoint = self.make_endpoint("CTX", documents=(("functional_acknowledgement", "inbound"),))
        service = self.service().with_context(
            exchange_partner_id=self.other_supplier.id, exchange_upload_id=upload.id
        )
        [answer] = service.ingest(endpoint.code, [envelope(canonical("functional_acknowledgement", "F"))])
        self.assertFalse(self.message(answer["message_uuid"]).upload_id)

    def test_companies_do_not_see_each_others_files(self):
        upload = self.take()
        other = self.make_company("Other Group")
        stranger = new_test_user(
            self.env,
            "other-clerk",
            groups="healthcare_base.group_clerk",
            company_id=other.id,
            company_ids=other.ids,
        )
        self.assertFalse(
            self.env["healthcare.exchange.upload"]
            .with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .search([("id", "=", upload.id)])
        )

    def test_import_file(self):
        wizard = (
            self.env["healthcare.exchange.upload.file"]
            .with_user(self.clerk)
            .create(
                {
                    "document_type": "catalog",
                    "partner_id": self.supplier.id,
                    "file": base64.b64encode(RAW),
                    "filename": "prices.csv",
                }
            )
        )
        action = wizard.action_import()
        upload = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((upload.partner_id, upload.document_type), (self.supplier, "catalog"))
        self.assertEqual(base64.b64decode(upload.with_context(bin_size=False).raw), RAW)
        wizard.file = base64.b64encode(b"")
        with self.assertRaises(UserError):
            wizard.action_import()
