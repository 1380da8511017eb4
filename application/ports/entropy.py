from abc import abstractmethod
from typing import Protocol


class Entropy(Protocol):
    """What nobody can guess."""

    @abstractmethod
    def identifier(self) -> str:
        """A new UUIDv7 in its text form (RFC 9562 section 5.7): unique, and rising with time."""

    @abstractmethod
    def token(self) -> str:
        """256 random bits as 43 characters of base64url."""
