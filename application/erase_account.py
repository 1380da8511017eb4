from contextlib import suppress
from dataclasses import dataclass

from application.outcome import DONE, Again, Outcome
from application.ports.connections import Connections
from application.ports.deletions import Deletions
from application.ports.identities import Identities
from application.ports.profiles import Profiles
from application.ports.registrations import Registrations
from application.ports.security_events import SecurityEvents
from application.ports.sessions import Sessions
from application.ports.vault import SealBroken
from application.promise import Promise
from application.remove_connection import RemoveConnection
from application.seal_mail import SealMail
from application.shut_account import ShutAccount
from domain.account_deletion import deleted_account
from domain.effect import Effect, EffectKind
from domain.email import EmailAddress
from domain.ids import EffectId, UserId
from domain.secret import Secret

_LATE_WRITERS_SECONDS = 60
"""Longer than any call that was under way for this person can take."""


@dataclass(frozen=True, slots=True)
class EraseAccount:
    """A worker clears away what an account that was deleted has left."""

    shut_account: ShutAccount
    identities: Identities
    connections: Connections
    remove_connection: RemoveConnection
    profiles: Profiles
    sessions: Sessions
    registrations: Registrations
    security_events: SecurityEvents
    deletions: Deletions
    seal_mail: SealMail
    promise: Promise

    async def __call__(self, effect: Effect) -> Outcome:
        user = UserId(effect.subject["user"])
        await self.shut_account(user)
        with suppress(SealBroken):
            # Without the key nobody knows the address any more.
            email = EmailAddress(self.seal_mail.open(effect, "email").reveal())
            await self._take_leave(email, user, effect)
            await self._clear_registrations(email, effect)
        await self.deletions.add(deleted_account(user), at=effect.created_at)
        await self.identities.forget(user)
        for connection in await self.connections.of_user(user):
            await self.remove_connection(connection)
        await self.connections.forget(user)
        await self.profiles.remove(user)
        await self.sessions.forget(user)
        await self.security_events.clear(user)
        # A callback that was under way may have stored one more connection by now.
        return DONE if effect.attempts else Again(_LATE_WRITERS_SECONDS, 1)

    async def _take_leave(self, email: EmailAddress, user: UserId, effect: Effect) -> None:
        """Promise the farewell, once however often the account is erased."""
        if await self.deletions.at(deleted_account(user)) is None:
            id_ = EffectId(f"farewell-{user}")
            subject = {"email": self.seal_mail(id_, "email", Secret(email))}
            await self.promise(
                Effect(id_, EffectKind.MAIL_FAREWELL, subject, created_at=effect.created_at, due_at=effect.created_at)
            )

    async def _clear_registrations(self, email: EmailAddress, effect: Effect) -> None:
        for registration in await self.registrations.of(email):
            # Later ones are of somebody who registers the address anew.
            if registration.created_at <= effect.created_at:
                await self.registrations.remove(registration)
