from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.outbound.providers._declaration import Client, Declaration
from application.ports.providers import Providers
from domain.errors import NotFound, ProviderNotConfigured
from domain.provider import Provider, SourceListing


@dataclass(frozen=True, slots=True)
class Registration:
    """Our app at a provider, as the settings have it."""

    client: Client
    redirect_uri: str
    base_url: str | None = None
    """Where the sandbox plays this provider; None: the provider itself answers."""


class ProviderClients(Providers):
    """The declared providers, with our registration at each."""

    def __init__(self, declared: Sequence[Declaration], registered: Mapping[str, Registration]) -> None:
        self._declared = {one.slug: one for one in declared}
        self._registered = registered
        self._shown = {one.slug: self._show(one) for one in declared}

    def all(self) -> tuple[Provider, ...]:
        return tuple(self._shown.values())

    def get(self, slug: str) -> Provider:
        if slug not in self._shown:
            raise NotFound("There is no such provider.")
        return self._shown[slug]

    def declaration(self, slug: str) -> Declaration:
        """Raises ProviderNotConfigured: it may have been declared once."""
        if slug not in self._declared:
            raise ProviderNotConfigured
        return self._declared[slug]

    def registration(self, slug: str) -> Registration:
        """Raises ProviderNotConfigured."""
        if slug not in self._registered:
            raise ProviderNotConfigured
        return self._registered[slug]

    def address(self, slug: str, url: str) -> str:
        """Where a provider's own ``url`` is really answered."""
        base = self.registration(slug).base_url
        return url if base is None else base + urlsplit(url).path

    def _show(self, declared: Declaration) -> Provider:
        registration = self._registered.get(declared.slug)
        return Provider(
            slug=declared.slug,
            name=declared.name,
            logo=declared.logo_uri,
            listings=tuple(
                SourceListing(one.name, one.kind, one.under, one.detail is not None) for one in declared.listings
            ),
            scopes=declared.scopes,
            shares_grants=declared.shares_grants,
            keep_alive_days=declared.keep_alive_days,
            configured=registration is not None,
            sandbox=registration is not None and registration.base_url is not None,
        )
