from abc import abstractmethod
from typing import Protocol


class Vault(Protocol):
    """Seals what must not be read or moved: authenticated encryption, bound to the place where it is kept."""

    @abstractmethod
    def seal(self, content: bytes, place: str) -> bytes:
        """An envelope that names its key; sealing the same twice gives two different ones."""

    @abstractmethod
    def open(self, envelope: bytes, place: str) -> bytes:
        """The content. Raises SealBroken when it was sealed for another place, altered, or its key is not known."""


class SealBroken(Exception):
    """An envelope that does not open."""
