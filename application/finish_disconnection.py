from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from application.end_connection import EndConnection
from application.hold_lease import HoldLease
from application.outcome import DONE, Again, Done, Outcome
from application.ports.clock import Clock
from application.ports.credentials import Credentials
from application.ports.grants import Grants
from application.ports.shared_grants import SharedGrants
from application.promise_revocation import RENEWED, PromiseRevocation
from application.seal_tokens import SealTokens
from application.share_grant import ShareGrant
from domain.credential import Credential
from domain.effect import Effect
from domain.errors import GrantRefused, NeedsReauth, ProviderNotConfigured, ProviderUnavailable
from domain.ids import ConnectionId, UserId

_GIVE_UP_AFTER = timedelta(hours=24)
_PATIENCE = timedelta(minutes=5)
_LONGEST_WAIT_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class FinishDisconnection:
    """A worker returns a grant to its provider."""

    hold_lease: HoldLease
    end_connection: EndConnection
    credentials: Credentials
    shared_grants: SharedGrants
    share_grant: ShareGrant
    seal_tokens: SealTokens
    grants: Grants
    promise_revocation: PromiseRevocation
    clock: Clock

    async def __call__(self, effect: Effect) -> Outcome:
        now = self.clock.now()
        if now > effect.created_at + _GIVE_UP_AFTER:
            await self._clear(effect)
            return Done("a grant was not returned in time")
        # While a grant is returned, nobody should be given the same one again.
        lease = self.share_grant.lease(UserId(effect.subject["user"]), effect.subject["provider"])
        async with self.hold_lease(lease) as held:
            # It saves a few people a second try; nobody may keep it so long that grants are never returned.
            patient = now < effect.created_at + _PATIENCE
            return Again(1, effect.attempts) if patient and not held else await self._return_grant(effect)

    async def _clear(self, effect: Effect) -> None:
        """Forget what cannot be returned, unless the account was connected again."""
        connection = ConnectionId(effect.subject["connection"])
        if await self.end_connection(effect):
            await self._is_left_to_others(effect, connection)
            while left := await self.credentials.find(connection):
                await self.credentials.remove(connection, revision=left.revision)

    async def _return_grant(self, effect: Effect) -> Outcome:
        if not await self.end_connection(effect):
            # An account connected again may have been granted the same refresh token: revoking it would break that.
            return DONE
        connection = ConnectionId(effect.subject["connection"])
        returned = not await self._is_left_to_others(effect, connection)
        try:
            if returned and (promised := _promised(effect)):
                await self._revoke(effect, promised)
            # A refresh that was under way has left a newer pair behind. Found first and judged then: whoever connects
            # again says so before the new credential is there.
            while left := await self.credentials.find(connection):
                if not await self.end_connection(effect):
                    return DONE
                if returned:
                    await self._revoke(effect, left)
                await self.credentials.remove(left.connection, revision=left.revision)
        except ProviderNotConfigured:
            await self._clear(effect)
            return Done("a grant was not returned: its provider is no longer configured")
        except ProviderUnavailable as failure:
            seconds = min(failure.retry_after * 2**effect.attempts, _LONGEST_WAIT_SECONDS)
            return Again(seconds, effect.attempts + 1)
        return DONE

    async def _is_left_to_others(self, effect: Effect, connection: ConnectionId) -> bool:
        """Whether the grant is not this connection's alone to return. It leaves before it looks: of two that go at once
        the last one returns it."""
        grant = self.share_grant.of(effect.subject["provider"], effect.subject.get("account", ""))
        if grant is None:
            return False
        await self.shared_grants.leave(grant, connection)
        return await self.share_grant.is_held_without(grant, connection)

    async def _revoke(self, effect: Effect, credential: Credential) -> None:
        provider = effect.subject["provider"]
        try:
            tokens = self.seal_tokens.open(credential)
        except NeedsReauth:
            # Nobody can open it any more, so nobody can use it either.
            return
        if await self.grants.revoke(provider, tokens) or tokens.refresh is None or RENEWED in effect.subject:
            return
        # A grant that is dead by now has nothing to return.
        with suppress(GrantRefused):
            renewed = await self.grants.refresh(provider, tokens.refresh)
            await self.promise_revocation.renewed(effect, self.seal_tokens(credential.connection, renewed))


def _promised(effect: Effect) -> Credential | None:
    subject = effect.subject
    if "access" not in subject:
        return None
    return Credential(
        connection=ConnectionId(subject["connection"]),
        access=b64decode(subject["access"]),
        refresh=b64decode(subject["refresh"]) if "refresh" in subject else None,
        expires_at=None,
        scopes=(),
        obtained_at=effect.created_at,
        revision=subject["revision"],
    )
