import gc
from collections import defaultdict
from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import AccessError

from ..engine.price_rules import PriceRules, Shelf, in_order, shelf_key
from ..engine.price_units import decimal_text

#: Who may ask; the model of prices itself has no records that rights could be given to.
MAY_ASK = ",".join(
    (
        "healthcare_base.group_requester",
        "healthcare_base.group_storeroom",
        "healthcare_base.group_approver",
        "healthcare_base.group_accounts_payable",
        "healthcare_base.group_auditor",
        "healthcare_base.group_service",
        "healthcare_supplier.group_compliance",
        "healthcare_supplier.group_finance",
        "purchase.group_purchase_user",
    )
)
#: How many losers an answer names; an item of a hundred suppliers would drown it.
MAX_LOSERS = 50


@contextmanager
def _collector_paused():
    """Do not look for cycles meanwhile: prices make a hundred thousand objects and no cycle.

    Odoo's ``disabling_gc`` leaves the collector off after an exception.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class HealthcarePrice(models.AbstractModel):
    """Price truth: at which price an item may be bought, from which source, and why not another.

    The order of the sources is: an eligible tier of a buying group's contract, a local contract,
    the supplier's catalog, the last approved price. The first that is valid wins, not the lowest.
    """

    _name = "healthcare.price"
    _description = "Price Truth"

    @api.model
    def resolve(self, requests):
        """Tell the price of many items at once.

        A request is a dict with

        - ``key``: text or number, unique in the call;
        - ``product_id``: the item;
        - ``unit``: UN/ECE code, or as partners write it (``BX``); empty: the item's reference unit;
        - ``facility_id``: who buys; empty: nobody in particular, contracts with a roster lose;
        - ``partner_id``: the supplier; empty: any supplier of the item;
        - ``quantity``: decimal text or number in that unit; empty: one;
        - ``date``: ISO date; empty: today;

        and, where it matters, ``price_class`` (else that of the facility's account), ``dates``
        (``{"order", "ship", "receipt", "invoice"}``: the day for contracts of that price date
        basis, else ``date``), ``uom_id`` (a unit of Odoo instead of ``unit``), ``company_id``
        (without a facility; else the user's) and ``order_id`` (the order that it is for, whose own
        price is no approved one).

        :param list requests: at most ``MAX_REQUESTS``
        :return: list of answers in the order of the requests: ``{"key", "price", "base_quantity",
            "unit", "source", "losers", …}``. ``price`` is decimal text for ``base_quantity`` of
            ``unit``, or ``False`` with ``reason`` (a code) and ``explanation`` (a sentence).
            ``source`` is ``gpo_contract``, ``local_contract``, ``catalog`` or ``last_approved``;
            ``source_model`` and ``source_id`` name the record. ``conversion`` says what the units
            hold where the price was agreed in another one. ``parts`` has what a price is made of
            that is not plainly net. Each loser has the same facts, and why it lost.
        :raises AccessError: for users outside the suite
        :raises ValidationError: a request cannot be read; it names key and field
        """
        if not (self.env.su or self.env.user.has_groups(MAY_ASK)):
            raise AccessError(self.env._("Prices are told to users of the healthcare suite."))
        # sudo: requesters ask without reading contracts; companies are kept apart by hand
        return self.sudo()._resolve(requests, self.env.companies)

    @api.model
    def _resolve(self, requests, companies):
        """Answer as :meth:`resolve`, in superuser mode, for items and facilities of ``companies``.

        The number of queries does not depend on the number of requests.
        """
        asks, answers = self._read_requests(requests, companies)
        if asks:
            with _collector_paused():
                self._answer_all(asks, companies.ids, answers)
        return [answers[request["key"]] for request in requests]

    @api.model
    def _answer_all(self, asks, company_ids, answers):
        """Put the answers to the requests into ``answers``, by key."""
        offers, rules = self._load(asks, company_ids)
        texts = self._texts()
        self._name_suppliers(texts, offers)
        by_item = defaultdict(list)
        for offer in offers:
            by_item[offer.product_id].append(offer)
        in_orders, shelves, unpriced = {}, {}, []
        for ask in asks:
            shelf = shelves.get(key := shelf_key(ask))
            if shelf is None:
                order = (ask.product_id, ask.unit, ask.day)
                if order not in in_orders:
                    in_orders[order] = in_order(by_item[ask.product_id], ask.unit, rules.units, ask.day)
                shelf = shelves[key] = self._shelf(ask, in_orders[order])
            answer = shelf.known.get(shelf.reached(ask.quantity))
            if answer is None:
                winner, losers = rules.decide(ask, shelf.offers)
                if winner is None:
                    unpriced.append((ask, losers, shelf.others))
                    continue
                shelf.learn((winner, *losers))
                answer = self._answer(ask, winner, losers, shelf.others, texts)
                shelf.known[shelf.reached(ask.quantity)] = answer
            answers[ask.key] = {**answer, "key": ask.key}
        if unpriced:
            self._answer_by_orders(unpriced, rules, texts, answers)

    @api.model
    def _shelf(self, ask, offers):
        """Return an item's offers of the supplier asked for, and what answers say of those of others."""
        if ask.supplier_id is None:
            return Shelf(offers, ())
        return Shelf(
            [offer for offer in offers if ask.supplier_id in offer.supplier_ids],
            [offer.facts for offer in offers if ask.supplier_id not in offer.supplier_ids],
        )

    @api.model
    def _answer_by_orders(self, unpriced, rules: PriceRules, texts, answers):
        """Answer with the price of the last approved order where no other source has one.

        :param unpriced: list of (request, losers, others)
        """
        asks = [ask for ask, _losers, _others in unpriced]
        ordered = self._load_ordered(asks)
        offers = [offer for found in ordered.values() for offer in found]
        self._load_controls(rules, offers, asks)
        self._name_suppliers(texts, offers)
        for ask, losers, others in unpriced:
            key = (ask.product_id, ask.supplier_id, ask.company_id, ask.day, ask.order_id)
            winner, more = rules.decide(ask, ordered.get(key, ()))
            answers[ask.key] = self._answer(ask, winner, losers + more, others, texts)

    @api.model
    def _answer(self, ask, winner, losers, others, texts):
        """Return the answer to one request.

        :param winner: verdict on the offer that is the price, or ``None``; ``losers`` those on others
        :param others: what is said of prices of suppliers who were not asked for
        """
        if winner is None:
            reason = self._no_price_reason(losers, others)
            answer = {
                **_NO_PRICE,
                "unit": ask.unit or False,
                "reason": reason,
                "explanation": self._no_price_text(reason, losers, others, texts),
            }
        else:
            answer = self._winner(ask, winner, texts)
        answer["key"] = ask.key
        told = [self._loser(ask, loser, texts, winner) for loser in losers[:MAX_LOSERS]]
        told += others[: MAX_LOSERS - len(told)]
        answer["losers"] = told
        if left_off := len(losers) + len(others) - len(told):
            answer["losers_left_off"] = left_off
        return answer

    @api.model
    def _winner(self, ask, verdict, texts):
        """Return what an answer says of its price."""
        told = self._told(ask, verdict, texts, ask.unit)
        told["conversion"] = self._conversion(ask, verdict)
        told["held_until"] = self._held_until(verdict)
        told["reason"] = told["explanation"] = False
        return told

    def _loser(self, ask, verdict, texts, winner):
        """Return what an answer says of a price that it did not take.

        The same words serve every request that finds the same: they are made once.
        """
        offer, factors = verdict.offer, verdict.factors
        key = (verdict.reason, verdict.supplier_id, winner and winner.source, factors, ask.unit)
        if offer.told is None:
            offer.told = {}
        told = offer.told.get(key)
        if told is None:
            told = self._told(ask, verdict, texts, ask.unit if factors else offer.unit)
            told["reason"] = verdict.reason
            told["explanation"] = self._loser_text(verdict, texts, winner)
            offer.told[key] = told
        return told

    @api.model
    def _told(self, ask, verdict, texts, unit):
        """Return what winners and losers are told alike: the offer's facts, in ``unit``."""
        told = verdict.offer.facts.copy()
        if verdict.factors:
            told.update(self._converted(verdict))
        told["unit"] = unit or False
        told["source"] = verdict.source
        told["partner_id"] = verdict.supplier_id
        told["partner_name"] = texts["partners"].get(verdict.supplier_id, False)
        return told

    @api.model
    def _converted(self, verdict):
        """Return price and base quantity where they differ from what was agreed."""
        offer, factors = verdict.offer, verdict.factors
        if offer.amount is None:
            return _AS_AGREED
        if offer.told is None:
            offer.told = {}
        key = ("price", factors)
        if key not in offer.told:
            amount, base = offer.prices[factors]
            offer.told[key] = {"price": decimal_text(amount)}
            if base is not offer.base_quantity:
                offer.told[key]["base_quantity"] = decimal_text(base)
        return offer.told[key]

    @api.model
    def _conversion(self, ask, verdict):
        """Return how the price came from the unit it was agreed in, or ``False``."""
        if not verdict.factors:
            return False
        offer, (wanted, offered) = verdict.offer, verdict.factors
        return {
            "from_price": offer.facts["price"],
            "from_base_quantity": offer.facts["base_quantity"],
            "from_unit": offer.unit or False,
            "from_factor": str(offered),
            "to_unit": ask.unit or False,
            "to_factor": str(wanted),
        }

    @api.model
    def _held_until(self, verdict):
        """Return the last day on which a price holds although its feed failed, or ``False``."""
        hold = verdict.hold
        return hold.until.isoformat() if hold and hold.until else False


_AS_AGREED = {}
_NO_PRICE = {
    "key": None,
    "price": False,
    "base_quantity": False,
    "source": False,
    "source_model": False,
    "source_id": False,
    "partner_id": False,
    "partner_name": False,
    "contract_id": False,
    "contract_number": False,
    "tier": False,
    "valid_from": False,
    "valid_to": False,
    "price_class": False,
    "minimum_quantity": False,
    "currency_id": False,
    "currency": False,
    "parts": False,
    "conversion": False,
    "held_until": False,
}
