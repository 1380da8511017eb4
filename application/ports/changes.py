from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.ids import ConnectionId
from domain.sync import Change


class Changes(Protocol):
    """The log of each connection's changes, by number. What is appended is not published: that is the sync state's
    ``sequence`` to say. It also is the write-ahead log of a page: its successor finishes what a dead writer began."""

    @abstractmethod
    async def append(self, connection: ConnectionId, epoch: int, changes: Sequence[Change]) -> None:
        """Keep changes with consecutive numbers; a number that is there already is replaced. Raises EpochSuperseded,
        and keeps nothing more, once somebody has taken over under a higher epoch. Stopped in the middle, it has
        kept a prefix. At most 1,000 at once."""

    @abstractmethod
    async def take_over(self, connection: ConnectionId, epoch: int, *, published: int) -> tuple[Change, ...]:
        """From now on refuse appends under a lower epoch, and return what is there beyond ``published`` in the order
        of its numbers: complete, for nothing can be added to it any more. Raises EpochSuperseded if a higher epoch
        has taken over already."""

    @abstractmethod
    async def between(self, connection: ConnectionId, *, after: int, until: int) -> tuple[Change, ...]:
        """The changes with ``after`` < number <= ``until``, in order, at most 1,000 of them."""

    @abstractmethod
    async def clear(self, connection: ConnectionId, *, until: int) -> None:
        """Remove the changes with numbers up to ``until`` of a connection that nobody will append to again; repeating
        is harmless, and so is being stopped in the middle and called again."""
