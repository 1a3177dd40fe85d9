"""Which state an attempt leaves a message in."""

from datetime import timedelta

from . import partner_health
from .backoff import MAX_PAUSE, full_jitter

#: Kinds of failure that somebody has to see to: looked at again after longer waits than those that
#: pass by themselves, within the endpoint's longest.
_SLOWER = {"auth": 4, "config": 4, "bug": 4}


def judge(item, row):
    """Return the attempt as it is recorded, with the message's next state.

    :param item: a result of ``report``, in uniform shape.
    :param row: dict of the message under its lease: ``id``, ``endpoint_id``, ``company_id``,
        ``document_type``, ``leased_by``, ``leased_at``, ``attempt_count``, ``spared_count``; of
        its endpoint ``max_attempts``, ``retry_base_seconds``, ``retry_max_seconds``; ``breaker``
        of its flow, and ``now``.
    :return: ``item`` and ``row``'s identity with ``state``, ``next_attempt_at``, ``spared``,
        ``errors``.
    """
    failures = row["attempt_count"] + 1
    spared = _is_spared(item, row)
    due = None
    if item["outcome"] == "delivered":
        state = "acknowledged" if item["acknowledged"] else "sent"
    elif not item["retryable"]:
        state = "rejected" if item["outcome"] == "not_sent" else "dead"
    elif failures - row["spared_count"] - spared >= row["max_attempts"]:
        state = "dead"
    else:
        state = "retry"
        due = row["now"] + timedelta(seconds=_wait(item, row, failures))
    failed = item["outcome"] != "delivered"
    error = {
        "code": item["error_code"] or "error",
        "message": item["message"] or "",
        "path": "",
        "line": "",
    }
    return {
        **item,
        "id": row["id"],
        "endpoint_id": row["endpoint_id"],
        "company_id": row["company_id"],
        "document_type": row["document_type"],
        "leased_by": row["leased_by"],
        "started_at": item["started_at"] or row["leased_at"] or row["now"],
        "state": state,
        "spared": spared,
        "next_attempt_at": due,
        "errors": [error] if failed else None,
        "error_code": item["error_code"] if failed else None,
    }


def _wait(item, row, failures):
    if _is_given_back(item):
        return 0
    return full_jitter(
        failures,
        row["retry_base_seconds"] * _SLOWER.get(item["error_kind"], 1),
        row["retry_max_seconds"],
        min(item["retry_after_seconds"], MAX_PAUSE),
    )


def _is_given_back(item):
    """Whether a worker that was stopped did not begin with the message."""
    return item["outcome"] == "not_sent" and item["error_code"] == "stopped"


def _is_spared(item, row):
    """Whether a failure does not count towards ``max_attempts``: it says nothing of this document
    that was not known of its partner."""
    if item["outcome"] == "delivered" or not item["retryable"]:
        return False
    if item["error_kind"] == "rate_limited" or _is_given_back(item):
        return True
    return row["breaker"] not in (None, "closed") and partner_health.is_down(item)
