from odoo import api, fields, models
from odoo.tools import plaintext2html

from ..tools.party_identifiers import lookup_value
from .healthcare_supplier_conflict import FIELD_GROUPS
from .res_partner_phone import digits


class HealthcareDocumentSupplier(models.AbstractModel):
    """What a document changes of a known supplier, and what becomes a conflict."""

    _inherit = "healthcare.document.supplier"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _update(self, supplier, document, message):
        """Write what is the sender's, list what is not; return exceptions."""
        endpoint = message.endpoint_id
        supplier = supplier.with_company(endpoint.company_id)
        statements, problems = self._statements(document, endpoint)
        conflicts = self.env["healthcare.supplier.conflict"]
        open_groups = set()
        for group, _label in FIELD_GROUPS:
            problem = problems.get(group, "")
            if group not in statements and not problem:
                continue
            difference = self._difference(supplier, group, statements.get(group), document, problem)
            if difference:
                difference = self._write_owned(supplier, group, difference, endpoint)
            if not difference:
                conflicts._settle(supplier, endpoint, group)
                continue
            theirs = {
                "values": difference["values"],
                "text": difference["text"],
                "owner": self._owner(supplier, group, endpoint),
            }
            if conflicts._raise(supplier, message, group, theirs, difference["ours"], problem):
                open_groups.add(group)
        return ["supplier_conflict"] if open_groups else []

    @api.model
    def _owner(self, supplier, group, endpoint, name=None):
        """Return the system whose word counts for a group of fields, or for one field of it."""
        model, names = self._owned_fields(group)
        names = {name} if name else set(names)
        owners = self.env["healthcare.record.owner"]
        for _row, owner, _initiates, company_id, fields_owned in owners._rules(model, fields.Date.today()):
            if names & fields_owned and company_id in (False, endpoint.company_id.id):
                return owner
        return "odoo"

    @api.model
    def _write_owned(self, supplier, group, difference, endpoint):
        """Write the part of a difference that is the sender's; return what is left of it, or None."""
        if difference.get("problem"):
            return difference
        system = endpoint.system
        if group in ("identifiers", "contacts", "qualification", "status"):
            if self._owner(supplier, group, endpoint) != system:
                return difference
            self._write_rows(supplier, group, difference["values"], endpoint)
            return None
        owned = {
            name: value
            for name, value in difference["values"].items()
            if self._owner(supplier, group, endpoint, name) == system
        }
        if owned:
            texts = self._texts(supplier, owned)
            supplier.write(owned)
            self._tell_written(supplier, endpoint, texts)
        left = {name: value for name, value in difference["values"].items() if name not in owned}
        if not left:
            return None
        return {**difference, "values": left, **self._texts(supplier, left)}

    @api.model
    def _tell_written(self, supplier, endpoint, texts):
        """Say on the supplier what its system of record has changed: nothing changes in silence."""
        supplier.message_post(
            body=plaintext2html(
                self.env._(
                    "Stated by %(endpoint)s, whose word counts:\n%(theirs)s\nBefore:\n%(ours)s",
                    endpoint=endpoint.display_name,
                    theirs=texts["text"],
                    ours=texts["ours"],
                )
            )
        )

    @api.model
    def _write_rows(self, supplier, group, values, endpoint):
        if group == "identifiers":
            self._add_identifiers(supplier, values["identifiers"])
        elif group == "contacts":
            # A contact's name would be guarded as the supplier's; it is the group's owner that adds it.
            nobody = self.env["healthcare.exchange.endpoint"]
            with self.env["healthcare.record.owner"]._acting_for(nobody):
                self._add_contacts(supplier, values["contacts"])
        elif group == "qualification":
            # The sender has verified it: its word counts.
            verified = {"decision": "verified", "decided_at": fields.Datetime.now()}
            self._add_qualifications(supplier, [{**row, **verified} for row in values["qualifications"]])
        else:
            reason = self.env._("Stated by %s, whose word counts.", endpoint.display_name)
            supplier._set_supplier_state(values["supplier_state"], reason)

    # What differs

    @api.model
    def _difference(self, supplier, group, stated, document, problem):
        """Return what a document says otherwise of a group: ``values``, ``text``, ``ours``; or None."""
        if problem:
            text = self._stated_text(document, group)
            ours = self._texts(supplier, dict.fromkeys(self._owned_fields(group)[1]))["ours"]
            return {"values": {}, "text": text, "ours": ours, "problem": problem}
        finder = getattr(self, f"_difference_{group}", None)
        if finder:
            return finder(supplier, stated)
        changed = {
            name: value
            for name, value in stated.items()
            if supplier._supplier_value_differs(name, value) and not self._same(name, supplier[name], value)
        }
        if not changed:
            return None
        return {"values": changed, **self._texts(supplier, changed)}

    @api.model
    def _same(self, name, ours, theirs):
        """Return whether two ways to write a value mean the same."""
        if not ours or not theirs:
            return False
        if name == "phone":
            return digits(ours) == digits(theirs)
        if name in ("vat", "ref"):
            scheme = "vat" if name == "vat" else "buyer_assigned"
            return lookup_value(scheme, ours) == lookup_value(scheme, theirs)
        return isinstance(theirs, str) and ours.strip().casefold() == theirs.strip().casefold()

    @api.model
    def _texts(self, supplier, values):
        """Return ``text`` and ``ours``: fields of both sides for people, a line each."""
        theirs, ours = [], []
        for name, value in values.items():
            field = supplier._fields[name]
            label = field._description_string(self.env)
            theirs.append(f"{label}: {self._value_text(field, value)}")
            ours.append(
                f"{label}: {self._value_text(field, field.convert_to_write(supplier[name], supplier))}"
            )
        return {"text": "\n".join(theirs), "ours": "\n".join(ours)}

    @api.model
    def _value_text(self, field, value):
        if not value:
            return "–"
        if field.type == "many2one":
            return self.env[field.comodel_name].browse(value).display_name
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        return str(value)

    @api.model
    def _difference_identifiers(self, supplier, stated):
        lookups = self.env["healthcare.partner.identifier"]._lookups
        own = supplier._own_identifiers().get(supplier.id, [])
        known = set(lookups(own)) | {(one["scheme"], one["value"]) for one in own}
        new = [
            one
            for one in stated
            if (one["scheme"], one["value"]) not in known and not set(lookups([one])) & known
        ]
        if not new:
            return None
        return {
            "values": {"identifiers": new},
            "text": "\n".join(f"{one['scheme']} {one['value']}" for one in new),
            "ours": "\n".join(f"{one['scheme']} {one['value']}" for one in own if one["scheme"] != "iban"),
        }

    @api.model
    def _difference_contacts(self, supplier, stated):
        ours = {
            (contact.name or "", contact.email or "", contact.phone or "", contact.function or "")
            for contact in supplier.child_ids
        }
        keys = ("name", "email", "phone", "function")
        new = [one for one in stated if tuple(one.get(key) or "" for key in keys) not in ours]
        if not new:
            return None
        return {
            "values": {"contacts": new},
            "text": "\n".join(" · ".join(filter(None, (one.get(key) for key in keys))) for one in new),
            "ours": "\n".join(sorted(" · ".join(filter(None, one)) for one in ours)),
        }

    @api.model
    def _difference_qualification(self, supplier, stated):
        rows = supplier.qualification_ids

        def shown(values):
            parts = (values["kind"], values.get("name"), values.get("number"), values.get("issuer"))
            days = (values.get("valid_from"), values.get("valid_to"))
            return tuple(str(part) if part else "" for part in parts + days)

        names = ("kind", "name", "number", "issuer", "valid_from", "valid_to")
        ours = {shown({name: row[name] for name in names}) for row in rows}
        new = [one for one in stated if shown(one) not in ours]
        if not new:
            return None
        return {
            "values": {"qualifications": new},
            "text": "\n".join(" ".join(filter(None, shown(one))) for one in new),
            "ours": "\n".join(sorted(" ".join(filter(None, one)) for one in ours)),
        }

    @api.model
    def _difference_status(self, supplier, stated):
        values = {"supplier_state": stated["supplier_state"]}
        if supplier.supplier_state == stated["supplier_state"]:
            return None
        texts = self._texts(supplier, values)
        if stated.get("reason"):
            texts["text"] += f"\n{stated['reason']}"
        return {"values": values, **texts}
