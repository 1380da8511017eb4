"""Whom an identity provider says somebody is (OpenID Connect Core 1.0)."""

from dataclasses import dataclass
from datetime import datetime

from domain.email import EmailAddress
from domain.ids import UserId


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """What a validated id_token says."""

    issuer: str
    subject: str
    """With the issuer the only key: addresses change hands (section 5.7)."""
    email: EmailAddress | None
    email_verified: bool
    """The issuer has seen that this person reads the mail of ``email``."""
    authoritative: bool
    """The issuer itself keeps the mailbox of ``email``, so nobody else can have it."""
    name: str | None


@dataclass(frozen=True, slots=True)
class Identity:
    """A way into an account."""

    issuer: str
    subject: str
    user: UserId
    email: str
    """As the issuer called it when it was linked: for people, never a key."""
    linked_at: datetime
