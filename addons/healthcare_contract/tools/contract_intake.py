"""What goes on while one contract document is taken in."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Intake:
    """A document, the draft that it fills, and what could not be taken over as it was sent.

    ``draft`` is the ``healthcare.contract``, ``tiers`` its tiers by their code in upper case.
    """

    document: dict
    message: Any
    partner: Any
    draft: Any = None
    tiers: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)

    def problem(self, code, message, path, line_number=False, as_sent=None):
        """Remember a part of the document that a person has to look at.

        :param str code: ``facility_unknown``, ``price_invalid``, …
        :param str message: a sentence that names line and field, and says what to do
        :param str path: where it stands in the document
        :param as_sent: that part of the document
        """
        self.problems.append(
            {
                "code": code,
                "message": message,
                "path": path,
                "line_number": line_number,
                "as_sent": as_sent,
            }
        )

    def tier(self, code):
        """Return the draft's tier of this code, or ``None``."""
        return self.tiers.get((code or "").strip().upper())


def overlapping(prices):
    """Return the indexes of prices that hold on a day on which an earlier one of them does.

    :param prices: list of dicts with ``tier_id``, ``unit_code``, ``min_quantity``,
        ``price_class``, ``valid_from`` and ``valid_to`` (ISO dates, or ``False`` for open)
    """
    seen, wrong = {}, set()
    for index, price in enumerate(prices):
        key = (price["tier_id"], price["unit_code"], price["min_quantity"], price["price_class"])
        first, last = price["valid_from"] or "", price["valid_to"] or "9999-12-31"
        others = seen.setdefault(key, [])
        if any(first <= other_last and other_first <= last for other_first, other_last in others):
            wrong.add(index)
        else:
            others.append((first, last))
    return wrong
