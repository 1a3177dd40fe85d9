"""Lot and serial numbers as people and systems write them. Pure functions."""

import re

_OTHER = re.compile(r"[\W_]+")


def normalise_lot(text):
    """Return the letters and digits of a lot or serial number in capitals, ``""`` for none.

    ``lot-a 117`` and ``LOTA117`` are one: what a label separates, a list often does not.
    """
    return _OTHER.sub("", text).upper() if isinstance(text, str) else ""
