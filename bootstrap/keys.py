"""The keys that tokens are signed and secrets are sealed with."""

import base64
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from bootstrap.development_keys import development_keys
from bootstrap.environment import Environment, SettingsRefused

_LEAST_SECRET = 32
_SAMPLES = ("changeme", "change-me", "change_me", "secret", "sample", "example", "password", "default")
_KEY_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def keys(
    environment: Environment, file: Path, *, production: bool, keep: bool
) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    named = environment.get("JWT_KEYS", secret=True)
    alone = environment.get("JWT_SECRET_KEY", secret=True)
    signing = _pairs("JWT_KEYS", named) if named else [("default", alone)] if alone else []
    encryption = environment.get("ENCRYPTION_KEYS", secret=True)
    if production and not (signing and encryption):
        raise SettingsRefused("Production needs JWT_KEYS (or JWT_SECRET_KEY) and ENCRYPTION_KEYS: see .env.example.")
    kept = None if signing and encryption else development_keys(file, keep=keep)
    return (
        _signing_keys(signing, production=production)
        if signing
        else {"development": kept.signing.encode()}
        if kept
        else {},
        _encryption_keys(encryption) if encryption else {"development": kept.encryption} if kept else {},
    )


def _signing_keys(named: list[tuple[str, str]], *, production: bool) -> Mapping[str, bytes]:
    keys = {}
    for kid, secret in named:
        weak = len(secret.encode()) < _LEAST_SECRET or any(sample in secret.lower() for sample in _SAMPLES)
        if production and (weak or len(set(secret)) < 10):
            raise SettingsRefused(
                f"JWT key {kid!r} is weak; make one with: openssl rand -base64 48 (at least {_LEAST_SECRET} bytes)."
            )
        # HS256 wants at least 32 bytes (RFC 7518 section 3.2); in development any text will do.
        keys[kid] = secret.encode() if len(secret.encode()) >= _LEAST_SECRET else sha256(secret.encode()).digest()
    return keys


def _encryption_keys(text: str) -> Mapping[str, bytes]:
    keys = {}
    for name, encoded in _pairs("ENCRYPTION_KEYS", text):
        try:
            keys[name] = base64.b64decode(encoded, validate=True)
        except ValueError:
            keys[name] = b""
        if len(keys[name]) != 32 or len(set(keys[name])) < 8:
            raise SettingsRefused(f"Encryption key {name!r} is not 32 random bytes in base64: openssl rand -base64 32")
    return keys


def _pairs(setting: str, text: str) -> list[tuple[str, str]]:
    pairs = [tuple(part.strip().partition(":")[::2]) for part in text.split(",") if part.strip()]
    names = [name for name, _ in pairs]
    if not pairs or len(set(names)) != len(names) or not all(_KEY_NAME.fullmatch(name) and key for name, key in pairs):
        shape = "name:secret,name:secret with each name once, of 1 to 64 letters, digits, dots, - and _"
        raise SettingsRefused(f"{setting} must look like {shape}.")
    return [(name, value) for name, value in pairs]
