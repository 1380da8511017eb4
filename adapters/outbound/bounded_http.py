"""Calls to others whose answers are hostile until they have been read: bounded in time and size."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import httpx
from structlog.contextvars import get_contextvars

_DEADLINE_SECONDS = 30.0


class NoAnswer(Exception):
    """Nothing that could be read has come back, in time and in bounds; the message is one word."""


class AnswerTooLarge(NoAnswer):
    """More came than may be read; it would come again."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)


async def fetch(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    largest: int,
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    json: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpAnswer:
    """``largest``: bytes of a body. Raises NoAnswer, AnswerTooLarge."""
    # Nothing compressed: a few bytes of it may become gigabytes before anybody has counted them.
    plain = {"Accept-Encoding": "identity", **_traced(), **(headers or {})}
    try:
        async with asyncio.timeout(_DEADLINE_SECONDS):
            request = client.stream(method, url, params=query or None, data=form, json=json, headers=plain)
            return await _read(request, largest)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        # Not chained to a text of the library's: its message may carry the request, and so a token.
        raise NoAnswer(type(error).__name__) from None


def _traced() -> dict[str, str]:
    """Which request of ours, or promise made in one, the call is for."""
    request_id = get_contextvars().get("request_id")
    return {"X-Request-Id": str(request_id)} if request_id else {}


async def _read(request: AbstractAsyncContextManager[httpx.Response], largest: int) -> HttpAnswer:
    async with request as response:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise httpx.DecodingError("the answer is compressed")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > largest:
                raise AnswerTooLarge("AnswerTooLarge")
        return HttpAnswer(response.status_code, response.headers, bytes(body))
