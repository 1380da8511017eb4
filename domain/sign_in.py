"""A sign-in at an identity provider, between its start and its callback (OpenID Connect Core 1.0 section 3.1)."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest

from domain.authorization import StateHash, browser_hash
from domain.errors import AuthorizationUnknown, InvalidInput, WrongBrowser
from domain.ids import FlowId, SessionId, UserId

_PATH = re.compile(r"/([A-Za-z0-9._~!$&'()*+,;=:@%?/-]*)")
_LONGEST_PATH = 500


class SignInPurpose(StrEnum):
    LOGIN = "login"
    LINK = "link"
    """To the account of who is logged in."""
    REAUTH = "reauth"
    """To show again that it is still the same person."""


def local_path(text: str) -> str:
    """``text``, if it leads to one of our own pages. Raises InvalidInput."""
    if len(text) > _LONGEST_PATH or not _PATH.fullmatch(text) or text.startswith("//"):
        raise InvalidInput("next", "This is not a path of ours.")
    return text


def sign_in_place(state: StateHash) -> str:
    """The associated data of a sealed verifier."""
    return f"sign-in|{state.hex()}"


@dataclass(frozen=True, slots=True)
class SignIn:
    state: StateHash
    flow: FlowId
    purpose: SignInPurpose
    browser: bytes = field(repr=False)
    """Hash of the flow cookie."""
    verifier: str = field(repr=False)
    """PKCE code verifier (RFC 7636 section 4.1), sealed for ``sign_in_place``, as base64."""
    nonce: str = field(repr=False)
    """What the id_token has to repeat."""
    next: str | None
    """Where the person goes afterwards."""
    user: UserId | None
    session: SessionId | None
    """Who started it; None for a login."""
    expires_at: datetime

    def accept(self, *, cookie: str | None, now: datetime) -> None:
        """Raise AuthorizationRefused unless the browser that holds ``cookie`` may finish it now."""
        if cookie is None or not compare_digest(browser_hash(cookie), self.browser):
            raise WrongBrowser
        if now >= self.expires_at:
            raise AuthorizationUnknown
