"""The keys that id_tokens are signed with (RFC 7515, RFC 7517, RFC 7518)."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def base64url(raw: bytes) -> str:
    """Without padding: RFC 7515 section 2."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    private: RSAPrivateKey

    def sign(self, signed: bytes) -> bytes:
        """RS256."""
        return self.private.sign(signed, PKCS1v15(), hashes.SHA256())

    def jwk(self) -> dict[str, str]:
        """Its public half."""
        numbers = self.private.public_key().public_numbers()
        return {
            "kid": self.kid,
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "n": base64url(numbers.n.to_bytes(256)),
            "e": base64url(numbers.e.to_bytes(3)),
        }

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Keys:
    """Two are published and the second signs: a client that takes the first one it finds should fail here. They are
    made when they are first needed, and new with each start."""

    def __init__(self) -> None:
        self._published: tuple[SigningKey, SigningKey] | None = None
        self._unknown: SigningKey | None = None

    @property
    def published(self) -> tuple[SigningKey, SigningKey]:
        if self._published is None:
            self._published = (_made(), _made())
        return self._published

    @property
    def signing(self) -> SigningKey:
        return self.published[1]

    @property
    def unknown(self) -> SigningKey:
        """One that is never published."""
        if self._unknown is None:
            self._unknown = _made()
        return self._unknown

    def rotate(self) -> None:
        """The published ones are gone at once, which is harder on a client than what Google does."""
        self._published = None


def _made() -> SigningKey:
    return SigningKey(secrets.token_hex(20), generate_private_key(public_exponent=65537, key_size=2048))
