from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta

from application.end_connection import EndConnection
from application.outcome import DONE, Again, Outcome
from application.ports.clock import Clock
from application.ports.grants import Grants
from application.seal_tokens import SealTokens
from domain.credential import Credential, Tokens
from domain.effect import Effect
from domain.errors import NeedsReauth, ProviderUnavailable
from domain.ids import ConnectionId

_GIVE_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class FinishDisconnection:
    """A worker returns a grant to its provider."""

    end_connection: EndConnection
    seal_tokens: SealTokens
    grants: Grants
    clock: Clock

    async def __call__(self, effect: Effect) -> Outcome:
        connection = await self.end_connection(effect)
        tokens = self._tokens(effect)
        # An account connected again may have been granted the same refresh token: revoking it would break that.
        if tokens is None or (connection is not None and connection.is_live):
            return DONE
        try:
            await self.grants.revoke(effect.subject["provider"], tokens)
        except ProviderUnavailable as failure:
            given_up = self.clock.now() > effect.created_at + _GIVE_UP_AFTER
            return DONE if given_up else Again(min(failure.retry_after * 2**effect.attempts, 900.0))
        return DONE

    def _tokens(self, effect: Effect) -> Tokens | None:
        subject = effect.subject
        if "access" not in subject:
            return None
        moved = Credential(
            connection=ConnectionId(subject["connection"]),
            access=b64decode(subject["access"]),
            refresh=b64decode(subject["refresh"]) if "refresh" in subject else None,
            expires_at=None,
            scopes=(),
            obtained_at=effect.created_at,
            revision=subject["revision"],
        )
        try:
            return self.seal_tokens.open(moved)
        except NeedsReauth:
            return None
