"""Which texts can be a credential, and how new ones are made. Pure: no database.

Messages of :class:`SecretError` name the rule, never the text.
"""

import base64
import binascii
import re
import secrets

#: Characters of a token in a header (RFC 6750, section 2.1, and what partners really give out).
_HEADER_TOKEN = re.compile(r"[\x21-\x7e]+\Z")
#: b64token of RFC 6750: what we can ask a partner to present.
_BEARER_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*\Z")
_WEBHOOK_PREFIX = "whsec_"
_MAX_LENGTH = 4096
#: Shortest secret that others present to us, so that it cannot be guessed.
_MIN_INBOUND = 24
#: Bytes of a webhook secret (Standard Webhooks, "Signature scheme").
_WEBHOOK_BYTES = (24, 64)


class SecretError(ValueError):
    """A text that cannot be this kind of credential."""


def check_secret(secret, kind, direction):
    """Return a typed secret without surrounding space.

    :raise SecretError: empty, too long, too short, or with characters that it cannot have.
    """
    secret = (secret or "").strip() if isinstance(secret, str) else ""
    if not secret:
        raise SecretError("the secret is empty")
    if len(secret) > _MAX_LENGTH:
        raise SecretError(f"the secret is longer than {_MAX_LENGTH} characters")
    if kind == "webhook_secret":
        return _check_webhook_secret(secret)
    if not _HEADER_TOKEN.match(secret):
        raise SecretError("the secret may hold printable ASCII characters without spaces only")
    if direction == "inbound":
        if kind == "bearer" and not _BEARER_TOKEN.match(secret):
            raise SecretError("a bearer token holds letters, digits and - . _ ~ + / only (RFC 6750)")
        if len(secret) < _MIN_INBOUND:
            raise SecretError(f"what partners present needs at least {_MIN_INBOUND} characters; generate it")
    return secret


def _check_webhook_secret(secret):
    try:
        key = base64.b64decode(secret.removeprefix(_WEBHOOK_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SecretError("a webhook secret is whsec_ and base64 (Standard Webhooks)") from error
    least, most = _WEBHOOK_BYTES
    if not least <= len(key) <= most:
        raise SecretError(f"a webhook secret has {least} to {most} bytes (Standard Webhooks)")
    return secret


def new_secret(kind):
    """Return a new secret of 256 bits in the form of its kind."""
    if kind == "webhook_secret":
        return _WEBHOOK_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    return secrets.token_urlsafe(32)
