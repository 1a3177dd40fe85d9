from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from odoo import api, fields, models

from ..exceptions import DocumentRejected

#: Identifier schemes of a party, and where a supplier carries them in Odoo.
_PARTNER_FIELDS = {"buyer_assigned": "ref", "vat": "vat", "tax_id": "vat", "email": "email"}


class HealthcareDocument(models.AbstractModel):
    """Base of the handlers of canonical documents.

    The addon that owns the Odoo record of a document type inherits this model as
    ``healthcare.document.<type>``, sets ``_document_type`` and overrides ``_to_canonical``,
    ``_from_canonical`` (then ``_inbound = True``) or both. Both are batch methods.
    """

    _name = "healthcare.document"
    _description = "Canonical Document"

    #: Canonical ``document_type``.
    _document_type = None
    #: Whether documents of this type are taken in.
    _inbound = False
    #: Whether :meth:`_send_manually` can send documents of this type without the service.
    _manual = False

    @api.model
    def _to_canonical(self, records):
        """Return one canonical document (dict) per record, in order. Override to send."""
        raise NotImplementedError(f"{self._name} does not send")

    @api.model
    def _send_manually(self, messages):
        """Send by e-mail what these messages are about, and have a person see to it that the
        partner confirms it. Override it, with ``_manual = True``.

        In superuser mode and in the transaction that records it: queue e-mails, send nothing.

        :raise UserError: it cannot be done; the sentence says what is missing.
        """
        raise NotImplementedError(f"{self._name} has no manual channel")

    @api.model
    def _from_canonical(self, documents, messages):
        """Let documents take effect. Override to receive.

        Runs in superuser mode, in the company of the endpoint, in a transaction of its own.

        :param documents: list of canonical documents, valid against their schema.
        :param messages: ``healthcare.exchange.message``, aligned with the documents.
        :return: list of ``{"record": record or None, "exceptions": [types]}``, aligned.
        :raise DocumentRejected: it cannot be taken in; all that was written is undone.
        """
        raise NotImplementedError(f"{self._name} does not receive")

    @api.model
    def _ordering_key(self, document, endpoint):
        """Return the business object that an inbound document is about.

        Documents with the same key are processed one at a time. The default is the order named
        in the header; override where a document is about something else. Called before the
        document is validated: expect any shape.
        """
        order = document.get("order_reference")
        return f"order:{order}" if isinstance(order, str) and order else False

    # Making documents

    @api.model
    def _header(self, number, *, issued_at=None, currency=None, references=None):
        """Return the header that all canonical documents share.

        :param number: the document's number.
        :param issued_at: date or naive UTC datetime.
        :param currency: ``res.currency`` record.
        :param references: list of ``{type, number, line_number, date}``.
        """
        header = {
            "document_type": self._document_type,
            "schema_version": "1.0",
            "number": number,
        }
        if issued_at:
            header["issued_at"] = self._moment(issued_at)
        if currency:
            header["currency"] = currency.name
        if references:
            header["references"] = references
        return header

    @api.model
    def _moment(self, value):
        """Return a date as ISO 8601, and a naive UTC datetime with ``Z``."""
        if isinstance(value, datetime):
            return value.replace(microsecond=0).isoformat() + "Z"
        return fields.Date.to_string(value)

    @api.model
    def _party(self, partner, identifiers=()):
        """Return a partner as a canonical party: name, identifiers, address.

        :param identifiers: further ``(scheme, value)`` pairs; empty values are left out.
        """
        commercial = partner.commercial_partner_id
        pairs = [("buyer_assigned", commercial.ref), ("vat", commercial.vat), *identifiers]
        party = {"name": partner.name or commercial.name or ""}
        unique = dict.fromkeys((scheme, value) for scheme, value in pairs if value)
        if unique:
            party["identifiers"] = [{"scheme": scheme, "value": value} for scheme, value in unique]
        address = {
            "street": partner.street,
            "street2": partner.street2,
            "city": partner.city,
            "state": partner.state_id.code,
            "postal_code": partner.zip,
            "country": partner.country_id.code,
        }
        address = {name: value for name, value in address.items() if value}
        if address:
            party["address"] = address
        return party

    @api.model
    def _facility_party(self, facility):
        """Return a facility as a canonical party, with its GLN and its code."""
        party = self._party(
            facility.partner_id,
            [("gln", facility.gln), ("buyer_assigned", facility.code)],
        )
        return {**party, "name": facility.name}

    @api.model
    def _decimal_str(self, value, digits=None):
        """Return a number as canonical decimal text: no exponent, no trailing zeros.

        :param value: Decimal, int, decimal text, or a float that Odoo holds (its shortest
            representation is taken, which is what was typed).
        :param digits: round half up to so many digits first.
        """

        number = Decimal(repr(value) if isinstance(value, float) else str(value))
        if digits is not None:
            number = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
        text = format(number, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return "0" if text in ("-0", "") else text

    # Reading documents

    @api.model
    def _reject(self, code, message, path="", line=""):
        """Raise DocumentRejected with one error."""
        raise DocumentRejected({"code": code, "message": message, "path": path, "line": line})

    @api.model
    def _identifiers(self, document, role):
        """Return ``{scheme: [values]}`` of a party in the document."""
        party = (document.get("parties") or {}).get(role) or {}
        result = {}
        for identifier in party.get("identifiers") or ():
            result.setdefault(identifier["scheme"], []).append(identifier["value"])
        return result

    @api.model
    def _resolve_supplier(self, document, endpoint):
        """Return whose document this is, as a commercial ``res.partner``.

        The endpoint's partner where it has one; a document that names another supplier is
        rejected. Without one, the supplier's identifiers decide.

        :raise DocumentRejected: ``supplier_mismatch`` or ``supplier_unknown``.
        """
        identifiers = self._identifiers(document, "supplier")
        named = self._partners_by_identifier(identifiers, endpoint.company_id)
        name = ((document.get("parties") or {}).get("supplier") or {}).get("name") or ""
        partner = self._endpoint_partner(endpoint).commercial_partner_id
        if partner:
            if named and partner not in named:
                self._reject(
                    "supplier_mismatch",
                    self.env._(
                        "Document %(number)s names supplier %(named)s, but endpoint %(code)s "
                        "belongs to %(partner)s.",
                        number=document.get("number"),
                        named=named[:1].display_name,
                        code=endpoint.code,
                        partner=partner.display_name,
                    ),
                    path="parties.supplier.identifiers",
                )
            self._check_assigned_code(document, identifiers, partner, endpoint)
            return partner
        if len(named) != 1:
            self._reject(
                "supplier_unknown",
                self.env._(
                    "Document %(number)s: supplier %(name)s (%(identifiers)s) is %(problem)s. "
                    "Enter one of these identifiers on the supplier.",
                    number=document.get("number"),
                    name=name or "?",
                    identifiers=", ".join(
                        f"{scheme} {value}" for scheme, values in identifiers.items() for value in values
                    )
                    or self.env._("no identifier"),
                    problem=self.env._("ambiguous") if named else self.env._("unknown"),
                ),
                path="parties.supplier.identifiers",
            )
        return named

    @api.model
    def _endpoint_partner(self, endpoint):
        """Return whose documents come in; empty where they say so themselves.

        Override it where something else than the endpoint decides that.
        """
        return endpoint.partner_id

    def _check_assigned_code(self, document, identifiers, partner, endpoint):
        """A code that we gave out, and that is not this supplier's, names another supplier, even
        one that we do not know."""
        codes = identifiers.get("buyer_assigned")
        if codes and partner.ref and partner.ref not in codes:
            self._reject(
                "supplier_mismatch",
                self.env._(
                    "Document %(number)s names supplier %(named)s, but endpoint %(code)s "
                    "belongs to %(partner)s.",
                    number=document.get("number"),
                    named=codes[0],
                    code=endpoint.code,
                    partner=partner.display_name,
                ),
                path="parties.supplier.identifiers",
            )

    @api.model
    def _partners_by_identifier(self, identifiers, company):
        """Return the commercial partners that carry any of ``{scheme: [values]}``."""
        domains = [
            [(field, "in", identifiers[scheme])]
            for scheme, field in _PARTNER_FIELDS.items()
            if identifiers.get(scheme) and scheme != "email"
        ]
        if not domains:
            return self.env["res.partner"]
        return (
            self.env["res.partner"]
            .search(
                [
                    ("company_id", "in", [False, company.id]),
                    *fields.Domain.OR(map(fields.Domain, domains)),
                ]
            )
            .commercial_partner_id
        )

    @api.model
    def _resolve_facility(self, document, role="ship_to"):
        """Return the facility that a document names, by GLN or by our code; empty for none."""
        identifiers = self._identifiers(document, role)
        facilities = self.env["healthcare.facility"].search(
            [
                ("company_id", "=", self.env.company.id),
                "|",
                ("gln", "in", identifiers.get("gln", [])),
                ("code", "in", identifiers.get("buyer_assigned", [])),
            ]
        )
        by_gln = facilities.filtered(lambda f: f.gln and f.gln in identifiers.get("gln", []))
        return (by_gln or facilities)[:1]

    @api.model
    def _find_orders(self, references, partner):
        """Return our orders with these numbers, which must be the supplier's own.

        :param references: order numbers as the partner states them.
        :param partner: the supplier, as :meth:`_resolve_supplier` found it.
        :return: ``{number: purchase.order}``.
        :raise DocumentRejected: ``order_not_found`` or ``order_of_other_supplier``, for all
            numbers that are wrong.
        """
        numbers = list(dict.fromkeys(number for number in references if number))
        orders = self.env["purchase.order"].search(
            [("name", "in", numbers), ("company_id", "=", self.env.company.id)]
        )
        found = {order.name: order for order in orders}
        errors = []
        for number in numbers:
            order = found.get(number)
            if not order:
                code = "order_not_found"
                text = self.env._("There is no order %s; correct the order number.", number)
            elif order.partner_id.commercial_partner_id != partner.commercial_partner_id:
                # The other supplier's name is not for this one.
                code = "order_of_other_supplier"
                text = self.env._("Order %s is not an order to this supplier.", number)
            else:
                continue
            errors.append({"code": code, "message": text, "path": "order_reference"})
        if errors:
            raise DocumentRejected(errors)
        return found
