from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.addons.healthcare_base.tools.units import unit_label
from odoo.exceptions import AccessError, ValidationError

from ..engine.price_units import UnitBook, finite_decimal, whole_fraction
from .healthcare_contract import IN_FORCE_STATES
from .healthcare_price import MAY_ASK

#: Of each kind of event, so many are shown, the newest.
MAX_EVENTS = 100
_YEARS = 3


@dataclass
class Scope:
    """What a timeline is about.

    ``product`` is the item; ``partner`` the supplier's commercial partner, or empty for all;
    ``facility`` may be empty; ``line`` is the order line it was opened from, or empty.
    """

    product: object
    partner: object
    facility: object
    line: object
    since: date
    units: UnitBook
    found: list = field(default_factory=list)


class HealthcarePriceTimeline(models.AbstractModel):
    """How the price of an item came about: contract, feed, order, acknowledgement, bill.

    Each addon adds the events that it knows by extending :meth:`_events`. Everybody sees the
    events whose records they may read.
    """

    _name = "healthcare.price.timeline"
    _description = "Price Timeline"

    @api.model
    def load(self, product_id, partner_id=None, order_line_id=None, facility_id=None):
        """Return the timeline of an item, of one supplier or of all.

        :param order_line_id: takes item, supplier and facility from the order line instead
        :return: ``{"item", "unit", "partner", "facility", "today", "truth", "events"}``. An event
            is ``{"id", "kind", "date", "until", "title", "partner", "price", "base_quantity",
            "unit", "unit_price", "currency", "note", "model", "res_id", "current"}``: prices are
            decimal text, ``unit_price`` is for one of the item's ``unit`` (``False`` where the
            factor is not known); oldest first. ``truth`` is today's answer of price truth.
        :raises AccessError: the item or the order line is not the user's to read
        :raises ValidationError: an argument is no id
        """
        if not (self.env.su or self.env.user.has_groups(MAY_ASK)):
            raise AccessError(self.env._("Prices are told to users of the healthcare suite."))
        scope = self._scope(product_id, partner_id, order_line_id, facility_id)
        events = sorted(self._events(scope), key=lambda event: (event["date"] or "", event["id"]))
        return {
            "item": scope.product.display_name,
            "product_id": scope.product.id,
            "unit": scope.product.uom_id.name,
            "partner": scope.partner.name or False,
            "facility": scope.facility.display_name or False,
            "today": fields.Date.context_today(self).isoformat(),
            "truth": self._truth(scope),
            "events": events,
        }

    @api.model
    def _scope(self, product_id, partner_id, order_line_id, facility_id):
        """Return what the timeline is about, read as the user."""
        for name, value in (
            ("product_id", product_id),
            ("partner_id", partner_id),
            ("order_line_id", order_line_id),
            ("facility_id", facility_id),
        ):
            if value and (type(value) is not int or not 0 < value < 2**31):
                raise ValidationError(
                    self.env._("Price timeline, %(field)s: %(value)s is no id.", field=name, value=value)
                )
        line = self.env["purchase.order.line"].browse(order_line_id or [])
        if line:
            line.check_access("read")
        product = line.product_id or self.env["product.product"].browse(product_id or [])
        product = product.exists()
        if not product:
            raise ValidationError(self.env._("Price timeline, product_id: there is no such item."))
        product.check_access("read")
        partner = line.partner_id or self.env["res.partner"].browse(partner_id or []).exists()
        facility = self.env["healthcare.facility"].browse(facility_id or []).exists()
        facility = self._line_facility(line) or facility
        if facility:
            facility.check_access("read")
        prices = self.env["healthcare.price"].sudo()
        return Scope(
            product=product,
            partner=partner.commercial_partner_id,
            facility=facility,
            line=line,
            since=fields.Date.context_today(self) - timedelta(days=365 * _YEARS),
            units=prices._load_units(product.ids)[0],
        )

    @api.model
    def _line_facility(self, line):
        """Hook: return the facility of an order line's order."""
        return self.env["healthcare.facility"]

    @api.model
    def _truth(self, scope):
        """Return today's answer of price truth, without the losers' long list."""
        request = {
            "key": "now",
            "product_id": scope.product.id,
            "uom_id": scope.product.uom_id.id,
            "partner_id": scope.partner.id,
            "facility_id": scope.facility.id,
        }
        return self.env["healthcare.price"].resolve([request])[0]

    @api.model
    def _events(self, scope):
        """Hook: return the events of the timeline; addons add theirs to those of ``super()``.

        :param Scope scope: what it is about
        :return: list of events, see :meth:`_event`
        """
        return [*self._contract_events(scope), *self._catalog_events(scope)]

    @api.model
    def _contract_events(self, scope):
        prices = self.env["healthcare.contract.price"]
        if not prices.has_access("read"):
            return []
        domain = [
            ("product_id", "=", scope.product.id),
            ("contract_id.state", "in", IN_FORCE_STATES),
            "|",
            ("contract_id.effective_to", "=", False),
            ("contract_id.effective_to", ">=", scope.since),
        ]
        if scope.partner:
            domain += [
                "|",
                ("contract_id.partner_id", "=", scope.partner.id),
                ("contract_id.distributor_ids", "child_of", scope.partner.ids),
            ]
        events = []
        for price in prices.search(domain, order="id desc", limit=MAX_EVENTS):
            contract = price.contract_id
            start = max(filter(None, (price.valid_from, contract.effective_from)), default=None)
            end = min(filter(None, (price.valid_to, contract.effective_to)), default=None)
            if start and end and end < start:
                continue
            notes = [
                price.tier_id.code and self.env._("tier %s", price.tier_id.code),
                price.price_class and dict(price._fields["price_class"].selection)[price.price_class],
                price.min_quantity not in (False, "0") and self.env._("from %s", price.min_quantity),
                price.is_backdated and self.env._("backdated"),
            ]
            events.append(
                self._event(
                    scope,
                    "contract",
                    contract,
                    start or contract.valid_from,
                    price.net_amount,
                    base_quantity=price.base_quantity,
                    unit=price.unit_code,
                    until=end,
                    partner=scope.partner or contract.partner_id,
                    currency=contract.currency_id,
                    title=contract.number,
                    note=", ".join(filter(None, notes)),
                    key=f"contract-{price.id}",
                )
            )
        return events

    @api.model
    def _catalog_events(self, scope):
        infos = self.env["product.supplierinfo"]
        if not infos.has_access("read"):
            return []
        domain = [
            ("product_tmpl_id", "=", scope.product.product_tmpl_id.id),
            ("product_id", "in", (False, scope.product.id)),
            ("company_id", "in", (False, *self.env.companies.ids)),
            "|",
            ("date_end", "=", False),
            ("date_end", ">=", scope.since),
        ]
        if scope.partner:
            domain.append(("partner_id", "child_of", scope.partner.ids))
        events = []
        for info in infos.search(domain, order="id desc", limit=MAX_EVENTS):
            exact = info.exact_price
            price = exact or numeric_text(
                Decimal(repr(info.price)) * (1 - Decimal(repr(info.discount)) / 100)
            )
            feed = info.feed_id if info.feed_id and info.feed_id.has_access("read") else None
            notes = [
                info.price_class and dict(info._fields["price_class"].selection)[info.price_class],
                info.contract_number and self.env._("names contract %s", info.contract_number),
                info.min_qty and self.env._("from %s", f"{info.min_qty:g}"),
            ]
            events.append(
                self._event(
                    scope,
                    "feed",
                    feed or scope.product,
                    info.date_start or fields.Date.to_date(info.create_date),
                    price,
                    base_quantity=info.base_quantity if exact else "1",
                    unit=info.unit_code if exact else None,
                    uom=info.product_uom_id,
                    until=info.date_end,
                    partner=info.partner_id,
                    currency=info.currency_id,
                    title=feed.display_name if feed else self.env._("by hand"),
                    note=", ".join(filter(None, notes)),
                    key=f"feed-{info.id}",
                )
            )
        return events

    @api.model
    def _event(
        self,
        scope,
        kind,
        record,
        day,
        price,
        *,
        key,
        title,
        currency,
        partner=None,
        base_quantity="1",
        unit=None,
        uom=None,
        until=None,
        note="",
        current=False,
    ):
        """Return one event.

        :param str kind: ``contract``, ``feed``, ``order``, ``acknowledgement`` or ``bill``
        :param record: opened by a click
        :param day: first day, or the day it happened; ``until`` the last day of validity
        :param str price: decimal text for ``base_quantity`` of ``unit`` (a code) or ``uom``
        :param bool current: it is of the order line that the timeline was opened from
        """
        base_quantity = base_quantity or "1"
        return {
            "id": key,
            "kind": kind,
            "date": day.isoformat() if day else False,
            "until": until.isoformat() if until else False,
            "title": title,
            "partner": partner.name if partner else False,
            "price": price or False,
            "base_quantity": base_quantity,
            "unit": unit_label(unit) if unit else uom.name if uom else False,
            "unit_price": self._unit_price(scope, price, base_quantity, unit, uom, partner, day),
            "currency": currency.name,
            "note": note,
            "model": record._name,
            "res_id": record.id,
            "current": current,
        }

    @api.model
    def _unit_price(self, scope, price, base_quantity, unit, uom, partner, day):
        """Return the price for one of the item's unit as decimal text, ``False`` if not known."""
        if not price:
            return False
        factor = None
        if uom and unit in (None, False, uom.unit_code):
            reference = scope.product.uom_id
            if uom._has_common_reference(reference):
                factor = 1 if uom == reference else whole_fraction(uom.factor / reference.factor)
        elif unit:
            supplier_id = partner.commercial_partner_id.id if partner else None
            factor = scope.units.factor(scope.product.id, unit, supplier_id, day or date.today())
        if not factor:
            return False
        exact = Fraction(Decimal(price)) / Fraction(Decimal(base_quantity)) / factor
        number = finite_decimal(exact)
        if number is None:
            number = Decimal(exact.numerator) / Decimal(exact.denominator)
            number = number.quantize(Decimal("0.000001"))
        return numeric_text(number)
