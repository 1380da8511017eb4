"""The one place that speaks HTTP to providers. What comes back is hostile until it has been read."""

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from adapters.outbound.bounded_http import HttpAnswer, NoAnswer, fetch
from adapters.outbound.provider_clients import ProviderClients
from adapters.outbound.providers._declaration import ProviderRequest
from application.ports.clock import Clock
from application.ports.source_pages import AccessRefused, ListingRefused, SourcePage, SourcePages
from domain.errors import ProviderThrottled, ProviderUnavailable
from domain.secret import Secret
from domain.sync import Stream

_TIMEOUT = httpx.Timeout(20, connect=5)
_LARGEST_ANSWER = 10 * 1024 * 1024
_LARGEST_READ_INLINE = 256 * 1024
"""Bytes of a page whose reading holds the event loop for less than a millisecond."""
_RETRY_DELAYS = (0.3, 1.0)
"""Seconds before a read is repeated after a fault that may be over at once."""
_LONGEST_WAIT = 900.0
_PASSING = frozenset({408, 423, 425, 477})
"""Statuses below 500 that say "later" (477 is HubSpot's account migration)."""


def open_client() -> httpx.AsyncClient:
    """A client that follows no redirect, keeps no cookie (it calls for everybody), reads no proxy settings of the
    machine, and waits for nobody for long."""
    return httpx.AsyncClient(
        timeout=_TIMEOUT,
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "VectorShift"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


class ProviderHttp(SourcePages):
    def __init__(self, client: httpx.AsyncClient, providers: ProviderClients, clock: Clock) -> None:
        self._client, self._providers, self._clock = client, providers, clock

    async def read(self, provider: str, stream: Stream, access: Secret) -> SourcePage:
        listing = self._providers.declaration(provider).listing(stream.kind)
        request = listing.request(stream.cursor)
        answer = await self._patiently(provider, request, {"Authorization": f"Bearer {access.reveal()}"})
        if answer.status == 401:
            raise AccessRefused
        if answer.status == 403:
            raise ListingRefused("access_forbidden")
        if answer.status != 200:
            raise ListingRefused("unexpected_answer")
        if len(answer.body) > _LARGEST_READ_INLINE:
            return await asyncio.to_thread(listing.read, answer.body)
        return listing.read(answer.body)

    async def _patiently(self, provider: str, request: ProviderRequest, headers: Mapping[str, str]) -> HttpAnswer:
        for delay in _RETRY_DELAYS:
            try:
                return await self.send(provider, request, headers)
            except ProviderThrottled:
                raise
            except ProviderUnavailable:
                await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 - spreads retries, keeps no secret
        return await self.send(provider, request, headers)

    async def send(
        self, provider: str, request: ProviderRequest, headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """One call. Raises ProviderThrottled for a 429, ProviderUnavailable for what may pass."""
        url = self._providers.address(provider, request.url)
        try:
            answer = await fetch(
                self._client,
                request.method,
                url,
                query=request.query,
                form=request.form,
                headers=headers,
                largest=_LARGEST_ANSWER,
            )
        except NoAnswer as error:
            raise ProviderUnavailable(f"{provider}: {error}") from None
        if answer.status == 429:
            default = self._providers.declaration(provider).throttle_seconds
            raise ProviderThrottled(provider, retry_after=self._wait(answer.headers.get("retry-after"), default))
        if answer.status in _PASSING or answer.status >= 500:
            retry_after = self._wait(answer.headers.get("retry-after"), 5)
            raise ProviderUnavailable(f"{provider}: status {answer.status}", retry_after=retry_after)
        return answer

    def _wait(self, header: str | None, default: float) -> float:
        """Seconds that Retry-After asks for, as a number or a date (RFC 9110 section 10.2.3), within bounds."""
        seconds = default
        if header and header.strip().isdecimal():
            seconds = float(header)
        elif header:
            try:
                date = parsedate_to_datetime(header)
                seconds = (date.replace(tzinfo=date.tzinfo or UTC) - self._clock.now()).total_seconds()
            except (ValueError, TypeError):
                seconds = default
        # A little later than asked for: callers that were refused together should not come back together.
        return min(max(seconds, 1.0), _LONGEST_WAIT) + random.uniform(0, 0.5)  # noqa: S311
