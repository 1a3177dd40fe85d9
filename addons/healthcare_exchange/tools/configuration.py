"""Endpoint configurations as files: reading and checking them. Pure: no database."""

import functools
import json
from pathlib import Path

from jsonschema import Draft202012Validator

from .canonical import unstorable

FORMAT = "healthcare-exchange-configuration"
VERSION = 1
#: Largest file read, in bytes.
MAX_SIZE = 8 * 1024 * 1024

_SCHEMA = Path(__file__).resolve().parent.parent / "data" / "configuration.schema.json"
_MAX_PROBLEMS = 20


class ConfigurationError(ValueError):
    """The file is no configuration; the message says what is wrong and where."""


@functools.cache
def _validator():
    return Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def dumps(configuration):
    """Return a configuration as the bytes of a file: the same for the same configuration."""
    text = json.dumps(configuration, indent=2, sort_keys=True, ensure_ascii=False)
    return f"{text}\n".encode()


def loads(content):
    """Read a file.

    :param content: bytes, UTF-8.
    :return: the configuration, valid against its schema.
    :raise ConfigurationError: it is none.
    """
    if len(content) > MAX_SIZE:
        raise ConfigurationError(f"the file is larger than {MAX_SIZE} bytes")
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"the file is not JSON in UTF-8: {error}") from error
    reason = unstorable(value)
    if reason:
        raise ConfigurationError(f"the file cannot be read: {reason}")
    errors = sorted(_validator().iter_errors(value), key=lambda error: error.json_path)
    if errors:
        raise ConfigurationError(
            "\n".join(
                f"{error.json_path.removeprefix('$.')}: {error.message[:300]}"
                for error in errors[:_MAX_PROBLEMS]
            )
        )
    return value
