"""What an OpenID provider publishes of itself (OpenID Connect Discovery 1.0), kept for a while."""

import asyncio
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from adapters.outbound.bounded_http import HttpAnswer, NoAnswer, fetch
from application.ports.clock import Clock
from domain.errors import IdentityProviderUnavailable

_LARGEST_DOCUMENT = 256 * 1024
_KEPT_SECONDS = 3600
_REFETCH_SECONDS = 60
"""However many unknown keys are named: so seldom it is looked whether there are new ones."""
_WELL_KNOWN = "/.well-known/openid-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OidcDocuments:
    """Several callers at once fetch each document once."""

    def __init__(self, client: httpx.AsyncClient, discovery_url: str, clock: Clock) -> None:
        self._client, self._discovery_url, self._clock = client, discovery_url, clock
        self._turn = asyncio.Lock()
        self._configuration: Mapping[str, object] | None = None
        self._configured_at = 0.0
        self._keys: KeySet | None = None
        self._keys_at = 0.0
        self._looked_again_at = 0.0

    async def configuration(self) -> Mapping[str, object]:
        """Raises IdentityProviderUnavailable, also where it is not what its address says."""
        async with self._turn:
            if self._configuration is None or self._now() > self._configured_at + _KEPT_SECONDS:
                self._configuration = self._checked(_object(await self.get(self._discovery_url)))
                self._configured_at = self._now()
            return self._configuration

    async def keys(self, kid: object) -> KeySet:
        """The provider's keys, looked up again when ``kid`` is none of them. Raises IdentityProviderUnavailable."""
        url = str((await self.configuration())["jwks_uri"])
        async with self._turn:
            now = self._now()
            known = self._keys is not None and any(key.kid == kid for key in self._keys.keys)
            if self._keys is None or now > self._keys_at + _KEPT_SECONDS:
                self._keys, self._keys_at = await self._fetched_keys(url), now
            elif not known and now >= self._looked_again_at + _REFETCH_SECONDS:
                self._keys, self._keys_at = await self._fetched_keys(url), now
                # Only now: while it cannot be known whether there are new ones, nobody is refused for it.
                self._looked_again_at = now
            return self._keys

    async def userinfo_endpoint(self) -> str | None:
        """None where there is none that a token may be sent to."""
        url = (await self.configuration()).get("userinfo_endpoint")
        return url if isinstance(url, str) and self._may_be_called(url) else None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        return await self._fetched("GET", url, headers=headers)

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> HttpAnswer:
        return await self._fetched("POST", url, form=form, headers=headers)

    async def _fetched_keys(self, url: str) -> KeySet:
        return _key_set(_object(await self.get(url)))

    async def _fetched(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        try:
            answer = await fetch(self._client, method, url, form=form, headers=headers, largest=_LARGEST_DOCUMENT)
        except NoAnswer as error:
            raise IdentityProviderUnavailable(f"the identity provider: {error}") from None
        if answer.status >= 500 or answer.status == 429:
            raise IdentityProviderUnavailable(f"the identity provider: status {answer.status}")
        return answer

    def _checked(self, found: Mapping[str, object]) -> Mapping[str, object]:
        issuer = found.get("issuer")
        # Section 4.3: whoever publishes another's issuer would speak for it.
        if not isinstance(issuer, str) or issuer.rstrip("/") + _WELL_KNOWN != self._discovery_url:
            raise IdentityProviderUnavailable("the identity provider: discovery names another issuer")
        for name in _ENDPOINTS:
            if not self._may_be_called(str(found.get(name, ""))):
                raise IdentityProviderUnavailable(f"the identity provider: {name} cannot be used")
        return found

    def _may_be_called(self, url: str) -> bool:
        """In the clear only a provider that is found in the clear, which the settings allow on this machine alone."""
        try:
            scheme = urlsplit(url).scheme
        except ValueError:
            return False
        return scheme == "https" or (scheme == "http" and self._discovery_url.startswith("http:"))

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _object(answer: HttpAnswer) -> Mapping[str, object]:
    try:
        found = msgspec.json.decode(answer.body) if answer.status == 200 else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise IdentityProviderUnavailable("the identity provider: not a document")
    return found


def _key_set(found: Mapping[str, object]) -> KeySet:
    """Those that can be used: a provider may publish others beside them."""
    listed = found.get("keys")
    usable = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    keys = []
    for one in usable:
        try:
            keys += KeySet.import_key_set({"keys": [cast("dict[str, str | list[str]]", one)]}).keys
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(keys)
