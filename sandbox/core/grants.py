"""Codes, grants and tokens of one provider (RFC 6749), for its one client."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from msgspec import Struct

from sandbox.core.knobs import Knobs

REFRESH_GRACE_S = 60
EXPIRED_KEPT_S = 3600
"""How long an expired access token is remembered, to be refused as expired and not as unknown."""


class GrantRefused(Exception):
    """Why the token endpoint says no."""


class CodeUnknown(GrantRefused):
    """Never issued, used already, expired, or bound to another client."""


class RedirectUriDiffers(GrantRefused):
    """Not the one that the code was issued for (RFC 6749 section 4.1.3)."""


class VerifierWrong(GrantRefused):
    """Does not hash to the code challenge (RFC 7636 section 4.6)."""


class RefreshTokenUnknown(GrantRefused):
    """Never issued, replaced, or its grant is dead."""


class JustRefreshed(GrantRefused):
    """Another request has replaced this refresh token a moment ago; nothing has come to an end."""


class Code(Struct):
    client_id: str
    redirect_uri: str
    account: str
    scopes: list[str]
    challenge: str | None
    expires_at: float
    note: Mapping[str, str] = {}
    """What the provider wants to know again when the code is exchanged."""


class Grant(Struct):
    id: str
    client_id: str
    account: str
    scopes: list[str]


class Access(Struct):
    grant: Grant
    expires_at: float


class Refresh(Struct):
    grant: Grant
    replaced_at: float | None = None


class GrantsState(Struct):
    """As it is kept in the state file; tokens name their grant by id."""

    codes: dict[str, Code] = {}
    grants: list[Grant] = []
    access: dict[str, tuple[str, float]] = {}
    refresh: dict[str, tuple[str, float | None]] = {}


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What one provider does with tokens and another does not."""

    access_prefix: str = ""
    refresh_prefix: str = ""
    live_access: int | None = None
    """How many access tokens of one grant are taken at once: one more lets the oldest die. None: any number."""
    shared: bool = False
    """Whether all who connect the same account share one grant: revoking it for one then ends it for all."""
    scopes_add_up: bool = False
    """Whether a shared grant keeps the scopes that it had."""
    conflict_s: int = 0
    """For how many seconds a replaced refresh token that comes again is a conflict, before it ends the grant."""


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    expires_in: int
    grant: Grant
    note: Mapping[str, str] = field(default_factory=dict)
    """That of the code; empty after a renewal."""


def opaque() -> str:
    """Longer than 300 characters, as HubSpot says that a token may be: a column too short for it should show here."""
    return secrets.token_urlsafe(240)


class Grants:
    def __init__(
        self,
        knobs: Callable[[], Knobs],
        now: Callable[[], float],
        code_ttl_s: int = 60,
        rules: TokenRules = TokenRules(),
    ) -> None:
        self._knobs, self._now, self._code_ttl_s, self._rules = knobs, now, code_ttl_s, rules
        self._codes: dict[str, Code] = {}
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Refresh] = {}
        self.changes = 0
        """Grows with every change."""

    def issue_code(
        self,
        *,
        client_id: str,
        redirect_uri: str,
        account: str,
        scopes: list[str],
        challenge: str | None,
        note: Mapping[str, str] | None = None,
    ) -> str:
        self.changes += 1
        code, expires_at = secrets.token_urlsafe(32), self._now() + self._code_ttl_s
        self._codes[code] = Code(client_id, redirect_uri, account, scopes, challenge, expires_at, note or {})
        return code

    def redeem(self, code: str, *, client_id: str, redirect_uri: str, verifier: str | None) -> Tokens:
        """Exchange a code, once: an attempt that fails uses it up too. Raises GrantRefused."""
        self.changes += 1
        issued = self._codes.pop(code, None)
        if issued is None or issued.client_id != client_id or self._now() >= issued.expires_at:
            raise CodeUnknown
        if issued.redirect_uri != redirect_uri:
            raise RedirectUriDiffers
        if issued.challenge is not None and s256(verifier or "") != issued.challenge:
            raise VerifierWrong
        grant, refresh_token = self._granted(issued)
        return replace(self._tokens(grant, refresh_token), note=issued.note)

    def renew(self, refresh_token: str, *, client_id: str) -> Tokens:
        """Exchange a refresh token; what becomes of it is the knob ``refresh_reuse``. Raises RefreshTokenUnknown,
        JustRefreshed."""
        refresh = self._refresh.get(refresh_token)
        if refresh is None or refresh.grant.client_id != client_id:
            raise RefreshTokenUnknown
        reuse, now = self._knobs().refresh_reuse, self._now()
        if refresh.replaced_at is not None and reuse != "allow":
            if reuse == "revoke_family":
                if now < refresh.replaced_at + self._rules.conflict_s:
                    raise JustRefreshed
                self._end(refresh.grant)
            if reuse == "revoke_family" or now >= refresh.replaced_at + REFRESH_GRACE_S:
                raise RefreshTokenUnknown
        if reuse == "allow":
            return self._tokens(refresh.grant, refresh_token)
        refresh.replaced_at = refresh.replaced_at or now
        return self._tokens(refresh.grant, self._new_refresh_token(refresh.grant))

    def access(self, token: str) -> Access | None:
        """The token's entry, an expired one too: the caller compares ``expires_at``."""
        return self._access.get(token)

    def by_refresh_token(self, token: str) -> Grant | None:
        refresh = self._refresh.get(token)
        return refresh.grant if refresh and refresh.replaced_at is None else None

    def revoke_refresh_token(self, token: str, *, with_access_tokens: bool) -> bool:
        """End the grant of this refresh token; access tokens live on to their end unless told otherwise."""
        refresh = self._refresh.get(token)
        if refresh is None:
            return False
        self._end(refresh.grant, with_access_tokens=with_access_tokens)
        return True

    def revoke_grant(self, grant: Grant) -> None:
        """End it with all its tokens."""
        self._end(grant)

    def revoke_access_token(self, token: str) -> bool:
        self.changes += 1
        return self._access.pop(token, None) is not None

    def expire(self, account: str | None = None) -> int:
        """Access tokens die, of one account or of all. Returns how many."""
        now = self._now()
        living = [a for a in self._access.values() if a.expires_at > now and account in (None, a.grant.account)]
        for access in living:
            access.expires_at = now
        return len(living)

    def revoke(self, account: str | None = None) -> int:
        """Grants die with all their tokens, and codes not yet redeemed too. Returns how many grants."""
        dying = [grant for grant in self._grants.values() if account in (None, grant.account)]
        for grant in dying:
            self._end(grant)
        self._codes = {code: issued for code, issued in self._codes.items() if account not in (None, issued.account)}
        return len(dying)

    def clear(self) -> None:
        for held in (self._codes, self._grants, self._access, self._refresh):
            held.clear()

    def state(self) -> GrantsState:
        now = self._now()
        self._codes = {code: issued for code, issued in self._codes.items() if issued.expires_at > now}
        self._access = {t: a for t, a in self._access.items() if a.expires_at > now - EXPIRED_KEPT_S}
        return GrantsState(
            dict(self._codes),
            list(self._grants.values()),
            {token: (access.grant.id, access.expires_at) for token, access in self._access.items()},
            {token: (refresh.grant.id, refresh.replaced_at) for token, refresh in self._refresh.items()},
        )

    def restore(self, state: GrantsState) -> None:
        self._codes = dict(state.codes)
        self._grants = {grant.id: grant for grant in state.grants}
        self._access = {t: Access(self._grants[g], at) for t, (g, at) in state.access.items() if g in self._grants}
        self._refresh = {t: Refresh(self._grants[g], at) for t, (g, at) in state.refresh.items() if g in self._grants}

    def _granted(self, code: Code) -> tuple[Grant, str]:
        if self._rules.shared and (shared := self._shared(code)):
            grant, token = shared
            before = grant.scopes if self._rules.scopes_add_up else []
            grant.scopes = list(dict.fromkeys([*before, *code.scopes]))
            # A refresh token that stays as it is, is the same for everybody too, as HubSpot does it.
            return grant, token if self._knobs().refresh_reuse == "allow" else self._new_refresh_token(grant)
        grant = Grant(secrets.token_hex(8), code.client_id, code.account, code.scopes)
        self._grants[grant.id] = grant
        return grant, self._new_refresh_token(grant)

    def _shared(self, code: Code) -> tuple[Grant, str] | None:
        for token, refresh in self._refresh.items():
            grant = refresh.grant
            if (grant.client_id, grant.account) == (code.client_id, code.account) and refresh.replaced_at is None:
                return grant, token
        return None

    def _new_refresh_token(self, grant: Grant) -> str:
        token = self._rules.refresh_prefix + opaque()
        self._refresh[token] = Refresh(grant)
        return token

    def _tokens(self, grant: Grant, refresh_token: str) -> Tokens:
        self.changes += 1
        token, lifetime = self._rules.access_prefix + opaque(), self._knobs().access_token_ttl_s
        self._access[token] = Access(grant, self._now() + lifetime)
        if self._rules.live_access is not None:
            of_grant = [one for one, access in self._access.items() if access.grant is grant]
            for old in of_grant[: -self._rules.live_access]:
                del self._access[old]
        return Tokens(token, refresh_token, lifetime, grant)

    def _end(self, grant: Grant, *, with_access_tokens: bool = True) -> None:
        self.changes += 1
        self._refresh = {token: refresh for token, refresh in self._refresh.items() if refresh.grant is not grant}
        if with_access_tokens:
            self._access = {token: access for token, access in self._access.items() if access.grant is not grant}
            self._grants.pop(grant.id, None)


def s256(verifier: str) -> str:
    """RFC 7636 section 4.2."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
