"""Text from outside, made fit for PostgreSQL."""

# PostgreSQL's text and jsonb take neither NUL nor half of a surrogate pair.
_NUL = "\x00"


def clean_text(value, limit=1000):
    """Return ``value`` as text that can be stored: no NUL, no lone surrogate, bounded.

    :param value: anything; false values give ``""``.
    :param limit: largest length in characters.
    """
    if not value:
        return ""
    text = value if isinstance(value, str) else str(value)
    text = text[:limit].replace(_NUL, "")
    return text.encode("utf-8", "replace").decode("utf-8")


def storable(value):
    """Whether a string can be stored by PostgreSQL unchanged."""
    if _NUL in value:
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
