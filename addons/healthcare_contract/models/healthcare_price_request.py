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
        for request in cleaned:
            ask, reason = self._make_ask(request, known)
            if ask:
                asks.append(ask)
            else:
                failed[request["key"]] = {
                    "key": request["key"],
                    **_NO_PRICE,
                    "unit": request["unit"] or False,
                    "reason": reason,
                    "explanation": self._unknown_text(reason, request),
                    "losers": [],
                }
        return asks, failed

    @api.model
    def _clean_requests(self, requests, today):
        """Return the requests with Python values, each with all fields."""
        cleaned, keys, read = [], set(), {}
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
        """Return one request cleaned; ``read`` remembers what texts were read as."""
        if unknown := request.keys() - _FIELDS:
            raise self._request_error(key, sorted(map(str, unknown))[0], self.env._("there is no such field"))
        result = {"key": key}
        for name in _IDS:
            value = request.get(name) or None
            if value is not None and not (type(value) is int and 0 < value <= _MAX_ID):
                raise self._request_error(key, name, self.env._("%s is no record's id", repr(value)[:80]))
            result[name] = value
        if result["product_id"] is None:
            raise self._request_error(key, "product_id", self.env._("say which item"))
        result["unit"] = self._once(read, self._clean_unit, key, request.get("unit"))
        result["quantity"] = self._once(read, self._clean_quantity, key, request.get("quantity"))
        result["date"] = self._once(read, self._clean_day, key, request.get("date")) or today
        dates = request.get("dates")
        result["dates"] = self._clean_dates(key, dates) if dates else {}
        price_class = request.get("price_class") or None
        if price_class is not None and price_class not in _CLASSES:
            raise self._request_error(
                key,
                "price_class",
                self.env._("it is one of %s", ", ".join(sorted(_CLASSES))),
            )
        result["price_class"] = price_class
        return result

    @api.model
    def _once(self, read, clean, key, value):
        """Return what ``clean`` makes of a value; of a text, as it was made before."""
        if type(value) is not str:
            return clean(key, value)
        known = (clean.__name__, value)
        if known not in read:
            read[known] = clean(key, value)
        return read[known]

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
    def _known_records(self, requests, companies):
        """Return what is known of the records that requests name, in five queries at most.

        Items, facilities and suppliers of other companies are as unknown as those that never were.
        """
        ids = {name: list({request[name] for request in requests} - {None}) for name in _IDS}
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
            [ids["product_id"], allowed],
        )
        known["products"] = dict(cr.fetchall())
        known["facilities"] = known["partners"] = {}
        if ids["facility_id"]:
            cr.execute(
                "SELECT id, company_id FROM healthcare_facility WHERE id = ANY(%s) AND company_id = ANY(%s)",
                [ids["facility_id"], allowed],
            )
            known["facilities"] = dict(cr.fetchall())
        if ids["partner_id"]:
            cr.execute(
                """
                SELECT id, commercial_partner_id FROM res_partner
                 WHERE id = ANY(%s) AND (company_id IS NULL OR company_id = ANY(%s))
                """,
                [ids["partner_id"], allowed],
            )
            known["partners"] = dict(cr.fetchall())
        unit_ids = [*ids["uom_id"], *set(known["products"].values())]
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
    def _make_ask(self, request, known):
        """Return ``(Ask, None)``, or ``(None, reason)`` where the request names what is not known."""
        reference_id = known["products"].get(request["product_id"])
        if reference_id is None:
            return None, "unknown_item"
        reference = known["units"][reference_id]
        company_id = request["company_id"] or known["company"]
        if company_id not in known["companies"]:
            return None, "unknown_company"
        if facility_id := request["facility_id"]:
            if facility_id not in known["facilities"]:
                return None, "unknown_facility"
            company_id = known["facilities"][facility_id]
        supplier_id = None
        if request["partner_id"]:
            if request["partner_id"] not in known["partners"]:
                return None, "unknown_supplier"
            supplier_id = known["partners"][request["partner_id"]]
        unit, factor, unit_id = request["unit"], None, request["uom_id"]
        if unit_id is None and (unit is None or unit == reference[0]):
            unit_id = reference_id
        if unit_id is not None:
            if unit_id not in known["units"]:
                return None, "unknown_unit"
            unit = known["units"][unit_id][0]
            if (factor := self._ratio(known["units"][unit_id], reference)) is None:
                return None, "unknown_unit"
        ask = Ask(
            key=request["key"],
            product_id=request["product_id"],
            unit=unit,
            factor=factor,
            facility_id=facility_id,
            company_id=company_id,
            supplier_id=supplier_id,
            quantity=request["quantity"],
            day=request["date"],
            price_class=request["price_class"],
            dates=request["dates"],
            unit_id=unit_id,
            order_id=request["order_id"],
        )
        return ask, None
