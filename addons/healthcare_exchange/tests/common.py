import base64
import hashlib
import json
import uuid

from odoo import Command
from odoo.tests import TransactionCase

from ..models.exchange_endpoint import SERVICE_LOGIN

#: What the exchange carries in tests unless told otherwise: everything.
DOCUMENTS = (
    ("purchase_order", "outbound"),
    ("order_change", "outbound"),
    ("order_acknowledgement", "inbound"),
    ("ship_notice", "inbound"),
    ("invoice", "inbound"),
    ("credit_note", "inbound"),
    ("functional_acknowledgement", "inbound"),
)


def sha256(content):
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def envelope(document=None, raw=None, **values):
    """Return an envelope with a document (or None) and its raw bytes, as the service makes it."""
    if raw is None:
        raw = json.dumps(document, sort_keys=True).encode()
    return {
        "document": document,
        "raw": base64.b64encode(raw).decode(),
        "raw_sha256": sha256(raw),
        "filename": "message.json",
        "diagnostics": [],
        **values,
    }


def canonical(document_type, number, **values):
    """Return a canonical document with the least that its schema asks for."""
    return {"document_type": document_type, "schema_version": "1.0", "number": number, **values}


class ExchangeBuilders:
    """Builders for endpoints, messages and the two sides' moves."""

    def make_endpoint(self, code="SUPPLIER_T", documents=DOCUMENTS, **values):
        """Return an active test endpoint that carries ``documents``."""
        endpoint = self.env["healthcare.exchange.endpoint"].create(
            {
                "code": code,
                "name": f"Endpoint {code}",
                "connector": "rest-json",
                "state": "active",
                "test": True,
                "document_ids": [
                    Command.create({"document_type": kind, "direction": way, "contingency": "queue"})
                    for kind, way in documents
                ],
                **values,
            }
        )
        self.env["healthcare.exchange.message"]._ensure_service_user()
        return endpoint

    def make_mapping(self, endpoint, state="production", **values):
        """Return a mapping version of ``endpoint`` in a stage; of orders, outbound, unless told
        otherwise. In superuser mode: RPC goes through the stages."""
        mapping = self.env["healthcare.exchange.mapping"].create(
            {"endpoint_id": endpoint.id, "document_type": "purchase_order", "expression": "$", **values}
        )
        for stage in ("test", "certified"):
            if mapping.state != state:
                mapping.state = stage
        if mapping.state != state:
            mapping._put_in_production()
        return mapping

    def service(self, user=None):
        """Return the message model as the integration service calls it."""
        if user is None:
            user = self.env["res.users"].search([("login", "=", SERVICE_LOGIN)])
        return self.env["healthcare.exchange.message"].with_user(user)

    def enqueue(self, endpoint, number="P0001", **values):
        """Queue a purchase order, as a business addon does."""
        document = values.pop("document", None) or canonical("purchase_order", number)
        record = values.pop("record", self.env["res.partner"])
        return self.env["healthcare.exchange.message"]._enqueue(
            endpoint, document["document_type"], document, record, **values
        )

    def claim(self, limit=10, codes=(), token=None, seconds=60, service=None):
        """Claim, and return ``(token, rows)``."""
        token = token or str(uuid.uuid4())
        if service is None:
            service = self.service()
        rows = service.claim("worker", limit, seconds, list(codes), token)
        return token, rows

    def receive(self, endpoint, *documents, **values):
        """Ingest documents and process them, as the service does; return the answers."""
        service = self.service()
        answers = service.ingest(endpoint.code, [envelope(d, **values) for d in documents])
        return service.process([answer["message_uuid"] for answer in answers])

    def receive_file(self, endpoint, document, user, partner=None):
        """Process a document as one of a file that a person handed in; return the answer."""
        service = self.service()
        [answer] = service.ingest(endpoint.code, [envelope(document)])
        upload = self.env["healthcare.exchange.upload"]._take(
            partner or self.env["res.partner"],
            document["document_type"],
            "file.csv",
            b"x",
            requested_by=user,
        )
        self.message(answer["message_uuid"]).upload_id = upload
        [answer] = service.process([answer["message_uuid"]])
        return answer

    def message(self, message_uuid):
        """Return a message by its UUID."""
        return self.env["healthcare.exchange.message"].search([("uuid", "=", message_uuid)])


class ExchangeCommon(ExchangeBuilders, TransactionCase):
    """The protocol inside the test's transaction: the cursors it opens are the test's own.

    What several workers do to each other is tested from outside, see ``test_concurrency``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
