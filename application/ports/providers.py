from abc import abstractmethod
from typing import Protocol

from domain.provider import Provider


class Providers(Protocol):
    """The providers that there are."""

    @abstractmethod
    def all(self) -> tuple[Provider, ...]:
        """In the order in which a person should see them."""

    @abstractmethod
    def get(self, slug: str) -> Provider:
        """Raises NotFound."""
