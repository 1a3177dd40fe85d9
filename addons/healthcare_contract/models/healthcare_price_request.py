from datetime import date, datetime
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import ExactError, to_decimal
from odoo.addons.healthcare_base.tools.units import normalise_unit_code
from odoo.exceptions import ValidationError

from ..engine.price_facts import DATE_BASES, Ask
from ..tools.selections import PRICE_CLASSES
from .healthcare_price import _NO_PRICE

#: Requests in one call: what fits into the time of an HTTP request many times over.
MAX_REQUESTS = 20_000
_MAX_ID = 2**31 - 1
_MAX_KEY = 200

_IDS = ("product_id", "facility_id", "partner_id", "uom_id", "company_id", "order_id")
_FIELDS = {"key", "unit", "quantity", "date", "price_class", "dates", *_IDS}
_NO_DATES = {}
_CLASSES = {code for code, _label in PRICE_CLASSES}


class HealthcarePrice(models.AbstractModel):
    """Requests: read strictly, so that a slip is told and never becomes another price."""

    _inherit = "healthcare.price"

    @api.model
    def _read_requests(self, requests, companies):
        """Return ``(asks, failed)``: what can be looked up, and answers of what cannot, by key.

        :raises ValidationError: requests that cannot be read; names key and field
        """
        if not isinstance(requests, (list, tuple)):
            raise ValidationError(self.env._("Price requests are a list of requests."))
        if len(requests) > MAX_REQUESTS:
            raise ValidationError(
                self.env._(
                    "%(count)s price requests in one call: at most %(most)s. Ask in several calls.",
                    count=len(requests),
                    most=MAX_REQUESTS,
                )
            )
        today = fields.Date.context_today(self)
        cleaned = self._clean_requests(requests, today)
        known = self._known_records(cleaned, companies)
        asks, failed = [], {}
        for ask in cleaned:
            reason = self._look_up(ask, known)
            if reason is None:
                asks.append(ask)
            else:
                failed[ask.key] = {
                    **_NO_PRICE,
                    "key": ask.key,
                    "unit": ask.unit or False,
                    "reason": reason,
                    "explanation": self._unknown_text(reason, ask),
                    "losers": [],
                }
        return asks, failed

    @api.model
    def _clean_requests(self, requests, today):
        """Return the requests as ``Ask``, whose records and units are not looked up yet."""
        cleaned, keys, read = [], set(), ({}, {}, {})
        for position, request in enumerate(requests, start=1):
            if not isinstance(request, dict):
                raise ValidationError(
                    self.env._("Price request no. %s is not a dictionary of fields.", position)
                )
            key = request.get("key")
            if isinstance(key, bool) or not isinstance(key, (str, int)) or len(str(key)) > _MAX_KEY:
                raise ValidationError(
                    self.env._(
                        "Price request no. %s, field key: give a text or a number, each request its own.",
                        position,
                    )
                )
            if key in keys:
                raise self._request_error(key, "key", self.env._("another request has it too"))
            keys.add(key)
            cleaned.append(self._clean_request(key, request, today, read))
        return cleaned

    @api.model
    def _clean_request(self, key, request, today, read):
        """Return one request cleaned.

        :param read: what texts were read as: units, quantities, days
        """
        if not request.keys() <= _FIELDS:
            unknown = sorted(map(str, request.keys() - _FIELDS))
            raise self._request_error(key, unknown[0], self.env._("there is no such field"))
        found = [request.get(name) or None for name in _IDS]
        for value in found:
            if value is not None and (type(value) is not int or not 0 < value <= _MAX_ID):
                name = next(each for each, other in zip(_IDS, found, strict=True) if other is value)
                raise self._request_error(key, name, self.env._("%s is no record's id", repr(value)[:80]))
        product_id, facility_id, supplier_id, unit_id, company_id, order_id = found
        if product_id is None:
            raise self._request_error(key, "product_id", self.env._("say which item"))
        dates = request.get("dates")
        price_class = request.get("price_class") or None
        if price_class is not None and price_class not in _CLASSES:
            raise self._request_error(
                key,
                "price_class",
                self.env._("it is one of %s", ", ".join(sorted(_CLASSES))),
            )
        return Ask(
            key=key,
            product_id=product_id,
            unit=self._once(read[0], self._clean_unit, key, request.get("unit")),
            factor=None,
            facility_id=facility_id,
            company_id=company_id,
            supplier_id=supplier_id,
            quantity=self._once(read[1], self._clean_quantity, key, request.get("quantity")),
            day=self._once(read[2], self._clean_day, key, request.get("date")) or today,
            price_class=price_class,
            dates=self._clean_dates(key, dates) if dates else _NO_DATES,
            unit_id=unit_id,
            order_id=order_id,
        )

    @api.model
    def _once(self, read, clean, key, value):
        """Return what ``clean`` makes of a value; of a text, as it was made before."""
        if type(value) is not str:
            return clean(key, value)
        if value not in read:
            read[value] = clean(key, value)
        return read[value]

    @api.model
    def _clean_unit(self, key, value):
        if value in (None, False, ""):
            return None
        if code := normalise_unit_code(value):
            return code
        raise self._request_error(
            key, "unit", self.env._("%s is no unit code such as EA or XBX", repr(value)[:80])
        )

    @api.model
    def _clean_quantity(self, key, value):
        """Return the quantity as a decimal. JSON clients send floats: what is shown is meant."""
        if value in (None, False, ""):
            return Decimal(1)
        try:
            quantity = to_decimal(repr(value) if isinstance(value, float) else value)
        except ExactError as error:
            raise self._request_error(key, "quantity", str(error)) from error
        if quantity < 0:
            raise self._request_error(key, "quantity", self.env._("%s is below 0", value))
        return quantity or Decimal(1)

    @api.model
    def _clean_day(self, key, value):
        return self._clean_date(key, "date", value)

    @api.model
    def _clean_date(self, key, name, value):
        if value in (None, False, ""):
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self._request_error(
                key, name, self.env._("%s is no date such as 2026-11-24", repr(value)[:80])
            ) from error

    @api.model
    def _clean_dates(self, key, value):
        if not isinstance(value, dict) or value.keys() - set(DATE_BASES):
            raise self._request_error(
                key, "dates", self.env._("it is a dictionary with %s", ", ".join(DATE_BASES))
            )
        days = {name: self._clean_date(key, f"dates.{name}", day) for name, day in value.items()}
        return {name: day for name, day in days.items() if day}

    @api.model
    def _request_error(self, key, name, text):
        return ValidationError(
            self.env._("Price request %(key)s, field %(field)s: %(text)s.", key=key, field=name, text=text)
        )

    @api.model
    def _known_records(self, asks, companies):
        """Return what is known of the records that requests name, in five queries at most.

        Items, facilities and suppliers of other companies are as unknown as those that never were.
        """
        # What is named may have been made a moment ago, in this very transaction.
        self._flush_prices()
        allowed = list(companies.ids)
        cr = self.env.cr
        known = {"company": self.env.company.id, "companies": set(allowed)}
        cr.execute(
            """
            SELECT product.id, template.uom_id
              FROM product_product product
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE product.id = ANY(%s)
               AND (template.company_id IS NULL OR template.company_id = ANY(%s))
            """,
            [list({ask.product_id for ask in asks}), allowed],
        )
        known["products"] = dict(cr.fetchall())
        known["facilities"] = known["partners"] = {}
        if facility_ids := list({ask.facility_id for ask in asks} - {None}):
            cr.execute(
                "SELECT id, company_id FROM healthcare_facility WHERE id = ANY(%s) AND company_id = ANY(%s)",
                [facility_ids, allowed],
            )
            known["facilities"] = dict(cr.fetchall())
        if supplier_ids := list({ask.supplier_id for ask in asks} - {None}):
            cr.execute(
                """
                SELECT id, commercial_partner_id FROM res_partner
                 WHERE id = ANY(%s) AND (company_id IS NULL OR company_id = ANY(%s))
                """,
                [supplier_ids, allowed],
            )
            known["partners"] = dict(cr.fetchall())
        unit_ids = list({ask.unit_id for ask in asks} - {None} | set(known["products"].values()))
        cr.execute(
            """
            SELECT id, unit_code, factor::text, split_part(parent_path, '/', 1)
              FROM uom_uom WHERE id = ANY(%s)
            """,
            [unit_ids],
        )
        known["units"] = {
            row[0]: (normalise_unit_code(row[1]), float(row[2]), row[3]) for row in cr.fetchall()
        }
        return known

    @api.model
    def _look_up(self, ask, known):
        """Complete a request by what is known; return why not where it names what is not known."""
        reference_id = known["products"].get(ask.product_id)
        if reference_id is None:
            return "unknown_item"
        reference = known["units"][reference_id]
        if ask.company_id is None:
            ask.company_id = known["company"]
        if ask.company_id not in known["companies"]:
            return "unknown_company"
        if ask.facility_id:
            if ask.facility_id not in known["facilities"]:
                return "unknown_facility"
            ask.company_id = known["facilities"][ask.facility_id]
        if ask.supplier_id:
            if ask.supplier_id not in known["partners"]:
                return "unknown_supplier"
            ask.supplier_id = known["partners"][ask.supplier_id]
        if ask.unit_id is None and (ask.unit is None or ask.unit == reference[0]):
            ask.unit_id = reference_id
        if ask.unit_id is not None:
            if ask.unit_id not in known["units"]:
                return "unknown_unit"
            unit = known["units"][ask.unit_id]
            if (factor := self._ratio(unit, reference)) is None:
                return "unknown_unit"
            ask.unit, ask.factor = unit[0], factor
        return None
