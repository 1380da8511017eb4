from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.ids import SessionId, UserId
from domain.session import RefreshHash, Session


class Sessions(Protocol):
    """Signed-in devices. What was ended stays ended, on every process, from the moment the call returns."""

    @abstractmethod
    async def add(self, session: Session) -> None:
        """Keep a new session; it lives until it is ended (its times are for the domain to judge)."""

    @abstractmethod
    async def find(self, user: UserId, session: SessionId) -> Session | None:
        """The session, by one point read; None when it never was, has ended, or is another user's."""

    @abstractmethod
    async def of_user(self, user: UserId) -> Sequence[Session]:
        """All of ``user``'s sessions that have not been ended, in the order of their ids."""

    @abstractmethod
    async def renew(self, session: Session, *, expected: RefreshHash) -> bool:
        """Replace the stored session with ``session`` if its refresh hash is still ``expected``: of n callers with one
        ``expected`` the first gets True. False also when the session has ended: a renewal never brings it back."""

    @abstractmethod
    async def end(self, user: UserId, session: SessionId) -> bool:
        """End one session; True if this call has ended it, so of n callers at once one gets True. One that is gone
        already is no error."""

    @abstractmethod
    async def end_all(self, user: UserId) -> None:
        """End every session of ``user`` that was added before this call; those added later live."""

    @abstractmethod
    async def forget(self, user: UserId) -> None:
        """End every session of ``user``, as ``end_all`` does, and leave no trace of them. Nobody will add one again."""
