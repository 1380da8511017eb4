from dataclasses import dataclass

from application.limit_calls import LimitCalls
from application.ports.clock import Clock
from application.ports.passwords import Passwords
from application.ports.sessions import Sessions
from application.ports.tokens import Bearer
from application.ports.users import Users
from application.promise import Promise
from application.rates import DELETE_ACCOUNT
from application.record_event import RecordEvent
from application.seal_mail import SealMail
from application.shut_account import ShutAccount
from domain.caller import Caller
from domain.effect import Effect, EffectKind
from domain.errors import NotAuthenticated, ReauthenticationRequired, Refused, Unavailable, WrongPassword
from domain.ids import EffectId
from domain.password import is_too_long, normalised
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.session import ProvenBy
from domain.user import User


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """A person leaves, and takes everything along."""

    users: Users
    sessions: Sessions
    passwords: Passwords
    shut_account: ShutAccount
    promise: Promise
    seal_mail: SealMail
    limit_calls: LimitCalls
    record_event: RecordEvent
    clock: Clock

    async def __call__(self, bearer: Bearer, *, current_password: Secret | None, caller: Caller) -> None:
        """By the password, or in a session that an identity provider opened in the last five minutes. Raises
        WrongPassword, ReauthenticationRequired, LimitReached, Overloaded, NotAuthenticated when the account is gone."""
        await self.limit_calls(DELETE_ACCOUNT, bearer.user)
        user = await self.users.by_id(bearer.user)
        if user is None:
            raise NotAuthenticated
        try:
            await self._prove(bearer, user, current_password)
        except Unavailable:
            raise
        except Refused as refusal:
            await self.record_event(SecurityAction.ACCOUNT_DELETE, caller, user=user.id, refusal=refusal)
            raise
        # Promised before anything is done: a worker completes it however far this process gets.
        await self._promise(user)
        await self.shut_account(user.id)
        await self.record_event(SecurityAction.ACCOUNT_DELETE, caller, user=user.id, kept=False)

    async def _prove(self, bearer: Bearer, user: User, current_password: Secret | None) -> None:
        if current_password is None:
            session = await self.sessions.find(bearer.user, bearer.session)
            if session is None or session.proven_by is not ProvenBy.IDENTITY:
                raise ReauthenticationRequired
            session.check_fresh(self.clock.now())
            return
        if is_too_long(current_password) or not await self.passwords.verify(
            normalised(current_password), user.password_hash
        ):
            raise WrongPassword("current_password", "This is not your password.")

    async def _promise(self, user: User) -> None:
        # The same effect from everybody who deletes this account.
        id_ = EffectId(user.id)
        # Sealed: soon nothing else here knows whose address it was.
        subject = {"user": user.id, "email": self.seal_mail(id_, "email", Secret(user.email))}
        now = self.clock.now()
        await self.promise(Effect(id_, EffectKind.ERASE, subject, created_at=now, due_at=user.created_at))
