from abc import abstractmethod
from typing import Protocol

from domain.secret import Secret


class Passwords(Protocol):
    """Hashes passwords, slowly on purpose, never on the event loop."""

    @abstractmethod
    async def hash(self, password: Secret) -> str:
        """A salted hash in PHC string format. Raises Overloaded when too many wait."""

    @abstractmethod
    async def verify(self, password: Secret, hashed: str | None) -> bool:
        """Whether ``password`` gave ``hashed``, which is one of ours or of bcrypt's. None is verified against a fixed
        reference hash, for the same time as one of ours, and is never True. Raises Overloaded when too many wait."""

    @abstractmethod
    def is_outdated(self, hashed: str) -> bool:
        """Whether ``hash`` would make it in another way by now."""

    @abstractmethod
    def is_known(self, hashed: str) -> bool:
        """Whether ``hashed`` is a hash that ``verify`` can tell anything of."""
