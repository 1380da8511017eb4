"""An OAuth authorization between its start and its callback (RFC 6749 section 4.1, RFC 9700 section 4.7)."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import NewType, TypeVar

from domain.errors import AuthorizationRefused, AuthorizationUnknown, WrongBrowser, WrongUser
from domain.ids import FlowId, SessionId, UserId

Refusal = TypeVar("Refusal", bound=AuthorizationRefused)

StateHash = NewType("StateHash", bytes)
"""SHA-256 of the state; the state itself is known only to the provider and the browser."""


def state_hash(state: str) -> StateHash:
    return StateHash(_digest(state))


def browser_hash(secret: str) -> bytes:
    """SHA-256 of what the flow cookie holds."""
    return _digest(secret)


def verifier_place(state: StateHash) -> str:
    """The associated data of a sealed verifier."""
    return f"verifier|{state.hex()}"


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Authorization:
    state: StateHash
    flow: FlowId
    provider: str
    user: UserId
    session: SessionId
    browser: bytes = field(repr=False)
    """Hash of the flow cookie."""
    verifier: str = field(repr=False)
    """PKCE code verifier (RFC 7636 section 4.1), sealed for ``verifier_place``, as base64."""
    origin: str
    """The one origin that is told the outcome."""
    expires_at: datetime

    def accept(self, *, provider: str, cookie: str | None, signed_in: UserId | None, now: datetime) -> None:
        """Raise AuthorizationRefused unless a callback of ``provider``, from the browser that holds ``cookie``, may
        use it now. ``signed_in`` is whom that browser's refresh cookie names, if it has one."""
        if cookie is None or not compare_digest(browser_hash(cookie), self.browser):
            # Nothing about the flow: this browser has not shown that it is a part of it.
            raise WrongBrowser
        if provider != self.provider or now >= self.expires_at:
            raise self.named(AuthorizationUnknown())
        if signed_in is not None and signed_in != self.user:
            raise self.named(WrongUser())

    def named(self, refusal: Refusal) -> Refusal:
        """``refusal``, which now says whose attempt it is of, so that its opener and its owner can be told."""
        refusal.flow, refusal.origin, refusal.user = self.flow, self.origin, self.user
        return refusal
