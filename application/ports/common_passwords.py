from abc import abstractmethod
from typing import Protocol


class CommonPasswords(Protocol):
    """Passwords that attackers try first."""

    @abstractmethod
    def __contains__(self, text: object, /) -> bool:
        """Whether ``text``, which is case-folded, is one of them."""
