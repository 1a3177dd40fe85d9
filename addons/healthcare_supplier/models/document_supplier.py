from datetime import datetime, timezone

from odoo import api, models
from odoo.addons.healthcare_exchange.exceptions import DocumentRejected
from odoo.exceptions import UserError, ValidationError

#: States by which another system warns of a supplier.
STOPPED_STATES = ("suspended", "blocked", "off_boarded")


class HealthcareDocumentSupplier(models.AbstractModel):
    """A supplier's master data, from and to compliance, vendor and finance systems.

    Inbound: a supplier nobody knows becomes a draft; of one that is known, the sender changes what
    the system-of-record matrix gives to it, and whatever else differs is a conflict that a person
    decides. Bank accounts become bank changes.
    """

    _name = "healthcare.document.supplier"
    _description = "Supplier Document"
    _inherit = ["healthcare.document"]
    _document_type = "supplier"
    _inbound = True

    @api.model
    def _ordering_key(self, document, endpoint):
        """One supplier at a time; another system's number is the surest name of one."""
        number = document.get("number")
        if isinstance(number, str) and number:
            return f"supplier:{endpoint.id}:{number}"
        return False

    @api.model
    def _from_canonical(self, documents, messages):
        """Take supplier documents in, see the class.

        :raise DocumentRejected: ``supplier_incomplete``, ``supplier_invalid``,
            ``supplier_duplicate`` or ``supplier_mismatch``; nothing of it was written
        """
        return [self._take(document, message) for document, message in zip(documents, messages, strict=True)]

    @api.model
    def _take(self, document, message):
        endpoint = message.endpoint_id
        try:
            with self.env.cr.savepoint():
                supplier = self._supplier_of(document, endpoint)
                links = self.env["healthcare.supplier.link"]
                issued = self._issued(document)
                if supplier:
                    link = links._of(endpoint, supplier)
                    if self._is_older(document, issued, link.received_at):
                        return {"record": supplier, "exceptions": ["superseded"]}
                    exceptions = self._update(supplier, document, message)
                else:
                    supplier, exceptions = self._make(document, message)
                    link = links._of(endpoint, supplier)
                link.write(
                    {
                        "their_number": document["number"],
                        "received_at": issued or link.received_at,
                    }
                )
                exceptions += self._take_bank_accounts(supplier, document, message)
                if author := message.upload_id.requested_by_id.filtered(lambda user: not user.share):
                    # Who hands in a file has written what it says, and does not approve it.
                    supplier.with_user(author).sudo(False)._approval_note_author()
                self.env.flush_all()
                return {"record": supplier, "exceptions": list(dict.fromkeys(exceptions))}
        except DocumentRejected:
            raise
        except (ValidationError, UserError) as error:
            # What Odoo's own checks say (check digits, another supplier's identifier) is for a person.
            raise DocumentRejected(
                {
                    "code": "supplier_invalid",
                    "message": self.env._(
                        "Supplier %(number)s (%(name)s) is not taken in: %(error)s",
                        number=document["number"],
                        name=self._name_of(document) or "?",
                        error=error.args[0] if error.args else error,
                    ),
                    "path": "",
                }
            ) from error

    @api.model
    def _issued(self, document):
        """Return when the document was issued, as naive UTC; None where it does not say."""
        text = document.get("issued_at")
        if not text:
            return None
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        return moment

    @api.model
    def _is_older(self, document, issued, before):
        """Return whether a document is older than one that was taken in; a day has no hours."""
        if not issued or not before:
            return False
        if "T" in document["issued_at"]:
            return issued < before
        return issued.date() < before.date()

    @api.model
    def _name_of(self, document):
        party = (document.get("parties") or {}).get("supplier") or {}
        return document.get("legal_name") or party.get("name") or document.get("trading_name") or ""

    @api.model
    def _all_identifiers(self, document):
        """Return the identifiers of the supplier in a document, each once, as dicts."""
        party = (document.get("parties") or {}).get("supplier") or {}
        rows = [*(document.get("identifiers") or ()), *(party.get("identifiers") or ())]
        return [dict(pair) for pair in dict.fromkeys(tuple(sorted(row.items())) for row in rows)]

    # Whose document it is

    @api.model
    def _supplier_of(self, document, endpoint):
        """Return whom a document is about: by its number in that system, then by identifiers.

        :return: commercial partner, empty for a supplier that nobody knows
        :raise DocumentRejected: it names several suppliers, or another than the endpoint's
        """
        partners = self.env["res.partner"]
        link = self.env["healthcare.supplier.link"].search(
            [("endpoint_id", "=", endpoint.id), ("their_number", "=", document["number"])], limit=1
        )
        found = partners._find_by_identifiers(
            [{"key": 0, "identifiers": self._all_identifiers(document)}], company=endpoint.company_id
        )
        named = partners.browse(found[0])
        own = endpoint.partner_id.commercial_partner_id
        known = link.partner_id.commercial_partner_id | own
        if (known and named - known) or len(known) > 1 or len(named) > 1:
            self._reject(
                "supplier_mismatch",
                self.env._(
                    "Supplier %(number)s (%(name)s) has identifiers of %(found)s. Correct the identifiers "
                    "there, or merge the suppliers here if they are one.",
                    number=document["number"],
                    name=self._name_of(document) or "?",
                    found=", ".join((known | named).mapped("display_name")),
                ),
                path="identifiers",
            )
        return known or named

    @api.model
    def _make(self, document, message):
        """Return a new supplier in draft, and exceptions.

        :raise DocumentRejected: it has no name, or is one that is here already
        """
        name = self._name_of(document)
        if not name:
            self._reject(
                "supplier_incomplete",
                self.env._("Supplier %s has no legal name; the sender has to add it.", document["number"]),
                path="legal_name",
            )
        self._check_new(document, message.endpoint_id)
        statements, problems = self._statements(document, message.endpoint_id)
        supplier, theirs = self._create_draft(statements, message.endpoint_id)
        conflicts = self.env["healthcare.supplier.conflict"]
        for group, difference in theirs.items():
            stated = {**difference, "owner": self._owner(supplier, group, message.endpoint_id)}
            conflicts._raise(supplier, message, group, stated, difference["ours"])
        conflicts = self.env["healthcare.supplier.conflict"]
        for group, problem in problems.items():
            conflicts._raise(
                supplier,
                message,
                group,
                {"values": {}, "text": self._stated_text(document, group), "owner": "odoo"},
                "",
                problem,
            )
        # A new supplier is a draft whatever they call it; that they have stopped it is shown.
        stopped = (statements.get("status") or {}).get("supplier_state") in STOPPED_STATES
        if stopped:
            difference = self._difference_status(supplier, statements["status"])
            theirs = {"values": difference["values"], "text": difference["text"], "owner": "odoo"}
            conflicts._raise(supplier, message, "status", theirs, difference["ours"])
        return supplier, ["supplier_conflict"] if problems or stopped or theirs else []

    @api.model
    def _create_draft(self, statements, endpoint):
        """Create a supplier in draft, of what is Odoo's to say and what is the sender's.

        Anybody may announce a supplier: it is a draft of Odoo's own, and nothing is bought from it
        before three have approved it. What belongs to a third system is not taken.

        :return: the supplier, and ``{group: difference}`` of what is a third system's
        :raise DocumentRejected: ``not_system_of_record``, the name itself is a third system's
        """
        owners = self.env["healthcare.record.owner"]
        nobody = self.env["healthcare.exchange.endpoint"]
        partners = self.env["res.partner"].with_company(endpoint.company_id)
        ours, senders, others = {}, {}, {}
        for group in ("identity", "address", "contact", "category", "payment_terms"):
            for name, value in statements.get(group, {}).items():
                owner = self._owner(partners, group, endpoint, name)
                if owner == "odoo":
                    ours[name] = value
                elif owner == endpoint.system:
                    senders[name] = value
                else:
                    others.setdefault(group, {})[name] = value
        if "name" in others.get("identity", {}):
            self._reject(
                "not_system_of_record",
                self.env._(
                    "Supplier %s is not here yet, and names of suppliers belong to another system: announce "
                    "it there first.",
                    others["identity"]["name"],
                ),
                path="legal_name",
            )
        first = {"is_company": True, "supplier_state": "draft", "supplier_source": "document"}
        if "name" in senders:
            supplier = partners.create({**first, **senders})
        else:
            with owners._acting_for(nobody):
                supplier = partners.create({**first, **ours})
        with owners._acting_for(nobody):
            supplier.write(ours)
            self._add_identifiers(supplier, statements.get("identifiers", []))
            self._add_contacts(supplier, statements.get("contacts", []))
            self._add_qualifications(supplier, statements.get("qualification", []))
        supplier.write(senders)
        differences = {
            group: {"values": values, **self._texts(supplier, values)} for group, values in others.items()
        }
        return supplier, differences

    @api.model
    def _check_new(self, document, endpoint):
        """Refuse a supplier that is here by another name: archived, or with the same bank account.

        :raise DocumentRejected: ``supplier_duplicate``, naming the other record
        """
        wanted = self._all_identifiers(document)
        for account in document.get("bank_accounts") or ():
            if account.get("iban"):
                wanted.append({"scheme": "iban", "value": account["iban"]})
        found = self.env["res.partner"]._find_by_identifiers(
            [{"key": 0, "identifiers": wanted}], company=endpoint.company_id, archived=True
        )
        others = self.env["res.partner"].browse(found[0])
        if others:
            self._reject(
                "supplier_duplicate",
                self.env._(
                    "Supplier %(number)s (%(name)s) is here already: an identifier or bank account is that "
                    "of %(others)s. Take that record up again, correct the number there, or merge the two.",
                    number=document["number"],
                    name=self._name_of(document),
                    others=", ".join(f"{other.display_name} (#{other.id})" for other in others),
                ),
                path="identifiers",
            )
