from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, fields, models, tools
from odoo.addons.healthcare_approval.tools.context import without_defaults
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
#: ``(database, endpoint id)`` that this thread works for. Not in Odoo's context: that is the
#: caller's.
_acting = ContextVar("healthcare_exchange_acting", default=("", 0))


class HealthcareRecordOwner(models.Model):
    """A row of the system-of-record matrix: who owns a group of fields, initiates and confirms.

    In force from a date on, in one company or in all, or by itself in each company where the owner
    is connected (:attr:`connected_by`): two people have agreed to that endpoint. A write by another
    system is refused where the change happens (``healthcare.record.owner.mixin``) and listed. A row
    that is in force, or comes into it by itself, changes only with a second person's consent.
    """

    _name = "healthcare.record.owner"
    _description = "System of Record"
    _inherit = ["mail.thread", "healthcare.audit.mixin", "healthcare.approval.mixin"]
    _order = "entity, field_group, company_id"
    _audit_fields = (
        "entity",
        "field_group",
        "model_name",
        "field_names",
        "owner",
        "initiates",
        "confirms",
        "company_id",
        "date_from",
        "connected_by",
        "active",
    )
    _approval_fields = _audit_fields

    entity = fields.Char(required=True, translate=True, help="What it is about, such as Supplier.")
    field_group = fields.Char(required=True, translate=True, help="Such as payment terms.")
    model_name = fields.Selection(
        selection="_selection_model_name",
        string="Record Type",
        help="Empty: declared for people; the exchange keeps to it by the documents that flow.",
    )
    field_names = fields.Char(
        string="Fields", help="Technical names, separated by commas, such as: name, vat."
    )
    fields_text = fields.Char(string="Fields by Name", compute="_compute_fields_text")
    owner = fields.Selection(SYSTEMS, required=True, help="The system whose word counts.")
    initiates = fields.Selection(SYSTEMS, required=True, help="Where such a change begins.")
    confirms = fields.Selection(SYSTEMS, required=True, help="Where it is agreed to.")
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    date_from = fields.Date(
        string="In Force From", readonly=True, copy=False, help="Empty: declared, not enforced."
    )
    connected_by = fields.Selection(
        selection="_selection_connected_by",
        string="In Force Once Connected By",
        readonly=True,
        copy=False,
        help="In force by itself in each company that has an endpoint of the owner's system which "
        "brings these documents.",
    )
    connected_company_ids = fields.Many2many(
        "res.company", string="Connected In", compute="_compute_connected_company_ids", compute_sudo=True
    )
    is_closed = fields.Boolean(compute="_compute_is_closed", help="It changes by a proposal only.")
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

    @api.depends("model_name", "field_names")
    @api.depends_context("lang")
    def _compute_fields_text(self):
        for row in self:
            known = self.env[row.model_name]._fields if row.model_name else {}
            row.fields_text = ", ".join(
                known[name]._description_string(self.env) for name in row._names() if name in known
            )

    @api.depends("connected_by", "owner", "company_id")
    def _compute_connected_company_ids(self):
        for row in self:
            row.connected_company_ids = row._connected_companies()

    @api.depends("date_from", "connected_by")
    def _compute_is_closed(self):
        for row in self:
            row.is_closed = bool(row.date_from or row.connected_by)

    @api.constrains("model_name", "field_names", "connected_by")
    def _check_fields(self):
        guarded = self._guarded_models()
        for row in self:
            if row.model_name and row.model_name not in guarded:
                raise ValidationError(self.env._("%s is not guarded by the matrix.", row.model_name))
            names = row._names()
            known = self.env[row.model_name]._fields if row.model_name else {}
            wrong = [name for name in names if name not in known or not known[name].store]
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(row)s: %(fields)s are not stored fields of %(model)s.",
                        row=row.display_name,
                        fields=", ".join(wrong),
                        model=row.model_name or self.env._("a record type"),
                    )
                )
            if row.is_closed and not names:
                raise ValidationError(self.env._("%s: name the fields that are guarded.", row.display_name))

    def _names(self):
        """Return the names of the guarded fields as a list."""
        self.ensure_one()
        return [name.strip() for name in (self.field_names or "").split(",") if name.strip()]

    def _selection_connected_by(self):
        return self.env["healthcare.exchange.endpoint.document"]._selection_document_type()

    def _selection_model_name(self):
        return [(name, self.env[name]._description) for name in sorted(self._guarded_models())]

    @api.model
    def _guarded_models(self):
        """Return the names of the models that the matrix is enforced on."""
        mixin = self.env.registry["healthcare.record.owner.mixin"]
        return [
            name
            for name, model in self.env.registry.items()
            if issubclass(model, mixin) and not model._abstract
        ]

    @api.model_create_multi
    def create(self, vals_list):
        closed = {"date_from", "connected_by"}
        if not self.env.su and any(vals.get(name) for vals in vals_list for name in closed):
            raise AccessError(self.env._("A row comes into force when a second person has agreed."))
        model = super(HealthcareRecordOwner, without_defaults(self, closed))
        rows = model.create(vals_list).with_env(self.env)
        self.env.registry.clear_cache()
        return rows

    def write(self, vals):
        touched = {"date_from", "connected_by"} & vals.keys()
        if not self.env.su and (touched or any(row.is_closed for row in self)):
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
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        """Deleting a row would be a change without a second person."""
        if not self.env.su and any(row.is_closed for row in self):
            raise AccessError(self.env._("A row that is in force is not deleted; propose to archive it."))

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
                "field_names": self.field_names,
                "connected_by": self.connected_by,
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

    # Who writes

    @contextmanager
    def _acting_for(self, endpoint):
        """What is written inside, by this thread, is written for an endpoint's system.

        A matter of server code: no caller of RPC can enter it, unlike a context key.
        """
        token = _acting.set((self.env.cr.dbname, endpoint.id))
        try:
            yield
        finally:
            _acting.reset(token)

    @api.model
    def _acting_endpoint(self):
        """Return the endpoint that is at work; empty for people in Odoo."""
        database, endpoint_id = _acting.get()
        # sudo: who is acting does not depend on who may read endpoints
        return (
            self.env["healthcare.exchange.endpoint"]
            .sudo()
            .browse(endpoint_id if database == self.env.cr.dbname else [])
        )

    # What is refused

    @api.model
    @tools.ormcache("model", "today")
    def _rules(self, model, today):
        """Return the rows in force on a model: tuples of (id, owner, initiates, company_id,
        field names), one per company for rows that hold where their owner is connected."""
        rows = self.sudo().search([("active", "=", True), ("model_name", "=", model)])
        rules = []
        for row in rows:
            if row.date_from and row.date_from <= today:
                company_ids = [row.company_id.id]
            else:
                company_ids = row._connected_companies().ids
            names = frozenset(row._names())
            rules += [(row.id, row.owner, row.initiates, company_id, names) for company_id in company_ids]
        return tuple(rules)

    def _connected_companies(self):
        """Return the companies in which the owner's system brings the documents of this row.

        A suspended endpoint is connected: what it owns does not change hands while it rests.
        """
        self.ensure_one()
        if not self.connected_by:
            return self.env["res.company"]
        # sudo: what is in force does not depend on who may see endpoints
        carried = (
            self.env["healthcare.exchange.endpoint.document"]
            .sudo()
            .search(
                [
                    ("active", "=", True),
                    ("document_type", "=", self.connected_by),
                    ("direction", "=", "inbound"),
                    ("endpoint_id.active", "=", True),
                    ("endpoint_id.state", "in", ("active", "suspended")),
                    ("endpoint_id.direction", "in", ("inbound", "both")),
                    ("endpoint_id.system", "=", self.owner),
                ]
            )
        )
        companies = carried.company_id
        return companies & self.company_id if self.company_id else companies

    @api.model
    def _brought_into_force_by(self, endpoint):
        """Return the rows that come into force in an endpoint's company once it is active."""
        kinds = [
            row.document_type
            for row in endpoint.document_ids
            if row.direction == "inbound" and endpoint._carries(row.document_type, "inbound")
        ]
        today = fields.Date.today()
        rows = self.sudo().search([("owner", "=", endpoint.system), ("connected_by", "in", kinds)])
        return rows.filtered(
            lambda row: (
                row.company_id in (row.company_id.browse(), endpoint.company_id)
                and not (row.date_from and row.date_from <= today)
                and endpoint.company_id not in row._connected_companies()
            )
        )

    @api.model
    def _guarded_names(self, model):
        """Return the set of names of a model's fields that rows in force give to another system than
        the one that writes."""
        source = self._acting_endpoint().system or "odoo"
        return {
            name
            for _id, owner, _initiates, _company_id, names in self._rules(model, fields.Date.today())
            if owner != source
            for name in names
        }

    @api.model
    def _check_writing(self, records, vals):
        """Refuse what the matrix gives to another system.

        Only real changes count: writing the value that is there is no conflict. A new record may
        also come from the system that initiates.

        :param records: the records to be written; empty with its model when they are created.
        :param vals: values as for ``write`` or ``create``.
        :raise AccessError: a person (or Odoo) writes what another system owns.
        :raise DocumentRejected: ``not_system_of_record``, an endpoint's document does.
        """
        rules = [rule for rule in self._rules(records._name, fields.Date.today()) if rule[-1] & vals.keys()]
        if not rules:
            return
        endpoint = self._acting_endpoint()
        source = endpoint.system or "odoo"
        refused = []
        for row_id, owner, initiates, company_id, names in rules:
            if source == owner or (source == initiates and not records):
                continue
            for record in records or [records]:
                if company_id and company_id != _company(record).id:
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
                "company_id": _company(record).id,
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


def _company(record):
    """Return the company that a record belongs to; the user's for none."""
    own = record["company_id"] if "company_id" in record._fields else None
    return own or record.env.company


def _changes(record, vals):
    """Return ``{field: [before, after]}`` of what really changes, as text for people."""
    changes = {}
    # sudo: the comparison does not depend on who may read the field
    record = record.sudo()
    for name, value in vals.items():
        field = record._fields[name]
        if field.type in ("one2many", "many2many"):
            if value:
                changes[name] = [None, str(value)[:200]]
            continue
        new = field.convert_to_cache(value, record, validate=False)
        old = field.convert_to_cache(record[name], record, validate=False) if record else None
        if (new or None) != (old or None):
            changes[name] = [_text(record, field, old), _text(record, field, new)]
    return changes


def _text(record, field, value):
    """Return a field's cached value as people know it; None for an empty one."""
    if not value:
        return None
    if field.type == "many2one":
        value = record.env[field.comodel_name].browse(value).display_name
    return str(value)[:200]
