from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

from ..tools import inside
from ..tools.selections import ORDERABLE_STATES

#: What the surviving record takes over where it has nothing.
FILLED = (
    "vat", "company_registry", "ref", "street", "street2", "city", "zip", "state_id", "country_id",
    "phone", "email", "website", "lang", "comment", "supplier_category_id", "global_location_number",
)  # fmt: skip
#: What is kept of both records, so that a merge can be explained when one of them is gone.
KEPT = (
    "name", *FILLED, "is_company", "active", "company_id", "supplier_state", "supplier_state_reason",
    "supplier_source", "screening_state", "supplier_rank", "customer_rank",
)  # fmt: skip
#: Nobody gets rid of one of these states by a merge: how strict each is.
_STRICTNESS = {"conditional": 1, "suspended": 2, "off_boarded": 3, "blocked": 4}


class HealthcarePartnerMerge(models.Model):
    """Two records of one supplier made into one: proposed by a person, agreed to by another.

    Done with Odoo's own merge of contacts. What it keeps, fills in and moves is written down here,
    for the merged record is gone afterwards.
    """

    _name = "healthcare.partner.merge"
    _description = "Merge of Suppliers"
    _inherit = ["mail.thread", "healthcare.audit.mixin", "healthcare.approval.mixin"]
    _order = "id desc"
    _audit_fields = ("source_res_id", "source_name", "survivor_id", "state", "reason", "filled", "moved")

    source_id = fields.Many2one(
        "res.partner", string="Merged Record", readonly=True, index="btree_not_null", ondelete="set null"
    )
    source_res_id = fields.Integer(string="ID of the Merged Record", readonly=True)
    source_name = fields.Char(string="Merged Supplier", readonly=True)
    survivor_id = fields.Many2one(
        "res.partner", string="Remains", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", readonly=True)
    reason = fields.Text(readonly=True)
    requester_id = fields.Many2one("res.users", readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting for Approval"), ("merged", "Merged"), ("refused", "Refused")],
        default="waiting",
        required=True,
        readonly=True,
        tracking=True,
    )
    merged_at = fields.Datetime(readonly=True)
    merged_by_id = fields.Many2one("res.users", string="Agreed By", readonly=True)
    before = fields.Json(readonly=True, help="Both records as they were.")
    filled = fields.Json(readonly=True, help="What the remaining record took over.")
    moved = fields.Json(readonly=True, help="References that point to the remaining record now.")
    dropped = fields.Json(readonly=True, help="Rows that said the same of both records, and are there once.")
    explanation = fields.Text(compute="_compute_explanation")

    @api.depends("source_name", "survivor_id")
    def _compute_display_name(self):
        for merge in self:
            merge.display_name = f"{merge.source_name} → {merge.survivor_id.name}"

    @api.depends("before", "filled", "moved", "dropped", "reason", "state")
    def _compute_explanation(self):
        for merge in self:
            merge.explanation = "\n".join(merge._explain())

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Merges are proposed with Propose a Merge."))
        return super(HealthcarePartnerMerge, without_defaults(self)).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su and any(not name.startswith("message_") for name in vals):
            raise AccessError(self.env._("A merge is decided by its approval, not written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Merges are evidence and are kept."))

    @api.model
    def _propose(self, source, survivor, reason):
        """Ask a second person to merge ``source`` into ``survivor``.

        :raises AccessError: to who is neither clerk nor compliance officer
        :raises UserError: naming each reason why the two cannot be merged this way round
        """
        may = ("healthcare_base.group_clerk", "healthcare_supplier.group_compliance")
        if not self.env.su and not any(self.env.user.has_group(group) for group in may):
            raise AccessError(self.env._("Clerks and compliance officers propose merges."))
        (source | survivor).check_access("read")
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(self.env._("Say why these are the same supplier."))
        # sudo: merges are made by this method alone; who may propose is checked above
        merge = self.sudo().create(
            {
                "source_id": source.id,
                "source_res_id": source.id,
                "source_name": source.sudo().name,
                "survivor_id": survivor.id,
                "company_id": (source.sudo().company_id or survivor.sudo().company_id).id,
                "reason": reason.strip(),
                "requester_id": self.env.uid,
            }
        )
        merge._check_mergeable()
        filled = merge._fill()
        merge.filled = filled
        merge.sudo(self.env.su)._request_approval("supplier_merge", {"filled": filled}, reason.strip())
        return merge.sudo(self.env.su)

    # What may be merged

    def _check_mergeable(self):
        """Refuse what would hide something or lose something.

        :raises UserError: all reasons, each with what to do
        """
        self.ensure_one()
        if problems := self._merge_problems():
            raise UserError("\n".join(problems))

    def _merge_problems(self):
        """Return why this merge is not possible, as sentences. In superuser mode."""
        source, survivor = self.source_id, self.survivor_id
        both = source | survivor
        if len(both) < 2 or any(one != one.commercial_partner_id for one in both):
            return [self.env._("Choose two suppliers, no contacts of one.")]
        problems = []
        if both.ref_company_ids:
            problems.append(self.env._("One of the two is a company of ours."))
        if source.company_id != survivor.company_id and survivor.company_id:
            problems.append(self.env._("The two belong to different companies."))
        if source == survivor.parent_id or survivor == source.parent_id:
            problems.append(self.env._("One of the two belongs to the other."))
        problems += self._state_problems(source, survivor)
        taxes = {record._tax_number() for record in both} - {""}
        if len(taxes) > 1:
            problems.append(
                self.env._(
                    "Their tax IDs differ (%s): these are two parties. Correct the one that is wrong first.",
                    ", ".join(sorted(taxes)),
                )
            )
        waiting = both.filtered(lambda one: one.approval_pending or one.bank_change_pending)
        problems += [
            self.env._("%s waits for an approval: have it decided first.", one.display_name)
            for one in waiting
        ]
        return problems + self._reference_problems(source, survivor)

    def _state_problems(self, source, survivor):
        """Return why the states of the two do not allow this direction."""
        problems = []
        strict = _STRICTNESS.get(source.supplier_state, 0)
        if strict > _STRICTNESS.get(survivor.supplier_state, 0):
            states = dict(source._fields["supplier_state"]._description_selection(self.env))
            problems.append(
                self.env._(
                    "%(supplier)s is %(state)s, and a merge does not end that: let it be the record that "
                    "remains.",
                    supplier=source.display_name,
                    state=states[source.supplier_state],
                )
            )
        elif source.supplier_state in ORDERABLE_STATES and survivor.supplier_state in (
            False,
            "draft",
            "in_review",
        ):
            problems.append(
                self.env._("%s is approved: let it be the record that remains.", source.display_name)
            )
        if source.screening_state == "excluded" and survivor.screening_state != "excluded":
            problems.append(
                self.env._(
                    "%s is on an exclusion list: let it be the record that remains.", source.display_name
                )
            )
        problems += [
            self.env._("%s may be on an exclusion list: decide about that first.", one.display_name)
            for one in source | survivor
            if one.screening_state == "possible"
        ]
        return problems

    # The approval

    def _approval_snapshot(self, kind):
        """A decision rests on both records as they are."""
        return {
            "source": self.source_id._merge_values(),
            "survivor": self.survivor_id._merge_values(),
            "state": self.state,
        }

    def _approval_changers(self, kind):
        """Who proposed a merge does not agree to it."""
        return self.requester_id

    def _approval_describe(self, kind, proposed_values, snapshot):
        return self._explain()

    def _approval_apply(self, kind, proposed_values):
        """Merge the two, as it was looked at."""
        self.ensure_one()
        self._check_mergeable()
        if self._fill() != proposed_values.get("filled"):
            raise UserError(self.env._("One of the records has changed. Propose the merge again."))
        self._merge_now(proposed_values["filled"])

    def _approval_refused(self, kind, request):
        self.state = "refused"

    # The merge

    def _merge_now(self, filled):
        """Merge with Odoo's machinery, and write down what it did."""
        source, survivor = self.source_id, self.survivor_id
        old_code = source.ref
        self.before = {"source": source._merge_values(), "survivor": survivor._merge_values()}
        self.dropped = self._drop_same_rows(source, survivor)
        self.moved = self._count_references(source)
        # What was trusted of the other record is released anew by a bank change.
        accounts = source.with_context(active_test=False).bank_ids
        with inside.changing(self.env, "merge", *inside_facts()):
            accounts.write({"allow_out_payment": False})
            self._move_untyped_references(source, survivor)
            taken = self._fill_company_values(source, survivor)
            wizard = self.env["base.partner.merge.automatic.wizard"].create({})
            wizard._merge([source.id, survivor.id], survivor, extra_checks=False)
            survivor.write(self._writable(filled))
        self._keep_code(survivor, old_code)
        self.write({"state": "merged", "merged_at": fields.Datetime.now(), "merged_by_id": self.env.uid})
        survivor.message_post(body=self.env._("Merged: %s", self.display_name))
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": "res.partner",
                    "res_id": survivor.id,
                    "res_name": survivor.display_name,
                    "action": "merge",
                    "company_id": self.company_id.id or 0,
                    "changes": {
                        "merged": self.before["source"],
                        "merged_id": self.source_res_id,
                        "filled": filled,
                        "filled_per_company": taken,
                        "moved": self.moved,
                        "dropped": self.dropped,
                    },
                }
            ]
        )
        survivor._screen_suppliers()
        survivor._note_duplicates()

    def _keep_code(self, survivor, code):
        """Let documents that name the merged record by our code find the one that remains."""
        if code and code != survivor.ref:
            self.env["healthcare.partner.identifier"].create(
                {
                    "partner_id": survivor.id,
                    "scheme": "buyer_assigned",
                    "value": code,
                    "note": self.env._("Code of merged record %s", self.source_res_id),
                }
            )

    def _fill(self):
        """Return what the remaining record takes over: ``{field: value as text or id}``."""
        source, survivor = self.source_id, self.survivor_id
        filled = {}
        for name in FILLED:
            if source[name] and not survivor[name]:
                value = source._fields[name].convert_to_write(source[name], source)
                filled[name] = value if isinstance(value, (int, str)) else str(value)
        return filled

    def _writable(self, filled):
        return {name: value for name, value in filled.items() if name in FILLED}

    def _explain(self):
        """Return this merge in sentences."""
        self.ensure_one()
        names = {
            "merged": f"{self.source_name} (#{self.source_res_id})",
            "survivor": f"{self.survivor_id.name} (#{self.survivor_id.id})",
        }
        lines = [self.env._("%(merged)s becomes part of %(survivor)s.", **names)]
        if self.reason:
            lines.append(self.env._("Why: %s", self.reason))
        partners = self.env["res.partner"]
        for name, value in (self.filled or {}).items():
            label = partners._fields[name]._description_string(self.env)
            lines.append(self.env._("Taken over: %(field)s %(value)s", field=label, value=value))
        for name, value in ((self.before or {}).get("source") or {}).items():
            if value and name not in (self.filled or {}):
                lines.append(self.env._("Merged record had %(field)s: %(value)s", field=name, value=value))
        lines += [
            self.env._("Moved: %(count)s × %(what)s", count=count, what=what)
            for what, count in sorted((self.moved or {}).items())
        ]
        lines += [
            self.env._("There once now: %(count)s × %(what)s", count=count, what=what)
            for what, count in sorted((self.dropped or {}).items())
        ]
        return lines


def inside_facts():
    """Return the facts of bank accounts that a merge changes: whose they are, and their trust."""
    return ("partner", "number", "active", "allow_out_payment", "holder")
