import asyncio
import random

from adapters.outbound.bounded_http import AnswerTooLarge, HttpAnswer
from adapters.outbound.provider_budgets import ProviderBudgets
from adapters.outbound.provider_clients import ProviderClients
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.providers._declaration import Place, ProviderRequest, Verdict
from application.ports.source_pages import (
    QUOTA_EXCEEDED,
    AccessRefused,
    CursorExpired,
    ListingRefused,
    ParentRefused,
    SourcePage,
    SourcePages,
)
from domain.connection import Connection
from domain.errors import ProviderThrottled, ProviderUnavailable
from domain.item import SourceItem
from domain.secret import Secret
from domain.sync import Stream

_LARGEST_READ_INLINE = 64 * 1024
"""Bytes of a page whose reading holds the event loop for less than a millisecond."""
_RETRY_DELAYS = (0.3, 1.0)
"""Seconds before a read is repeated after a fault that may be over at once."""
_TAKING_TIME = frozenset({423, 477})
"""Statuses of what is not over at once: a lock, the move of an account."""


class ProviderPages(SourcePages):
    """The declared listings, read over HTTP."""

    def __init__(self, http: ProviderHttp, providers: ProviderClients, budgets: ProviderBudgets) -> None:
        self._http, self._providers, self._budgets = http, providers, budgets

    def is_under(self, provider: str, listing: str, parent: SourceItem) -> bool:
        return self._providers.declaration(provider).listing(listing).is_under(parent)

    async def read(
        self, connection: Connection, stream: Stream, parent: SourceItem | None, access: Secret
    ) -> SourcePage:
        listing = self._providers.declaration(connection.provider).listing(stream.listing)
        place = Place(stream.cursor, parent)
        try:
            verdict, answer = await self._patiently(connection, listing.request(place), access)
        except AnswerTooLarge as error:
            raise ListingRefused("answer_too_large") from error
        match verdict:
            case Verdict.GOOD if len(answer.body) > _LARGEST_READ_INLINE:
                return await asyncio.to_thread(listing.read, place, answer.body)
            case Verdict.GOOD:
                return listing.read(place, answer.body)
            case Verdict.GONE if parent is not None:
                raise ParentRefused
            case Verdict.CURSOR_EXPIRED:
                raise CursorExpired
            case Verdict.FORBIDDEN:
                raise ListingRefused("access_forbidden")
            case Verdict.BLOCKED:
                raise ListingRefused(QUOTA_EXCEEDED)
            case _:
                raise ListingRefused("unexpected_answer")

    async def complete(
        self, connection: Connection, listing: str, item: SourceItem, access: Secret
    ) -> SourceItem | None:
        detail = self._providers.declaration(connection.provider).listing(listing).detail
        if detail is None:
            return item
        try:
            verdict, answer = await self._patiently(connection, detail.request(item), access)
        except AnswerTooLarge:
            return item
        match verdict:
            case Verdict.GOOD:
                try:
                    return detail.read(item, answer.body)
                except ListingRefused:
                    return None
            case Verdict.BLOCKED:
                raise ListingRefused(QUOTA_EXCEEDED)
            case Verdict.UNEXPECTED:
                return None
            case _:
                return item

    async def _patiently(
        self, connection: Connection, request: ProviderRequest, access: Secret
    ) -> tuple[Verdict, HttpAnswer]:
        """The answer, with what it means. Raises AccessRefused, ProviderThrottled, ProviderUnavailable."""
        for delay in _RETRY_DELAYS:
            try:
                verdict, answer = await self._ask(connection, request, access)
            except ProviderThrottled:
                raise
            except ProviderUnavailable:
                pass
            else:
                if verdict is not Verdict.LATER:
                    return verdict, answer
                if "retry-after" in answer.headers or answer.status in _TAKING_TIME:
                    raise self._http.away(connection.provider, answer)
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 - spreads retries, keeps no secret
        verdict, answer = await self._ask(connection, request, access)
        if verdict is Verdict.LATER:
            raise self._http.away(connection.provider, answer)
        return verdict, answer

    async def _ask(
        self, connection: Connection, request: ProviderRequest, access: Secret
    ) -> tuple[Verdict, HttpAnswer]:
        """The next answer, also one that says "later"."""
        if request.budget:
            await self._budgets.spend(connection.provider, connection.account.id, request.budget)
        bearer = {"Authorization": f"Bearer {access.reveal()}"}
        answer = await self._http.call(connection.provider, request, bearer)
        verdict = self._providers.declaration(connection.provider).judge(answer.status, answer.body)
        match verdict:
            case Verdict.ACCESS_REFUSED:
                raise AccessRefused
            case Verdict.THROTTLED:
                raise self._http.throttled(connection.provider, answer)
            case _:
                return verdict, answer
