from abc import abstractmethod
from typing import Protocol

from domain.credential import Grant, Tokens
from domain.secret import Secret


class Grants(Protocol):
    """Gets, renews and returns the permission to read an account (RFC 6749, RFC 7636, RFC 7009)."""

    @abstractmethod
    def authorization_url(self, provider: str, *, state: str, verifier: str) -> str:
        """Where the person is sent to consent; with the challenge of ``verifier`` where the provider supports PKCE."""

    @abstractmethod
    def check_issuer(self, provider: str, issuer: str | None) -> None:
        """Raises GrantRefused when a callback names another issuer than the provider's (RFC 9207 section 2.4)."""

    @abstractmethod
    async def exchange(self, provider: str, *, code: str, verifier: str) -> Grant:
        """The grant for a code, with the account it opens. Raises GrantRefused, ProviderUnavailable, ClientRefused."""

    @abstractmethod
    async def refresh(self, provider: str, refresh_token: Secret) -> Tokens:
        """New tokens; ``refresh`` in them is the one to use next time, the old one if the provider keeps it. Raises
        GrantRefused when the grant is dead for good, ClientRefused when it is us that the provider does not accept,
        ProviderUnavailable for everything that may pass."""

    @abstractmethod
    async def revoke(self, provider: str, tokens: Tokens) -> bool:
        """Give the grant back; one that is dead already is no error, nor is a provider that has no revocation. False
        where only a living access token does it, and this one is not: a renewed one may. Raises ProviderUnavailable,
        ClientRefused."""
