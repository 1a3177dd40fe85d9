"""Which numbers of a price cannot be: one rule for what people type and what documents say."""

from decimal import Decimal

from odoo.addons.healthcare_base.tools.exact import ExactError, to_decimal

#: Above this no price of a purchased item is a price; it is a slip.
MAX_AMOUNT = Decimal(10) ** 9
MAX_PERCENT = Decimal(1000)

_NUMBERS = ("amount", "base_quantity", "min_quantity", "discount_percent", "markup_percent", "fee")


def number_problems(values):
    """Yield ``(field, problem)`` for each number of a price that cannot be.

    :param values: a ``healthcare.contract.price``, or a dict with ``kind`` and decimal texts (or
        nothing) under its names
    :return: problems are ``not_a_number``, ``not_above_zero``, ``absurd``, ``below_zero``,
        ``discount_range``, ``markup_range``, ``only_cost_plus``, ``only_list``
    """
    numbers = {}
    for name in _NUMBERS:
        try:
            numbers[name] = to_decimal(values[name] or "0")
        except ExactError:
            yield name, "not_a_number"
            numbers[name] = None
    yield from _amount_problems(numbers)
    if (number := numbers["min_quantity"]) is not None and number < 0:
        yield "min_quantity", "below_zero"
    if (number := numbers["fee"]) is not None and number < 0:
        yield "fee", "below_zero"
    if (number := numbers["discount_percent"]) is not None and not 0 <= number < 100:
        yield "discount_percent", "discount_range"
    if (number := numbers["markup_percent"]) is not None and not -100 < number <= MAX_PERCENT:
        yield "markup_percent", "markup_range"
    if values["kind"] != "cost_plus" and (numbers["markup_percent"] or numbers["fee"]):
        yield "kind", "only_cost_plus"
    if values["kind"] != "list" and numbers["discount_percent"]:
        yield "kind", "only_list"


def _amount_problems(numbers):
    for name in ("amount", "base_quantity"):
        number = numbers[name]
        if number is None:
            continue
        if number <= 0:
            yield name, "not_above_zero"
        elif number >= MAX_AMOUNT:
            yield name, "absurd"
