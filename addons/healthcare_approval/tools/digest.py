"""What was approved, as a digest: two states with one digest are the same state."""

import hashlib
import json
from datetime import date, datetime


def canonical_text(value):
    """Return ``value`` as JSON text that is the same for the same content.

    Keys are sorted, there are no blanks, floats are the shortest decimal text that means them
    (``repr``), dates and times are ISO 8601.

    :raises TypeError: for values that are no JSON
    """
    return json.dumps(jsonable(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(value):
    """Return the SHA-256 of :func:`canonical_text`, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_text(value).encode()).hexdigest()


def jsonable(value):
    """Return ``value`` with floats, dates and times as text, tuples and sets as lists.

    What went through a JSON column and what did not compare equal then. 5.0 and 5 are one.
    """
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(jsonable(item) for item in value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value


def field_value(record, name):
    """Return a field's value as JSON: records by their ids, an empty value as ``None``."""
    field, value = record._fields[name], record[name]
    if field.type == "many2one":
        return value.id or None
    if field.type in ("one2many", "many2many"):
        return sorted(value.ids)
    if field.type == "boolean":
        return bool(value)
    if field.type == "binary":
        return hashlib.sha256(value).hexdigest() if value else None
    if field.type in ("float", "monetary"):
        return jsonable(float(value or 0.0))
    if field.type == "integer":
        return value
    return jsonable(value) if value not in (False, "") else None
