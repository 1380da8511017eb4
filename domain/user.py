"""A person with an account, and what they tell about themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.email import EmailAddress
from domain.ids import UserId


@dataclass(frozen=True, slots=True)
class User:
    id: UserId
    email: EmailAddress
    password_hash: str | None = field(repr=False)
    """In PHC string format; None for who never set a password."""
    created_at: datetime
    email_verified_at: datetime | None = None

    @property
    def sign_in_methods(self) -> tuple[str, ...]:
        return ("password",) if self.password_hash else ()


@dataclass(frozen=True, slots=True)
class Profile:
    full_name: str | None = None
    display_name: str | None = None
    avatar_url: str | None = None
    company: str | None = None
    job_title: str | None = None
    timezone: str | None = None
    preferences: Mapping[str, str] = field(default_factory=dict)
    updated_at: datetime | None = None
