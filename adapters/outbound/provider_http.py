"""The one place that speaks HTTP to providers. What comes back is hostile until it has been read."""

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit

import httpx
import structlog

from adapters.outbound.bounded_http import AnswerTooLarge, HttpAnswer, NoAnswer, fetch
from adapters.outbound.circuit_breaker import CircuitBreaker
from adapters.outbound.provider_clients import ProviderClients
from adapters.outbound.providers._declaration import ProviderRequest, Verdict, by_status
from application.ports.clock import Clock
from domain.errors import ProviderThrottled, ProviderUnavailable

_TIMEOUT = httpx.Timeout(20, connect=5)
_LARGEST_ANSWER = 10 * 1024 * 1024
_LONGEST_WAIT = 900.0
_FAULTS, _PAUSE_SECONDS = 12, 10.0
"""How often in a row a provider must fail this process to be left alone, and for how long."""
_log = structlog.get_logger("provider_http")


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


class ProviderHttp:
    def __init__(self, client: httpx.AsyncClient, providers: ProviderClients, clock: Clock) -> None:
        self._client, self._providers, self._clock = client, providers, clock
        self._breakers: dict[str, CircuitBreaker] = defaultdict(
            lambda: CircuitBreaker(faults=_FAULTS, pause_seconds=_PAUSE_SECONDS)
        )

    async def call(
        self, provider: str, request: ProviderRequest, headers: Mapping[str, str] | None = None, *, urgent: bool = False
    ) -> HttpAnswer:
        """What came back, whatever it says. ``urgent``: somebody waits with what cannot be had twice, so it is tried
        even with a provider that is left alone. Raises ProviderUnavailable when nothing came, AnswerTooLarge."""
        if not self._providers.declaration(provider).may_call(request.url):
            host = urlsplit(request.url).netloc
            _log.error("an address that the provider does not declare", provider=provider, host=host)
            raise ProviderUnavailable(f"{provider}: an address that is not the provider's")
        breaker = self._breakers[provider]
        wait = breaker.wait()
        if wait and not urgent:
            raise ProviderUnavailable(f"{provider}: did not answer lately", retry_after=wait)
        try:
            answer = await fetch(
                self._client,
                request.method,
                self._providers.address(provider, request.url),
                query=request.query,
                form=request.form,
                json=request.json,
                headers={**request.headers, **(headers or {})},
                largest=_LARGEST_ANSWER,
            )
        except AnswerTooLarge:
            breaker.worked()
            raise
        except NoAnswer as error:
            self._failed(provider, breaker)
            raise ProviderUnavailable(f"{provider}: {error}") from None
        if answer.status >= 500:
            self._failed(provider, breaker)
        else:
            breaker.worked()
        return answer

    async def send(
        self, provider: str, request: ProviderRequest, headers: Mapping[str, str] | None = None, *, urgent: bool = False
    ) -> HttpAnswer:
        """The same, but raises ProviderThrottled for a 429, ProviderUnavailable for what may pass."""
        try:
            answer = await self.call(provider, request, headers, urgent=urgent)
        except AnswerTooLarge as error:
            raise ProviderUnavailable(f"{provider}: {error}") from None
        verdict = by_status(answer.status, answer.body)
        if verdict is Verdict.THROTTLED:
            raise self.throttled(provider, answer)
        if verdict is Verdict.LATER:
            raise self.away(provider, answer)
        return answer

    def throttled(self, provider: str, answer: HttpAnswer) -> ProviderThrottled:
        default = self._providers.declaration(provider).throttle_seconds
        return ProviderThrottled(provider, retry_after=self._wait(answer.headers.get("retry-after"), default))

    def away(self, provider: str, answer: HttpAnswer) -> ProviderUnavailable:
        retry_after = self._wait(answer.headers.get("retry-after"), 5)
        return ProviderUnavailable(f"{provider}: status {answer.status}", retry_after=retry_after)

    def _failed(self, provider: str, breaker: CircuitBreaker) -> None:
        was_open = breaker.is_open
        breaker.failed()
        if breaker.is_open and not was_open:
            _log.warning("provider left alone for a while", provider=provider, seconds=_PAUSE_SECONDS)

    def _wait(self, header: str | None, default: float) -> float:
        """Seconds that Retry-After asks for, as a number or a date (RFC 9110 section 10.2.3), within bounds."""
        seconds = default
        if header and header.strip().isdecimal():
            seconds = float(header)
        elif header:
            try:
                date = parsedate_to_datetime(header)
                seconds = (date.replace(tzinfo=date.tzinfo or UTC) - self._clock.now()).total_seconds()
            except (ValueError, TypeError, OverflowError):
                seconds = default
        # A little later than asked for: callers that were refused together should not come back together.
        return min(max(seconds, 1.0), _LONGEST_WAIT) + random.uniform(0, 0.5)  # noqa: S311
