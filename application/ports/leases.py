from abc import abstractmethod
from typing import Protocol


class Leases(Protocol):
    """Who works on what, so that two do not do the same. Only saves effort: nothing may depend on holding one."""

    @abstractmethod
    async def acquire(self, name: str, owner: str, *, seconds: float) -> bool:
        """True if ``owner`` now holds it for so long: nobody held it, or ``owner`` did (which renews it). Of n owners
        at once one gets True. It is free again after ``seconds``."""

    @abstractmethod
    async def release(self, name: str, owner: str) -> None:
        """Free it if ``owner`` holds it; another's stays."""
