"""A registration that waits for the proof of its address."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.email import EmailAddress
from domain.mail_token import MailTokenHash


@dataclass(frozen=True, slots=True)
class Registration:
    """No account yet: several people, one of whom owns the address, may each have one with their own password."""

    token: MailTokenHash = field(repr=False)
    email: EmailAddress
    password_hash: str = field(repr=False)
    full_name: str | None
    created_at: datetime
    expires_at: datetime
