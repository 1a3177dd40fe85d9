"""Packaging strings of price lists and catalogues. Pure functions."""

import re

MAX_LEVELS = 8
MAX_FACTOR = 10**9
MAX_LENGTH = 200

_LEVEL = re.compile(r"([A-Za-z][A-Za-z0-9]{1,2})(?:\s+([0-9]{1,9}))?", re.ASCII)


class PackagingStringError(ValueError):
    """A packaging string that cannot be read; the text says which part and why."""


def parse_packaging_string(text):
    """Parse ``EA 10/BX 25/CS`` into ``[("EA", 1), ("BX", 10), ("CS", 250)]``.

    Each part is a unit and, but for the last, how many of it are in the next one:
    10 EA per BX, 25 BX per CS. The result has each unit with its cumulative factor to the
    first one, smallest first, codes as written (in capitals).

    :raises PackagingStringError: nothing there, an unreadable part, a missing or zero count,
        a count after the last unit, a unit twice, more than ``MAX_LEVELS`` levels
    """
    if not isinstance(text, str) or not text.strip():
        raise PackagingStringError("the packaging string is empty")
    if len(text) > MAX_LENGTH:
        raise PackagingStringError(f"the packaging string is longer than {MAX_LENGTH} characters")
    parts = [part.strip() for part in text.split("/")]
    if len(parts) > MAX_LEVELS:
        raise PackagingStringError(f"more than {MAX_LEVELS} packaging levels")
    levels, seen, factor = [], set(), 1
    for position, part in enumerate(parts, start=1):
        match = _LEVEL.fullmatch(part)
        if not match:
            raise PackagingStringError(f"part {position} ({part!r}) is not like 'EA 10' or 'CS'")
        code, count = match.group(1).upper(), match.group(2)
        if code in seen:
            raise PackagingStringError(f"unit {code} is named twice")
        seen.add(code)
        levels.append((code, factor))
        last = position == len(parts)
        if last and count is not None:
            raise PackagingStringError(f"{code} is the last unit, and {count} of it are in nothing")
        if not last and count is None:
            raise PackagingStringError(
                f"part {position} ({part!r}) does not say how many are in the next unit"
            )
        if not last:
            factor *= int(count)
            if not 0 < factor <= MAX_FACTOR:
                raise PackagingStringError(f"part {position} ({part!r}) makes a factor of {factor}")
    return levels
