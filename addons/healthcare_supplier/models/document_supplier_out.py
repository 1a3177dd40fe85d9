from odoo import api, models


class HealthcareDocumentSupplier(models.AbstractModel):
    """What other systems are told of a supplier."""

    _inherit = "healthcare.document.supplier"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _to_canonical(self, records):
        """Return the supplier documents of commercial partners, in order.

        In the environment's company, whose payment terms they hold. Bank accounts are those that
        are released; they leave masked unless the endpoint's list of fields has them.
        """
        return [self._supplier_document(partner) for partner in records]

    @api.model
    def _supplier_document(self, partner):
        document = {
            **self._header(partner.ref or str(partner.id)),
            "legal_name": partner.name,
            "identifiers": self._out_identifiers(partner),
            "addresses": self._out_addresses(partner),
            "phone": partner.phone,
            "website": partner.website,
            "contacts": self._out_contacts(partner),
            "category": partner.supplier_category_id.name,
            "payment_terms": self._out_payment_terms(partner.property_supplier_payment_term_id),
            "bank_accounts": [
                self._out_bank_account(account)
                for account in partner.bank_ids.filtered("released").sorted("id")
            ],
            "qualifications": self._out_qualifications(partner),
            "status": partner.supplier_state,
            "status_reason": partner.supplier_state_reason,
        }
        return {name: value for name, value in document.items() if value}

    @api.model
    def _out_identifiers(self, partner):
        pairs = [("buyer_assigned", partner.ref), ("vat", partner.vat), ("email", partner.email)]
        pairs += [
            (row.scheme, row.value)
            for row in partner.identifier_ids.sorted(lambda row: (row.scheme, row.value))
            if row.active and row.scheme not in ("uei", "cage")
        ]
        pairs.append(("gln", partner.global_location_number))
        unique = dict.fromkeys(pair for pair in pairs if pair[1])
        return [{"scheme": scheme, "value": value} for scheme, value in unique]

    @api.model
    def _out_addresses(self, partner):
        address = self._party(partner).get("address")
        return [{"kind": "main", **address}] if address else []

    @api.model
    def _out_contacts(self, partner):
        rows = [
            {"name": one.name, "role": one.function, "email": one.email, "phone": one.phone}
            for one in partner.child_ids.sorted("id")
            if one.type == "contact"
        ]
        return [{name: value for name, value in row.items() if value} for row in rows][:100]

    @api.model
    def _out_payment_terms(self, term):
        if not term:
            return None
        terms = {"code": term.name}
        line = term.line_ids
        if len(line) == 1 and line.delay_type == "days_after":
            terms["net_days"] = line.nb_days
        if term.early_discount:
            terms["discount_percent"] = self._decimal_str(term.discount_percentage)
            terms["discount_days"] = term.discount_days
        return terms

    @api.model
    def _out_bank_account(self, account):
        values = {**account._bank_account(), "holder": account.acc_holder_name}
        return {name: value for name, value in values.items() if value}

    @api.model
    def _out_qualifications(self, partner):
        rows = [
            {
                "kind": row.kind if row.kind != "other" else row.name or row.kind,
                "number": row.number,
                "issuer": row.issuer,
                "valid_from": row.valid_from and row.valid_from.isoformat(),
                "valid_to": row.valid_to and row.valid_to.isoformat(),
                "status": row.state,
            }
            for row in partner.qualification_ids.sorted("id")
            if row.decision == "verified"
        ]
        return [{name: value for name, value in row.items() if value} for row in rows]
