import base64
import json
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from odoo.tests import BaseCase, tagged

from ..tools import sealing
from ..tools.secret_text import SecretError, check_secret, new_secret

VECTORS = json.loads((Path(__file__).parent / "sealing_vectors.json").read_text("utf-8"))["vectors"]


def open_sealed(sealed, private_key, data):
    """Open as the service does; only tests hold a private key on this side."""
    box = base64.b64decode(sealed)
    theirs, public = box[1:33], private_key.public_key().public_bytes_raw()
    agreed = private_key.exchange(X25519PublicKey.from_public_bytes(theirs))
    derived = HKDF(hashes.SHA256(), 44, salt=theirs + public, info=b"hcp credential v1").derive(agreed)
    return AESGCM(derived[:32]).decrypt(derived[32:], box[33:], data).decode()


@tagged("post_install", "-at_install")
class TestSealing(BaseCase):
    def _parts(self, vector):
        private_key = serialization.load_pem_private_key(vector["private_key"].encode(), None)
        data = sealing.associated_data(
            vector["endpoint_code"], vector["uuid"], vector["direction"], vector["kind"]
        )
        return private_key, sealing.read_public_key(vector["public_key"]), data

    def test_vectors_shared_with_the_service(self):
        for vector in VECTORS:
            private_key, public_key, data = self._parts(vector)
            ephemeral = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["ephemeral_private_key"]))
            with self.subTest(vector["endpoint_code"]):
                self.assertEqual(sealing.key_id(public_key), vector["key_id"])
                sealed = sealing.seal(vector["secret"], public_key, data, ephemeral)
                self.assertEqual(sealed, vector["sealed"])
                self.assertEqual(open_sealed(sealed, private_key, data), vector["secret"])
                self.assertTrue(sealing.looks_sealed(sealed))

    def test_every_sealing_differs(self):
        private_key, public_key, data = self._parts(VECTORS[0])
        sealed = {sealing.seal("secret", public_key, data) for _i in range(5)}
        self.assertEqual(len(sealed), 5)
        self.assertEqual({open_sealed(one, private_key, data) for one in sealed}, {"secret"})

    def test_bound_to_its_credential(self):
        private_key, public_key, _data = self._parts(VECTORS[0])
        parts = ["SUPPLIER_A", "uuid", "inbound", "bearer"]
        sealed = sealing.seal("secret", public_key, sealing.associated_data(*parts))
        for index in range(4):
            other = [part + "x" if index == place else part for place, part in enumerate(parts)]
            with self.assertRaises(InvalidTag):
                open_sealed(sealed, private_key, sealing.associated_data(*other))

    def test_other_keys_are_refused(self):
        rsa_key = rsa.generate_private_key(65537, 2048)
        pem = rsa_key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        for text, why in (
            ("", "not a public key"),
            (None, "not a public key"),
            ("AAAA", "not a public key"),
            (pem.decode(), "not an X25519"),
            (VECTORS[0]["private_key"], "private key"),
        ):
            with self.subTest(why), self.assertRaisesRegex(sealing.SealingError, why):
                sealing.read_public_key(text)
        with self.assertRaisesRegex(sealing.SealingError, "no secret agreement"):
            sealing.seal("secret", b"\x00" * 32, b"data")

    def test_what_is_no_sealing(self):
        for text in ("", "AQ==", "no base64!", base64.b64encode(b"\x02" + b"x" * 80).decode()):
            self.assertFalse(sealing.looks_sealed(text))

    def test_secrets(self):
        for kind in ("bearer", "oauth_client", "webhook_secret"):
            made = {new_secret(kind) for _i in range(3)}
            self.assertEqual(len(made), 3)
            for secret in made:
                self.assertEqual(check_secret(f" {secret}\n", kind, "inbound"), secret)
        self.assertEqual(check_secret("short", "bearer", "outbound"), "short")
        for secret, kind, direction, why in (
            ("", "bearer", "outbound", "empty"),
            (None, "bearer", "inbound", "empty"),
            (12, "bearer", "inbound", "empty"),
            ("x" * 5000, "bearer", "outbound", "longer"),
            ("with space", "bearer", "outbound", "without spaces"),
            ("line\nbreak", "bearer", "outbound", "without spaces"),
            ("shört" * 9, "bearer", "outbound", "ASCII"),
            ("short", "bearer", "inbound", "at least 24"),
            ("short", "oauth_client", "inbound", "at least 24"),
            ('"quoted"' * 5, "bearer", "inbound", "RFC 6750"),
            ("whsec_", "webhook_secret", "inbound", "24 to 64"),
            ("whsec_AAAA", "webhook_secret", "inbound", "24 to 64"),
            ("whsec_no base64", "webhook_secret", "inbound", "base64"),
        ):
            with self.subTest(why), self.assertRaisesRegex(SecretError, why) as caught:
                check_secret(secret, kind, direction)
            if secret:
                self.assertNotIn(str(secret), str(caught.exception))
