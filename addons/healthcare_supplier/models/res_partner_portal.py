from odoo import fields, models
from odoo.exceptions import UserError

from .res_partner_onboarding import ASKABLE_FIELDS

#: What the portal's profile form takes, with the length it may have.
PROFILE_LENGTHS = {
    "name": 200,
    "vat": 40,
    "country_id": 10,
    "supplier_category_id": 10,
    "street": 200,
    "street2": 200,
    "zip": 20,
    "city": 100,
    "state_id": 10,
    "phone": 40,
    "email": 254,
    "website": 200,
}
#: What a supplier changes by itself at any time.
OPEN_FIELDS = ("phone", "website")
#: What it asks for when it has been approved.
ASKED_FIELDS = tuple(name for name in ASKABLE_FIELDS if name in PROFILE_LENGTHS)


class ResPartner(models.Model):
    """What a supplier does in the portal, about itself.

    Called by the portal's pages in superuser mode, for the supplier of the login; the values are
    hostile.
    """

    _inherit = "res.partner"

    def _portal_editable(self):
        """Return the names of the fields of the profile form that the supplier may fill in now.

        A draft is the supplier's own. What is under review stays as it is; afterwards who and
        where the supplier is changes with an approval only.
        """
        self.ensure_one()
        if self.supplier_state == "draft":
            return tuple(PROFILE_LENGTHS)
        if self.supplier_state in ("approved", "conditional", "suspended") and not self.approval_pending:
            return (*ASKED_FIELDS, *OPEN_FIELDS)
        return OPEN_FIELDS

    def _portal_profile(self):
        """Return the texts of the profile form."""
        self.ensure_one()
        return {
            name: str(self[name].id or "") if name.endswith("_id") else self[name] or ""
            for name in PROFILE_LENGTHS
        }

    def _portal_change_profile(self, given):
        """Change the profile, or ask for the change where an approval is needed.

        :param dict given: texts by field name
        :return: what was done, for the supplier
        :raises UserError: saying which field is wrong
        """
        self.ensure_one()
        values = self._portal_profile_values(given)
        changed = {name: value for name, value in values.items() if self._supplier_value_differs(name, value)}
        if not changed:
            return self.env._("Nothing was changed.")
        asked = {}
        if self.supplier_state != "draft":
            asked = {name: changed.pop(name) for name in ASKED_FIELDS if name in changed}
        if changed:
            self.write(changed)
        if asked:
            self._request_supplier_change(asked, self.env._("Asked for in the portal."))
            return self.env._("We look at your change. Until then your profile stays as it is.")
        return self.env._("Your profile is saved.")

    def _portal_profile_values(self, given):
        """Return checked values of the fields that may be changed now.

        :raises UserError: saying which field is wrong
        """
        values = {}
        for name in self._portal_editable():
            if name not in given:
                continue
            text = " ".join((given[name] or "").split())
            label = self._fields[name]._description_string(self.env)
            if len(text) > PROFILE_LENGTHS[name]:
                raise UserError(
                    self.env._(
                        "%(field)s: at most %(length)s characters.", field=label, length=PROFILE_LENGTHS[name]
                    )
                )
            values[name] = self._portal_record(name, text).id if name.endswith("_id") else text or False
        # The page offers the states of the country that it was opened with.
        country = values.get("country_id", self.country_id.id)
        state = self.env["res.country.state"].browse(values.get("state_id", self.state_id.id))
        if state and state.country_id.id != country and "state_id" in self._portal_editable():
            values["state_id"] = False
        if "name" in values and not values["name"]:
            raise UserError(self.env._("Fill in the company's name."))
        return values

    def _portal_record(self, name, text):
        """Return the record that a choice of the form names; empty for none.

        :raises UserError: when there is none
        """
        records = self.env[self._fields[name].comodel_name]
        if not text:
            return records
        record = records.search([("id", "=", int(text))]) if text.isdigit() else records
        if not record:
            raise UserError(
                self.env._("%s: choose one of the list.", self._fields[name]._description_string(self.env))
            )
        return record

    def _portal_checklist(self):
        """Return the checklist for the portal: ``[{requirement, row, state, open}]``; ``row`` is
        the last qualification of the point, ``open`` whether a document is to be handed in."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        checklist = []
        for requirement, rows in self._supplier_checklist():
            in_force = rows.filtered(lambda row: row._is_in_force(today))
            shown = rows.filtered(lambda row: row.state != "missing")
            row = rows.filtered(lambda row: row.state == "submitted") or in_force or shown or rows
            row = row.sorted("id")[-1:]
            state = row.state or "missing"
            checklist.append(
                {
                    "requirement": requirement,
                    "row": row,
                    "state": state,
                    "label": dict(rows._fields["state"]._description_selection(self.env))[state],
                    "open": state in ("missing", "expiring", "expired", "refused"),
                }
            )
        return checklist

    def _portal_state_label(self):
        self.ensure_one()
        return dict(self._fields["supplier_state"]._description_selection(self.env))[self.supplier_state]

    def _portal_hand_in(self, requirement, values, document, filename):
        """Take in what fulfils a point of the checklist.

        :param requirement: of the supplier's own category
        :param dict values: texts ``number``, ``issuer``, ``valid_from``, ``valid_to``
        :param document: base64 or False
        :return: what was done, for the supplier
        :raises UserError: saying which field is wrong
        """
        self.ensure_one()
        if self.supplier_state in ("blocked", "off_boarded"):
            raise UserError(self.env._("Documents are not taken any more. Write to our procurement."))
        if self.supplier_state == "in_review":
            raise UserError(
                self.env._("Your documents are being reviewed. Take the request back to change one.")
            )
        vals = {
            "number": " ".join((values.get("number") or "").split())[:100] or False,
            "issuer": " ".join((values.get("issuer") or "").split())[:200] or False,
            "valid_from": self._portal_date(values.get("valid_from"), self.env._("Valid From")),
            "valid_to": self._portal_date(values.get("valid_to"), self.env._("Valid Until")),
        }
        if document:
            vals |= {"document": document, "document_name": (filename or "document")[-120:]}
        self._portal_check_complete(requirement, vals)
        _requirement, rows = next(row for row in self._supplier_checklist() if row[0] == requirement)
        # handed in by the supplier; the placeholder of the checklist is filled in once
        vals |= {"submitted_by_id": self.env.uid, "submitted_at": fields.Datetime.now()}
        if rest := rows.filtered(lambda row: row.state in ("missing", "submitted") and not row.decision)[:1]:
            rest.write(vals)
        else:
            self.env["healthcare.supplier.qualification"].create(
                {
                    **vals,
                    "partner_id": self.id,
                    "requirement_id": requirement.id,
                    "kind": requirement.kind,
                    "name": requirement.name,
                }
            )
        return self.env._("%s was handed in.", requirement.display_name)

    def _portal_check_complete(self, requirement, vals):
        """Refuse what does not fulfil its point of the checklist.

        :raises UserError: naming the field
        """
        if requirement.needs_document and not vals.get("document"):
            raise UserError(self.env._("Choose a file: PDF, PNG, JPEG or TIFF of at most 10 MB."))
        if not vals.get("document") and not vals["number"]:
            raise UserError(self.env._("Fill in the number, or choose a file."))
        if requirement.needs_expiry and not vals["valid_to"]:
            raise UserError(self.env._("Fill in Valid Until: this document expires."))
        if vals["valid_to"] and vals["valid_to"] < fields.Date.context_today(self):
            raise UserError(self.env._("Valid Until is over already. Hand in one that is valid."))

    def _portal_date(self, text, label):
        """Return a date of the form, or False.

        :raises UserError: naming the field
        """
        if not text:
            return False
        try:
            return fields.Date.to_date(text)
        except ValueError as error:
            raise UserError(self.env._("%s is no date.", label)) from error

    def _portal_submit(self):
        """Ask for the approval, as the supplier.

        :return: what was done, for the supplier
        :raises UserError: saying what is missing
        """
        self.ensure_one()
        if self.supplier_state not in ("draft", "suspended"):
            raise UserError(self.env._("There is nothing to submit now."))
        self._submit_supplier("approved", reason=self.env._("Submitted in the portal."))
        return self.env._("Thank you. Procurement, compliance and finance review your company now.")

    def _portal_withdraw(self):
        """Take the request for approval back.

        :return: what was done, for the supplier
        :raises UserError: when none waits, or somebody else asked for it
        """
        self.ensure_one()
        requests = self.approval_request_ids.filtered(
            lambda request: (
                request.kind == "supplier"
                and request.state == "pending"
                and request.requester_id.partner_id.commercial_partner_id == self
            )
        )
        if not requests:
            raise UserError(self.env._("You have no request that waits for us."))
        requests.action_cancel()
        return self.env._("You can change your profile and documents again.")
