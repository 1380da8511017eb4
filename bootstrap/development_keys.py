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


def development_keys(file: Path, *, keep: bool) -> DevelopmentKeys:
    """The keys kept in ``file``, made when there are none yet, and then written there only if ``keep``. Two processes
    that start at once get the same. Raises SettingsRefused."""
    try:
        kept = json.loads(_kept(file) if keep else _read(file) or _made())
        return DevelopmentKeys(str(kept["signing"]), base64.b64decode(kept["encryption"], validate=True))
    except OSError as error:
        raise SettingsRefused(f"{error.filename or file} cannot be used to keep keys: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsRefused(f"{file} is damaged; restore it, or delete it and connect all accounts again.") from error


def _kept(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        text = opened.read()
        if not text:
            text = _made()
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    return text


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _made() -> str:
    encryption = base64.b64encode(secrets.token_bytes(32)).decode()
    return json.dumps({"signing": secrets.token_urlsafe(48), "encryption": encryption})
