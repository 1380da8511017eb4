from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.ids import SessionId, UserId
from domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom an access token names."""

    user: UserId
    session: SessionId


@dataclass(frozen=True, slots=True)
class AccessToken:
    token: Secret
    expires_in: int
    """Seconds."""


class Tokens(Protocol):
    """Makes and reads our own tokens."""

    @abstractmethod
    def issue(self, bearer: Bearer) -> AccessToken:
        """A signed access token (RFC 7519, RFC 8725) that names ``bearer`` and lives for minutes."""

    @abstractmethod
    def verify(self, token: str) -> Bearer | None:
        """Whom it names; None unless it is one of ours, in force, and an access token."""

    @abstractmethod
    def first_refresh(self, bearer: Bearer) -> Secret:
        """The first refresh token of a session: unguessable, and it leads to its session."""

    @abstractmethod
    def next_refresh(self, presented: Secret) -> Secret:
        """The successor of a refresh token: the same one each time, and only we can tell it."""

    @abstractmethod
    def is_genuine(self, presented: Secret) -> bool:
        """Whether we made this refresh token, under a key that is still known; a guess with right ids is not."""

    @abstractmethod
    def refresh_bearer(self, presented: Secret) -> Bearer | None:
        """Whose session it leads to (it may have ended); None when it has not the shape of a refresh token."""
