from odoo import api, fields, models

#: States in which an acknowledgement has left, or was given up: it may go again as it is.
_GONE = ("sent", "acknowledged", "dead", "rejected")


class HealthcareExchangeMessage(models.Model):
    """Functional acknowledgements (997) of what a partner sent.

    The service reads a file and says, with its last document, what the partner is to be told. It
    is queued in the transaction that stores that document: nothing is acknowledged that is not
    kept. Only where the endpoint lists it, and never for an acknowledgement itself.
    """

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    interchange = fields.Json(
        readonly=True, copy=False, help="Control numbers of the envelope that the document came in."
    )

    def _prepare_inbound_vals(self, endpoint, item):
        return {**super()._prepare_inbound_vals(endpoint, item), "interchange": item["interchange"] or False}

    @api.model
    def _acknowledge_received(self, endpoint, items, created, known):
        """Queue the acknowledgements that came with ``items``; runs in ingest's cursor.

        A file that was received before is acknowledged again with the same message, so with the
        same numbers and bytes: a partner that repeats a file has not got our answer.

        :param created: ``{idempotency key: message}`` of what was stored now.
        :param known: ``{idempotency key: row}`` of what was stored before.
        """
        told = [item for item in items if item["acknowledgements"]]
        if not told or endpoint.state not in ("active", "suspended"):
            return
        if not endpoint._carries("functional_acknowledgement", "outbound"):
            return
        again = [
            known[item["idempotency_key"]]["uuid"]
            for item in told
            if known.get(item["idempotency_key"], {}).get("raw_sha256") == item["raw_sha256"]
        ]
        self._acknowledge_again(again)
        # A dict: once more in the same call is a repetition.
        fresh = {item["idempotency_key"]: item for item in told if item["idempotency_key"] in created}
        self._enqueue_many(
            [
                {
                    "endpoint": endpoint,
                    "document_type": "functional_acknowledgement",
                    "document": document,
                    "record": created[key],
                    # Not in turn with anything: each answers a group of its own.
                    "ordering_key": f"997:{created[key].uuid}:{index}",
                    "trace_id": created[key].trace_id,
                }
                for key, item in fresh.items()
                for index, document in enumerate(item["acknowledgements"])
                if _can_be_acknowledged(document)
            ]
        )

    @api.model
    def _acknowledge_again(self, uuids):
        """Send the acknowledgements of these inbound messages once more, unchanged."""
        received = self.search([("uuid", "in", uuids)]) if uuids else self
        sent = self.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", received.ids),
                ("document_type", "=", "functional_acknowledgement"),
                ("state", "in", _GONE),
            ]
        )
        sent._replay()


def _can_be_acknowledged(document):
    """A 997 or 999 is never acknowledged (X12.24): two systems would never stop."""
    acknowledges = document.get("acknowledges") or {}
    return acknowledges.get("functional_identifier") != "FA"
