"""A quick answer to whether a JSON value is valid, for the keywords that our schemas use.

jsonschema says what is wrong, and takes seconds for a price file's portion of 5 000 lines. Nearly all
documents are valid: this says so in a fraction of the time, and leaves the rest to jsonschema. It
never takes an invalid value for a valid one; a keyword it does not know makes it give up.
"""

import re

#: Keywords that say nothing about validity here.
_NOTES = {"$id", "$schema", "$defs", "title", "description", "contentEncoding"}
_TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}


class Unsupported(Exception):
    """A schema uses what is not known here."""


def compile_schema(node, base, resolve, formats):
    """Return a function that says whether a value is valid.

    :param node: JSON Schema (2020-12) of ours.
    :param base: name of the schema that it stands in, for its references.
    :param resolve: ``(node, base) -> (base, node)`` of what a node with ``$ref`` refers to.
    :param formats: ``{name: function}``; a function raises ValueError or returns False.
    :raise Unsupported: a keyword is not known.
    """
    return _Compiler(resolve, formats).check(node, base)


class _Compiler:
    def __init__(self, resolve, formats):
        self._resolve = resolve
        self._formats = formats
        self._known = {}

    def check(self, node, base):
        if "$ref" in node:
            if set(node) - _NOTES - {"$ref"}:
                raise Unsupported("keywords beside $ref")
            base, node = self._resolve(node, base)
        key = id(node)
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._all(node, base)
        elif self._known[key] is None:
            raise Unsupported("a schema that refers to itself")
        return self._known[key]

    def _all(self, node, base):
        handled = {"properties", "required", "additionalProperties"}
        checks = []
        if handled & node.keys():
            checks.append(self._object(node, base))
        for keyword, value in node.items():
            if keyword in _NOTES or keyword in handled:
                continue
            method = getattr(self, f"_check_{keyword}", None)
            if method is None:
                raise Unsupported(keyword)
            checks.append(method(value, base))
        if len(checks) == 1:
            return checks[0]
        checks = tuple(checks)

        return lambda value: all(one(value) for one in checks)

    def _object(self, node, base):
        properties = {name: self.check(child, base) for name, child in node.get("properties", {}).items()}
        required = tuple(node.get("required", ()))
        if node.get("additionalProperties", True) is not False:
            raise Unsupported("open objects")

        def check(value):
            if not isinstance(value, dict):
                return True
            for name in required:
                if name not in value:
                    return False
            for name, child in value.items():
                own = properties.get(name)
                if own is None or not own(child):
                    return False
            return True

        return check

    def _check_type(self, name, base):
        if name not in _TYPES:
            raise Unsupported(f"type {name}")
        return _TYPES[name]

    def _check_const(self, expected, base):
        if not isinstance(expected, str):
            raise Unsupported("const")
        return lambda value: isinstance(value, str) and value == expected

    def _check_enum(self, values, base):
        if not all(isinstance(value, str) for value in values):
            raise Unsupported("enum")
        allowed = frozenset(values)
        return lambda value: isinstance(value, str) and value in allowed

    def _check_pattern(self, pattern, base):
        # As ECMAScript means it: ``$`` is the end, not "before a last newline".
        search = re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), re.ASCII).search
        return lambda value: not isinstance(value, str) or bool(search(value))

    def _check_minLength(self, length, base):
        return lambda value: not isinstance(value, str) or len(value) >= length

    def _check_maxLength(self, length, base):
        return lambda value: not isinstance(value, str) or len(value) <= length

    def _check_minimum(self, limit, base):
        return lambda value: not isinstance(value, int) or value >= limit

    def _check_maximum(self, limit, base):
        return lambda value: not isinstance(value, int) or value <= limit

    def _check_maxItems(self, count, base):
        return lambda value: not isinstance(value, list) or len(value) <= count

    def _check_items(self, node, base):
        own = self.check(node, base)

        def check(value):
            if isinstance(value, list):
                for item in value:
                    if not own(item):
                        return False
            return True

        return check

    def _check_anyOf(self, nodes, base):
        choices = tuple(self.check(node, base) for node in nodes)
        return lambda value: any(choice(value) for choice in choices)

    def _check_format(self, name, base):
        function = self._formats.get(name)
        if function is None:
            raise Unsupported(f"format {name}")

        def check(value):
            try:
                return bool(function(value))
            except ValueError:
                return False

        return check
