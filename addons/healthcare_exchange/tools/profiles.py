"""Connector profiles: what an endpoint can be, declared in the integration service.

``data/profiles.json`` is generated from its connectors (``npm run gen``).
"""

import functools
import json
from pathlib import Path

from jsonschema import Draft202012Validator

_FILE = Path(__file__).resolve().parent.parent / "data" / "profiles.json"
_TYPES = {"number": float, "integer": int}


@functools.cache
def profiles():
    """Return ``{id: profile}``; a profile has ``id``, ``title``, ``description``, ``transport``,
    ``format``, ``settings`` (JSON Schema), ``sample_settings``, ``outbound``, ``inbound`` (document
    types) and ``credentials`` (kinds by direction)."""
    return {profile["id"]: profile for profile in json.loads(_FILE.read_text(encoding="utf-8"))}


def settings_problems(profile_id, settings):
    """Return what is wrong with an endpoint's settings, one sentence each with the setting's name.

    A setting may be given by name instead: ``base_url_setting`` says under which name the
    integration service's own configuration has ``base_url``.

    :param settings: a dict.
    :raise KeyError: there is no such profile.
    """
    schema = profiles()[profile_id]["settings"]
    named = {name for name in schema.get("required", ()) if settings.get(f"{name}_setting")}
    schema = {**schema, "required": [name for name in schema.get("required", ()) if name not in named]}
    problems = []
    for error in Draft202012Validator(schema).iter_errors(settings):
        path = ".".join(map(str, error.absolute_path))
        if error.validator == "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            path = ".".join(filter(None, (path, missing[0])))
            problems.append(f"{path} is missing")
        else:
            problems.append(f"{path}: {error.message[:200]}" if path else error.message[:200])
    return sorted(set(problems))


def setting_lines(profile_id):
    """Return the settings of a profile as flat lines, nested ones under dotted names.

    :return: list of dicts with ``name`` (``sender.id``), ``title``, ``help``, ``type``
        (``string``, ``number``, ``integer``, ``boolean``), ``choices`` (list, may be empty) and
        ``required``.
    """
    return list(_lines(profiles()[profile_id]["settings"], "", "", True))


def _lines(schema, prefix, title, required):
    for name, about in schema["properties"].items():
        path, label = prefix + name, about.get("title") or name.replace("_", " ").capitalize()
        label = f"{title}: {label}" if title else label
        needed = required and name in schema.get("required", ())
        if about.get("type") == "object":
            yield from _lines(about, f"{path}.", label, needed)
            continue
        yield {
            "name": path,
            "title": label,
            "help": about.get("description", ""),
            "type": about.get("type", "string"),
            "choices": [str(choice) for choice in about.get("enum", ())],
            "required": needed,
        }


def settings_of(lines):
    """Return the settings that flat lines stand for; empty values are left out.

    :param lines: iterable of ``(name, type, text)``.
    :raise ValueError: a text is no number where one is wanted; the message names the setting.
    """
    settings = {}
    for name, kind, text in lines:
        text = (text or "").strip()
        if not text:
            continue
        *parents, last = name.split(".")
        place = settings
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = _value(name, kind, text)
    return settings


def flat_values(settings):
    """Return ``{dotted name: text}`` of settings, the reverse of :func:`settings_of`."""
    values, stack = {}, [("", settings or {})]
    while stack:
        prefix, item = stack.pop()
        for name, value in item.items():
            if isinstance(value, dict):
                stack.append((f"{prefix}{name}.", value))
            else:
                values[f"{prefix}{name}"] = json.dumps(value) if not isinstance(value, str) else value
    return values


def _value(name, kind, text):
    if kind == "boolean":
        return text.lower() in ("true", "yes", "1")
    if kind not in _TYPES:
        return text
    try:
        number = _TYPES[kind](text)
    except ValueError as error:
        raise ValueError(f"{name}: {text} is not a number") from error
    # 30.0 is 30 for everybody else who reads it.
    return int(number) if number == int(number) else number
