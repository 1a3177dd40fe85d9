from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.party_identifiers import SCHEMES, TAX_SCHEMES, UNIQUE_SCHEMES, lookup_value, normalise
from .res_partner import DECIDED_STATES

# Tax numbers are checked without an index: without a country they are not unique, and the members
# of a tax group share one.
_UNIQUE_SQL = ", ".join(f"'{scheme}'" for scheme in sorted(UNIQUE_SCHEMES.difference(TAX_SCHEMES)))


class HealthcarePartnerIdentifier(models.Model):
    """A number that names a party in documents and registers, such as its D-U-N-S number.

    Kept as normalised, and only with right check digits. A number of a unique scheme names one
    supplier: two records with it would be the same supplier twice.
    """

    _name = "healthcare.partner.identifier"
    _description = "Partner Identifier"
    _inherit = ["healthcare.audit.mixin"]
    _order = "scheme, value"
    _audit_fields = ("partner_id", "scheme", "value", "active")

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    scheme = fields.Selection(SCHEMES, required=True)
    value = fields.Char(required=True)
    note = fields.Char(help="Such as who gave it out.")
    company_id = fields.Many2one(related="partner_id.company_id", store=True)
    active = fields.Boolean(default=True)

    # Also finds partners by identifier.
    _value_unique = models.UniqueIndex(
        f"(scheme, value, COALESCE(company_id, 0)) WHERE active AND scheme IN ({_UNIQUE_SQL})",
        "Another partner has this identifier.",
    )
    _partner_value_unique = models.UniqueIndex(
        "(partner_id, scheme, value) WHERE active", "The partner has this identifier already."
    )
    # For _find_by_any_code of partners: numbers that several parties may carry.
    _value_index = models.Index("(value, scheme) WHERE active")

    @api.depends("scheme", "value")
    def _compute_display_name(self):
        labels = dict(self._fields["scheme"]._description_selection(self.env))
        for identifier in self:
            identifier.display_name = f"{labels.get(identifier.scheme, '')} {identifier.value or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._normalised(vals) for vals in vals_list]
        self._check_identity(vals_list)
        self._check_not_taken(vals_list)
        identifiers = super().create(vals_list)
        identifiers._compare_partners()
        return identifiers

    def write(self, vals):
        if not vals.keys() & {"partner_id", "scheme", "value", "active"}:
            return super().write(vals)
        after = [
            self._normalised(
                {
                    "partner_id": vals.get("partner_id", identifier.partner_id.id),
                    "scheme": vals.get("scheme", identifier.scheme),
                    "value": vals.get("value", identifier.value),
                }
            )
            for identifier in self
        ]
        self._check_identity(
            [{"partner_id": one.partner_id.id, "scheme": one.scheme} for one in self] + after
        )
        if vals.get("active", True):
            self._check_not_taken(after)
        if "value" in vals and after:
            vals = {**vals, "value": after[0]["value"]}
        result = super().write(vals)
        self._compare_partners()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_active(self):
        if not self.env.su and any(identifier.active for identifier in self):
            raise UserError(
                self.env._("An identifier is archived, not deleted: documents may still name it.")
            )

    @api.model
    def _check_identity(self, vals_list):
        """Leave the numbers of suppliers that were decided about to compliance officers: what was
        approved is the party with these numbers.

        :raises AccessError: naming the supplier
        """
        if self.env.su or self.env.user.has_group("healthcare_supplier.group_compliance"):
            return
        partner_ids = {vals.get("partner_id") for vals in vals_list if vals.get("scheme") in UNIQUE_SCHEMES}
        # sudo: what was decided does not depend on who may read it
        for partner in self.env["res.partner"].sudo().browse(filter(None, partner_ids)):
            if partner.commercial_partner_id.supplier_state in DECIDED_STATES:
                raise AccessError(
                    self.env._(
                        "Supplier %s was approved or decided about with the numbers that it has: a "
                        "compliance officer changes them.",
                        partner.display_name,
                    )
                )

    def _compare_partners(self):
        """Screen the suppliers with these anew. Override to compare with something else."""
        self.partner_id._screen_suppliers()

    @api.model
    def _check_not_taken(self, vals_list):
        """Refuse identifiers that another partner carries; the message says which one.

        The index would refuse them, too, without a name.
        """
        own = defaultdict(list)
        for vals in vals_list:
            if vals.get("partner_id") and vals.get("active", True):
                own[vals["partner_id"]].append({"scheme": vals.get("scheme"), "value": vals.get("value")})
        self.env["res.partner"].browse(own)._check_exact_duplicates(own)

    @api.model
    def _normalised(self, vals):
        """Return values with the identifier as it is kept.

        :raises ValidationError: where it is none of its scheme.
        """
        scheme, value = vals.get("scheme"), vals.get("value")
        if not scheme or not value:
            return vals
        kept = normalise(scheme, value)
        if not kept:
            labels = dict(self._fields["scheme"]._description_selection(self.env))
            raise ValidationError(
                self.env._(
                    "%(value)s is no %(scheme)s: its form or check digit is wrong. Correct it as the "
                    "supplier's own papers have it.",
                    value=value,
                    scheme=labels.get(scheme, scheme),
                )
            )
        return {**vals, "value": kept}

    @api.model
    def _lookups(self, identifiers):
        """Return ``[(scheme, value)]`` of what to look for, for identifiers as documents have them.

        Schemes that do not name one party are left out. ``iban`` is looked up at bank accounts.

        :param identifiers: list of ``{"scheme", "value"}``
        """
        found = []
        for identifier in identifiers or ():
            scheme, value = identifier.get("scheme"), identifier.get("value")
            if scheme not in UNIQUE_SCHEMES and scheme != "iban":
                continue
            value = lookup_value(scheme, value)
            if value and value.strip("0"):
                found.append(("tax" if scheme in TAX_SCHEMES else scheme, value))
        return list(dict.fromkeys(found))
