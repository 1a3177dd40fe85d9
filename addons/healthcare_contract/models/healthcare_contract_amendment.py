from odoo import fields, models
from odoo.exceptions import UserError

#: What an amendment takes over from the version before it, per part.
_TIER_FIELDS = (
    "sequence", "code", "name", "conditions", "min_amount", "min_quantity", "unit_code",
    "min_share_percent",
)  # fmt: skip
_ENTRY_FIELDS = ("facility_id", "account_id", "price_class", "date_from", "date_to")
_LINE_FIELDS = (
    "sequence", "line_number", "product_id", "description", "buyer_code", "supplier_code",
    "manufacturer_code", "gtin", "ndc", "hibc", "udi_di", "unspsc", "packaging", "user_id", "problem",
)  # fmt: skip
_PRICE_FIELDS = (
    "kind", "amount", "discount_percent", "markup_percent", "fee", "base_quantity", "unit_code",
    "min_quantity", "price_class", "valid_from", "valid_to",
)  # fmt: skip
_COMMITMENT_FIELDS = (
    "name", "kind", "categ_id", "target", "unit_code", "date_from", "date_to", "basis", "alert_percent",
)  # fmt: skip
_CAP_FIELDS = ("code", "name", "amount", "date_from", "date_to")


class HealthcareContract(models.Model):
    """Amendments: the next version, a draft with all that the one before it has."""

    _inherit = "healthcare.contract"  # pylint: disable=consider-merging-classes-inherited

    def action_amend(self):
        """Make the next version of a contract as a draft, and open it."""
        self.ensure_one()
        self._check_keeper()
        draft = self._make_amendment()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
            "name": draft.display_name,
        }

    def _make_amendment(self):
        """Return a new draft version that amends the last approved one, with copies of its parts.

        :raises UserError: one is being prepared already, or there is nothing to amend
        """
        self.ensure_one()
        # sudo: versions are numbered by the system; who may amend was checked
        latest = self.sudo()._latest_approved()
        if not latest:
            raise UserError(self.env._("%s is a draft: change it as it is.", self.display_name))
        open_version = latest.root_id.version_ids.filtered(lambda one: one.state in ("draft", "in_approval"))
        if open_version:
            raise UserError(
                self.env._(
                    "%(contract)s is amended already, by %(open)s. Change or withdraw that one.",
                    contract=self.display_name,
                    open=open_version[0].display_name,
                )
            )
        today = fields.Date.context_today(self)
        day = max(today, latest.valid_from)
        draft = latest.copy(
            {
                "version": max(latest.root_id.version_ids.mapped("version")) + 1,
                "root_id": latest.root_id.id,
                "amends_id": latest.id,
                "effective_from": min(day, latest.valid_to) if latest.valid_to else day,
                "user_id": latest.user_id.id,
            }
        )
        draft._copy_parts(latest)
        return draft.sudo(self.env.su)

    def _latest_approved(self):
        """Return the approved version with the highest number, of the contract of this one."""
        self.ensure_one()
        return self.root_id.version_ids.filtered("approved_at").sorted("version")[-1:]

    def _copy_parts(self, source):
        """Give this draft copies of all parts of ``source``."""
        self.ensure_one()
        tiers = self._copies(source.tier_ids, _TIER_FIELDS, {"contract_id": self.id})
        lines = self._copies(source.line_ids, _LINE_FIELDS, {"contract_id": self.id})

        def tier_of(part):
            return {"tier_id": tiers[part.tier_id].id if part.tier_id else False}

        self._copies(
            source.line_ids.price_ids,
            _PRICE_FIELDS,
            lambda price: {"line_id": lines[price.line_id].id, **tier_of(price)},
        )
        self._copies(
            source.eligibility_ids,
            _ENTRY_FIELDS,
            lambda entry: {"contract_id": self.id, **tier_of(entry)},
        )
        self._copies(
            source.commitment_ids,
            _COMMITMENT_FIELDS,
            lambda one: {
                "contract_id": self.id,
                "line_id": lines[one.line_id].id if one.line_id else False,
                **tier_of(one),
            },
        )
        self._copies(
            source.cap_ids,
            _CAP_FIELDS,
            lambda cap: {
                "contract_id": self.id,
                "line_ids": [fields.Command.set([lines[line].id for line in cap.line_ids])],
            },
        )
        if source.default_tier_id:
            self.default_tier_id = tiers[source.default_tier_id]

    def _copies(self, parts, names, extra):
        """Return ``{part: copy}`` of parts, made at once.

        :param names: fields that are copied as they are
        :param extra: further values: a dict, or a function of the part
        """
        vals_list = [
            {
                **{name: part._fields[name].convert_to_write(part[name], part) for name in names},
                **(extra(part) if callable(extra) else extra),
            }
            for part in parts
        ]
        return dict(zip(parts, parts.create(vals_list), strict=True))
