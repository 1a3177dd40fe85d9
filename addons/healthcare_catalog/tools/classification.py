"""Classification codes of items: UNSPSC and GMDN. Pure functions."""

import re

_SEPARATORS = re.compile(r"[\s\-.]")
_UNSPSC = re.compile(r"[1-9]\d{7}", re.ASCII)
_GMDN = re.compile(r"[1-9]\d{4}", re.ASCII)


def normalise_unspsc(value):
    """Return a UNSPSC code as its eight digits, or ``None`` when it is none.

    Four pairs: segment (10 or more), family, class, commodity. After a level that is left open
    (``00``) no finer level can be given.
    """
    text = _SEPARATORS.sub("", value) if isinstance(value, str) else ""
    if not _UNSPSC.fullmatch(text):
        return None
    levels = [text[i : i + 2] for i in range(0, 8, 2)]
    named = [level != "00" for level in levels]
    return text if named == sorted(named, reverse=True) else None


def normalise_gmdn(value):
    """Return a GMDN term code (Global Medical Device Nomenclature) as its five digits, or
    ``None`` when it is none."""
    text = _SEPARATORS.sub("", value) if isinstance(value, str) else ""
    return text if _GMDN.fullmatch(text) else None
