from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

_ADMINISTRATOR = "healthcare_base.group_administrator"
_PLACEHOLDER_TERMS = {"placeholder_user_id", "placeholder_limit"}


class ProductTemplate(models.Model):
    """How an item enters the catalog and leaves it.

    An approved item is what was looked at: who changes a fact of it by hand puts it back to
    *proposed*. Placeholders are made by administrators; they have an owner and a limit.
    """

    _name = "product.template"
    _inherit = ["product.template", "healthcare.approval.mixin"]

    # What the approver of an item decides on.
    _approval_fields = (
        "name",
        "type",
        "item_type",
        "manufacturer_id",
        "manufacturer_code",
        "unspsc_code",
        "gmdn_code",
        "hibc",
        "ndc",
        "tracking",
        "use_expiration_date",
        "criticality",
        "is_implant",
        "is_controlled",
        "is_cold_chain",
    )

    placeholder_user_id = fields.Many2one(
        "res.users",
        string="Placeholder Owner",
        copy=False,
        help="Turns what is asked for by this placeholder into items.",
    )
    placeholder_limit = fields.Float(
        copy=False,
        digits="Product Price",
        help="Most that one request line by this placeholder may cost, in the company's currency.",
    )
    item_problems = fields.Text(compute="_compute_item_problems")

    @api.depends(lambda self: (*self._approval_fields, "uom_id"))
    def _compute_item_problems(self):
        for template in self:
            template.item_problems = "\n".join(template._item_problems()) or False

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_placeholder_terms(vals)
        model = super(ProductTemplate, without_defaults(self, _PLACEHOLDER_TERMS))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_placeholder_terms(vals)
        facts = set(self._approval_fields).intersection(vals)
        approved = self.browse()
        if facts and not self.env.su:
            approved = self.filtered(lambda template: template.item_state == "approved")
        before = {template: template._approval_snapshot("item") for template in approved}
        result = super().write(vals)
        for template in approved:
            if template._approval_snapshot("item") != before[template]:
                # sudo: the state follows from the change, whoever may set it
                template.sudo().item_state = "proposed"
        return result

    def action_propose_item(self, reason=""):
        """Ask for approval of items; they are *proposed* until an approver has decided.

        :param str reason: why it is needed, for those who decide
        :raises AccessError: for others than clerks, catalog managers and administrators
        :raises UserError: when something is missing, naming it, or the item is approved already
        """
        if not self.env.user.has_group("healthcare_base.group_clerk"):
            self._check_catalog_role(
                "healthcare_catalog.group_catalog_manager",
                self.env._("Items are proposed by procurement clerks and catalog managers."),
            )
        self.check_access("read")
        for template in self:
            if template.item_state == "approved":
                raise UserError(self.env._("%s is approved already.", template.display_name))
            if template.item_state == "placeholder":
                raise UserError(
                    self.env._(
                        "%s is a placeholder. Make an item of what was asked for, and propose that.",
                        template.display_name,
                    )
                )
            if problems := template._item_problems():
                raise UserError("\n".join([template.display_name, *(f"- {each}" for each in problems)]))
            template._request_approval("item", {"item_state": "approved"}, reason)
            # sudo: clerks do not write items
            template.sudo().item_state = "proposed"
        return True

    def action_retire_item(self, reason):
        """Take items out of the catalog at once: they are neither requested nor ordered any more.

        :param str reason: required
        :raises AccessError: for others than approvers and administrators
        """
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_approver")):
            self._check_catalog_role(
                _ADMINISTRATOR, self.env._("Items are retired by approvers and administrators.")
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the item is retired: who needs it reads that."))
        self.check_access("read")
        for template in self.sudo():
            template.approval_request_ids.filtered(
                lambda request: request.state == "pending" and request.kind == "item"
            ).action_cancel()
            template.item_state = "retired"
            template.message_post(body=self.env._("Retired: %s", reason.strip()))
        return True

    def action_make_placeholder(self, owner_id, limit):
        """Make products placeholders for free-text requests.

        :param int owner_id: user who turns what is asked for into items
        :param float limit: most that one request line may cost, above zero
        :raises AccessError: for others than administrators
        :raises UserError: for products that are counted in stock, or without owner and limit
        """
        self._check_catalog_role(
            _ADMINISTRATOR, self.env._("Placeholders are made by procurement administrators.")
        )
        owner = self.env["res.users"].browse(owner_id).exists()
        if not owner or owner.share:
            raise UserError(self.env._("A placeholder needs an owner, who makes items of what is asked for."))
        if not limit or limit <= 0:
            raise UserError(self.env._("A placeholder needs a limit above zero for one request line."))
        for template in self:
            if template.is_storable:
                raise UserError(
                    self.env._(
                        "%s is counted in stock. A placeholder stands for anything, so it is not.",
                        template.display_name,
                    )
                )
            template.sudo().write(
                {"item_state": "placeholder", "placeholder_user_id": owner.id, "placeholder_limit": limit}
            )
        return True

    def action_adopt_items(self, reason):
        """Take products that are bought already into the catalog as approved, before the
        formularies start.

        :param str reason: required, kept in the audit trail
        :raises AccessError: for others than administrators
        :raises UserError: once the formularies have started in a company that has the product
        """
        self._check_catalog_role(
            _ADMINISTRATOR, self.env._("Products are taken over by procurement administrators.")
        )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why these products count as approved: auditors read it."))
        # sudo: companies that the user is not in count too
        started = self.env["res.company"].sudo().search([("formulary_date", "!=", False)])
        for template in self:
            own = template.sudo().company_id
            if not own and started or own & started:
                raise UserError(
                    self.env._(
                        "Formularies are in force: propose %s, so that another person approves it.",
                        template.display_name,
                    )
                )
        adopted = self.filtered(lambda template: template.item_state in (False, "proposed"))
        adopted.sudo().item_state = "approved"
        adopted._audit_record("adopt_item", {each: {"reason": reason.strip()} for each in adopted.ids})
        return True

    def _check_catalog_role(self, group, message):
        """Raise ``message`` for those without ``group``, or without rights to see the items."""
        if not (self.env.su or self.env.user.has_group(group)):
            raise AccessError(message)
        self.check_access("read")

    def _check_placeholder_terms(self, vals):
        """Only administrators say who keeps a placeholder and how much goes through it."""
        if self.env.su or not any(vals.get(name) for name in _PLACEHOLDER_TERMS):
            return
        if not self.env.user.has_group(_ADMINISTRATOR):
            raise AccessError(
                self.env._("Owner and limit of a placeholder are set by procurement administrators.")
            )

    def _item_problems(self):
        """Return in sentences what keeps the item from approval; extend with ``super()``."""
        self.ensure_one()
        problems = []
        if not self.item_type:
            problems.append(self.env._("Choose the item type: supply, consumable, equipment or service."))
        if self.is_implant and self.tracking == "none":
            problems.append(self.env._("An implant is tracked by lot or serial number."))
        if self.is_controlled and self.tracking == "none":
            problems.append(self.env._("A controlled substance is tracked by lot or serial number."))
        if self.item_type in ("supply", "consumable", "equipment") and not (
            self.manufacturer_code or self.gtin or self.hibc or self.ndc
        ):
            problems.append(self.env._("Give the manufacturer's number, a GTIN, HIBC or NDC."))
        return problems

    def _approval_note_author(self):
        """Products outside the catalog have no approvers who could be their authors."""
        return super(ProductTemplate, self.filtered("item_state"))._approval_note_author()

    def _approval_snapshot(self, kind):
        # the name in the language of the source: what was seen does not depend on who looks
        return super(ProductTemplate, self.with_context(lang=None))._approval_snapshot(kind)

    def _approval_facts(self, kind):
        return {**super()._approval_facts(kind), "category_id": self.categ_id.id}

    def _approval_apply(self, kind, proposed_values):
        if kind == "item" and (problems := self._item_problems()):
            raise UserError("\n".join([self.display_name, *(f"- {each}" for each in problems)]))
        return super()._approval_apply(kind, proposed_values)
