from odoo import api, models

from ..tools.selections import QUALIFICATION_KIND, SUPPLIER_STATE

#: What the sender's own number and our partner's address are called elsewhere.
_NOT_KEPT = ("email", "buyer_assigned", "vat")
_ADDRESS = {"street": "street", "street2": "street2", "city": "city", "postal_code": "zip"}
_OWNED = {
    "identity": ("res.partner", ("name", "vat", "ref")),
    "identifiers": ("res.partner", ("vat",)),
    "address": ("res.partner", ("street", "street2", "city", "zip", "state_id", "country_id")),
    "contact": ("res.partner", ("phone", "website", "email")),
    "contacts": ("res.partner", ("phone",)),
    "category": ("res.partner", ("supplier_category_id",)),
    "payment_terms": ("res.partner", ("property_supplier_payment_term_id",)),
    "qualification": ("healthcare.supplier.qualification", ("number",)),
    "status": ("res.partner", ("supplier_state",)),
}


class HealthcareDocumentSupplier(models.AbstractModel):
    """What a document says of a supplier, in Odoo's terms, group by group."""

    _inherit = "healthcare.document.supplier"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _owned_fields(self, group):
        """Return ``(model, fields)`` by which the system-of-record matrix knows a group."""
        return _OWNED[group]

    @api.model
    def _statements(self, document, endpoint):
        """Return what a document states, and what of it cannot be understood.

        What a document leaves out it says nothing about.

        :return: ``({group: values}, {group: sentence})``; values are those of fields, or lists of
            them for rows
        :raise DocumentRejected: ``supplier_invalid``, for a state or country that does not exist
        """
        identifiers = self._all_identifiers(document)
        by_scheme = {}
        for row in identifiers:
            by_scheme.setdefault(row["scheme"], row["value"])
        stated, problems = {}, {}
        stated["identity"] = self._present(
            {
                "name": self._name_of(document),
                "vat": by_scheme.get("vat") or by_scheme.get("tax_id"),
                "ref": by_scheme.get("buyer_assigned"),
            }
        )
        stated["identifiers"] = self._kept_identifiers(identifiers, stated["identity"].get("vat"))
        stated["address"] = self._address(document)
        stated["contact"] = self._present(
            {
                "phone": document.get("phone"),
                "website": document.get("website")
                and self.env["res.partner"]._clean_website(document["website"]),
                "email": by_scheme.get("email"),
            }
        )
        stated["contacts"] = self._contacts(document)
        stated["qualification"] = self._qualifications(document)
        self._read_category(document, stated, problems)
        self._read_payment_terms(document, endpoint, stated, problems)
        self._read_status(document, stated)
        return {group: values for group, values in stated.items() if values}, problems

    @api.model
    def _present(self, values):
        return {name: value for name, value in values.items() if value}

    @api.model
    def _kept_identifiers(self, identifiers, vat):
        """Return the identifiers that are kept beside the partner's own fields, as they are kept."""
        model = self.env["healthcare.partner.identifier"]
        known = dict(model._fields["scheme"].selection)
        return [
            model._normalised({"scheme": row["scheme"], "value": row["value"]})
            for row in identifiers
            if row["scheme"] in known and row["scheme"] not in _NOT_KEPT and row["value"] != vat
        ]

    @api.model
    def _address(self, document):
        party = (document.get("parties") or {}).get("supplier") or {}
        rows = [row for row in document.get("addresses") or () if row.get("kind", "main") == "main"]
        row = (rows or [party.get("address") or {}])[0]
        values = self._present({field: row.get(name) for name, field in _ADDRESS.items()})
        country = self.env["res.country"]
        if row.get("country"):
            text = row["country"].strip()
            # Odoo cuts what is compared with a code to two letters: Atlantis would be Austria.
            domain = [("code", "=", text.upper())] if len(text) == 2 else [("name", "=ilike", text)]
            country = country.search(domain, limit=1)
            if not country:
                self._reject(
                    "supplier_invalid",
                    self.env._(
                        "Supplier %(number)s: country %(country)s is not known; send its code of two "
                        "letters.",
                        number=document["number"],
                        country=text,
                    ),
                    path="addresses[0].country",
                )
            values["country_id"] = country.id
        if row.get("state") and country:
            text = row["state"].strip()
            state = self.env["res.country.state"].search(
                [("country_id", "=", country.id), "|", ("code", "=", text.upper()), ("name", "=ilike", text)],
                limit=1,
            )
            if state:
                values["state_id"] = state.id
        return values

    @api.model
    def _contacts(self, document):
        return [
            self._present(
                {
                    "name": row.get("name") or row.get("email") or row.get("phone"),
                    "email": row.get("email"),
                    "phone": row.get("phone"),
                    "function": row.get("role"),
                }
            )
            for row in document.get("contacts") or ()
            if row.get("name") or row.get("email") or row.get("phone")
        ]

    @api.model
    def _qualifications(self, document):
        kinds = dict(QUALIFICATION_KIND)
        rows = []
        for index, row in enumerate(document.get("qualifications") or ()):
            kind = row.get("kind") or ""
            first, last = row.get("valid_from"), row.get("valid_to")
            if first and last and last < first:
                self._reject(
                    "supplier_invalid",
                    self.env._(
                        "Supplier %(number)s: qualification %(kind)s ends before it begins; correct one of "
                        "its days.",
                        number=document["number"],
                        kind=kind,
                    ),
                    path=f"qualifications[{index}].valid_to",
                )
            values = {
                "number": row.get("number"),
                "issuer": row.get("issuer"),
                "valid_from": first,
                "valid_to": last,
            }
            known = kind in kinds and kind != "other"
            rows.append(
                self._present(
                    {"kind": kind if known else "other", "name": False if known else kind, **values}
                )
            )
        return rows

    @api.model
    def _read_category(self, document, stated, problems):
        name = document.get("category")
        if not name:
            return
        category = self.env["healthcare.supplier.category"].search([("name", "=ilike", name)], limit=1)
        if category:
            stated["category"] = {"supplier_category_id": category.id}
        else:
            problems["category"] = self.env._("There is no supplier category %s. Choose one by hand.", name)

    @api.model
    def _read_payment_terms(self, document, endpoint, stated, problems):
        terms = document.get("payment_terms") or {}
        if not terms:
            return
        found = self._find_payment_term(terms, endpoint.company_id)
        if found:
            stated["payment_terms"] = {"property_supplier_payment_term_id": found.id}
        else:
            problems["payment_terms"] = self.env._(
                "There are no payment terms like this. Make them under Accounting, and have the document "
                "processed again."
            )

    @api.model
    def _find_payment_term(self, terms, company):
        """Return our payment terms that mean the same: by name, else by days and discount."""
        model = self.env["account.payment.term"]
        candidates = model.search([("company_id", "in", [False, company.id])])
        code = (terms.get("code") or "").strip().lower()
        if code:
            named = candidates.filtered(lambda term: (term.name or "").strip().lower() == code)
            if named:
                return named[:1]
        if "net_days" not in terms:
            return model
        percent = float(terms.get("discount_percent") or 0)

        def same(term):
            line = term.line_ids
            if len(line) != 1 or line.delay_type != "days_after" or line.nb_days != terms["net_days"]:
                return False
            if not percent:
                return not term.early_discount
            discount = term.early_discount and round(term.discount_percentage, 4) == round(percent, 4)
            return discount and term.discount_days == terms.get("discount_days", term.discount_days)

        return candidates.filtered(same)[:1]

    @api.model
    def _read_status(self, document, stated):
        status = document.get("status")
        if not status:
            return
        if status not in dict(SUPPLIER_STATE):
            self._reject(
                "supplier_invalid",
                self.env._(
                    "Supplier %(number)s: status %(status)s is none of %(known)s.",
                    number=document["number"],
                    status=status,
                    known=", ".join(dict(SUPPLIER_STATE)),
                ),
                path="status",
            )
        stated["status"] = {"supplier_state": status, "reason": document.get("status_reason") or ""}

    @api.model
    def _stated_text(self, document, group):
        """Return what a document says about a group that cannot be understood, for people."""
        value = document.get(group)
        if isinstance(value, dict):
            return ", ".join(f"{name} {part}" for name, part in value.items())
        return str(value or "")

    # Rows

    @api.model
    def _add_identifiers(self, supplier, rows):
        self.env["healthcare.partner.identifier"].create([{**row, "partner_id": supplier.id} for row in rows])

    @api.model
    def _add_contacts(self, supplier, rows):
        self.env["res.partner"].create([{**row, "parent_id": supplier.id, "type": "contact"} for row in rows])

    @api.model
    def _add_qualifications(self, supplier, rows):
        """Hand in what a document says; compliance verifies it as always."""
        self.env["healthcare.supplier.qualification"].create(
            [{**row, "partner_id": supplier.id} for row in rows]
        )
