"""How alike a supplier and an excluded party are: a score with its reasons. Pure functions."""

#: From this score on a person looks at it.
POSSIBLE = 0.60
#: Names less alike than this are not looked at, wherever they are.
NAME_FLOOR = 0.50
#: The same for persons who are contacts of a supplier, for many persons share a name.
PERSON_FLOOR = 0.85
#: Streets from this similarity on are the same.
STREET_FLOOR = 0.60

_NAME_WEIGHT = 0.80
_PLACE = {"zip": 0.15, "city": 0.10, "state": 0.05}
_STREET = 0.05
#: In another state there may still be a branch: less sure, not excluded.
_OTHER_STATE = -0.10
#: Below this similarity the postal code has to be the same: what else agrees would not reach
#: :data:`POSSIBLE`, but for street and town together.
NAME_ALONE = 0.60


def judge(hit):
    """Return ``(score, reasons)`` of one pair, score from 0 to 1 with three digits.

    :param hit: dict with ``name_similarity``, ``street_similarity`` (0 to 1), ``is_contact``, our
        ``name``, ``name_key``, ``zip``, ``city``, ``state``, ``country``; theirs with ``entry_``
        before; ``numbers``: list of (scheme, value) that are the same
    :return: reasons are ``{"kind", "points", "ours", "theirs"}``; a shared number is sure: 1.0
    """
    reasons = [
        {"kind": scheme, "points": 1.0, "ours": value, "theirs": value} for scheme, value in hit["numbers"]
    ]
    similarity = hit["name_similarity"] or 0.0
    floor = PERSON_FLOOR if hit["is_contact"] else NAME_FLOOR
    points = 0.0
    if similarity >= floor:
        points = _NAME_WEIGHT * similarity
        reasons.append(
            {
                "kind": "name",
                "points": round(points, 3),
                "similarity": round(similarity, 3),
                "ours": hit["name_key"],
                "theirs": hit["entry_name_key"],
            }
        )
    for kind, value in _place_points(hit):
        points += value
        reasons.append(
            {
                "kind": kind,
                "points": value,
                "ours": hit.get(_SHOWN.get(kind, kind)) or "",
                "theirs": hit.get(f"entry_{_SHOWN.get(kind, kind)}") or "",
            }
        )
    score = 1.0 if hit["numbers"] else min(1.0, max(0.0, points))
    if not hit["numbers"] and similarity < floor:
        score = 0.0
    return round(score, 3), reasons


_SHOWN = {"other_state": "state"}


def _place_points(hit):
    """Yield ``(kind, points)`` of where the two are."""
    state, other = hit["state"], hit["entry_state"]
    if hit["zip"] and hit["zip"] == hit["entry_zip"]:
        yield "zip", _PLACE["zip"]
    elif hit["city"] and hit["city"] == hit["entry_city"] and (not state or not other or state == other):
        yield "city", _PLACE["city"]
    elif state and other:
        if state == other:
            yield "state", _PLACE["state"]
        else:
            yield "other_state", _OTHER_STATE
    if hit["street"] and hit["entry_street"] and (hit["street_similarity"] or 0) >= STREET_FLOOR:
        yield "street", _STREET
