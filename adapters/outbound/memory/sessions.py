from collections.abc import Sequence

from application.ports.sessions import Sessions
from domain.ids import SessionId, UserId
from domain.session import RefreshHash, Session


class MemorySessions(Sessions):
    def __init__(self) -> None:
        self._of_user: dict[UserId, dict[SessionId, Session]] = {}

    async def add(self, session: Session) -> None:
        self._of_user.setdefault(session.user, {}).setdefault(session.id, session)

    async def find(self, user: UserId, session: SessionId) -> Session | None:
        return self._of_user.get(user, {}).get(session)

    async def of_user(self, user: UserId) -> Sequence[Session]:
        return sorted(self._of_user.get(user, {}).values(), key=lambda session: session.id)

    async def renew(self, session: Session, *, expected: RefreshHash) -> bool:
        sessions = self._of_user.get(session.user, {})
        stored = sessions.get(session.id)
        if stored is None or stored.refresh != expected:
            return False
        sessions[session.id] = session
        return True

    async def end(self, user: UserId, session: SessionId) -> bool:
        return self._of_user.get(user, {}).pop(session, None) is not None

    async def end_all(self, user: UserId) -> None:
        self._of_user.pop(user, None)

    async def forget(self, user: UserId) -> None:
        self._of_user.pop(user, None)
