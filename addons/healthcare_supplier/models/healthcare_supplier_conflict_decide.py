from odoo import models
from odoo.exceptions import AccessError, UserError

from ..tools.selections import SUPPLIER_STATE
from .res_partner import DECIDED_STATES
from .res_partner_onboarding import CHANGEABLE_FIELDS

_DECIDING_GROUPS = ("healthcare_base.group_clerk", "healthcare_supplier.group_compliance")
_STOPS = {
    "suspended": "action_suspend_supplier",
    "blocked": "action_block_supplier",
    "off_boarded": "action_off_board_supplier",
}


class HealthcareSupplierConflict(models.Model):
    """A person decides whose value holds, with the rights that the change itself asks for."""

    _inherit = "healthcare.supplier.conflict"  # pylint: disable=consider-merging-classes-inherited

    def action_open_decide(self):
        """Open the form in which a conflict is decided."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide"),
            "res_model": "healthcare.supplier.conflict.decide",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_conflict_id": self.id},
        }

    def action_keep_ours(self, reason):
        """Decide that what is here stays; the same difference is not raised again.

        :param str reason: required
        """
        for conflict in self:
            conflict._for_decision(reason)._decided("ours", reason.strip())
        return True

    def action_take_theirs(self, reason):
        """Decide that theirs holds, and carry it out with the user's own rights.

        What is only changed by an approval is asked for; suspending and blocking is compliance's.

        :param str reason: required
        :raises UserError: where it has to be done another way, saying how
        """
        for conflict in self:
            locked = conflict._for_decision(reason)
            if locked.problem:
                raise UserError(locked.problem)
            getattr(conflict, f"_take_{conflict.field_group}", conflict._take_fields)(
                locked.their_values or {}, reason.strip()
            )
            locked._decided("theirs", reason.strip())
        return True

    def action_view_message(self):
        """Open the document that this came with."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "healthcare.exchange.message",
            "res_id": self.message_id.id,
            "views": [(False, "form")],
        }

    def _for_decision(self, reason):
        """Return this conflict, locked and in superuser mode, when the user may decide it.

        :raises AccessError: for who may not
        :raises UserError: when it is decided, or without a reason
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.su and not any(self.env.user.has_group(group) for group in _DECIDING_GROUPS):
            raise AccessError(self.env._("Procurement and compliance decide between two systems."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: who keeps the other system reads it."))
        # sudo: conflicts are written by decisions alone; who may is checked here
        conflict = self.sudo()
        conflict.lock_for_update()
        if conflict.state != "open":
            raise UserError(self.env._("%s is decided already.", conflict.display_name))
        return conflict

    def _take_fields(self, values, reason):
        """Write fields of the supplier, as the user; identity of a decided one is asked for."""
        supplier = self.partner_id.with_company(self.company_id)
        asked = {name: value for name, value in values.items() if name in CHANGEABLE_FIELDS}
        if asked and supplier.supplier_state in DECIDED_STATES:
            supplier._request_supplier_change(asked, reason)
            values = {name: value for name, value in values.items() if name not in asked}
        if values:
            supplier.write(values)

    def _take_identifiers(self, values, reason):
        """Add the identifiers as the user: those of a decided supplier are compliance's to add."""
        self.env["healthcare.partner.identifier"].create(
            [{**one, "partner_id": self.partner_id.id} for one in values.get("identifiers", ())]
        )

    def _take_contacts(self, values, reason):
        self.env["res.partner"].create(
            [
                {**one, "parent_id": self.partner_id.id, "type": "contact"}
                for one in values.get("contacts", ())
            ]
        )

    def _take_qualification(self, values, reason):
        """Hand in what they say; compliance verifies it as always."""
        self.env["healthcare.supplier.qualification"].create(
            [{**one, "partner_id": self.partner_id.id} for one in values.get("qualifications", ())]
        )

    def _take_status(self, values, reason):
        state = values.get("supplier_state")
        if state not in _STOPS:
            label = dict(SUPPLIER_STATE).get(state, state)
            raise UserError(
                self.env._("The state %s is given by submitting the supplier and approving it.", label)
            )
        getattr(self.partner_id, _STOPS[state])(reason)
