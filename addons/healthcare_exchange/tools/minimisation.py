"""Which fields of a document may leave. Pure: no database.

A path names a field of a document type's schema: ``lines[].item.gtin``. ``[]`` stands for every
item of a list. Only leaves are allowed or not; a container leaves with what is allowed in it.
"""

import functools
import json
from pathlib import Path

from . import canonical

_SHIPPED = Path(__file__).resolve().parent.parent / "data" / "minimisation.json"


@functools.cache
def schema_nodes(document_type):
    """Return the fields of a document type in the schema's order, containers before their fields.

    :return: tuple of dicts with ``path``, ``name``, ``parent`` (path, ``""`` at the top),
        ``level`` (from 0), ``leaf`` and ``required`` (the schema asks for it where its container
        is sent).
    """
    nodes = []
    _collect(canonical.schema(document_type), document_type, "", 0, nodes)
    return tuple(nodes)


def _collect(schema, document_type, parent, level, nodes):
    base, schema = canonical.resolve(schema, document_type)
    required = schema.get("required", ())
    for name, child in schema.get("properties", {}).items():
        child_base, resolved = canonical.resolve(child, base)
        path = f"{parent}.{name}" if parent else name
        while resolved.get("type") == "array":
            path += "[]"
            child_base, resolved = canonical.resolve(resolved["items"], child_base)
        leaf = "properties" not in resolved
        nodes.append(
            {
                "path": path,
                "name": name,
                "parent": parent,
                "level": level,
                "leaf": leaf,
                "required": name in required,
            }
        )
        if not leaf:
            _collect(resolved, child_base, path, level + 1, nodes)


@functools.cache
def leaves(document_type):
    """Return the paths of all leaves as a frozenset."""
    return frozenset(node["path"] for node in schema_nodes(document_type) if node["leaf"])


@functools.cache
def _shipped():
    return json.loads(_SHIPPED.read_text(encoding="utf-8"))


@functools.cache
def business_required(document_type):
    """Return the leaves without which a document of this type says nothing, as a frozenset."""
    rules = _shipped()["types"].get(document_type, {})
    always = {node["path"] for node in schema_nodes(document_type) if node["required"] and not node["parent"]}
    return frozenset(always | _expand(document_type, rules.get("required", ())))


@functools.cache
def default_paths(document_type):
    """Return the leaves that leave unless an endpoint says otherwise, as a frozenset.

    The least that the document is good for. A type without a shipped list sends only what its
    schema requires.
    """
    rules = _shipped()["types"].get(document_type, {})
    paths = _expand(document_type, rules.get("allowed", ()))
    paths -= _expand(document_type, rules.get("except", ()))
    return frozenset(complete(document_type, paths | business_required(document_type)))


@functools.cache
def sensitive(document_type):
    """Return the leaves that say something about persons, patients or bank accounts."""
    names = set(_shipped()["sensitive"])
    return frozenset(
        path
        for path in leaves(document_type)
        if names & {part.replace("[]", "") for part in path.split(".")}
        or any(path.replace("[]", "").endswith(name) for name in names if "." in name)
    )


def _expand(document_type, patterns):
    """Return the leaves at or below the given paths."""
    found = set()
    for pattern in patterns:
        below = {
            path
            for path in leaves(document_type)
            if path == pattern or path.startswith((f"{pattern}.", f"{pattern}[]"))
        }
        if not below:
            raise ValueError(f"{document_type} has no field {pattern}")
        found |= below
    return found


def complete(document_type, paths):
    """Return ``paths`` with what the schema requires beside them in the same container."""
    result = set(paths)
    grown = True
    while grown:
        grown = False
        containers = {prefix for path in result for prefix in _containers(path)}
        for node in schema_nodes(document_type):
            reached = not node["parent"] or node["parent"] in containers
            if node["required"] and node["leaf"] and reached and node["path"] not in result:
                result.add(node["path"])
                grown = True
    return result


def _containers(path):
    parts = path.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts))}


def problems(document_type, paths):
    """Return what is wrong with a choice of fields.

    :return: ``(unknown, missing)``: paths that the schema does not have, and required ones that
        were left out; both sorted, empty when the choice is fine.
    """
    unknown = sorted(set(paths) - leaves(document_type))
    needed = complete(document_type, set(paths) | business_required(document_type))
    return unknown, sorted(needed - set(paths))


def minimise(document, allowed):
    """Return a copy of a document with the allowed leaves only.

    :param document: canonical document, valid against its schema.
    :param allowed: set of paths.
    """
    return _minimise(document, "", allowed)


def paths_of(document):
    """Return the set of leaves that a document has."""
    found, stack = set(), [(document, "")]
    while stack:
        value, path = stack.pop()
        if isinstance(value, dict):
            stack.extend((child, f"{path}.{name}" if path else name) for name, child in value.items())
        elif isinstance(value, list) and path != "notes":
            stack.extend((child, f"{path}[]") for child in value)
        else:
            found.add(path)
    return found


def _minimise(value, path, allowed):
    if isinstance(value, dict):
        kept = {}
        for name, child in value.items():
            below = f"{path}.{name}" if path else name
            child = _minimise(child, below, allowed)
            if child is not None:
                kept[name] = child
        # An empty object is no field of its own: what it held may not leave.
        return kept if kept or not path else None
    if isinstance(value, list):
        if path in allowed:
            # Notes may be one text or a list of texts.
            return value
        items = [item for item in (_minimise(one, f"{path}[]", allowed) for one in value) if item is not None]
        return items or None
    return value if path in allowed else None
