"""What an attempt says about the partner: there, not there, or nothing.

Only what happened between us and the partner counts: a document that the partner refuses
(``rejected``) proves that it is there, one that cannot be rendered (``data``) says nothing, and
neither does our own trouble.
"""

from odoo.tools import SQL

#: Kinds of failure after which the next document would most likely fail, too.
DOWN_KINDS = ("transient", "auth", "config")
#: Kinds of failure that are an answer.
ALIVE_KINDS = ("rejected", "duplicate", "rate_limited")
#: Codes of our own trouble: the partner had no part in it.
OWN_CODES = ("stopped", "lease_expired", "odoo_unavailable", "odoo_refused")

#: HTTP statuses whose ``Retry-After`` is about the partner and not about one document (RFC 9110
#: section 10.2.3, RFC 6585 section 4).
_WAIT_STATUSES = (429, 503)


def is_alive(attempt):
    """Whether an attempt (dict with ``outcome``, ``error_kind``, ``error_code``) was answered."""
    return attempt["outcome"] == "delivered" or attempt["error_kind"] in ALIVE_KINDS


def is_down(attempt):
    """Whether an attempt failed because the partner, or the way to it, is not there."""
    return (
        attempt["outcome"] != "delivered"
        and attempt["error_kind"] in DOWN_KINDS
        and attempt["error_code"] not in OWN_CODES
    )


def asks_to_wait(attempt):
    """Whether the partner asked for a pause of all that is sent to it."""
    return attempt["error_kind"] == "rate_limited" or (
        attempt["retry_after_seconds"] > 0 and attempt["http_status"] in _WAIT_STATUSES
    )


def alive_sql(alias):
    """Return :func:`is_alive` as a condition on a row of the attempts' table."""
    return SQL(
        "(%(a)s.outcome = 'delivered' OR COALESCE(%(a)s.error_kind, '') = ANY(%(kinds)s))",
        a=SQL.identifier(alias),
        kinds=list(ALIVE_KINDS),
    )


def down_sql(alias):
    """Return :func:`is_down` as a condition on a row of the attempts' table."""
    return SQL(
        "(%(a)s.outcome <> 'delivered' AND COALESCE(%(a)s.error_kind, '') = ANY(%(kinds)s)"
        " AND COALESCE(%(a)s.error_code, '') <> ALL(%(codes)s))",
        a=SQL.identifier(alias),
        kinds=list(DOWN_KINDS),
        codes=list(OWN_CODES),
    )
