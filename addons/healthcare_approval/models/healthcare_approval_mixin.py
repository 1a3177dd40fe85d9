import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.digest import field_value, jsonable


class HealthcareApprovalMixin(models.AbstractModel):
    """A record that changes only after a second person agreed.

    Ask with :meth:`_request_approval`; the record stays untouched until the last tier approves,
    then :meth:`_approval_apply` runs once, in that transaction. Guards that keep the change from
    happening by another way stand in the model's ``create`` and ``write``.
    """

    _name = "healthcare.approval.mixin"
    _description = "Record With Approvals"
    _inherit = ["healthcare.approval.authored"]

    # Fields that a decision rests on: when one changes while a request waits, it cannot be
    # approved any more; who changed one by hand since the last approval does not approve.
    _approval_fields = ()

    approval_request_ids = fields.One2many(
        "healthcare.approval.request",
        "res_id",
        string="Approvals",
        domain=lambda self: [("model", "=", self._name)],
        bypass_search_access=True,
    )
    approval_request_count = fields.Integer(
        string="Approval Count", compute="_compute_approval_requests", compute_sudo=True
    )
    approval_pending = fields.Boolean(
        string="Waiting for Approval",
        compute="_compute_approval_requests",
        compute_sudo=True,
        search="_search_approval_pending",
    )

    @api.depends("approval_request_ids.state")
    def _compute_approval_requests(self):
        for record in self:
            requests = record.approval_request_ids
            record.approval_request_count = len(requests)
            record.approval_pending = "pending" in requests.mapped("state")

    @api.model
    def _search_approval_pending(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: who sees the record may know that it waits, whoever may read the request
        pending = (
            self.env["healthcare.approval.request"]
            .sudo()
            ._search([("model", "=", self._name), ("state", "=", "pending")])
        )
        return [("id", "in" if True in value else "not in", pending.subselect("res_id"))]

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "approval_authors": False} for vals in vals_list]
        records = super().create(vals_list)
        if self._approval_fields:
            records._approval_note_author()
        return records

    def write(self, vals):
        if "approval_authors" in vals and not self.env.su:
            raise AccessError(self.env._("Who changed a record is recorded by the system, not by hand."))
        result = super().write(vals)
        if not set(self._approval_fields).isdisjoint(vals):
            self._approval_note_author()
        return result

    def action_view_approval_requests(self):
        """Open the approval requests of these records."""
        requests = self.approval_request_ids
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Approvals"),
            "res_model": "healthcare.approval.request",
            "view_mode": "list,form",
            "domain": [("id", "in", requests.ids)],
            "context": {"create": False},
        }
        if len(requests) == 1:
            action.update(view_mode="form", res_id=requests.id)
        return action

    def _request_approval(self, kind, proposed_values, reason=""):
        """Ask for a second person's decision; the record is not touched.

        The caller has checked that the user may ask for this.

        :param str kind: of ``healthcare.approval.request.kind``
        :param dict proposed_values: JSON-able; what :meth:`_approval_apply` gets
        :param str reason: why, for those who decide
        :return: the pending ``healthcare.approval.request``
        :raises UserError: when a request of this kind already waits for this record
        """
        self.ensure_one()
        # sudo: requests are made by this method alone; nobody has create rights
        requests = self.env["healthcare.approval.request"].sudo()
        waiting = requests.search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("kind", "=", kind),
                ("state", "=", "pending"),
            ],
            limit=1,
        )
        if waiting:
            raise UserError(
                self.env._(
                    "%(request)s already waits for a decision, asked for by %(user)s. Cancel it to ask anew.",
                    request=waiting.name,
                    user=waiting.requester_id.name,
                )
            )
        record = self.sudo()
        facts = record._approval_facts(kind)
        request = requests.create(
            {
                "model": self._name,
                "res_id": self.id,
                "kind": kind,
                "proposed_values": jsonable(proposed_values),
                "reason": reason or False,
                "requester_id": self.env.uid,
                "name": record._approval_title(kind, proposed_values),
                **facts,
            }
        )
        request._open()
        return request.sudo(False)

    def _approval_title(self, kind, proposed_values):
        """Return what is asked for in a few words, for lists.

        Override to say it better than "Kind: record".
        """
        kinds = dict(self.env["healthcare.approval.request"]._fields["kind"]._description_selection(self.env))
        return f"{kinds[kind]}: {self.display_name}"

    def _approval_describe(self, kind, proposed_values, snapshot):
        """Return the proposal in lines for people, with what holds now where it is known.

        Override to say it better than "Field: before → after". Runs in superuser mode.
        """
        lines = []
        for name, value in proposed_values.items():
            field = self._fields.get(name)
            label = field._description_string(self.env) if field else name
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            if snapshot.get(name) is not None:
                text = f"{snapshot[name]} → {text}"
            lines.append(f"{label}: {text}")
        return lines

    def _approval_facts(self, kind):
        """Return what rules may ask about: ``company_id`` and, where the record knows them,
        ``amount`` with ``currency_id``, ``facility_id``, ``category_id``, ``urgency``.

        Override to add what this model knows. Runs in superuser mode.
        """
        company = self.company_id if "company_id" in self._fields else self.env.company
        return {"company_id": company.id}

    def _approval_snapshot(self, kind):
        """Return the state that the decision rests on, as a JSON-able dict.

        When it has changed before the decision, the request cannot be approved. Override where
        ``_approval_fields`` do not suffice. Runs in superuser mode.
        """
        self.ensure_one()
        return {name: field_value(self, name) for name in self._approval_fields}

    def _approval_changers(self, kind):
        """Return who may not decide because they made or changed what is asked.

        Default: who created the record or changed its ``_approval_fields`` by hand since the
        last approval. Override where the model knows better. Runs in superuser mode.
        """
        return self.env["res.users"].browse(self.approval_authors or ()).exists()

    def _approval_covers(self, kind):
        """Return whether an approval of this kind is one of all that the authors changed, so that
        they may decide again from then on.

        Default: where its snapshot has ``_approval_fields``. Override with
        :meth:`_approval_snapshot`.
        """
        return bool(self._approval_fields)

    def _approval_apply(self, kind, proposed_values):
        """Carry out what was approved.

        Called once, in superuser mode, in the transaction of the last approval; what it raises
        undoes the approval. Override for changes that are more than a write.
        """
        self.ensure_one()
        self.write(proposed_values)

    def _approval_refused(self, kind, request):
        """Called in superuser mode when a request was refused. Override to react."""

    def _approval_withdrawn(self, kind, request):
        """Called in superuser mode when a request was withdrawn. Override to react."""
