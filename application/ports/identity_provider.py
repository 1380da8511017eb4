from abc import abstractmethod
from typing import Protocol

from domain.identity import ProvenIdentity


class IdentityProvider(Protocol):
    """Says who somebody is, by OpenID Connect (Core 1.0) with PKCE (RFC 7636)."""

    @abstractmethod
    def is_configured(self) -> bool:
        """Whether there is one."""

    @abstractmethod
    async def authorization_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the person chooses an account. Raises IdentityProviderUnavailable."""

    @abstractmethod
    async def identify(self, *, code: str, verifier: str, nonce: str) -> ProvenIdentity:
        """Who has come back with ``code``. Raises IdentityRefused when the code is not taken or the id_token is wrong
        in any respect, IdentityProviderUnavailable for everything that may pass."""
