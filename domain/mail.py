"""Mails that the product sends."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.email import EmailAddress
from domain.secret import Secret


class MailKind(StrEnum):
    VERIFY_EMAIL = "verify_email"
    """With a link, good for a day."""
    ALREADY_REGISTERED = "already_registered"
    """Somebody has registered an address that has an account."""
    RESET_PASSWORD = "reset_password"
    """With a link, good for an hour."""
    PASSWORD_CHANGED = "password_changed"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    CONNECTION_BROKEN = "connection_broken"
    ACCOUNT_DELETED = "account_deleted"
    REFRESH_REUSE = "refresh_reuse"
    """A session was ended because two parties held its refresh token."""


@dataclass(frozen=True, slots=True)
class Mail:
    id: str
    """Of the promise to send it; a repetition has the same, and so the same Message-ID."""
    kind: MailKind
    to: EmailAddress
    at: datetime
    """When what it tells of happened."""
    link: Secret | None = field(default=None, repr=False)
    about: str | None = field(default=None, repr=False)
    """What it happened to, in words, where a person may have several."""
