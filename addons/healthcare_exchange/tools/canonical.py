"""Validation of canonical documents against their JSON Schemas (Draft 2020-12).

The schemas lie in ``data/schemas`` and are generated from the integration service's. Nothing is
ever fetched: a reference that is not among them is an error of the schemas.
"""

import functools
import json
import re
from datetime import date, datetime
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker, validators
from jsonschema.exceptions import ValidationError as SchemaError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from .schema_check import Unsupported, compile_schema
from .text import storable

#: Levels of nesting, container nodes and findings beyond which looking further helps nobody.
MAX_DEPTH = 32
MAX_NODES = 2_000_000
MAX_ERRORS = 50

_SCHEMAS = Path(__file__).resolve().parent.parent / "data" / "schemas"
_SUFFIX = ".schema.json"

_formats = FormatChecker(formats=())


@_formats.checks("date", raises=ValueError)
def _is_date(value):
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value):
    if not isinstance(value, str):
        return True
    # Python 3.10 reads no "Z" and only three or six digits of a second.
    text = re.sub(r"\.\d+", "", value.upper()).replace("Z", "+00:00")
    return "T" in text and datetime.fromisoformat(text).tzinfo is not None


def _pattern(validator, pattern, instance, schema):
    """``pattern`` as ECMAScript means it: ``$`` is the end, not "before a last newline"."""
    if not validator.is_type(instance, "string"):
        return
    if not re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), instance, re.ASCII):
        yield SchemaError(f"{_shown(instance)} does not match {pattern}")


_Validator = validators.extend(Draft202012Validator, {"pattern": _pattern})


@functools.cache
def _registry():
    resources = {}
    for path in sorted(_SCHEMAS.glob(f"*{_SUFFIX}")):
        contents = json.loads(path.read_text(encoding="utf-8"))
        # A schema that names its dialect would be checked by that dialect's stock validator.
        contents.pop("$schema", None)
        resource = Resource.from_contents(contents, default_specification=DRAFT202012)
        resources[path.name] = resource
        if resource.id():
            resources[resource.id()] = resource
    return Registry().with_resources(resources.items())


@functools.cache
def document_types():
    """Return the names of all document types that have a schema, as a sorted tuple."""
    names = (path.name.removesuffix(_SUFFIX) for path in _SCHEMAS.glob(f"*{_SUFFIX}"))
    return tuple(sorted(name for name in names if name != "common"))


def schema(document_type):
    """Return the JSON Schema of a document type; not to be changed."""
    return _registry().contents(f"{document_type}{_SUFFIX}")


def resolve(node, base):
    """Follow the ``$ref`` of a schema node.

    :param base: file of schemas that the node stands in, without its suffix.
    :return: ``(base, node)`` of what it refers to; itself where it refers to nothing.
    """
    while "$ref" in node:
        file, _hash, pointer = node["$ref"].partition("#")
        base = file.removesuffix(_SUFFIX) or base
        node = schema(base)
        for part in pointer.split("/")[1:]:
            node = node[part]
    return base, node


@functools.cache
def _validator(document_type):
    return _Validator(
        {"$ref": f"{document_type}{_SUFFIX}"},
        registry=_registry(),
        format_checker=_formats,
    )


@functools.cache
def _quick(document_type):
    """Return the function that knows a valid document quickly; None where there is none."""
    try:
        return compile_schema(
            schema(document_type), document_type, resolve, {"date": _is_date, "date-time": _is_date_time}
        )
    except Unsupported:
        return None


def unstorable(value):
    """Return why a JSON value cannot be stored and looked at safely, or ``""``.

    Checked without recursion: nesting (:data:`MAX_DEPTH`), size (:data:`MAX_NODES`), text that
    PostgreSQL refuses (NUL, lone surrogates) and numbers that are none (NaN, Infinity).
    """
    nodes = 0
    stack = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        nodes += 1
        if depth > MAX_DEPTH:
            return f"nested deeper than {MAX_DEPTH} levels"
        if nodes > MAX_NODES:
            return f"more than {MAX_NODES} values"
        if isinstance(item, dict):
            if not all(isinstance(key, str) and storable(key) for key in item):
                return "the name of a field has characters that are not allowed"
            stack.extend((child, depth + 1) for child in item.values())
        elif isinstance(item, list | tuple):
            stack.extend((child, depth + 1) for child in item)
        elif isinstance(item, str):
            if not storable(item):
                return "a text has characters that are not allowed (NUL or half a surrogate pair)"
        elif isinstance(item, float) and not _finite(item):
            return "a number is not finite"
    return ""


def validate(document):
    """Return what is wrong with a canonical document; an empty list means that it is valid.

    Never raises on bad data.

    :param document: the parsed JSON value.
    :return: list of ``{"code", "message", "path", "line"}``: ``code`` is ``schema`` or
        ``unsupported_document_type``, ``path`` such as ``lines[0].price.amount``, ``line`` the
        document's own line number where the path lies in a line.
    """
    if not isinstance(document, dict):
        return [_error("schema", "a canonical document is a JSON object")]
    reason = unstorable(document)
    if reason:
        return [_error("schema", f"the document cannot be read: {reason}")]
    document_type = document.get("document_type")
    if not isinstance(document_type, str) or document_type not in document_types():
        known = ", ".join(document_types())
        if document_type is None:
            return [_error("schema", f"document_type is missing; it is one of {known}")]
        message = f"document_type {_shown(document_type)} is not known; it is one of {known}"
        return [_error("unsupported_document_type", message, path="document_type")]
    quick = _quick(document_type)
    if quick and quick(document):
        return []
    errors = []
    for error in _validator(document_type).iter_errors(document):
        errors.append(_from_jsonschema(error, document))
        if len(errors) >= MAX_ERRORS:
            break
    return sorted(errors, key=lambda error: (_natural(error["path"]), error["message"]))


def _finite(number):
    return number == number and number not in (float("inf"), float("-inf"))


def _error(code, message, path="", line=""):
    return {"code": code, "message": message, "path": path, "line": line}


def _from_jsonschema(error, document):
    # The innermost finding of an ``anyOf`` says more than "not valid under any of the schemas".
    while error.context:
        error = min(error.context, key=lambda inner: len(inner.absolute_path))
    parts = list(error.absolute_path)
    message = _sentence(error)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        parts = parts + missing[:1]
    path = _path(parts)
    where = f"{path}: " if path else ""
    return _error("schema", where + message, path, _line(parts, document))


def _sentence(error):
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return "field {} is missing".format(", ".join(missing))
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = [_shown(name) for name in error.instance if name not in known]
        return "field {} is not known here".format(", ".join(unknown))
    if error.validator == "type":
        return f"{_shown(error.instance)} is not of type {error.validator_value}"
    if error.validator == "enum":
        return "{} is not one of {}".format(
            _shown(error.instance), ", ".join(map(str, error.validator_value))
        )
    if error.validator == "const":
        return f"{_shown(error.instance)} must be {_shown(error.validator_value)}"
    if error.validator == "format":
        return f"{_shown(error.instance)} is not a {error.validator_value}"
    return error.message[:300]


def _shown(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def _path(parts):
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else str(part)
    return path


def _line(parts, document):
    if len(parts) >= 2 and parts[0] == "lines" and isinstance(parts[1], int):
        line = document["lines"][parts[1]]
        if isinstance(line, dict):
            return str(line.get("line_number") or "")[:50]
    return ""


def _natural(path):
    return [int(part) if part.isdigit() else -1 for part in re.findall(r"\d+|\D+", path)], path
