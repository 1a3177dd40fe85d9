from odoo import api, models


class HealthcarePrice(models.AbstractModel):
    """Sentences: why there is no price, and why a price is not the one."""

    _inherit = "healthcare.price"

    @api.model
    def _texts(self):
        """Return what sentences are made of, translated once for all answers of a call."""
        _ = self.env._
        return {
            "partners": {},
            "lower_rank": _("It is valid, but %(first)s come first."),
            "sources": {
                "gpo_contract": _("contracts of buying groups"),
                "local_contract": _("local contracts"),
                "catalog": _("catalog prices"),
                "last_approved": _("approved prices"),
            },
            "lower_rank_same": _("It is valid, but the price before it is newer or more specific."),
            "other_supplier": _("It is a price of %(partner)s."),
            "supplier_barred": "%(note)s",
            "other_company": _("It belongs to another company."),
            "contract_draft": _("Contract %(contract)s is a draft."),
            "contract_in_approval": _("Contract %(contract)s is not approved yet."),
            "contract_not_yet_valid": _("Contract %(contract)s begins on %(from)s."),
            "contract_expired": _("Contract %(contract)s ended on %(to)s."),
            "contract_ended": _("Contract %(contract)s was ended on %(to)s."),
            "contract_superseded": _("This version of contract %(contract)s was replaced after %(to)s."),
            "facility_not_named": _("Contract %(contract)s is for its roster, and no facility was named."),
            "facility_not_eligible": _("The facility is not on the roster of contract %(contract)s."),
            "roster_expired": _("The facility is not on the roster of contract %(contract)s on that day."),
            "account": _(
                "Contract %(contract)s is for another account of the facility with %(partner)s. "
                "See the supplier accounts of the facility."
            ),
            "price_class": _("It is for price class %(class)s, at which the facility does not buy."),
            "price_class_roster": _("Contract %(contract)s is for another price class."),
            "tier_not_held": _("The facility does not hold tier %(tier)s of contract %(contract)s."),
            "not_yet_valid": _("It holds from %(from)s."),
            "expired": _("It held until %(to)s."),
            "withdrawn": _("The supplier ended it on %(to)s."),
            "no_amount": _("It has no amount."),
            "unit_without_factor": _(
                "It is for %(unit)s, and what that and the unit asked for hold is not known for both. "
                "Enter the item's packaging."
            ),
            "below_minimum": _("It holds from %(minimum)s %(unit)s."),
            "feed_stopped": "%(note)s",
            "none": _("There is no price of this item. Enter a contract or a catalog price."),
            "none_valid": _("No price of this item is valid for this request: %(reasons)s"),
        }

    @api.model
    def _name_suppliers(self, texts, offers):
        """Add the names of the offers' suppliers to ``texts``, and to what is said of the offers."""
        partners = texts["partners"]
        missing = {supplier_id for offer in offers for supplier_id in offer.supplier_ids}
        if missing := missing.difference(partners):
            self.env.cr.execute("SELECT id, name FROM res_partner WHERE id = ANY(%s)", [list(missing)])
            partners.update(self.env.cr.fetchall())
        sentences = {key: texts["other_supplier"] % {"partner": name} for key, name in partners.items()}
        for offer in offers:
            facts, supplier_id = offer.facts, offer.supplier_ids[0]
            facts["partner_name"] = partners.get(supplier_id, False)
            facts["explanation"] = sentences.get(supplier_id, False)

    @api.model
    def _loser_text(self, verdict, texts, winner=None):
        """Return the sentence that says why a price lost."""
        offer, code = verdict.offer, verdict.reason
        facts = offer.facts
        if code == "lower_rank":
            if winner.source == verdict.source:
                return texts["lower_rank_same"]
            return texts["lower_rank"] % {"first": texts["sources"][winner.source]}
        if code == "price_class" and not offer.price_class:
            code = "price_class_roster"
        return texts[code] % {
            "partner": texts["partners"].get(verdict.supplier_id, ""),
            "contract": facts["contract_number"] or "",
            "tier": facts["tier"] or "",
            "from": facts["valid_from"] or "…",
            "to": facts["valid_to"] or "…",
            "unit": offer.unit or "?",
            "minimum": facts["minimum_quantity"] or "",
            "class": offer.price_class or "",
            "note": verdict.note,
        }

    @api.model
    def _no_price_reason(self, losers, others):
        """Return the code of why there is no price: the stop of a feed before all else."""
        reasons = {loser.reason for loser in losers}
        if "feed_stopped" in reasons:
            return "feed_stopped"
        return "no_valid_price" if losers or others else "no_price"

    @api.model
    def _no_price_text(self, reason, losers, others, texts):
        """Return the sentence of why there is no price: what the first losers lack."""
        if reason == "feed_stopped":
            return next(loser.note for loser in losers if loser.reason == reason)
        if reason == "no_price":
            return texts["none"]
        sentences = dict.fromkeys(self._loser_text(loser, texts) for loser in losers)
        sentences.update(dict.fromkeys(facts["explanation"] for facts in others[:3]))
        return texts["none_valid"] % {"reasons": " ".join(list(sentences)[:3])}

    @api.model
    def _unknown_text(self, reason, ask):
        """Return the sentence for a request that names what is not known."""
        _ = self.env._
        if reason == "unknown_item":
            return _("There is no item %s.", ask.product_id)
        if reason == "unknown_facility":
            return _("There is no facility %s among those of your companies.", ask.facility_id)
        if reason == "unknown_supplier":
            return _("There is no supplier %s.", ask.supplier_id)
        if reason == "unknown_company":
            return _("Company %s is not among yours.", ask.company_id)
        return _("There is no unit %s for this item.", ask.unit_id)
