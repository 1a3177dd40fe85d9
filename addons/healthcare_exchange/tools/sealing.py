"""Credentials, sealed so that only the integration service can open them.

The construct (docs/decisions/0013) is a sealed box of standard parts: an ephemeral X25519 key
agreement (RFC 7748) with the service's public key, HKDF-SHA256 (RFC 5869), AES-256-GCM
(NIST SP 800-38D). ``scripts/sync/sealing.ts`` is the other half; both are tested with
``tests/sealing_vectors.json``. Odoo has no private key and cannot open what it sealed.
"""

import base64
import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: First byte of sealed bytes: which construct this is.
VERSION = b"\x01"
_INFO = b"hcp credential v1"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class SealingError(ValueError):
    """A public key that cannot be used; the message says why and holds no secret."""


def read_public_key(text):
    """Return the 32 bytes of an X25519 public key.

    :param text: PEM (``openssl pkey -in key.pem -pubout``).
    :raise SealingError: no PEM, a private key, or a key of another kind.
    """
    text = (text or "").strip()
    if "PRIVATE KEY" in text:
        raise SealingError("this is a private key; it belongs to the integration service alone")
    try:
        key = serialization.load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SealingError("this is not a public key in PEM form") from error
    if not isinstance(key, X25519PublicKey):
        raise SealingError("this is not an X25519 key")
    return key.public_bytes_raw()


def key_id(public_key):
    """Return the name of a public key: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def associated_data(endpoint_code, uuid, direction, kind):
    """Return what binds sealed bytes to their credential; none of the parts holds a line break."""
    return "\n".join(("hcp credential v1", endpoint_code, uuid, direction, kind)).encode()


def seal(secret, public_key, data, ephemeral=None):
    """Seal a text for the holder of ``public_key``.

    :param secret: text; its UTF-8 bytes are sealed.
    :param public_key: 32 bytes.
    :param data: from :func:`associated_data`; must be the same for opening.
    :param ephemeral: private key of a test vector; never given otherwise.
    :return: base64 of version, ephemeral public key, ciphertext with its tag.
    :raise SealingError: a public key with which there is no secret agreement (a point of low order).
    """
    ephemeral = ephemeral or X25519PrivateKey.generate()
    ours = ephemeral.public_key().public_bytes_raw()
    try:
        agreed = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError as error:
        raise SealingError("this public key gives no secret agreement") from error
    # The key is used once, so that its nonce may come from the same derivation (as in HPKE).
    derived = HKDF(
        algorithm=hashes.SHA256(), length=_KEY_BYTES + _NONCE_BYTES, salt=ours + public_key, info=_INFO
    ).derive(agreed)
    box = AESGCM(derived[:_KEY_BYTES]).encrypt(derived[_KEY_BYTES:], secret.encode(), data)
    return base64.b64encode(VERSION + ours + box).decode("ascii")


def looks_sealed(text):
    """Whether a text has the form of sealed bytes; what is in them only the service can tell."""
    try:
        box = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return box[:1] == VERSION and len(box) > 1 + 32 + 16
