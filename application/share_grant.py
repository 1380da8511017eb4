from dataclasses import dataclass, replace

from application.ports.credentials import Credentials
from application.ports.providers import Providers
from application.ports.shared_grants import SharedGrants
from application.seal_tokens import SealTokens
from domain.credential import Credential, GrantId, Tokens, shared_grant
from domain.errors import NeedsReauth
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class ShareGrant:
    """Where people share an outside account, and so one grant, each connection has its own sealed copy of it."""

    providers: Providers
    shared_grants: SharedGrants
    credentials: Credentials
    seal_tokens: SealTokens

    def of(self, provider: str, account: str) -> GrantId | None:
        """The grant that all hold who connect this outside account; None where everybody gets one of their own."""
        return shared_grant(provider, account) if self._is_shared(provider) else None

    def lease(self, user: UserId, provider: str) -> str:
        """The name of the lease on what a person is granted at a provider: everybody's, where grants are shared, for
        whose it will be is known only when it is there."""
        return f"grant|{provider}" if self._is_shared(provider) else f"grant|{provider}|{user}"

    def _is_shared(self, provider: str) -> bool:
        # Its declaration may have gone: what was granted through it must still come to an end.
        return any(one.shares_grants for one in self.providers.all() if one.slug == provider)

    async def is_held_without(self, grant: GrantId, connection: ConnectionId) -> bool:
        """Whether anybody but ``connection`` still uses it."""
        return bool(await self._others(grant, connection))

    async def newest(self, grant: GrantId, own: tuple[Credential, Tokens]) -> tuple[Credential, Tokens]:
        """The copy that was obtained last: ``own``, or another connection's whose person has consented to the same."""
        copies = [own]
        for other in await self._like(grant, own[0]):
            try:
                copies.append((other, self.seal_tokens.open(other)))
            except NeedsReauth:
                continue
        return max(copies, key=lambda copy: copy[0].obtained_at)

    async def hand_out(self, grant: GrantId, credential: Credential, tokens: Tokens) -> None:
        """Every other connection that holds the grant, with the same scopes, gets what ``credential`` has: nobody gets
        less or more than they have consented to. Stopped in the middle, the others find it when they are about to renew
        theirs."""
        for other in await self._like(grant, credential):
            # A newer one has just been connected.
            if other.obtained_at <= credential.obtained_at:
                copy = self.copied(credential, tokens, other.connection)
                await self.credentials.replace(copy, expected=other.revision)

    def copied(self, credential: Credential, tokens: Tokens, connection: ConnectionId) -> Credential:
        """What ``credential`` has, for another connection."""
        return replace(self.seal_tokens(connection, tokens), obtained_at=credential.obtained_at)

    async def _like(self, grant: GrantId, credential: Credential) -> list[Credential]:
        scopes = set(credential.scopes)
        return [one for one in await self._others(grant, credential.connection) if set(one.scopes) == scopes]

    async def _others(self, grant: GrantId, connection: ConnectionId) -> list[Credential]:
        holders = [one for one in await self.shared_grants.holders(grant) if one != connection]
        found = [await self.credentials.find(one) for one in holders]
        return [credential for credential in found if credential is not None]
