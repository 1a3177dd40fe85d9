"""Lot and serial numbers as people and systems write them. Pure functions."""

import re
import unicodedata

_OTHER = re.compile(r"[\W_]+")
#: Capitals of other scripts that look like Latin ones (Unicode TS 39, confusables).
_LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001
    "ABESIJKMHOPCTYXQWABEZHIKMNOPTYX",
)


def normalise_lot(text):
    """Return the letters and digits of a lot or serial number in capitals, ``""`` for none.

    ``lot-a 117`` and ``LOTA117`` are one: what a label separates, a list often does not. So are
    wide and accented forms (Unicode NFKD), digits of other scripts, and Cyrillic and Greek letters
    that look like Latin ones: a recalled lot does not pass because somebody typed it with another
    keyboard.
    """
    if not isinstance(text, str):
        return ""
    letters = _OTHER.sub("", unicodedata.normalize("NFKD", text)).upper().translate(_LOOK_ALIKES)
    return "".join(
        str(unicodedata.decimal(letter)) if not letter.isascii() and letter.isdecimal() else letter
        for letter in letters
    )
