"""AES-256-GCM (NIST SP 800-38D) with a fresh data key for each envelope, wrapped by a named key."""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from application.ports.vault import SealBroken, Vault

_VERSION = b"\x01"
_NONCE = 12
_WRAPPED = _NONCE + 32 + 16
"""Bytes of a wrapped data key: nonce, key, tag."""


class AesVault(Vault):
    """Envelope: version (1 byte), length of the key's name (1 byte), name, wrapped data key (60 bytes), nonce (12
    bytes), ciphertext with its tag. Associated data of the content is the place; of the data key also the name."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """``keys``: name (at most 255 bytes) -> 32 bytes. The first seals, all open."""
        self._keys = {name.encode(): AESGCM(key) for name, key in keys.items()}
        self._sealing = next(iter(self._keys))

    def seal(self, content: bytes, place: str) -> bytes:
        name, data_key = self._sealing, AESGCM.generate_key(256)
        wrapped = _encrypt(self._keys[name], data_key, _wrapping(name, place))
        header = _VERSION + bytes((len(name),)) + name
        return header + wrapped + _encrypt(AESGCM(data_key), content, place.encode())

    def open(self, envelope: bytes, place: str) -> bytes:
        name, wrapped, sealed = _parts(envelope)
        key = self._keys.get(name)
        if key is None:
            raise SealBroken("its key is not known")
        try:
            data_key = _decrypt(key, wrapped, _wrapping(name, place))
            return _decrypt(AESGCM(data_key), sealed, place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken("it was altered or moved") from error


def _parts(envelope: bytes) -> tuple[bytes, bytes, bytes]:
    if len(envelope) < 2 or envelope[:1] != _VERSION:
        raise SealBroken("it is no envelope")
    start = 2 + envelope[1]
    return envelope[2:start], envelope[start : start + _WRAPPED], envelope[start + _WRAPPED :]


def _wrapping(name: bytes, place: str) -> bytes:
    return b"data-key|" + name + b"|" + place.encode()


def _encrypt(key: AESGCM, content: bytes, associated: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, content, associated)


def _decrypt(key: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], associated)
