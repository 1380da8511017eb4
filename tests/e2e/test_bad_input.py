"""Whatever a client sends: an answer that says what is wrong, never a 500, and nothing stored of it."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import PASSWORD, Person

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
NOWHERE = "01a20a50-2522-74c4-a139-5ac8215eb56d"
"""An id as we make them, of nothing."""


async def post(
    person: Person, path: str, body: bytes, kind: str = "application/json", **headers: str
) -> httpx.Response:
    return await person.call("POST", path, content=body, headers={"Content-Type": kind, **headers})


def invalid(answer: httpx.Response) -> dict[str, Any]:
    return problem(answer, 400, "invalid_input")


@EMBEDDED
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


@EMBEDDED
@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON;charset=UTF-8", 'application/json; charset="utf-8"']
)
async def test_json_may_name_its_charset(person: Person, kind: str) -> None:
    problem(await post(person, "/integrations/hubspot/sync", b"{}", kind), 409, "not_connected")


@EMBEDDED
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


@EMBEDDED
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


@EMBEDDED
@pytest.mark.parametrize(
    "path", ["/auth/register", "/auth/token", "/integrations/hubspot/sync", "/integrations/hubspot/load"]
)
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


@EMBEDDED
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


@EMBEDDED
async def test_limits_are_whole_numbers_within_bounds(person: Person) -> None:
    for text in (
        "0",
        "-1",
        "1001",
        "1e4",
        "1.5",
        '"100"',
        "true",
        "null",
        "1" + "0" * 400,
        "9" * 5_000,
        "1e999",
        "-0.1",
    ):
        body = f'{{"limit":{text}}}'.encode()
        invalid(await post(person, "/integrations/hubspot/load", body))
    for text in ("0", "-1", "1001", "1.5", "x", "", "1e4", "9" * 400, "9" * 5_000, "\u0000", "0x10"):
        invalid(await person.call("GET", "/items", params={"limit": text}))


@EMBEDDED
async def test_numbers_beyond_all_bounds_are_ignored_where_the_field_is(person: Person) -> None:
    for text in ("1" + "0" * 400, "9" * 5_000, "1e999", "-1e-999", "1e-400"):
        answer = await post(person, "/integrations/hubspot/sync", f'{{"user_id":{text}}}'.encode())
        assert answer.status_code in (400, 409)
        problem(answer, answer.status_code)


async def test_a_doubled_key_is_no_way_around_the_rules(person: Person) -> None:
    email = f"{uuid4().hex}@example.com"
    invalid(
        await post(person, "/auth/register", f'{{"email":"{email}","password":"{PASSWORD}","password":"x"}}'.encode())
    )
    body = f'{{"email":"x","email":"{email}","password":"{PASSWORD}"}}'.encode()
    assert (await post(person, "/auth/register", body)).status_code in (201, 400)
    invalid(await post(person, "/integrations/hubspot/load", b'{"limit":5,"limit":0}'))
    assert (await person.call("GET", "/items?limit=1&limit=1000000")).status_code in (200, 400)


@EMBEDDED
@pytest.mark.parametrize(
    "email",
    [
        "", "x", "@", "a@", "@example.com", "a b@example.com", "a@example", "a@-x.com", "a@exa mple.com", "a@b@c.com",
        "a\u0000@example.com", "a@example.com\u0000", "a\r\nBcc: x@example.com", "a@[127.0.0.1]", "\u202ea@example.com",
        "x" * 65 + "@example.com", "a@" + "x" * 64 + ".com", "a@" + "x." * 127 + "com", "x" * 400,
        "a@exam\u2024ple..com",
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
    for name in (
        "a\u0000b",
        "\u202e",
        "\U0001f9ed" * 50,
        "\ufffe",
        "<script>",
        "' OR 1=1 --",
        "\\",
        "x" * 200,
        "x" * 201,
        "",
    ):
        email = f"{uuid4().hex}@example.com"
        body = {"email": email, "password": PASSWORD, "full_name": name}
        answer = await person.call("POST", "/auth/register", json=body)
        if answer.status_code == 201:
            assert answer.json()["profile"]["full_name"] == name
        else:
            invalid(answer)
    surrogate = f'{{"email":"{email}","password":"{PASSWORD}","full_name":"\\ud83d"}}'.encode()
    invalid(await post(person, "/auth/register", surrogate))
