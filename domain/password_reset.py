"""A password reset that was asked for, and not yet done."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.mail_token import MailTokenHash


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """An account has one at most: a newer one takes the place of an older."""

    token: MailTokenHash = field(repr=False)
    requested_at: datetime
    expires_at: datetime
