"""A person with an account, and what they tell about themselves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from urllib.parse import urlsplit

from domain.email import EmailAddress
from domain.errors import InvalidInput, LastSignInMethod, LinkInvalid
from domain.ids import UserId
from domain.mail_token import MailTokenHash
from domain.password_reset import PasswordReset

_NEXT_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class User:
    id: UserId
    email: EmailAddress
    password_hash: str | None = field(repr=False)
    """In PHC string format, or bcrypt's; None for who never set a password."""
    created_at: datetime
    email_verified_at: datetime | None = None
    """When somebody first proved to read the mail of this address."""
    disabled_at: datetime | None = None
    credentials_changed_at: datetime | None = None
    """What rests on the credentials of before (sessions, mailed links) no longer counts. Rises with each change."""
    reset: PasswordReset | None = None
    by_identity: bool = False
    """Whether an identity provider opens it (too)."""
    version: int = 1

    @property
    def sign_in_methods(self) -> tuple[str, ...]:
        return (("password",) if self.password_hash else ()) + (("google",) if self.by_identity else ())

    def may_log_in(self, *, verification_required: bool) -> bool:
        return self.disabled_at is None and (self.email_verified_at is not None or not verification_required)

    def is_as_secure_as(self, before: "User") -> bool:
        """Whether the credentials that ``before`` was proven with still count."""
        return self.credentials_changed_at == before.credentials_changed_at and self.disabled_at is None

    def is_provable(self, asked_at: datetime) -> bool:
        """Whether a link that was asked for at ``asked_at`` can still make the address proven."""
        changed = self.credentials_changed_at is not None and self.credentials_changed_at >= asked_at
        return self.email_verified_at is None and self.disabled_at is None and not changed

    def asked_to_reset(self, reset: PasswordReset) -> "User":
        """With ``reset`` in force. Raises LinkInvalid when it came too late: it is of before a newer one, or of before
        the credentials changed, or the account is disabled."""
        newer = self.reset is not None and self.reset.requested_at > reset.requested_at
        changed = self.credentials_changed_at is not None and self.credentials_changed_at >= reset.requested_at
        if newer or changed or self.disabled_at is not None:
            raise LinkInvalid
        return replace(self, reset=reset)

    def check_reset(self, token: MailTokenHash, now: datetime) -> None:
        """Raises LinkInvalid unless ``token`` is that of the reset in force."""
        ours = self.reset is not None and compare_digest(self.reset.token, token) and now < self.reset.expires_at
        if not ours or self.disabled_at is not None:
            raise LinkInvalid

    def with_password(self, password_hash: str, now: datetime) -> "User":
        """Whoever was let in by the old one no longer is, and no link that was mailed before opens anything."""
        return replace(self.secured(now), password_hash=password_hash)

    def without_password(self, now: datetime) -> "User":
        """Whoever chose it may not own the address."""
        return replace(self.secured(now), password_hash=None)

    def linked(self, now: datetime) -> "User":
        return replace(self.secured(now), by_identity=True)

    def unlinked(self, now: datetime) -> "User":
        """Raises LastSignInMethod."""
        if self.password_hash is None:
            raise LastSignInMethod
        return replace(self.secured(now), by_identity=False)

    def secured(self, now: datetime) -> "User":
        """What opens it has changed: sessions and links of before no longer count."""
        return replace(self, reset=None, credentials_changed_at=self._after(now))

    def proven(self, now: datetime) -> "User":
        """Its owner reads the mail of its address. What was linked to it before that is somebody else's, perhaps."""
        if self.email_verified_at is not None:
            return self
        return replace(self, email_verified_at=now, by_identity=False)

    def disabled(self, now: datetime) -> "User":
        return replace(self.secured(now), disabled_at=self.disabled_at or now)

    def enabled(self) -> "User":
        return replace(self, disabled_at=None)

    def _after(self, now: datetime) -> datetime:
        """``now``, or the next moment where a clock stands still or goes back."""
        before = self.credentials_changed_at
        return now if before is None or now > before else before + _NEXT_MOMENT


_LONGEST_TEXT = 200
_LONGEST_URL = 2000
_MOST_PREFERENCES = 50
_LONGEST_NAME, _LONGEST_PREFERENCE = 100, 1000
_TIMEZONE = re.compile(r"[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,2}")


@dataclass(frozen=True, slots=True)
class Profile:
    full_name: str | None = None
    display_name: str | None = None
    avatar_url: str | None = None
    """Kept as text; nothing here ever fetches it."""
    company: str | None = None
    job_title: str | None = None
    timezone: str | None = None
    """By its name in the IANA database: ``Europe/Berlin``."""
    preferences: Mapping[str, str] = field(default_factory=dict)
    updated_at: datetime | None = None
    version: int = 0
    """0 for one that was never stored."""

    def changed(self, changes: Mapping[str, object], now: datetime) -> "Profile":
        """With these fields changed. Raises InvalidInput, which names the field."""
        after = replace(self, updated_at=now, **changes)  # type: ignore[arg-type]
        for name in ("full_name", "display_name", "company", "job_title"):
            _check(name, len(getattr(after, name) or "") <= _LONGEST_TEXT, f"Use at most {_LONGEST_TEXT} characters.")
        _check("avatar_url", _is_web_address(after.avatar_url), "This is not an address on the web.")
        zone = after.timezone
        _check("timezone", zone is None or bool(_TIMEZONE.fullmatch(zone)), "This is not the name of a time zone.")
        _check("preferences", _are_small(after.preferences), f"Keep at most {_MOST_PREFERENCES} short ones.")
        return after


def _check(field: str, holds: bool, message: str) -> None:
    if not holds:
        raise InvalidInput(field, message)


def _is_web_address(url: str | None) -> bool:
    """http or https, without a password in it."""
    if url is None:
        return True
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and (len(url) <= _LONGEST_URL and url.isprintable() and " " not in url)
        )
    except ValueError:
        return False


def _are_small(preferences: Mapping[str, str]) -> bool:
    return len(preferences) <= _MOST_PREFERENCES and all(
        0 < len(name) <= _LONGEST_NAME and len(text) <= _LONGEST_PREFERENCE for name, text in preferences.items()
    )
