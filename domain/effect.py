"""A promised effect: stored before the answer that promises it, done by a worker, safe to repeat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.ids import EffectId


class EffectKind(StrEnum):
    SYNC = "sync"
    DISCONNECT = "disconnect"
    PURGE = "purge"
    ERASE = "erase"
    KEEP_ALIVE = "keep_alive"
    MAIL_REGISTRATION = "mail_registration"
    MAIL_VERIFICATION = "mail_verification"
    MAIL_RESET = "mail_reset"
    MAIL_NOTICE = "mail_notice"
    MAIL_FAREWELL = "mail_farewell"


@dataclass(frozen=True, slots=True)
class Effect:
    id: EffectId
    kind: str
    """One of ``EffectKind``, or of a newer version of the product."""
    subject: Mapping[str, str] = field(repr=False)
    """What it is about: identifiers, and sealed secrets as base64; never an open secret."""
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    """How often it was tried without success."""
