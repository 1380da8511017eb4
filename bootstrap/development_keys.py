"""Keys that a development installation makes for itself and keeps."""

import base64
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from bootstrap.environment import SettingsRefused


@dataclass(frozen=True, slots=True)
class DevelopmentKeys:
    signing: str
    encryption: bytes


def development_keys(file: Path) -> DevelopmentKeys:
    """The keys kept in ``file``, made when there are none yet. Two processes that start at once get the same."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        text = opened.read()
        if not text:
            text = json.dumps({"signing": secrets.token_urlsafe(48), "encryption": _random_key()})
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    try:
        kept = json.loads(text)
        return DevelopmentKeys(str(kept["signing"]), base64.b64decode(kept["encryption"], validate=True))
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsRefused(f"{file} is damaged; restore it, or delete it and connect all accounts again.") from error


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
