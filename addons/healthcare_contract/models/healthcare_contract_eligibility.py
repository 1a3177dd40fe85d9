from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.selections import PRICE_CLASSES


class HealthcareContractEligibility(models.Model):
    """An entry of a contract's roster: which facility buys at which tier, and since when.

    Empty account: whatever the facility's account. Empty price class: that of the account, or
    any. Empty tier: the contract's default tier. Empty days: as long as the contract.
    """

    _name = "healthcare.contract.eligibility"
    _description = "Contract Roster Entry"
    _inherit = ["healthcare.contract.part", "healthcare.audit.mixin"]
    _order = "contract_id, facility_id, date_from, id"
    _rec_name = "facility_id"

    _audit_fields = (
        "contract_id",
        "facility_id",
        "account_id",
        "price_class",
        "tier_id",
        "date_from",
        "date_to",
    )

    contract_id = fields.Many2one("healthcare.contract", required=True, index=True, ondelete="cascade")
    facility_id = fields.Many2one("healthcare.facility", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="facility_id.company_id", store=True, index=True)
    account_id = fields.Many2one(
        "healthcare.facility.account",
        string="Supplier Account",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('facility_id', '=', facility_id)]",
    )
    price_class = fields.Selection(PRICE_CLASSES)
    tier_id = fields.Many2one(
        "healthcare.contract.tier",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('contract_id', '=', contract_id)]",
    )
    date_from = fields.Date(string="From", help="First day. Empty: since the contract began.")
    date_to = fields.Date(string="To", help="Last day. Empty: as long as the contract.")

    @api.constrains("contract_id", "facility_id", "account_id", "price_class", "tier_id")
    def _check_belonging(self):
        """Account, tier and facility belong together and to this contract."""
        for entry in self:
            contract, facility = entry.contract_id, entry.facility_id
            if contract.company_id and facility.company_id != contract.company_id:
                raise entry._entry_error(
                    self.env._(
                        "the facility belongs to %s, not to the contract's company",
                        facility.company_id.display_name,
                    ),
                    "facility_id",
                )
            if entry.tier_id and entry.tier_id.contract_id != contract:
                raise entry._entry_error(
                    self.env._("tier %s belongs to another contract", entry.tier_id.display_name), "tier_id"
                )
            account = entry.account_id
            if not account:
                continue
            if account.facility_id != facility:
                raise entry._entry_error(
                    self.env._(
                        "account %(account)s belongs to %(facility)s",
                        account=account.account_number,
                        facility=account.facility_id.display_name,
                    ),
                    "account_id",
                )
            suppliers = (contract.partner_id | contract.distributor_ids).commercial_partner_id
            if account.partner_id.commercial_partner_id not in suppliers:
                raise entry._entry_error(
                    self.env._(
                        "account %(account)s is one with %(partner)s, who does not sell on this contract",
                        account=account.account_number,
                        partner=account.partner_id.display_name,
                    ),
                    "account_id",
                )
            if entry.price_class and entry.price_class != account.price_class:
                raise entry._entry_error(
                    self.env._(
                        "account %(account)s is of price class %(price_class)s",
                        account=account.account_number,
                        price_class=account.price_class,
                    ),
                    "price_class",
                )

    @api.constrains("contract_id", "facility_id", "account_id", "price_class", "date_from", "date_to")
    def _check_overlap(self):
        """A facility, account and price class is at one tier at a time."""
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT mine.id, other.id
              FROM healthcare_contract_eligibility mine
              JOIN healthcare_contract_eligibility other
                ON other.id != mine.id
               AND other.contract_id = mine.contract_id
               AND other.facility_id = mine.facility_id
               AND other.account_id IS NOT DISTINCT FROM mine.account_id
               AND other.price_class IS NOT DISTINCT FROM mine.price_class
               AND COALESCE(other.date_from, '-infinity') <= COALESCE(mine.date_to, 'infinity')
               AND COALESCE(mine.date_from, '-infinity') <= COALESCE(other.date_to, 'infinity')
             WHERE mine.id = ANY(%s)
             ORDER BY mine.id, other.id
             LIMIT 1
            """,
            [list(self.ids)],
        )
        if row := self.env.cr.fetchone():
            mine, other = self.browse(row[0]), self.browse(row[1])
            raise mine._entry_error(
                self.env._(
                    "it is on the roster from %(date_from)s to %(date_to)s already, at tier %(tier)s. "
                    "End that entry first",
                    date_from=other.date_from or "…",
                    date_to=other.date_to or "…",
                    tier=other.tier_id.display_name or "–",
                ),
                "date_from",
            )

    @api.constrains("contract_id", "date_from", "date_to")
    def _check_inside_contract(self):
        for entry in self:
            if entry.date_from and entry.date_to and entry.date_to < entry.date_from:
                raise entry._entry_error(self.env._("it ends before it begins"), "date_to")
            if not entry.contract_id._covers(entry.date_from, entry.date_to):
                raise entry._entry_error(
                    self.env._("its days are outside the contract's: %s", entry.contract_id._days_text()),
                    "date_from",
                )

    def _entry_error(self, text, name):
        """Return the error of one entry, naming contract, facility and field."""
        return ValidationError(
            self.env._(
                "%(contract)s, roster, %(facility)s, field %(field)s: %(text)s.",
                contract=self.contract_id.display_name,
                facility=self.facility_id.display_name,
                field=self._fields[name]._description_string(self.env),
                text=text,
            )
        )
