from odoo import api, models

from ..exceptions import DocumentPostponed

#: What a functional acknowledgement can still say something about.
_OPEN = ("sent", "acknowledged", "retry", "dead")


class HealthcareDocumentFunctionalAcknowledgement(models.AbstractModel):
    """Whether the partner's system could read what was sent (997, 999, CONTRL, MDN).

    It moves the outbound message to ``acknowledged`` or ``rejected``; it says nothing about the
    business: an order acknowledgement is a document of its own.
    """

    _name = "healthcare.document.functional_acknowledgement"
    _description = "Functional Acknowledgement"
    _inherit = ["healthcare.document"]

    _document_type = "functional_acknowledgement"
    _inbound = True

    @api.model
    def _ordering_key(self, document, endpoint):
        """Acknowledgements of an endpoint are taken one at a time."""
        return f"functional_acknowledgement:{endpoint.id}"

    @api.model
    def _from_canonical(self, documents, messages):
        """See the base. The record is the first message acknowledged.

        :raise DocumentRejected: ``message_unknown``: nothing of this endpoint was sent under these
            numbers.
        :raise DocumentPostponed: the message is just being sent.
        """
        results = []
        for document, message in zip(documents, messages, strict=True):
            verdicts = self._verdicts(document)
            sent = self._find_sent(document, verdicts, message.endpoint_id).filtered(
                lambda one: one.state != "queued" or one.attempt_ids
            )
            if not sent:
                self._reject(
                    "message_unknown",
                    self.env._(
                        "Functional acknowledgement %(number)s: nothing was sent from endpoint "
                        "%(code)s under control number %(control)s.",
                        number=document["number"],
                        code=message.endpoint_id.code,
                        control=", ".join(map(str, verdicts)) or "?",
                    ),
                    path="acknowledges",
                )
            self._apply(document, verdicts, sent)
            results.append({"record": sent[:1], "exceptions": []})
        return results

    def _verdicts(self, document):
        """Return ``{control number: (status, errors)}``, with the group's own number too."""
        acknowledges = document.get("acknowledges") or {}
        verdicts = {}
        whole = (document.get("status"), document.get("errors") or [])
        for name in ("group_control_number", "interchange_control_number"):
            number = _integer(acknowledges.get(name))
            if number:
                verdicts[number] = whole
        if acknowledges.get("group_control_number"):
            # Numbers of transaction sets count within their group, which is one message.
            return verdicts
        for transaction in acknowledges.get("transactions") or ():
            number = _integer(transaction.get("control_number"))
            if number:
                verdicts[number] = (transaction.get("status"), transaction.get("errors") or [])
        return verdicts

    def _find_sent(self, document, verdicts, endpoint):
        """Return the outbound messages of this endpoint that the document speaks of."""
        acknowledges = document.get("acknowledges") or {}
        base = [("endpoint_id", "=", endpoint.id), ("direction", "=", "outbound")]
        messages = self.env["healthcare.exchange.message"]
        if acknowledges.get("message_uuid"):
            return messages.search([*base, ("uuid", "=", acknowledges["message_uuid"])])
        if verdicts:
            return messages.search([*base, ("control_number", "in", list(verdicts))])
        if acknowledges.get("number"):
            return messages.search(
                [
                    *base,
                    ("number", "=", acknowledges["number"]),
                    ("document_type", "=", acknowledges.get("document_type")),
                ]
            )
        return messages

    def _apply(self, document, verdicts, sent):
        if any(message.state == "leased" for message in sent):
            raise DocumentPostponed(
                self.env._("What is acknowledged is just being sent; its report comes first.")
            )
        whole = (document.get("status"), document.get("errors") or [])
        refused = {}
        for message in sent.filtered(lambda m: m.state in _OPEN):
            status, errors = verdicts.get(message.control_number, whole)
            if status == "accepted":
                message.write({"state": "acknowledged", "next_attempt_at": False})
                message._drop_activities()
            else:
                refused[message.id] = self._refuse(message, status, errors or whole[1])
        messages = sent.browse(refused)
        messages._give_owner(refused)
        self._tell_late(sent.filtered(lambda m: m.state == "cancelled" and m.rerouted_to_id))

    def _tell_late(self, moved):
        """The partner has, after all, what was sent another way meanwhile: it may deliver twice."""
        self.env["healthcare.exchange.alert"]._raise_many(
            [
                {
                    "type": "late_acknowledgement",
                    "endpoint": message.endpoint_id,
                    "key": message.uuid,
                    "message": message,
                    "summary": self.env._(
                        "%(name)s arrived at %(code)s after all, and was sent through %(other)s too: ask "
                        "the partner to cancel one, else it may deliver twice.",
                        name=message.display_name,
                        code=message.endpoint_id.code,
                        other=message.rerouted_to_id.endpoint_id.code,
                    ),
                }
                for message in moved
            ]
        )

    def _refuse(self, message, status, errors):
        """A negative or partial acknowledgement: the partner does not have the document."""
        texts = [" ".join(str(value) for value in error.values() if value) for error in errors[:20]]
        text = "; ".join(texts) or self.env._("no reason given")
        error = {"code": "functional_rejection", "message": text, "path": "", "line": ""}
        message.write(
            {
                "state": "rejected",
                "error_code": "functional_rejection",
                "errors": [error],
                "next_attempt_at": False,
            }
        )
        return self.env._(
            "The partner's system could not read it (%(status)s): %(text)s",
            status=status or "?",
            text=text,
        )


def _integer(text):
    return int(text) if text and text.isdecimal() and len(text) <= 9 else 0
