"""Whatever a client sends: an answer that says what is wrong, never a 500, and nothing stored of it."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.raw import spoken

BODIES = [
    "/auth/register",
    "/auth/token",
    "/integrations/hubspot/authorize",
    "/integrations/hubspot/credentials",
    "/integrations/hubspot/sync",
    "/integrations/hubspot/load",
    "/integrations/hubspot/get_hubspot_items",
    "/integrations/hubspot/disconnect",
]
"""Routes that take a body."""
LIMIT = 64 * 1024
JSON = {"Content-Type": "application/json"}
NOWHERE = "01a20a50-2522-74c4-a139-5ac8215eb56d"
"""An id as we make them, of nothing."""


async def post(person: Person, path: str, body: bytes, kind: str = "application/json", **headers: str) -> httpx.Response:
    return await person.call("POST", path, content=body, headers={"Content-Type": kind, **headers})


def invalid(answer: httpx.Response) -> dict[str, Any]:
    return problem(answer, 400, "invalid_input")


@pytest.mark.parametrize("path", BODIES)
async def test_only_json_in_utf8_is_read(person: Person, path: str) -> None:
    body = json.dumps({"email": f"{uuid4().hex}@example.com", "password": PASSWORD}).encode()
    kinds = [
        "text/plain",
        "text/json",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/jsonp",
        "application/json, text/plain",
        "",
        *([] if path == "/auth/token" else ["application/x-www-form-urlencoded"]),
    ]
    for kind in kinds:
        problem(await post(person, path, body, kind), 415, "unsupported_media_type")
    problem(await post(person, path, body, **{"Content-Encoding": "gzip"}), 415, "unsupported_media_type")
    untyped = await person.http.send(
        httpx.Request(
            "POST",
            person.product.next_url() + path,
            content=body,
            headers={"Authorization": f"Bearer {person.token}"},
        )
    )
    problem(untyped, 415, "unsupported_media_type")


async def test_a_post_without_a_body_needs_no_content_type(person: Person) -> None:
    for path in ("credentials", "sync", "load", "disconnect"):
        problem(await person.call("POST", f"/integrations/hubspot/{path}"), 409, "not_connected")
    assert (await person.call("POST", "/integrations/hubspot/authorize")).status_code == 200
    problem(await person.call("POST", f"/runs/{NOWHERE}/cancel"), 404, "not_found")
    invalid(await person.call("POST", "/auth/register", bearer=""))
    invalid(await person.call("POST", "/auth/token", bearer=""))


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON;charset=UTF-8", 'application/json; charset="utf-8"'])
async def test_json_may_name_its_charset(person: Person, kind: str) -> None:
    problem(await post(person, "/integrations/hubspot/sync", b"{}", kind), 409, "not_connected")


@pytest.mark.parametrize("path", BODIES)
async def test_an_unknown_field_is_refused(person: Person, path: str) -> None:
    body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD} if "auth" in path else {}
    for extra in ({"nonsense": 1}, {"Email": "x"}, {"is_admin": True}, {"": None}):
        invalid(await person.call("POST", path, json=body | extra))
    if path == "/auth/register":
        assert (await person.call("POST", path, json=body)).status_code == 201


async def test_who_asks_is_not_for_the_body_to_say(person: Person) -> None:
    """Older clients send these; they are taken and ignored, whatever is in them."""
    for value in ("somebody-else", 7, None, {"deep": [1, {"er": "x"}]}):
        named = {"user_id": value, "userId": value, "org_id": value, "orgId": value}
        body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, **named}
        registered = await person.call("POST", "/auth/register", json=body)
        assert registered.status_code == 201
        assert registered.json()["id"] != value
        assert (await person.call("POST", "/auth/token", json=body)).status_code == 200
        assert (await person.call("POST", "/integrations/hubspot/authorize", json=named)).status_code == 200
        for path in ("credentials", "sync", "load", "get_hubspot_items", "disconnect"):
            problem(await person.call("POST", f"/integrations/hubspot/{path}", json=named), 409, "not_connected")


@pytest.mark.parametrize("path", BODIES)
async def test_a_depth_bomb_is_too_large_or_unreadable(person: Person, path: str) -> None:
    for bomb in (b"[" * 1_000_000, b'{"a":' * 200_000):
        problem(await post(person, path, bomb), 413, "body_too_large")
    for bomb in (
        b"[" * 60_000,
        b'{"a":' * 12_000,
        b'{"user_id":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"user_id":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"user_id":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
    ):
        invalid(await post(person, path, bomb))


BROKEN = [
    b"",
    b" ",
    b"{",
    b"}",
    b"nonsense",
    b"[]",
    b"1",
    b'"text"',
    b"true",
    b'{"email":"\xff\xfe@example.com","password":"' + PASSWORD.encode() + b'"}',
    b'{"email":"a@example.com","password":"\xc3\x28 long enough to be one"}',
    b'{"email":"a@example.com","password":"\xed\xa0\x80 long enough to be one"}',
    b'{"email":"\\ud800@example.com","password":"long enough to be one"}',
    b'{"email":"a@example.com","password":"\\udfff long enough to be one"}',
    b"\xef\xbb\xbf{}",
    b"{}{}",
    b"{'email': 'a'}",
    b'{"email": "a@example.com", "password": NaN}',
    "{}".encode("utf-16"),
    "{}".encode("utf-32"),
    b"\x00" * 100,
]


@pytest.mark.parametrize("path", ["/auth/register", "/auth/token", "/integrations/hubspot/sync", "/integrations/hubspot/load"])
async def test_a_body_that_is_no_json_object_is_refused(person: Person, path: str) -> None:
    for body in BROKEN:
        answer = await post(person, path, body)
        if body.strip(b" ") and path != "/auth/token":
            invalid(answer)
        elif path == "/auth/token":
            # Its fields may be read well enough to be refused for what they say.
            assert answer.status_code in (400, 401), (body, answer.text)
            problem(answer, answer.status_code)
        else:
            assert answer.status_code in (400, 409), (body, answer.text)
            problem(answer, answer.status_code)


async def test_wrong_types_are_refused_field_by_field(person: Person) -> None:
    good = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, "full_name": "Ada"}
    wrong: list[Any] = [1, 1.5, True, [], ["a"], {}, {"a": "b"}]
    for field in good:
        for value in wrong + ([] if field == "full_name" else [None]):
            invalid(await person.call("POST", "/auth/register", json=good | {field: value}))
    for field in ("connection_id", "kind", "cursor", "parent_id", "q"):
        for value in wrong:
            invalid(await person.call("POST", "/integrations/hubspot/load", json={field: value}))
    for value in (1, "true", None, []):
        invalid(await person.call("POST", "/integrations/hubspot/load", json={"refresh": value}))
    assert (await person.call("POST", "/auth/register", json=good)).status_code == 201


async def test_limits_are_whole_numbers_within_bounds(person: Person) -> None:
    for text in ("0", "-1", "1001", "1e4", "1.5", '"100"', "true", "null", "1" + "0" * 400, "9" * 5_000, "1e999", "-0.1"):
        body = f'{{"limit":{text}}}'.encode()
        invalid(await post(person, "/integrations/hubspot/load", body))
    for text in ("0", "-1", "1001", "1.5", "x", "", "1e3", "9" * 400, "9" * 5_000, "\u0000", "0x10"):
        invalid(await person.call("GET", "/items", params={"limit": text}))


async def test_numbers_beyond_all_bounds_are_ignored_where_the_field_is(person: Person) -> None:
    for text in ("1" + "0" * 400, "9" * 5_000, "1e999", "-1e-999", "1e-400"):
        answer = await post(person, "/integrations/hubspot/sync", f'{{"user_id":{text}}}'.encode())
        assert answer.status_code in (400, 409)
        problem(answer, answer.status_code)


async def test_a_doubled_key_is_no_way_around_the_rules(person: Person) -> None:
    email = f"{uuid4().hex}@example.com"
    invalid(await post(person, "/auth/register", f'{{"email":"{email}","password":"{PASSWORD}","password":"x"}}'.encode()))
    body = f'{{"email":"x","email":"{email}","password":"{PASSWORD}"}}'.encode()
    assert (await post(person, "/auth/register", body)).status_code in (201, 400)
    invalid(await post(person, "/integrations/hubspot/load", b'{"limit":5,"limit":0}'))
    assert (await person.call("GET", "/items?limit=1&limit=1000000")).status_code in (200, 400)


@pytest.mark.parametrize(
    "email",
    [
        "", "x", "@", "a@", "@example.com", "a b@example.com", "a@example", "a@-x.com", "a@exa mple.com", "a@b@c.com",
        "a\u0000@example.com", "a@example.com\u0000", "a\r\nBcc: x@example.com", "a@[127.0.0.1]", "\u202ea@example.com",
        "x" * 65 + "@example.com", "a@" + "x" * 64 + ".com", "a@" + "x." * 127 + "com", "x" * 400, "a@exam\u2024ple..com",
    ],
)  # fmt: skip
async def test_what_is_no_address_makes_no_account(person: Person, email: str) -> None:
    body = invalid(await person.call("POST", "/auth/register", json={"email": email, "password": PASSWORD}))
    assert "email" in {entry["field"] for entry in body["errors"]} | {body["errors"][0]["field"]}


async def test_a_password_that_breaks_a_rule_makes_no_account(person: Person) -> None:
    email = f"{uuid4().hex}@example.com"
    for password in ("", "x", "x" * 11, "x" * 257, "x" * 50_000):
        body = invalid(await person.call("POST", "/auth/register", json={"email": email, "password": password}))
        assert [entry["field"] for entry in body["errors"]] == ["password"]
        assert not password or password not in json.dumps(body["errors"])
    surrogate = f'{{"email":"{email}","password":"\\ud800 long enough to be one"}}'.encode()
    invalid(await post(person, "/auth/register", surrogate))
    assert (await person.call("POST", "/auth/register", json={"email": email, "password": PASSWORD})).status_code == 201


async def test_text_is_kept_as_it_was_given_or_refused(person: Person) -> None:
    for name in ("a\u0000b", "\u202e", "\U0001f9ed" * 50, "\ufffe", "<script>", "' OR 1=1 --", "\\", "x" * 200, "x" * 201, ""):
        email = f"{uuid4().hex}@example.com"
        body = {"email": email, "password": PASSWORD, "full_name": name}
        answer = await person.call("POST", "/auth/register", json=body)
        if answer.status_code == 201:
            assert answer.json()["profile"]["full_name"] == name
        else:
            invalid(answer)
    surrogate = f'{{"email":"{email}","password":"{PASSWORD}","full_name":"\\ud83d"}}'.encode()
    invalid(await post(person, "/auth/register", surrogate))


ODD = ["x", "0", "-1", " ", "\u0000", "\u202e", "'", "%", "..", "../..", "\U0001f9ed", NOWHERE + "0", "x" * 5_000, "x" * 60_000]


async def test_ids_of_nothing_lead_nowhere(person: Person) -> None:
    await person.connect("globex")
    await person.first_sync()
    for odd in [NOWHERE, NOWHERE.upper(), "A" * 43, *ODD]:
        for path in ("credentials", "sync", "load", "disconnect"):
            answer = await person.call("POST", f"/integrations/hubspot/{path}", json={"connection_id": odd})
            problem(answer, 404, "not_found")
        for path in ("/items", "/integrations/hubspot/status"):
            problem(await person.call("GET", path, params={"connection_id": odd}), 404, "not_found")
        quoted = httpx.URL("http://x", params={"q": odd}).query.decode().removeprefix("q=").replace("+", "%20")
        if odd in ("..", "../.."):
            continue  # these never leave the client
        for method, path in (("GET", f"/items/{quoted}"), ("GET", f"/runs/{quoted}"), ("POST", f"/runs/{quoted}/cancel")):
            problem(await person.call(method, path), 404, "not_found")
        problem(await person.call("POST", f"/integrations/{quoted}/authorize"), 404, "not_found")
        problem(await person.call("GET", f"/integrations/{quoted}/status"), 404, "not_found")
    problem(await person.call("POST", "/integrations/hubspot/sync", json={"connection_id": ""}), 404, "not_found")
    assert (await person.status())["status"] == "active"


async def test_odd_filters_and_cursors_find_nothing_or_are_refused(person: Person) -> None:
    await person.connect("globex")
    await person.first_sync()
    for odd in ["", *ODD]:
        answer = await person.call("GET", "/items", params={"kind": odd})
        assert answer.status_code in (200, 400), answer.text
        if answer.status_code == 200:
            assert (answer.json()["items"], answer.json()["total"]) == ([], 0)
        problem(await person.call("GET", "/items", params={"provider": odd}), 404, "not_found")
        if odd:
            problem(await person.call("GET", "/items", params={"cursor": odd}), 400, "cursor_invalid")
            loaded = await person.call("POST", "/integrations/hubspot/load", json={"cursor": odd})
            problem(loaded, 400, "cursor_invalid")
    for name in ("parent_id", "q", "updated_since"):
        problem(await person.call("GET", "/items", params={name: "x"}), 400, "query_not_supported")
    problem(await person.call("GET", "/items", params={"sort": "-synced_at"}), 400, "query_not_supported")
    problem(await person.call("GET", "/items", params={"deleted": "true"}), 400, "query_not_supported")


@pytest.mark.parametrize("path", ["/items?cursor=%ff", "/items?kind=%ed%a0%80", "/items/%ff%fe", "/runs/%c3%28", "/runs/%00",
    "/items?limit=%ff", "/integrations/%ff/status", "/integrations/hubspot/status?connection_id=%ff", "/items?%ff=1",
    "/items?" + "a=1&" * 2_000, "/items?" + "limit=1&" * 2_000, "/%", "/items/%zz", "/items/%2e%2e%2fruns", "//items",
    "/items/", "/items;x=1", "/ITEMS", "/auth/me/", "/items?limit", "/items?=", "/items?limit[]=1", "/" + "x" * 70_000,
    "/items/" + "x/" * 3_000,
])  # fmt: skip
async def test_an_odd_address_is_no_fault_of_ours(product: Product, person: Person, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {person.token}\r\nConnection: close\r\n\r\n"
    answer = await spoken(product.next_url(), head.encode())
    assert answer.status in (200, 307, 400, 404, 414, 431), answer.text[:500]
    if answer.status in (400, 404) and "x-request-id" in answer.text:
        assert "application/problem+json" in answer.text


@pytest.mark.parametrize("name", ["%00", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/pyproject.toml", "..\\..", "%ff", "x" * 5_000])
async def test_the_ui_serves_no_file_but_its_own(product: Product, name: str) -> None:
    answer = await spoken(product.next_url(), f"GET /app/{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.status in (307, 400, 404, 503), answer.text[:500]
    assert "root:" not in answer.text
    assert "[project]" not in answer.text


async def test_unknown_paths_and_methods_answer_as_everything_does(product: Product, person: Person) -> None:
    for path in ("/nowhere", "/auth", "/auth/nowhere", "/integrations/hubspot/nowhere", "/items/x/y/z", "/schema/nowhere"):
        for bearer in ("", person.token):
            problem(await person.call("GET", path, bearer=bearer), 404, "not_found")
    problem(await person.call("GET", "/integrations/unknown/status"), 404, "not_found")
    problem(await person.call("POST", "/integrations/unknown/authorize"), 404, "not_found")
    problem(await person.call("POST", "/integrations/unknown/load"), 404, "not_found")
    for method, path, allowed in [
        ("PUT", "/items", "GET"),
        ("DELETE", "/items", "GET"),
        ("POST", "/items", "GET"),
        ("GET", "/auth/token", "POST"),
        ("PATCH", "/auth/token", "POST"),
        ("DELETE", "/integrations/hubspot/sync", "POST"),
        ("GET", "/integrations/hubspot/get_hubspot_items", "POST"),
        ("POST", "/health", "GET"),
        ("POST", "/integrations/hubspot/oauth2callback", "GET"),
    ]:
        for bearer in ("", person.token):
            answer = await person.call(method, path, bearer=bearer)
            problem(answer, 405, "method_not_allowed")
            assert allowed in [name.strip() for name in answer.headers["allow"].split(",")]
    for method in ("HEAD", "TRACE", "CONNECT", "PROPFIND", "FOO"):
        answer = await spoken(product.next_url(), f"{method} /items HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert answer.status is None or answer.status < 500, answer.text[:300]


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
        *(unsigned({"alg": alg, "typ": "at+jwt", "kid": kid}, opened) for alg in ("none", "None", "nOnE", "HS512", "RS256")),
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
    page = await visitor.get(product.next_url() + "/integrations/hubspot/oauth2callback?state=x&code=y", headers=headers)
    assert page.status_code == 400, page.text


@pytest.mark.parametrize("path", BODIES)
async def test_a_body_beyond_the_limit_is_refused_unread(person: Person, path: str) -> None:
    problem(await post(person, path, b'{"user_id":"' + b"x" * LIMIT + b'"}'), 413, "body_too_large")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {person.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 11534336\r\n\r\n"
    )
    begun = time.monotonic()
    answer = await spoken(person.product.next_url(), head.encode() + b"{")
    assert answer.status == 413, answer.text
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("path", ["/auth/register", "/auth/token", "/integrations/hubspot/sync", "/auth/logout", "/nowhere"])
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
