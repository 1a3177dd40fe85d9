from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

from ..tools.selections import SUPPLIER_SOURCE, SUPPLIER_STATE

#: Set by methods that check who asks; nobody writes them.
SYSTEM_FIELDS = (
    "supplier_state",
    "supplier_state_reason",
    "supplier_state_date",
    "supplier_source",
    "condition_note",
    "condition_until",
)
#: Who a supplier is. What was approved is this party, not whoever the record is made into.
IDENTITY_FIELDS = (
    "name",
    "vat",
    "company_registry",
    "country_id",
    "parent_id",
    "is_company",
    "supplier_category_id",
)
#: Where a supplier is, and where its orders go. Staff keeps these; the supplier itself asks.
CONTACT_FIELDS = ("street", "street2", "zip", "city", "state_id", "email")
#: States in which the identity is not changed by hand, because somebody has decided about it.
DECIDED_STATES = ("approved", "conditional", "suspended", "blocked", "off_boarded")


class ResPartner(models.Model):
    """A supplier and its qualification: the state, and who may change it.

    The state stands on the commercial partner and holds for all of its contacts. It changes by
    methods only (``res_partner_onboarding.py``).
    """

    _name = "res.partner"
    _inherit = ["res.partner", "healthcare.audit.mixin", "healthcare.approval.mixin"]

    _audit_fields = (
        *SYSTEM_FIELDS,
        *IDENTITY_FIELDS,
        "street",
        "city",
        "zip",
        "ref",
        "email",
        "active",
        "company_id",
    )
    _approval_fields = (
        "name",
        "vat",
        "company_registry",
        "is_company",
        "street",
        "city",
        "zip",
        "country_id",
        "supplier_category_id",
    )

    supplier_state = fields.Selection(
        SUPPLIER_STATE,
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
        group_expand=True,
        help="Empty: not a supplier under qualification. It holds for all contacts of the supplier.",
    )
    supplier_state_reason = fields.Text(
        string="Reason of the State", readonly=True, copy=False, help="Why it was suspended, blocked …"
    )
    supplier_state_date = fields.Datetime(string="In This State Since", readonly=True, copy=False)
    supplier_source = fields.Selection(
        SUPPLIER_SOURCE, string="Supplier Came From", readonly=True, copy=False
    )
    condition_note = fields.Text(
        string="Condition", readonly=True, copy=False, help="What a conditional supplier still owes."
    )
    condition_until = fields.Date(
        readonly=True,
        copy=False,
        help="After this day a conditional supplier is suspended.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._prepare_supplier_vals(vals) for vals in vals_list]
        model = super(ResPartner, without_defaults(self, SYSTEM_FIELDS))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_supplier_system_fields(vals)
        self._check_supplier_identity(vals)
        if "commercial_partner_id" in vals and not self.env.su:
            raise AccessError(self.env._("The commercial entity of a contact follows from its company."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_supplier(self):
        """What was decided about a supplier stays."""
        kept = self.sudo().filtered(lambda partner: partner.supplier_state not in (False, "draft"))
        if kept:
            raise UserError(
                self.env._(
                    "Supplier %s has been reviewed and cannot be deleted. Off-board it, or archive it.",
                    kept[0].display_name,
                )
            )

    @api.model
    def _prepare_supplier_vals(self, vals):
        """Return the values of a new partner; a new supplier begins as a draft.

        :raises AccessError: when a caller gives it a state that only a decision gives
        """
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "commercial_partner_id"}
            given = {name for name in SYSTEM_FIELDS if vals.get(name)} - {"supplier_source"}
            if given - {"supplier_state"} or vals.get("supplier_state") not in (None, False, "draft"):
                raise AccessError(
                    self.env._(
                        "Supplier %(name)s: a new supplier begins as a draft. It is submitted and approved, "
                        "its state is not written (%(fields)s).",
                        name=vals.get("name") or "",
                        fields=", ".join(sorted(given)),
                    )
                )
            vals = {**vals, "supplier_source": False}
        if vals.get("supplier_rank") and not vals.get("parent_id") and not vals.get("supplier_state"):
            vals = {**vals, "supplier_state": "draft"}
        if vals.get("supplier_state"):
            source = "import" if self.env.context.get("import_file") else "manual"
            vals = {
                **vals,
                "supplier_source": vals.get("supplier_source") or source,
                "supplier_state_date": fields.Datetime.now(),
            }
        return vals

    def _check_supplier_system_fields(self, vals):
        """Refuse a state that does not come from a decision.

        :raises AccessError: naming the supplier and the fields
        """
        touched = [name for name in SYSTEM_FIELDS if name in vals]
        if not touched or self.env.su:
            return
        for partner in self:
            changed = [name for name in touched if partner._supplier_value_differs(name, vals[name])]
            if changed:
                raise AccessError(
                    self.env._(
                        "Supplier %(supplier)s: its state changes by submitting, approving, suspending or "
                        "blocking it, not by writing (%(fields)s).",
                        supplier=partner.display_name,
                        fields=", ".join(changed),
                    )
                )

    def _check_supplier_identity(self, vals):
        """Refuse to make a supplier that was decided about into another party.

        Portal users reach partners through superuser code of Odoo's own pages, so for them
        superuser mode is not "inside"; and who has a supplier's login does not alone move its
        orders to another address.

        :raises UserError: naming the supplier, the fields and the way to do it
        """
        by_supplier = self.env.user._is_portal()
        guarded = (*IDENTITY_FIELDS, *(CONTACT_FIELDS if by_supplier else ()))
        touched = [name for name in guarded if name in vals]
        if not touched or (self.env.su and not by_supplier):
            return
        for partner in self.sudo():
            if partner.supplier_state not in DECIDED_STATES:
                continue
            changed = [name for name in touched if partner._supplier_value_differs(name, vals[name])]
            if changed:
                labels = [self._fields[name]._description_string(self.env) for name in changed]
                raise UserError(
                    self.env._(
                        "Supplier %(supplier)s was approved or decided about as it is: %(fields)s is changed "
                        "with an approval only. Use Request Change on the supplier.",
                        supplier=partner.display_name,
                        fields=", ".join(labels),
                    )
                )

    def _supplier_value_differs(self, name, value):
        """Return whether writing ``value`` would change a field of this partner."""
        self.ensure_one()
        field = self._fields[name]
        now = field.convert_to_write(self[name], self)
        if field.type in ("date", "datetime"):
            now, value = fields.Datetime.to_datetime(now), fields.Datetime.to_datetime(value)
        return (now or False) != (value or False)

    def _set_supplier_state(self, state, reason="", **values):
        """Bring suppliers into a state; called by methods that have checked who decides.

        :param str state: of :data:`SUPPLIER_STATE`
        :param str reason: for people; kept on the supplier and in the audit trail
        :param values: more fields to set, as ``condition_until``
        """
        # sudo: nobody writes the state; the caller has checked the decision
        self.sudo().write(
            {
                "supplier_state": state,
                "supplier_state_reason": reason or False,
                "supplier_state_date": fields.Datetime.now(),
                "condition_note": False,
                "condition_until": False,
                **values,
            }
        )

    def _made_by_user(self):
        """Return those of these suppliers that are the user's own work: made, changed since they
        were last approved, or handed in for the approval that waits.

        Doubts about them are another person's to decide.
        """
        user = self.env.user
        # sudo: who made a supplier does not depend on who may see it
        return self.filtered(
            lambda partner: (
                user
                in partner.sudo().create_uid
                | partner.sudo()._approval_changers("supplier")
                | partner.sudo()
                .approval_request_ids.filtered(
                    lambda request: request.kind == "supplier" and request.state == "pending"
                )
                .requester_id
            )
        )

    def _is_audited_supplier(self):
        """Return whether changes of this partner belong to the audit trail of suppliers."""
        self.ensure_one()
        return bool(self.supplier_state or self.commercial_partner_id.supplier_state)

    def _audit_entries(self, action, changes):
        """Record suppliers and their contacts; other partners are not this suite's business."""
        # sudo: what is recorded does not depend on who may read it
        suppliers = self.sudo().browse(changes).filtered(lambda partner: partner._is_audited_supplier())
        return super()._audit_entries(action, {partner.id: changes[partner.id] for partner in suppliers})

    def _approval_note_author(self):
        return super(ResPartner, self.filtered("supplier_state"))._approval_note_author()
