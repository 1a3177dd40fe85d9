"""What error codes mean and what to do about them: the service's table, generated from it."""

import json
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "data" / "errors.json"


@cache
def table():
    """Return ``{code: {"kind", "retryable", "title", "hint"}}``, written by ``npm run gen``."""
    return json.loads(_FILE.read_text(encoding="utf-8"))


def explain(code):
    """Return ``(title, hint)`` of an error code; both empty for codes that are not in the table."""
    entry = table().get(code or "", {})
    return entry.get("title", ""), entry.get("hint", "")
