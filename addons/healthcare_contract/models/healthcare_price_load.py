from collections import defaultdict
from decimal import Decimal
from functools import lru_cache

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.units import normalise_unit_code

from ..engine.price_facts import Account, Contract, Hold, Membership, Offer
from ..engine.price_rules import PriceRules, rank_contract_price
from ..engine.price_units import UnitBook, whole_fraction


@lru_cache(maxsize=4096)
def day_text(day):
    """Return a day as ISO text, ``False`` for none."""
    return day.isoformat() if day else False


#: What is read by SQL: model, and which of its fields (None: many).
_READ = {
    "product.product": ["product_tmpl_id"],
    "product.template": ["uom_id", "company_id"],
    "product.supplierinfo": None,
    "healthcare.contract": None,
    "healthcare.contract.price": None,
    "healthcare.contract.eligibility": None,
    "healthcare.facility": ["company_id"],
    "healthcare.facility.account": None,
    "healthcare.packaging": None,
    "uom.uom": None,
    "res.partner": ["commercial_partner_id", "company_id"],
}


class HealthcarePrice(models.AbstractModel):
    """Facts: everything that price truth is decided from, read for all requests together."""

    _inherit = "healthcare.price"

    @api.model
    def _load(self, asks, company_ids):
        """Return ``(offers, rules)``: every price of the items asked for, and what judges them.

        :param company_ids: prices of other companies are not even told as losers
        """
        self._flush_prices()
        product_ids = list({ask.product_id for ask in asks})
        book, units, items = self._load_units(product_ids)
        offers = [
            *self._load_contract_prices(product_ids, company_ids),
            *self._load_catalog_prices(items, units, company_ids),
        ]
        contract_ids = list({offer.contract.id for offer in offers if offer.contract})
        rules = PriceRules(
            book,
            self._load_rosters(contract_ids),
            self._load_accounts(list({ask.facility_id for ask in asks} - {None})),
            holds={},
            today=fields.Date.context_today(self),
        )
        self._load_controls(rules, offers, asks)
        return offers, rules

    @api.model
    def _flush_prices(self):
        """Write what is pending of the tables that are read; no more, for it may be called anywhere."""
        for name, field_names in _READ.items():
            self.env[name].flush_model(field_names)

    @api.model
    def _load_units(self, product_ids):
        """Return what units hold for these items, as ``(UnitBook, units by id, items by template)``.

        A unit is ``(code, factor, root)``: units with one root measure the same.
        """
        book = UnitBook()
        cr = self.env.cr
        cr.execute(
            """
            SELECT product_id, unit_code, partner_id, factor, date_from, date_to
              FROM healthcare_packaging
             WHERE active AND product_id = ANY(%s)
             ORDER BY id
            """,
            [product_ids],
        )
        for row in cr.fetchall():
            book.add_pack(*row)
        cr.execute(
            """
            SELECT id, unit_code, factor::text, split_part(parent_path, '/', 1), active, is_pack
              FROM uom_uom ORDER BY active, id DESC
            """
        )
        rows = cr.fetchall()
        units = {row[0]: (normalise_unit_code(row[1]), float(row[2]), row[3]) for row in rows}
        standards = {row[1]: row[0] for row in rows if row[1] and not row[1].startswith("X") and not row[5]}
        cr.execute(
            """
            SELECT product.id, product.product_tmpl_id, template.uom_id
              FROM product_product product
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE product.id = ANY(%s)
            """,
            [product_ids],
        )
        items, references = defaultdict(list), set()
        for product_id, template_id, uom_id in cr.fetchall():
            items[template_id].append((product_id, uom_id))
            book.add_reference(product_id, units[uom_id][0], uom_id)
            references.add(uom_id)
        for code, uom_id in standards.items():
            for reference_id in references:
                ratio = self._ratio(units[uom_id], units[reference_id])
                book.add_standard(code, reference_id, ratio if isinstance(ratio, int) else None)
        return book, units, items

    @api.model
    def _ratio(self, unit, reference):
        """Return how many of ``reference`` a unit holds, ``None`` where they measure different things.

        :param unit: ``(code, factor, root)``, as ``reference``
        """
        if unit == reference:
            return 1
        return whole_fraction(unit[1] / reference[1]) if unit[2] == reference[2] else None

    @api.model
    def _load_contract_prices(self, product_ids, company_ids):
        """Return the contract prices of these items, in every version of these companies' contracts."""
        cr = self.env.cr
        cr.execute(
            """
            SELECT contract.id, contract.number, contract.kind, contract.state,
                   contract.price_date_basis,
                   CASE WHEN contract.state IN ('draft', 'in_approval') THEN contract.valid_from
                        ELSE COALESCE(contract.effective_from, contract.valid_from) END,
                   CASE WHEN contract.state IN ('draft', 'in_approval') THEN contract.valid_to
                        ELSE contract.effective_to END,
                   contract.company_id, COALESCE(contract.all_facilities, FALSE), contract.default_tier_id,
                   (SELECT array_agg(DISTINCT partner.commercial_partner_id)
                      FROM healthcare_contract_distributor_rel rel
                      JOIN res_partner partner ON partner.id = rel.partner_id
                     WHERE rel.contract_id = contract.id),
                   contract.partner_id, currency.id, currency.name, contract.version
              FROM healthcare_contract contract
              JOIN res_currency currency ON currency.id = contract.currency_id
             WHERE contract.id IN (SELECT contract_id FROM healthcare_contract_price
                                    WHERE product_id = ANY(%s))
               AND (contract.company_id IS NULL OR contract.company_id = ANY(%s))
            """,
            [product_ids, list(company_ids)],
        )
        contracts = {}
        for row in cr.fetchall():
            distributors, partner_id, *currency, version = row[10:]
            suppliers = tuple(dict.fromkeys((partner_id, *(distributors or ()))))
            contracts[row[0]] = (Contract(*row[:10]), suppliers, currency, version)
        cr.execute(
            """
            SELECT price.id, price.contract_id, price.product_id, price.unit_code,
                   trim_scale(price.net_amount)::text, trim_scale(price.base_quantity)::text,
                   trim_scale(price.min_quantity)::text, price.valid_from, price.valid_to,
                   price.price_class, price.tier_id, tier.code, price.kind, trim_scale(price.amount)::text,
                   trim_scale(price.discount_percent)::text, trim_scale(price.markup_percent)::text,
                   trim_scale(price.fee)::text
              FROM healthcare_contract_price price
              LEFT JOIN healthcare_contract_tier tier ON tier.id = price.tier_id
             WHERE price.product_id = ANY(%s) AND price.contract_id = ANY(%s)
            """,
            [product_ids, list(contracts)],
        )
        return [self._contract_offer(row, *contracts[row[1]]) for row in cr.fetchall()]

    @api.model
    def _contract_offer(self, row, contract, suppliers, currency, version):
        """Return one contract price as an offer."""
        price_id, _contract_id, product_id, unit, net, base, minimum, start, end = row[:9]
        price_class, tier_id, tier, kind, amount, discount, markup, fee = row[9:]
        parts = False
        if kind == "list":
            parts = {"list_price": amount, "discount_percent": discount or "0"}
        elif kind == "cost_plus":
            parts = {
                "acquisition_cost": amount,
                "markup_percent": markup or "0",
                "fee": fee or "0",
            }
        offer = Offer(
            source="gpo_contract" if contract.kind == "gpo" else "local_contract",
            id=price_id,
            product_id=product_id,
            supplier_ids=suppliers,
            unit=normalise_unit_code(unit),
            factor=None,
            amount=Decimal(net) if net else None,
            base_quantity=Decimal(base),
            minimum=Decimal(minimum),
            valid_from=start,
            valid_to=end,
            price_class=price_class,
            company_id=contract.company_id,
            contract=contract,
            tier_id=tier_id,
        )
        rank_contract_price(offer)
        first = max(filter(None, (start, contract.valid_from)), default=None)
        last = min(filter(None, (end, contract.valid_to)), default=None)
        offer.facts = {
            "price": net or False,
            "base_quantity": base,
            "unit": offer.unit or False,
            "source": offer.source,
            "source_model": "healthcare.contract.price",
            "source_id": price_id,
            "contract_id": contract.id,
            "contract_number": contract.number,
            "contract_version": version,
            "tier": tier or False,
            "valid_from": day_text(first),
            "valid_to": day_text(last),
            "price_class": price_class or False,
            "minimum_quantity": minimum if offer.minimum else False,
            "currency_id": currency[0],
            "currency": currency[1],
            "parts": parts,
            "partner_id": suppliers[0],
            "partner_name": False,
            "reason": "other_supplier",
            "explanation": False,
        }
        return offer

    @api.model
    def _load_rosters(self, contract_ids):
        """Return ``{contract id: [Membership]}``."""
        rosters = defaultdict(list)
        if contract_ids:
            self.env.cr.execute(
                """
                SELECT contract_id, facility_id, account_id, price_class, tier_id, date_from, date_to
                  FROM healthcare_contract_eligibility WHERE contract_id = ANY(%s) ORDER BY id
                """,
                [contract_ids],
            )
            for row in self.env.cr.fetchall():
                rosters[row[0]].append(Membership(*row[1:]))
        return rosters

    @api.model
    def _load_accounts(self, facility_ids):
        """Return ``{(facility id, supplier id): [Account]}``."""
        accounts = defaultdict(list)
        if facility_ids:
            self.env.cr.execute(
                """
                SELECT account.facility_id, partner.commercial_partner_id, account.id, account.price_class
                  FROM healthcare_facility_account account
                  JOIN res_partner partner ON partner.id = account.partner_id
                 WHERE account.active AND account.facility_id = ANY(%s)
                 ORDER BY account.id
                """,
                [facility_ids],
            )
            for facility_id, supplier_id, *account in self.env.cr.fetchall():
                accounts[facility_id, supplier_id].append(Account(*account))
        return accounts

    @api.model
    def _load_controls(self, rules: PriceRules, offers, asks):
        """Tell the rules which suppliers of these offers may not be bought from at all, or at these prices.

        Holds are asked for the last day of all; :meth:`.Hold.stops` says what that means on an
        earlier one.
        """
        listing = sorted({offer.supplier_ids[0] for offer in offers if offer.contract is None})
        last = max(ask.day for ask in asks)
        infos = self.env["product.supplierinfo"]
        anyone = {supplier_id for offer in offers for supplier_id in offer.supplier_ids}
        chosen_from = self.env["res.partner"].browse(
            sorted(anyone) if any(ask.supplier_id is None for ask in asks) else ()
        )
        for company in self.env["res.company"].browse({ask.company_id for ask in asks}):
            holds = infos.with_company(company)._price_holds(listing, last) if listing else {}
            for supplier_id, hold in holds.items():
                if hold["stopped"] or hold["until"]:
                    rules.holds[company.id, supplier_id] = Hold(
                        hold["until"] or None, hold["stopped"], hold["reason"]
                    )
            for supplier_id, sentences in chosen_from._supplier_problems("order", company).items():
                rules.barred[company.id, supplier_id] = " ".join(sentences)
            for partner in chosen_from.filtered(lambda each: not each.active):
                rules.barred[company.id, partner.id] = self.env._("%s is archived.", partner.display_name)
