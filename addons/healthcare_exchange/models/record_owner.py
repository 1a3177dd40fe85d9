from contextlib import contextmanager

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError

from ..exceptions import DocumentRejected
from ..tools.cursor import OwnCursor

SYSTEMS = [
    ("odoo", "Odoo"),
    ("erp", "Finance ERP"),
    ("supplier", "Supplier"),
    ("compliance", "Compliance system"),
    ("inventory", "Inventory system"),
    ("other", "Other system"),
]
#: Where a transaction keeps which endpoint it works for. Not in the context: that is the caller's.
_ACTING = "healthcare_exchange.acting_endpoint_id"


class HealthcareRecordOwner(models.Model):
    """A row of the system-of-record matrix: who owns a group of fields, initiates and confirms.

    In force from a date on, in one company or in all. A write by another system is refused where
    the change happens (``healthcare.record.owner.mixin``) and listed. A row that is in force
    changes only with a second person's consent.
    """

    _name = "healthcare.record.owner"
    _description = "System of Record"
    _inherit = ["mail.thread", "healthcare.audit.mixin", "healthcare.approval.mixin"]
    _order = "entity, field_group, company_id"
    _audit_fields = (
        "entity",
        "field_group",
        "model_id",
        "field_ids",
        "owner",
        "initiates",
        "confirms",
        "company_id",
        "date_from",
        "active",
    )
    _approval_fields = _audit_fields

    entity = fields.Char(required=True, translate=True, help="What it is about, such as Supplier.")
    field_group = fields.Char(required=True, translate=True, help="Such as payment terms.")
    model_id = fields.Many2one(
        "ir.model",
        string="Record Type",
        ondelete="cascade",
        domain=lambda self: [("model", "in", self._guarded_models())],
        help="Empty: declared for people; the exchange keeps to it by the documents that flow.",
    )
    field_ids = fields.Many2many(
        "ir.model.fields",
        string="Fields",
        domain="[('model_id', '=', model_id), ('store', '=', True), ('readonly', '=', False)]",
        ondelete="cascade",
    )
    owner = fields.Selection(SYSTEMS, required=True, help="The system whose word counts.")
    initiates = fields.Selection(SYSTEMS, required=True, help="Where such a change begins.")
    confirms = fields.Selection(SYSTEMS, required=True, help="Where it is agreed to.")
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    date_from = fields.Date(
        string="In Force From", readonly=True, copy=False, help="Empty: declared, not enforced."
    )
    active = fields.Boolean(default=True)
    note = fields.Text()

    _group_unique = models.UniqueIndex(
        "(entity, field_group, COALESCE(company_id, 0)) WHERE active",
        "The matrix has this group of fields already.",
    )

    @api.depends("entity", "field_group")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.entity}: {row.field_group}"

    @api.constrains("model_id", "field_ids")
    def _check_fields(self):
        for row in self:
            foreign = row.field_ids.filtered(lambda field, r=row: field.model_id != r.model_id)
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(row)s: %(fields)s are not fields of %(model)s.",
                        row=row.display_name,
                        fields=", ".join(foreign.mapped("name")),
                        model=row.model_id.name or self.env._("a record type"),
                    )
                )
            if row.model_id and row.model_id.model not in self._guarded_models():
                raise ValidationError(
                    self.env._("%s is not guarded by the matrix.", row.model_id.name)
                )

    @api.model
    def _guarded_models(self):
        """Return the names of the models that the matrix is enforced on."""
        mixin = self.env.registry["healthcare.record.owner.mixin"]
        return [name for name, model in self.env.registry.items() if issubclass(model, mixin) and not model._abstract]

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("date_from") for vals in vals_list):
            raise AccessError(self.env._("A row comes into force when a second person has agreed."))
        rows = super().create(vals_list)
        self.env.registry.clear_cache()
        return rows

    def write(self, vals):
        if not self.env.su and ("date_from" in vals or any(row.date_from for row in self)):
            raise AccessError(
                self.env._(
                    "%s is in force: propose the change, and a second person decides.",
                    self[:1].display_name,
                )
            )
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        if not self.env.su and any(row.date_from for row in self):
            raise AccessError(self.env._("A row that is in force is not deleted; propose to archive it."))
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # Changes by two people

    def action_put_in_force(self):
        """Ask a second person to enforce this row from today on."""
        self.ensure_one()
        self.check_access("write")
        if self.date_from:
            raise UserError(self.env._("%s is in force.", self.display_name))
        return self._propose({"date_from": fields.Date.to_string(fields.Date.context_today(self))})

    def action_propose(self):
        """Open a form for a change of a row that is in force."""
        self.ensure_one()
        proposal = self.env["healthcare.record.owner.proposal"].create(
            {
                "row_id": self.id,
                "owner": self.owner,
                "initiates": self.initiates,
                "confirms": self.confirms,
                "field_ids": [(6, 0, self.field_ids.ids)],
                "enforced": bool(self.date_from),
                "active": self.active,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Change"),
            "res_model": proposal._name,
            "res_id": proposal.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _propose(self, values, reason=""):
        """Ask for a change of this row; return the action on the request."""
        self._request_approval("policy", values, reason)
        return self.action_view_approval_requests()

    def _approval_title(self, kind, proposed_values):
        return self.env._("System of record: %s", self.display_name)

    def _approval_apply(self, kind, proposed_values):
        values = dict(proposed_values)
        if "field_ids" in values:
            values["field_ids"] = [(6, 0, values["field_ids"])]
        self.write(values)

    # Who writes

    @contextmanager
    def _acting_for(self, endpoint):
        """What is written inside is written for an endpoint's system, in this transaction.

        A matter of server code: no caller of RPC can enter it, unlike a context key.
        """
        data = self.env.cr.precommit.data
        before = data.get(_ACTING)
        data[_ACTING] = endpoint.id
        try:
            yield
        finally:
            data[_ACTING] = before

    @api.model
    def _acting_endpoint(self):
        """Return the endpoint that this transaction works for; empty for people in Odoo."""
        endpoint_id = self.env.cr.precommit.data.get(_ACTING)
        # sudo: who is acting does not depend on who may read endpoints
        return self.env["healthcare.exchange.endpoint"].sudo().browse(endpoint_id or [])

    # What is refused

    @api.model
    @tools.ormcache("model", "today")
    def _rules(self, model, today):
        """Return the rows in force on a model: tuples of (id, owner, company_id, field names)."""
        rows = self.sudo().search(
            [("model_id.model", "=", model), ("date_from", "!=", False), ("date_from", "<=", today)]
        )
        return tuple(
            (row.id, row.owner, row.company_id.id, frozenset(row.field_ids.mapped("name"))) for row in rows
        )

    @api.model
    def _check_writing(self, records, vals):
        """Refuse what the matrix gives to another system.

        Only real changes count: writing the value that is there is no conflict.

        :param records: the records to be written; empty with its model when they are created.
        :param vals: values as for ``write`` or ``create``.
        :raise AccessError: a person (or Odoo) writes what another system owns.
        :raise DocumentRejected: ``not_system_of_record``, an endpoint's document does.
        """
        rules = [
            rule for rule in self._rules(records._name, fields.Date.today()) if rule[3] & vals.keys()
        ]
        if not rules:
            return
        endpoint = self._acting_endpoint()
        source = endpoint.system or "odoo"
        refused = []
        for row_id, owner, company_id, names in rules:
            if owner == source:
                continue
            for record in records or [records]:
                company = (record["company_id"] if "company_id" in record._fields else None) or self.env.company
                if company_id and company_id != company.id:
                    continue
                changes = _changes(record, {name: vals[name] for name in names & vals.keys()})
                if changes:
                    refused.append((self.sudo().browse(row_id), record, changes))
        if refused:
            self._refuse(endpoint, refused)

    def _refuse(self, endpoint, refused):
        """Write down what was tried, beside the transaction that ends here, and raise."""
        entries = [
            {
                "model": record._name,
                "res_id": record.id or 0,
                "res_name": (record.display_name if record else None) or record._description,
                "action": "refused",
                "changes": {
                    **changes,
                    "system_of_record": [row.display_name, row.owner],
                    "written_by": [None, endpoint.code or "odoo"],
                },
                "company_id": (record["company_id"].id if record and "company_id" in record._fields else 0)
                or self.env.company.id,
            }
            for row, record, changes in refused
        ]
        uid = self.env.uid
        with OwnCursor(self.env, read_committed=True) as cr:
            api.Environment(cr, uid, {})["healthcare.audit.entry"]._record(entries)
        row, record, changes = refused[0]
        labels = dict(self._fields["owner"]._description_selection(self.env))
        names = ", ".join(record._fields[name]._description_string(self.env) for name in changes)
        message = self.env._(
            "%(record)s: %(fields)s belong to %(owner)s (%(row)s in the system-of-record matrix). Make the "
            "change there, or have the matrix changed. The attempt is listed under Refused Writes.",
            record=(record.display_name if record else None) or record._description,
            fields=names,
            owner=labels[row.owner],
            row=row.display_name,
        )
        if endpoint:
            raise DocumentRejected(
                {"code": "not_system_of_record", "message": message, "path": "", "line": ""}
            )
        raise AccessError(message)


def _changes(record, vals):
    """Return ``{field: [before, after]}`` of what really changes, as text for people."""
    changes = {}
    for name, value in vals.items():
        field = record._fields[name]
        if field.type in ("one2many", "many2many"):
            if value:
                changes[name] = [None, str(value)[:200]]
            continue
        new = field.convert_to_cache(value, record, validate=False)
        # sudo: the comparison does not depend on who may read the field
        old = field.convert_to_cache(record.sudo()[name], record, validate=False) if record else None
        if (new or None) != (old or None):
            changes[name] = [
                str(record.sudo()[name].display_name if field.relational and old else old or "")[:200] or None,
                str(record.env[field.comodel_name].sudo().browse(new).display_name if field.relational and new else new or "")[:200]
                or None,
            ]
    return changes
