"""How alike two records of suppliers are: a score with its reasons. Pure functions."""

#: From this score on a person looks at the two, side by side.
SIMILAR = 0.60
#: Names less alike than this are two names, wherever they are.
NAME_FLOOR = 0.45
#: Below this similarity the postal code has to be the same.
NAME_ALONE = 0.60
#: Streets from this similarity on are the same.
STREET_FLOOR = 0.60

_NAME_WEIGHT = 0.80
_ZIP, _CITY, _STREET = 0.12, 0.08, 0.10
_OTHER_COUNTRY = -0.15


def judge(pair):
    """Return ``(score, reasons)`` of two records, score from 0 to 1 with three digits.

    :param pair: dict with ``similarity``, ``street_similarity`` (0 to 1) and, of both sides,
        ``name_key``, ``street``, ``city``, ``zip``, ``country``; of the other with ``other_`` before
    :return: reasons are ``{"kind", "points", "ours", "theirs"}``
    """
    similarity = pair["similarity"]
    if similarity < NAME_FLOOR:
        return 0.0, []
    reasons = [_reason(pair, "name", _NAME_WEIGHT * similarity, "name_key", round(similarity, 3))]
    if pair["zip"] and pair["zip"] == pair["other_zip"]:
        reasons.append(_reason(pair, "zip", _ZIP, "zip"))
    elif pair["city"] and pair["city"] == pair["other_city"]:
        reasons.append(_reason(pair, "city", _CITY, "city"))
    if pair["street"] and pair["other_street"] and (pair["street_similarity"] or 0) >= STREET_FLOOR:
        reasons.append(_reason(pair, "street", _STREET, "street"))
    if pair["country"] and pair["other_country"] and pair["country"] != pair["other_country"]:
        reasons.append(_reason(pair, "other_country", _OTHER_COUNTRY, "country"))
    score = sum(reason["points"] for reason in reasons)
    return round(min(1.0, max(0.0, score)), 3), reasons


def _reason(pair, kind, points, column, similarity=None):
    reason = {
        "kind": kind,
        "points": round(points, 3),
        "ours": pair[column],
        "theirs": pair[f"other_{column}"],
    }
    if similarity is not None:
        reason["similarity"] = similarity
    return reason
