import hashlib
import json

from odoo import api, fields, models

from ..tools.contract_intake import Intake

#: What may differ in a document that says the same.
_VOLATILE = {"issued_at", "notes", "attachments", "references", "test"}
#: Fields of the contract that the header states under another or the same name.
_HEAD = {
    "kind": "kind",
    "name": "name",
    "is_service": "is_service",
    "price_date_basis": "price_date_basis",
    "valid_from": "valid_from",
    "valid_to": "valid_to",
}


class HealthcareDocumentContract(models.AbstractModel):
    """A contract as a contract repository, a buying group or a sheet states it.

    It becomes a draft, or a draft amendment of the contract that is there: what is in force
    changes by a person's approval only. What the document does not mention (roster, tiers,
    commitments, …) stays as it was; what it mentions replaces it; lines with an ``action`` change
    single lines. Parts that cannot be taken over are kept as problems of the draft.
    """

    _name = "healthcare.document.contract"
    _inherit = "healthcare.document"
    _description = "Canonical Contract"

    _document_type = "contract"
    _inbound = True

    @api.model
    def _ordering_key(self, document, endpoint):
        number = document.get("number")
        return f"contract:{number.strip().upper()}" if isinstance(number, str) else False

    @api.model
    def _from_canonical(self, documents, messages):
        """See the base. The record is the draft, or the version that says the same already.

        :raise DocumentRejected: ``supplier_unknown``, ``supplier_mismatch``, ``currency_unknown``,
            ``contract_incomplete``, ``contract_in_preparation``
        """
        results = []
        for document, message in zip(documents, messages, strict=True):
            partner = self._resolve_supplier(document, message.endpoint_id)
            intake = Intake(document=document, message=message, partner=partner)
            results.append({"record": self._take_in(intake), "exceptions": []})
        return results

    @api.model
    def _take_in(self, intake):
        """Return the version that holds what the document says."""
        digest = self._content_of(intake.document)
        versions = self._versions(intake)
        latest = versions.sorted("version")[-1:]
        if latest and latest.source_digest == digest:
            return latest
        self._prepare_draft(intake, versions)
        draft = intake.draft
        draft.problem_ids.unlink()
        self._take_tiers(intake)
        self._take_lines(intake)
        self._take_roster(intake)
        self._take_commitments(intake)
        self._take_caps(intake)
        self._drop_unused_tiers(intake)
        self._note_older(intake, latest)
        draft.write(
            {
                "source_message_id": intake.message.id,
                "source_digest": digest,
                "source_issued_at": intake.document.get("issued_at"),
            }
        )
        if draft.amends_id:
            draft.effective_from = self._effective_from(intake)
        self._keep_problems(intake)
        if author := intake.message.upload_id.requested_by_id.filtered(lambda user: not user.share):
            # Who hands in a sheet has written what it says, and does not approve it.
            intake.draft.with_user(author).sudo(False)._approval_note_author()
        self._tell_responsible(intake)
        return draft

    @api.model
    def _content_of(self, document):
        """Return the SHA-256 of what a document says, whenever and however it was sent."""
        said = {name: value for name, value in document.items() if name not in _VOLATILE}
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    # Which version

    @api.model
    def _versions(self, intake):
        """Return all versions of the contract that the document is about, empty for a new one."""
        for number in (intake.document["number"], intake.document.get("amends")):
            number = (number or "").strip()
            if not number:
                continue
            found = self.env["healthcare.contract"].search(
                [
                    ("number", "ilike", number),
                    ("partner_id", "=", intake.partner.id),
                    ("company_id", "in", [self.env.company.id, False]),
                ],
                order="company_id NULLS LAST, id",
            )
            same = found.filtered(lambda one, number=number: one.number.upper() == number.upper())[:1]
            if same:
                return same.root_id.version_ids
        return self.env["healthcare.contract"]

    @api.model
    def _prepare_draft(self, intake, versions):
        """Set ``intake.draft``: a new one, the next version, or the draft made by a document."""
        open_version = versions.filtered(lambda one: one.state in ("draft", "in_approval"))[:1]
        if open_version:
            self._check_replaceable(intake, open_version)
            intake.draft = open_version
        elif versions:
            intake.draft = versions[:1]._make_amendment()
        else:
            self._check_complete(intake)
            intake.draft = self.env["healthcare.contract"].create(
                {
                    "number": intake.document["number"].strip(),
                    "partner_id": intake.partner.id,
                    "company_id": self.env.company.id,
                    "currency_id": self.env.company.currency_id.id,
                    "user_id": intake.message.endpoint_id.owner_id.id,
                    **self._head_vals(intake),
                }
            )
            return
        vals = self._head_vals(intake)
        # the days last: parts that would be outside are taken out first
        self._clear_replaced(intake)
        self._clip_parts(intake, vals)
        first = fields.Date.to_date(vals.get("valid_from")) or intake.draft.valid_from
        last = fields.Date.to_date(vals.get("valid_to", intake.draft.valid_to))
        day = intake.draft.effective_from
        if day and (day < first or (last and day > last)):
            vals["effective_from"] = first
        intake.draft.write(vals)

    @api.model
    def _check_replaceable(self, intake, version):
        """A draft that a person works on, or that waits for approval, is not overwritten."""
        if version.state == "draft" and version.source_digest and not version.approval_authors:
            return
        self._reject(
            "contract_in_preparation",
            self.env._(
                "Contract %(number)s: version %(version)s is being prepared by a person (%(state)s). Have it "
                "approved, or withdrawn and deleted, then let this message be processed again.",
                number=intake.document["number"],
                version=version.version,
                state=dict(version._fields["state"]._description_selection(self.env))[version.state],
            ),
            path="number",
        )

    @api.model
    def _check_complete(self, intake):
        if not intake.document.get("valid_from"):
            self._reject(
                "contract_incomplete",
                self.env._(
                    "Contract %s: valid_from is missing. State the first day of the contract.",
                    intake.document["number"],
                ),
                path="valid_from",
            )

    @api.model
    def _head_vals(self, intake):
        """Return the values of the contract that the header states."""
        document = intake.document
        vals = {name: document[key] for key, name in _HEAD.items() if key in document}
        first = vals.get("valid_from") or (intake.draft and fields.Date.to_string(intake.draft.valid_from))
        last = vals.get("valid_to") or (intake.draft and fields.Date.to_string(intake.draft.valid_to))
        if first and last and last < first:
            self._reject(
                "contract_incomplete",
                self.env._(
                    "Contract %(number)s: it ends on %(last)s, before it begins on %(first)s.",
                    number=document["number"],
                    last=last,
                    first=first,
                ),
                path="valid_to",
            )
        if currency := self._currency(intake):
            vals["currency_id"] = currency.id
        if owner := self._owner(intake):
            vals["owner_id"] = owner.id
        if not intake.draft and "kind" not in vals:
            intake.problem(
                "kind_missing",
                self.env._("Kind: the document does not say whether it is a GPO or a local contract."),
                "kind",
            )
        if "renewal" in document:
            renewal = document["renewal"]
            vals.update(
                renewal_kind=renewal.get("kind") or "none",
                notice_days=renewal.get("notice_days", 90),
                renewal_months=renewal.get("term_months", 0),
            )
        if "rebate" in document:
            rebate = document["rebate"]
            vals["rebate"] = (
                rebate if isinstance(rebate, str) else "\n".join(f"{k}: {v}" for k, v in rebate.items())
            )
        return vals

    @api.model
    def _currency(self, intake):
        """Return the currency that the document names; it does not change by an amendment."""
        name = intake.document.get("currency")
        if not name:
            return self.env["res.currency"]
        currency = self.env["res.currency"].search([("name", "=", name)], limit=1)
        amended = intake.draft and intake.draft.amends_id
        if not currency or (amended and currency != amended.currency_id):
            self._reject(
                "currency_unknown",
                self.env._(
                    "Contract %(number)s: currency %(currency)s is not active here, or not the contract's.",
                    number=intake.document["number"],
                    currency=name,
                ),
                path="currency",
            )
        return currency

    @api.model
    def _owner(self, intake):
        """Return whose contract it is; ``None`` where it is our own or nobody is named."""
        name = (intake.document.get("owner") or "").strip()
        company = self.env.company.partner_id
        if not name or name.casefold() in ((company.name or "").casefold(), (company.ref or "").casefold()):
            return None
        partners = self.env["res.partner"].search(
            [
                ("company_id", "in", [False, self.env.company.id]),
                ("parent_id", "=", False),
                "|",
                ("ref", "=", name),
                ("name", "=ilike", name.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")),
            ],
            limit=2,
        )
        if len(partners) == 1:
            return partners
        intake.problem(
            "owner_unknown",
            self.env._("Contract owner: %s is no partner that we know. Choose one.", name),
            "owner",
            as_sent=name,
        )
        return None

    # At the end

    @api.model
    def _effective_from(self, intake):
        """Return the day from which the amendment is to replace the version before it.

        A later start of the contract; else the first day on which the document says a price that
        was not there, so that backdated prices hold from their day; else today.
        """
        draft = intake.draft
        today = fields.Date.today()
        if draft.valid_from > draft.amends_id.valid_from:
            return draft.valid_from
        lines = {row[0] for row in draft._price_differences() if row[1] in ("new", "changed")}
        days = [
            day
            for day in draft.line_ids.price_ids.filtered(
                lambda price: price.line_id.id in lines and price.valid_from
            ).mapped("valid_from")
            if day >= draft.amends_id.valid_from
        ]
        day = min(days, default=max(today, draft.valid_from))
        return min(day, draft.valid_to) if draft.valid_to else day

    @api.model
    def _note_older(self, intake, latest):
        """A document issued before the one that the last version came from is questioned."""
        issued, known = intake.document.get("issued_at"), latest.source_issued_at
        if issued and known and issued < known:
            intake.problem(
                "older_document",
                self.env._(
                    "The document was issued on %(issued)s, before that of version %(version)s (%(known)s). "
                    "Make sure that it is meant to replace it.",
                    issued=issued,
                    version=latest.version,
                    known=known,
                ),
                "issued_at",
            )

    @api.model
    def _keep_problems(self, intake):
        lines = {line.line_number: line for line in intake.draft.line_ids if line.line_number}
        self.env["healthcare.contract.problem"].create(
            [
                {
                    **problem,
                    "contract_id": intake.draft.id,
                    "line_id": lines[problem["line_number"]].id if problem["line_number"] in lines else False,
                    "user_id": intake.draft.user_id.id,
                }
                for problem in intake.problems
            ]
        )

    @api.model
    def _tell_responsible(self, intake):
        """Give the responsible the draft to look at."""
        draft = intake.draft
        draft._remind(
            self.env._("Contract document taken in: %s", draft.display_name),
            note=self.env._(
                "%(lines)s lines, %(unknown)s unknown items, %(problems)s problems. Check the draft and "
                "submit it for approval.",
                lines=len(draft.line_ids),
                unknown=len(draft.line_ids.filtered("is_unresolved")),
                problems=len(intake.problems),
            ),
            deadline=fields.Date.today(),
        )
