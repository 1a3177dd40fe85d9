from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class TierDefinition(models.Model):
    """Adds a deadline with escalation, and tiers that want another person."""

    _name = "tier.definition"
    _inherit = ["tier.definition", "healthcare.audit.mixin"]

    _audit_fields = (
        "name",
        "model_id",
        "review_type",
        "reviewer_id",
        "reviewer_group_id",
        "reviewer_field_id",
        "definition_type",
        "definition_domain",
        "company_id",
        "sequence",
        "approve_sequence",
        "approve_sequence_bypass",
        "distinct_approver",
        "has_forward",
        "allow_write_for_reviewer",
        "deadline_hours",
        "escalation_user_id",
        "escalation_group_id",
        "active",
    )

    distinct_approver = fields.Boolean(
        string="Another Person per Tier",
        default=True,
        help="Who approved a tier of the same document does not approve this one, nor in the name "
        "of another person.",
    )
    deadline_hours = fields.Integer(
        string="Decide Within (hours)",
        help="Counted from when it is this tier's turn. 0: no deadline.",
    )
    escalation_user_id = fields.Many2one(
        "res.users",
        string="Escalate To",
        domain=[("share", "=", False)],
        help="May decide too once the deadline has passed. After a second time, administrators are told.",
    )
    escalation_group_id = fields.Many2one("res.groups", string="Escalate To Group")

    _deadline_positive = models.Constraint(
        "CHECK (deadline_hours >= 0)", "The time to decide cannot be negative."
    )

    @api.constrains("definition_domain", "definition_type", "model_id")
    def _check_definition_domain(self):
        """Refuse a condition that cannot be evaluated: documents would get stuck on it."""
        for definition in self:
            if not definition.definition_domain or definition.model not in self.env:
                continue
            records = self.env[definition.model].sudo()
            if not hasattr(records, "evaluate_tier"):
                continue
            try:
                records.search(
                    tools.safe_eval.safe_eval(definition.definition_domain, {"uid": self.env.uid}), limit=1
                )
                records.evaluate_tier(definition)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "Tier %(tier)s: the condition cannot be evaluated on %(model)s: %(error)s",
                        tier=definition.name,
                        model=definition.model,
                        error=error,
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        definitions = super().create(vals_list)
        self.env.registry.clear_cache()
        return definitions

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _get_tier_validation_model_names(self):
        return [*super()._get_tier_validation_model_names(), "healthcare.approval.request"]

    @api.model
    @tools.ormcache("model_name")
    def _has_rules(self, model_name):
        """Return whether any company has a tier for this model; asked with each write."""
        # sudo: rules of all companies count, whoever writes
        tiers = self.sudo().with_context(active_test=True)
        return bool(tiers.search_count([("model", "=", model_name)], limit=1))
