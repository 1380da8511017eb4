from dataclasses import dataclass

from application.limit_calls import LimitCalls
from application.open_session import OpenedSession
from application.ports.clock import Clock
from application.ports.sessions import Sessions
from application.ports.tokens import Bearer, Tokens
from application.promise_mail import PromiseMail
from application.rates import REFRESH
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.errors import SessionEnded
from domain.mail import MailKind
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.session import Session, SessionLifetime, refresh_hash


@dataclass(frozen=True, slots=True)
class RenewSession:
    """A browser trades its refresh token for a new one and an access token (RFC 9700 section 4.14.2)."""

    sessions: Sessions
    tokens: Tokens
    clock: Clock
    lifetime: SessionLifetime
    limit_calls: LimitCalls
    promise_mail: PromiseMail
    record_event: RecordEvent

    async def __call__(self, presented: Secret, caller: Caller) -> OpenedSession:
        """Parallel callers with one token get the same successor. Raises SessionEnded; a token that was replaced
        before the grace also ends the session, for two parties hold it. Raises LimitReached."""
        bearer = self.tokens.refresh_bearer(presented)
        if bearer is None:
            raise SessionEnded
        # Only what we made counts: a guess with the ids of a session must not use up its owner's calls.
        if self.tokens.is_genuine(presented):
            await self.limit_calls(REFRESH, bearer.session)
        return await self._renewed(presented, bearer, caller)

    async def _renewed(self, presented: Secret, bearer: Bearer, caller: Caller) -> OpenedSession:
        successor = self.tokens.next_refresh(presented)
        given, following = refresh_hash(presented.reveal()), refresh_hash(successor.reveal())
        while True:
            session = await self.sessions.find(bearer.user, bearer.session)
            now = self.clock.now()
            if session is None or not session.is_live(now, self.lifetime):
                raise SessionEnded
            try:
                renewed = session.renewed(given, following, now, self.lifetime)
            except SessionEnded as refusal:
                # A token that was given out and replaced long ago tells of a theft. A guess does not, nor does one that
                # two tabs in a hurry have left behind.
                hurried = now < session.renewed_at + self.lifetime.grace
                if self.tokens.is_genuine(presented) and not hurried:
                    await self._end_stolen(session, caller, refusal)
                raise
            # Losing this race means that a twin has stored the very same successor: the next turn finds it.
            if renewed is session or await self.sessions.renew(renewed, expected=session.refresh):
                return OpenedSession(bearer.user, self.tokens.issue(bearer), successor)

    async def _end_stolen(self, session: Session, caller: Caller, refusal: SessionEnded) -> None:
        # Of all who notice, the one that ends the session tells of it.
        if await self.sessions.end(session.user, session.id):
            await self.promise_mail.notice(session.user, MailKind.REFRESH_REUSE)
            await self.record_event(SecurityAction.REFRESH_REUSE, caller, user=session.user, refusal=refusal)
