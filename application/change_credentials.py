from dataclasses import dataclass

from application.ports.connections import Connections
from application.ports.identities import Identities
from application.ports.registrations import Registrations
from application.ports.sessions import Sessions
from application.ports.users import Users
from application.remove_connection import RemoveConnection
from domain.user import User

_ENDED_ONE_BY_ONE = 50
"""More are ended together, at the risk that who changes the credentials at the same moment has to log in again."""


@dataclass(frozen=True, slots=True)
class ChangeCredentials:
    """What an account is proven with changes, and whatever was begun with the old ends. Where the address is proven for
    the first time, what somebody who did not own it may have planted goes too: sessions, identities, connections."""

    users: Users
    sessions: Sessions
    identities: Identities
    connections: Connections
    registrations: Registrations
    remove_connection: RemoveConnection

    async def __call__(self, before: User, after: User) -> User:
        """The account as it is stored. Raises VersionSuperseded: somebody else has changed it since ``before``."""
        first_proof = before.email_verified_at is None and after.email_verified_at is not None
        # Before: stopped at any later point, no old session is left that the new password should have ended.
        await self._end(before, first_proof=first_proof)
        stored = await self.users.update(after)
        # After: whoever came in by the old password while this was going on. Later ones are refused by the new one.
        await self._end(stored, first_proof=first_proof)
        for registration in await self.registrations.of(before.email):
            await self.registrations.remove(registration)
        return stored

    async def _end(self, user: User, *, first_proof: bool) -> None:
        sessions = await self.sessions.of_user(user.id)
        found = await self.users.by_id(user.id)
        if found is None or found.credentials_changed_at != user.credentials_changed_at:
            # Whoever has changed them since ends what was there, and has begun a session that must stay.
            return
        if len(sessions) > _ENDED_ONE_BY_ONE:
            await self.sessions.end_all(user.id)
        else:
            for session in sessions:
                await self.sessions.end(user.id, session.id)
        if first_proof:
            for identity in await self.identities.of_user(user.id):
                await self.identities.remove(identity)
            for connection in await self.connections.of_user(user.id):
                await self.remove_connection(connection)
