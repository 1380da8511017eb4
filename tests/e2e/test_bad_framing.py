"""Sizes, frames, headers, cookies and bearers as no client of ours sends them."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.raw import spoken

pytestmark = EMBEDDED
LIMIT = 64 * 1024
BODIES = ["/auth/register", "/auth/token", "/integrations/hubspot/authorize", "/integrations/hubspot/load"]


def unsigned(header: Any, claims: Any) -> str:
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims, b"x"))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_what_is_no_access_token_of_ours_opens_nothing(person: Person) -> None:
    header, claims, signature = person.token.split(".")
    opened = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert set(opened) == {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}
    assert 0 < opened["exp"] - opened["iat"] <= 900
    kid = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    forged = [
        "x", "a.b.c", "..", ".", f"{header}.{claims}.", f"{header}.{claims}", f"{header}.{claims}.{signature[:-4]}AAAA",
        *(unsigned({"alg": alg, "typ": "at+jwt", "kid": kid}, opened) for alg in ("none", "nOnE", "HS512", "RS256")),
        unsigned({"alg": ["HS256"], "typ": "at+jwt", "kid": kid}, opened),
        unsigned({"alg": "HS256", "typ": "at+jwt", "kid": [1]}, opened),
        unsigned({"alg": "HS256", "typ": "at+jwt", "kid": "../../etc/passwd"}, opened),
        unsigned(b"[" * 5_000, opened), unsigned({"alg": "HS256", "kid": kid}, b'{"a":' * 3_000),
        unsigned(b"\xff\xfe", b"\xff"), "x" * 9_000, "é", "\u00ff.\u00ff.\u00ff",
    ]  # fmt: skip
    for token in forged:
        headers = [(b"Authorization", b"Bearer " + token.encode("latin-1"))]
        answer = await person.http.get(person.product.next_url() + "/auth/me", headers=headers)
        problem(answer, 401, "not_authenticated")
    for value in ("", "Bearer", "Bearer  x", "Basic eDp5", f"bearer{person.token}", f"Token {person.token}"):
        answer = await person.http.get(person.product.next_url() + "/auth/me", headers={"Authorization": value})
        problem(answer, 401, "not_authenticated")
    answer = await person.http.get(person.product.next_url() + f"/auth/me?access_token={person.token}")
    problem(answer, 401, "not_authenticated")


@pytest.mark.parametrize(
    "cookie",
    [b"vs_refresh=\xff\xfe", b"vs_refresh=%00", b";;;=;", b"vs_refresh", b'vs_refresh="', b"a=" + b"x" * 30_000,
     b"; ".join(b"vs_flow_%d=x" % number for number in range(2_000)), b"vs_refresh=" + "é".encode()],
)  # fmt: skip
async def test_odd_cookies_are_no_sessions(product: Product, visitor: httpx.AsyncClient, cookie: bytes) -> None:
    headers = [(b"Cookie", cookie), (b"Origin", product.public_url.encode())]
    refreshed = await visitor.post(product.next_url() + "/auth/refresh", headers=headers)
    problem(refreshed, 401, "session_ended")
    page = await visitor.get(
        product.next_url() + "/integrations/hubspot/oauth2callback?state=x&code=y", headers=headers
    )
    assert page.status_code == 400, page.text


@pytest.mark.parametrize("path", BODIES)
async def test_a_body_beyond_the_limit_is_refused_unread(person: Person, path: str) -> None:
    problem(await person.call("POST", path, json={"user_id": "x" * LIMIT}), 413, "body_too_large")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {person.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 11534336\r\n\r\n"
    )
    begun = time.monotonic()
    answer = await spoken(person.product.next_url(), head.encode() + b"{")
    assert answer.status == 413, answer.text
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "path", ["/auth/register", "/auth/token", "/integrations/hubspot/sync", "/auth/logout", "/nowhere"]
)
async def test_an_endless_body_is_ended(person: Person, path: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64 * 1024 * 1024:
            sent += 16_384
            yield b"4000\r\n" + b" " * 16_384 + b"\r\n"
            await asyncio.sleep(0)

    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {person.token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    answer = await spoken(person.product.next_url(), head.encode(), endless())
    assert answer.status in (204, 400, 404, 413), answer.text
    assert sent < 16 * 1024 * 1024


FRAMES = {
    "negative length": "Content-Length: -1\r\n",
    "no number": "Content-Length: x\r\n",
    "signed": "Content-Length: +2\r\n",
    "two lengths": "Content-Length: 2\r\nContent-Length: 3\r\n",
    "list of lengths": "Content-Length: 2, 3\r\n",
    "huge length": "Content-Length: 99999999999999999999999\r\n",
    "length and chunks": "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    "unknown coding": "Transfer-Encoding: gzip\r\n",
    "chunked twice": "Transfer-Encoding: chunked, chunked\r\n",
    "space before colon": "Content-Length : 2\r\n",
}


@pytest.mark.parametrize("frame", FRAMES)
async def test_a_request_whose_end_is_in_doubt_is_refused(product: Product, frame: str) -> None:
    head = f"POST /auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{FRAMES[frame]}\r\n"
    answer = await spoken(product.next_url(), head.encode() + b"{}GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.status in (None, 400, 411, 413, 415, 501), answer.text
    assert '"status":"ok"' not in answer.text


HEADS = {
    "one long header": b"X-Long: " + b"x" * 1_000_000 + b"\r\n",
    "many headers": b"".join(b"X-%d: x\r\n" % number for number in range(10_000)),
    "odd bytes": b"X-Odd: \xff\xfe\x80\r\n",
    "odd request id": b"X-Request-Id: \xff<script>\r\n",
    "long request id": b"X-Request-Id: " + b"x" * 10_000 + b"\r\n",
    "folded": b"X-Folded: a\r\n b\r\n",
    "no name": b": x\r\n",
    "no host": b"",
}


@pytest.mark.parametrize("head", HEADS)
async def test_odd_headers_bring_nothing_down(product: Product, visitor: httpx.AsyncClient, head: str) -> None:
    url = product.next_url()
    host = b"" if head == "no host" else b"Host: localhost\r\n"
    answer = await spoken(url, b"GET /auth/me HTTP/1.1\r\n" + host + HEADS[head] + b"Connection: close\r\n\r\n")
    assert answer.status in (None, 400, 401, 413, 431), answer.text[:500]
    assert "<script>" not in answer.text
    assert (await visitor.get(f"{url}/health")).status_code == 200


async def test_a_request_id_is_taken_over_when_it_is_a_plain_one(person: Person) -> None:
    given = await person.call("GET", "/nowhere", headers={"X-Request-Id": "trace-1.2_3"})
    assert problem(given, 404)["request_id"] == "trace-1.2_3"
    other = await person.call("GET", "/nowhere", headers={"X-Request-Id": "a b"})
    assert problem(other, 404)["request_id"] != "a b"


async def test_nothing_of_all_that_was_a_fault_of_ours(product: Product) -> None:
    for process in product.processes:
        assert process.runs
        assert "unhandled" not in process.output()
        assert "Traceback" not in process.output()
