from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.digest import field_value
from odoo.exceptions import AccessError, UserError

from .res_partner import CONTACT_FIELDS, IDENTITY_FIELDS

#: Decisions of compliance that hold at once: action → state.
STOPS = {"suspend": "suspended", "block": "blocked", "off_board": "off_boarded"}
#: What changes by a request alone.
CHANGEABLE_FIELDS = tuple(name for name in IDENTITY_FIELDS if name not in ("parent_id", "is_company"))
#: What a request for a change may propose.
ASKABLE_FIELDS = (*CHANGEABLE_FIELDS, *CONTACT_FIELDS)


class ResPartner(models.Model):
    """The life of a supplier: started, submitted, approved by three; stopped by compliance."""

    _inherit = "res.partner"

    def action_start_supplier(self):
        """Begin the qualification of partners that are bought from or will be.

        :raises AccessError: for others than clerks and compliance officers
        """
        self._check_supplier_clerk()
        for partner in self.commercial_partner_id:
            if not partner.supplier_state:
                partner._set_supplier_state("draft")
                if not partner.supplier_source:
                    # sudo: where it came from is recorded by the system
                    partner.sudo().supplier_source = "manual"
        return True

    def action_submit_supplier(self):
        """Ask procurement, compliance and finance to approve suppliers.

        :raises UserError: naming each supplier and what it lacks
        """
        for partner in self:
            partner._submit_supplier("approved")
        return True

    def action_submit_conditionally(self):
        """Open the dialog that asks for the condition and its last day."""
        return self._supplier_dialog("healthcare.supplier.submit", self.env._("Submit Conditionally"))

    def action_request_supplier_change(self):
        """Open the dialog that proposes a change of who the supplier is."""
        return self._supplier_dialog("healthcare.supplier.change", self.env._("Request Change"))

    def action_open_suspend(self):
        """Open the dialog that asks why the supplier is suspended."""
        return self._supplier_stop_dialog("suspend", self.env._("Suspend Supplier"))

    def action_open_block(self):
        """Open the dialog that asks why the supplier is blocked."""
        return self._supplier_stop_dialog("block", self.env._("Block Supplier"))

    def action_open_off_board(self):
        """Open the dialog that asks why the supplier is off-boarded."""
        return self._supplier_stop_dialog("off_board", self.env._("Off-Board Supplier"))

    def action_suspend_supplier(self, reason):
        """Stop orders to suppliers, from now on; their bills are paid.

        :param str reason: required
        :raises AccessError: for anybody but compliance
        """
        return self._stop_supplier("suspend", reason)

    def action_block_supplier(self, reason):
        """Stop orders and payments to suppliers, from now on.

        :param str reason: required
        :raises AccessError: for anybody but compliance
        """
        return self._stop_supplier("block", reason)

    def action_off_board_supplier(self, reason):
        """End the relation with suppliers: no orders; what is owed is paid.

        :param str reason: required
        :raises AccessError: for anybody but compliance
        :raises UserError: for a blocked supplier, that would be paid then
        """
        return self._stop_supplier("off_board", reason)

    def action_withdraw_supplier(self):
        """Withdraw the request for approval; by who asked, or by an administrator."""
        self.check_access("read")
        # sudo: who sees the supplier need not see the request; the request checks who withdraws
        requests = self.sudo().approval_request_ids.filtered(
            lambda request: request.kind == "supplier" and request.state == "pending"
        )
        if not requests:
            raise UserError(self.env._("Nothing waits for a decision here."))
        requests.sudo(False).action_cancel()
        return True

    def _submit_supplier(self, state, note="", until=False, reason=""):
        """Ask for the approval of this supplier.

        :param str state: ``approved`` or ``conditional``
        :param str note: the condition
        :param until: its last day
        :return: the pending ``healthcare.approval.request``
        :raises UserError: naming what stops it
        """
        self.ensure_one()
        self._check_supplier_clerk()
        if not self.supplier_state:
            self.action_start_supplier()
        if self.supplier_state == "approved" and state == "approved":
            raise UserError(self.env._("%s is approved already.", self.display_name))
        # sudo: the checks read more than the clerk may
        problems = self.sudo()._supplier_submission_problems(state)
        if problems:
            raise UserError(self._supplier_problem_message(problems))
        if self.supplier_state == "draft":
            self._set_supplier_state("in_review")
        proposed = {"supplier_state": state}
        if state == "conditional":
            proposed |= {"condition_note": note, "condition_until": fields.Date.to_string(until)}
        return self._request_approval("supplier", proposed, reason)

    def _supplier_submission_problems(self, state, verified=False):
        """Return what keeps this supplier from being approved, as sentences.

        :param str state: ``conditional`` goes on without what the checklist lacks
        :param bool verified: whether the checklist must be verified too
        """
        problems = self._supplier_ready_problems()
        if state == "conditional":
            return problems
        return problems + self._supplier_checklist_problems(verified=verified)

    def _request_supplier_change(self, values, reason):
        """Ask for the approval of a change of who the supplier is, or of where.

        :param dict values: of :data:`ASKABLE_FIELDS`
        :raises UserError: for other fields, or where nothing changes
        """
        self.ensure_one()
        self._check_supplier_clerk()
        wrong = values.keys() - set(ASKABLE_FIELDS)
        if wrong:
            raise UserError(self.env._("These fields are not changed by a request: %s.", ", ".join(wrong)))
        values = {name: value for name, value in values.items() if self._supplier_value_differs(name, value)}
        if not values:
            raise UserError(self.env._("Nothing would change: fill in what is to be different."))
        return self._request_approval("supplier", {"values": values}, reason)

    def _stop_supplier(self, action, reason):
        """Bring suppliers into a state that stops them, at once.

        :param str action: of :data:`STOPS`
        """
        if not self.env.su and not self.env.user.has_group("healthcare_supplier.group_compliance"):
            raise AccessError(
                self.env._("Suppliers are suspended, blocked and off-boarded by compliance officers.")
            )
        self.check_access("read")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: buyers, the supplier and auditors read it."))
        suppliers = self.commercial_partner_id
        state = STOPS[action]
        blocked = suppliers.filtered(lambda partner: partner.supplier_state == "blocked")
        if blocked and state != "blocked":
            raise UserError(
                self.env._(
                    "%s is blocked. It is unblocked by an approval only: submit it.", blocked[0].display_name
                )
            )
        suppliers._set_supplier_state(state, reason.strip())
        return True

    def _check_supplier_clerk(self):
        """Refuse those who neither buy nor watch over suppliers.

        :raises AccessError: saying who does
        """
        self.check_access("read")
        user = self.env.user
        if not (
            self.env.su
            or user.has_group("healthcare_base.group_clerk")
            or user.has_group("healthcare_supplier.group_compliance")
        ):
            raise AccessError(
                self.env._("Suppliers are submitted by procurement clerks and compliance officers.")
            )

    def _supplier_problem_message(self, problems):
        self.ensure_one()
        return self.env._(
            "%(supplier)s is not ready:\n%(problems)s",
            supplier=self.display_name,
            problems="\n".join(f"• {problem}" for problem in problems),
        )

    def _supplier_dialog(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }

    def _supplier_stop_dialog(self, action, name):
        dialog = self._supplier_dialog("healthcare.supplier.decide", name)
        return {**dialog, "context": {**dialog["context"], "default_action": action}}

    # Approval

    def _approval_facts(self, kind):
        """A supplier of all companies is approved for all of them: no company's tiers alone."""
        return {**super()._approval_facts(kind), "company_id": self.company_id.id}

    def _approval_title(self, kind, proposed_values):
        if kind == "supplier" and "values" in proposed_values:
            return self.env._("Change of supplier: %s", self.display_name)
        return super()._approval_title(kind, proposed_values)

    def _approval_describe(self, kind, proposed_values, snapshot):
        if kind != "supplier":
            return super()._approval_describe(kind, proposed_values, snapshot)
        proposed = proposed_values.get("values", proposed_values)
        # What nobody approved before is shown as it is today.
        today = {name: field_value(self, name) for name in CONTACT_FIELDS if name in proposed}
        snapshot = {**today, **snapshot}
        lines = [self._supplier_change_text(name, snapshot, value) for name, value in proposed.items()]
        if "values" not in proposed_values:
            lines += self._supplier_shown_lines(snapshot)
        return lines

    @api.model
    def _supplier_change_text(self, name, snapshot, value):
        """Return one proposed value for people, after what holds now where the request knows it."""
        text = self._supplier_value_text(name, value)
        if name in snapshot:
            text = f"{self._supplier_value_text(name, snapshot[name])} → {text}"
        return f"{self._fields[name]._description_string(self.env)}: {text}"

    @api.model
    def _supplier_shown_lines(self, snapshot):
        """Return what the supplier had shown when it was submitted, in lines for people."""
        rows = self.env["healthcare.supplier.qualification"]
        kinds = dict(rows._fields["kind"]._description_selection(self.env))
        lines = []
        for shown in snapshot.get("qualifications", ()):
            parts = [shown["name"] or kinds.get(shown["kind"]), shown["number"], shown["issuer"]]
            if shown["valid_to"]:
                parts.append(self.env._("until %s", shown["valid_to"]))
            lines.append("• " + ", ".join(filter(None, parts)))
        return lines

    @api.model
    def _supplier_value_text(self, name, value):
        """Return a value of a request for people: records by their name."""
        field = self._fields[name]
        if field.type == "many2one":
            return self.env[field.comodel_name].browse(value or ()).display_name or "–"
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value) or "–"
        return value or "–"

    def _approval_snapshot(self, kind):
        """What was looked at: the supplier, its state, and each qualification it showed."""
        snapshot = super()._approval_snapshot(kind)
        if kind != "supplier":
            return snapshot
        names = ("kind", "name", "number", "issuer", "valid_from", "valid_to", "document_sha256")
        return {
            **snapshot,
            "supplier_state": self.supplier_state or None,
            "qualifications": [
                {name: field_value(row, name) for name in names}
                for row in self.qualification_ids.filtered(lambda row: row.state != "missing").sorted("id")
            ],
        }

    def _approval_apply(self, kind, proposed_values):
        if kind != "supplier":
            return super()._approval_apply(kind, proposed_values)
        if "values" in proposed_values:
            self.write(proposed_values["values"])
            return None
        state = proposed_values["supplier_state"]
        if problems := self._supplier_submission_problems(state, verified=True):
            raise UserError(self._supplier_problem_message(problems))
        self._set_supplier_state(
            state,
            condition_note=proposed_values.get("condition_note"),
            condition_until=proposed_values.get("condition_until"),
        )
        return None

    def _approval_refused(self, kind, request):
        result = super()._approval_refused(kind, request)
        self._supplier_review_ended(kind, request.decision_reason)
        return result

    def _approval_withdrawn(self, kind, request):
        result = super()._approval_withdrawn(kind, request)
        self._supplier_review_ended(kind, "")
        return result

    def _supplier_review_ended(self, kind, reason):
        """Bring a supplier that was not approved back to where it came from."""
        if kind == "supplier" and self.supplier_state == "in_review":
            self._set_supplier_state("draft", reason or "")
