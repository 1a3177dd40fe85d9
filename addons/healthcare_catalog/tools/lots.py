"""Lot and serial numbers as people and systems write them. Pure functions."""

import re
import unicodedata

from odoo.addons.healthcare_base.tools.lookalikes import plain_letters

_OTHER = re.compile(r"[\W_]+")


def normalise_lot(text):
    """Return the letters and digits of a lot or serial number in capitals, ``""`` for none.

    ``lot-a 117`` and ``LOTA117`` are one: what a label separates, a list often does not. So are
    other ways to write the letters (see ``plain_letters``) and digits of other scripts: a recalled
    lot does not pass because somebody typed it with another keyboard.
    """
    if not isinstance(text, str):
        return ""
    letters = _OTHER.sub("", plain_letters(text)).upper()
    return "".join(
        str(unicodedata.decimal(letter)) if not letter.isascii() and letter.isdecimal() else letter
        for letter in letters
    )
