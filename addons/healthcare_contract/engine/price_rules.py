"""Which price holds: the sources in their order, the first that is valid, and why the others not.

Everything that decides is in :class:`PriceRules`; it asks no database. Reasons are codes, the
sentences for them are made elsewhere.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from .price_facts import SOURCES, Ask, Contract, Hold, Offer
from .price_units import UnitBook, convert, times

_NOT_APPROVED = {"draft": "contract_draft", "in_approval": "contract_in_approval"}
_OVER = {"ended": "contract_ended", "superseded": "contract_superseded"}
_NEVER = date.min
_NOTHING = Decimal(0)
_CATALOG = SOURCES.index("catalog")


class Verdict:
    """An offer as seen by one request: from whom, for how much in the unit asked for.

    ``reason`` says why it is not the price; ``None`` for the winner. ``fits``: the price can be
    told in the unit asked for. ``factors`` is what that unit and the offer's hold, where they
    differ: then the price is ``offer.prices[factors]``, else as offered. ``note`` is a sentence
    that explains the reason, where it is not the offer's facts that do.
    """

    __slots__ = ("factors", "fits", "hold", "note", "offer", "reason", "source", "supplier_id")

    def __init__(self, offer: Offer, supplier_id: int):
        self.offer = offer
        self.supplier_id = supplier_id
        self.source = offer.source
        self.reason: str | None = None
        self.fits = False
        self.factors: tuple | None = None
        self.hold: Hold | None = None
        self.note = ""


class PriceRules:
    """Judges offers for requests, from facts that were loaded for all requests together.

    :param UnitBook units: what units hold
    :param dict rosters: contract id → list of ``Membership``
    :param dict accounts: (facility id, supplier id) → list of ``Account``
    :param dict holds: (company id, supplier id) → ``Hold``
    :param dict barred: (company id, supplier id) → why nobody orders there from ``today`` on
    """

    def __init__(self, units: UnitBook, rosters, accounts, holds, barred=None, today=_NEVER):
        self.units = units
        self.rosters = rosters
        self.accounts = accounts
        self.holds = holds
        self.barred = barred or {}
        self.today = today
        self._standing = {}

    def decide(self, ask: Ask, offers):
        """Return ``(winner or None, losers)`` as verdicts, in the order of the sources.

        :param offers: the item's offers, of the supplier asked for, sorted by :func:`in_order`
        """
        winner, losers, lapsed = None, [], []
        judge = self._judge
        for offer in offers:
            verdict = judge(ask, offer)
            if verdict.reason is None:
                if winner is None:
                    winner = verdict
                    continue
                verdict.reason = "lower_rank"
            elif verdict.reason == "expired" and offer.contract is None:
                lapsed.append(verdict)
            losers.append(verdict)
        if winner is None and lapsed and (winner := self._last_approved(ask, lapsed)):
            losers.remove(winner)
        return winner, losers

    def _last_approved(self, ask, lapsed):
        """Return the catalog price that held last, if it still may; say of all why (not)."""
        for verdict in sorted(lapsed, key=lambda each: each.offer.valid_to, reverse=True):
            if verdict.offer.withdrawn:
                verdict.reason = "withdrawn"
                continue
            verdict.reason = self._reason_of_size(ask, verdict) or self._reason_of_hold(ask, verdict)
            if verdict.reason is None:
                verdict.source = "last_approved"
                return verdict
        return None

    def _judge(self, ask, offer):
        """Return the verdict on one offer, with the first reason against it."""
        if (supplier_id := ask.supplier_id) is None:
            supplier_id, reason = self._choose_supplier(ask, offer)
        else:
            reason = self._reason_of_standing(ask, offer, supplier_id)
        verdict = Verdict(offer, supplier_id)
        if reason == "supplier_barred":
            verdict.note = self.barred[ask.company_id, supplier_id]
        self._price(ask, verdict)
        if reason is None:
            reason = self._reason_of_days(ask, offer) or self._reason_of_size(ask, verdict)
            if reason is None and self.holds:
                reason = self._reason_of_hold(ask, verdict)
        verdict.reason = reason
        return verdict

    def _choose_supplier(self, ask, offer):
        """Return whom the offer would best be bought from, and what says that it may not.

        Whoever asks for a supplier by name is told that supplier's price, for a bill has to be held
        against it; whoever asks for any is not sent to one from whom nobody may order now.
        """
        first = None
        for supplier_id in offer.supplier_ids:
            reason = self._reason_of_standing(ask, offer, supplier_id)
            if reason is None and ask.day >= self.today and (ask.company_id, supplier_id) in self.barred:
                reason = "supplier_barred"
            if reason is None:
                return supplier_id, None
            first = first or (supplier_id, reason)
        return first

    def _reason_of_standing(self, ask, offer, supplier_id):
        """Say whether the facility may buy from the supplier at this offer's terms."""
        contract = offer.contract
        if contract is not None:
            reason, tiers = self._standing_of(ask, contract, supplier_id)
            if reason:
                return reason
            if offer.tier_id is not None and offer.tier_id not in tiers:
                return "tier_not_held"
        elif offer.company_id is not None and offer.company_id != ask.company_id:
            return "other_company"
        if offer.price_class and offer.price_class not in self.price_classes(ask, supplier_id):
            return "price_class"
        return None

    def price_classes(self, ask, supplier_id):
        """Return the price classes at which the facility buys from the supplier.

        The class asked for, if one of the facility's accounts has it; else that of its account.
        With several accounts nobody has said which one is meant: own use, if there is one, as
        orders name it first; otherwise none. Without an account it is own use. Without a facility
        any class may be asked for.
        """
        classes = {account.price_class for account in self._accounts_of(ask, supplier_id)} or {"own_use"}
        if ask.price_class:
            return (ask.price_class,) if ask.facility_id is None or ask.price_class in classes else ()
        if "own_use" in classes:
            return ("own_use",)
        return tuple(classes) if len(classes) == 1 else ()

    def _accounts_of(self, ask, supplier_id):
        return self.accounts.get((ask.facility_id, supplier_id), ())

    def _standing_of(self, ask, contract, supplier_id):
        """Return ``(reason, tier ids held)`` of the facility in a contract on the day asked for."""
        day = ask.dates.get(contract.basis) or ask.day
        key = (contract.id, ask.facility_id, supplier_id, ask.price_class, day, ask.company_id)
        if key not in self._standing:
            self._standing[key] = self._find_standing(ask, contract, supplier_id, day)
        return self._standing[key]

    def _find_standing(self, ask, contract: Contract, supplier_id, day):
        if reason := _NOT_APPROVED.get(contract.state):
            return reason, ()
        if contract.company_id and contract.company_id != ask.company_id:
            return "other_company", ()
        if contract.valid_from and day < contract.valid_from:
            return "contract_not_yet_valid", ()
        if contract.valid_to and day > contract.valid_to:
            return _OVER.get(contract.state, "contract_expired"), ()
        return self._roster_standing(ask, contract, supplier_id, day)

    def _roster_standing(self, ask, contract, supplier_id, day):
        """Look the facility up in the roster; each test narrows what the one before left."""
        open_to_all = (None, (contract.default_tier_id,)) if contract.all_facilities else None
        if ask.facility_id is None:
            return open_to_all or ("facility_not_named", ())
        entries = [each for each in self.rosters.get(contract.id, ()) if each.facility_id == ask.facility_id]
        if not entries:
            return open_to_all or ("facility_not_eligible", ())
        entries = [
            each
            for each in entries
            if (each.date_from is None or each.date_from <= day)
            and (each.date_to is None or day <= each.date_to)
        ]
        if not entries:
            return open_to_all or ("roster_expired", ())
        accounts = {account.id for account in self._accounts_of(ask, supplier_id)}
        entries = [each for each in entries if each.account_id is None or each.account_id in accounts]
        if not entries:
            return open_to_all or ("account", ())
        classes = self.price_classes(ask, supplier_id)
        entries = [each for each in entries if each.price_class is None or each.price_class in classes]
        if not entries:
            return open_to_all or ("price_class", ())
        # The entry that says most is the one that is meant.
        most = max(_told(each) for each in entries)
        return None, tuple(
            each.tier_id or contract.default_tier_id for each in entries if _told(each) == most
        )

    def _reason_of_days(self, ask, offer):
        contract = offer.contract
        day = ask.day if contract is None else ask.dates.get(contract.basis) or ask.day
        if (start := offer.valid_from) and day < start:
            return "not_yet_valid"
        if (end := offer.valid_to) and day > end:
            return "expired"
        return None

    def _reason_of_size(self, ask, verdict):
        """Say whether the units fit and the quantity reaches the offer's minimum."""
        offer = verdict.offer
        if offer.amount is None:
            return "no_amount"
        if not verdict.fits:
            return "unit_without_factor"
        if offer.minimum:
            quantity, minimum = ask.quantity, offer.minimum
            if verdict.factors:
                wanted, offered = verdict.factors
                quantity, minimum = times(quantity, wanted), times(minimum, offered)
            if quantity < minimum:
                return "below_minimum"
        return None

    def _reason_of_hold(self, ask, verdict):
        """Say whether a failed price feed has stopped buying at catalog prices."""
        if verdict.offer.contract is None:
            verdict.hold = self.holds.get((ask.company_id, verdict.supplier_id))
            if verdict.hold and verdict.hold.stops(ask.day):
                verdict.note = verdict.hold.reason
                return "feed_stopped"
        return None

    def _price(self, ask, verdict):
        """Put the offer's price into the unit asked for, where what the units hold is known."""
        offer = verdict.offer
        wanted, offered = ask.factor, offer.factor
        if wanted == offered and (wanted is not None or ask.unit == offer.unit):
            verdict.fits = True
            return
        find = self.units.factor
        wanted = wanted or find(ask.product_id, ask.unit, verdict.supplier_id, ask.day)
        offered = offered or find(offer.product_id, offer.unit, verdict.supplier_id, ask.day)
        if wanted is None or offered is None:
            verdict.fits = ask.factor is None and ask.unit is not None and ask.unit == offer.unit
            return
        verdict.fits = True
        if wanted == offered:
            return
        verdict.factors = key = (wanted, offered)
        if offer.prices is None:
            offer.prices = {}
        if offer.amount is not None and key not in offer.prices:
            offer.prices[key] = convert(offer.amount, offer.base_quantity, offered, wanted)


class Shelf:
    """What is on offer to requests that differ in nothing but their quantity, and what they were told.

    A quantity changes an answer only by the smallest quantities that it reaches. ``offers`` are
    those of the supplier asked for, in order; ``others`` is what is said of the rest; ``known``
    keeps answers by :meth:`reached`.
    """

    __slots__ = ("_minimums", "known", "offers", "others")

    def __init__(self, offers, others):
        self.offers = offers
        self.others = others
        self.known = {}
        self._minimums = None

    def learn(self, verdicts):
        """Take the smallest quantities from the verdicts on all offers, of any request here."""
        if self._minimums is None:
            found = {
                (verdict.factors or (1, 1), verdict.offer.minimum)
                for verdict in verdicts
                if verdict.fits and verdict.offer.minimum
            }
            self._minimums = [(factors[0], times(minimum, factors[1])) for factors, minimum in found]

    def reached(self, quantity):
        """Return which of the smallest quantities are reached; ``None`` before any are known."""
        if self._minimums is None:
            return None
        return tuple([times(quantity, wanted) >= minimum for wanted, minimum in self._minimums])


def shelf_key(ask: Ask):
    """Return what requests have in common to which the same is on offer."""
    return (
        ask.product_id,
        ask.unit,
        ask.unit_id,
        ask.day,
        ask.supplier_id,
        ask.facility_id,
        ask.company_id,
        ask.price_class,
        tuple(sorted(ask.dates.items())) if ask.dates else (),
    )


def _told(entry):
    """Return how much a roster entry says: an account more than a price class."""
    return (entry.account_id is not None, entry.price_class is not None)


def in_order(offers, unit, units: UnitBook, day):
    """Return the offers of an item as they are tried, for a request in ``unit`` on ``day``.

    Source by source; in a source by :func:`rank_contract_price` or :func:`rank_catalog_price`, where a price
    in the unit asked for comes before one in another, and the larger quantity break, by what the
    units hold, before the smaller.
    """

    def order(offer):
        place = offer.place
        if offer.unit == unit:
            return offer.rank, False, place
        if offer.minimum:
            held = offer.factor or units.factor(offer.product_id, offer.unit, offer.supplier_ids[0], day)
            place = (-times(offer.minimum, held or 1), *place[1:])
        return offer.rank, True, place

    return sorted(offers, key=order)


def rank_contract_price(offer: Offer):
    """Give a contract price its rank: the newer contract, then the most specific price.

    Of one contract: a price for a tier and for a class before one for all, the larger quantity
    break that is reached, the newer price; at last the number, so that the order never changes.
    """
    contract = offer.contract
    offer.rank = _rank(
        SOURCES.index(offer.source),
        _newest_first(contract.valid_from),
        contract.id,
        offer.tier_id is None,
        offer.price_class is None,
    )
    offer.place = _place(offer)


def rank_catalog_price(offer: Offer, sequence: int):
    """Give a catalog price its rank: its place in the item's list, then as contract prices.

    :param sequence: of the supplier, as people put the item's suppliers in order
    """
    offer.rank = _rank(_CATALOG, sequence, 0, False, offer.price_class is None)
    offer.place = _place(offer)


@lru_cache(maxsize=4096)
def _rank(*parts):
    """Return the parts; the same tuple for the same parts, for thousands of prices share one."""
    return parts


def _place(offer):
    return (-offer.minimum if offer.minimum else _NOTHING, _newest_first(offer.valid_from), offer.id)


@lru_cache(maxsize=4096)
def _newest_first(day):
    return -(day or _NEVER).toordinal()
