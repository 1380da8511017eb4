"""Whatever a client sends to the calls around passwords and mails: an answer that says what is wrong, and no 500."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import PASSWORD, Person
from tests.e2e.test_accounts_reset import logs_in_with
from tests.e2e.test_bad_input import BROKEN, NOWHERE, invalid, post
from tests.e2e.test_cross_site import lookalikes

NEW = "another horse, another battery"
ACCEPTED, LINK_INVALID = 202, 400
GOOD: dict[str, tuple[dict[str, str], int]] = {
    "/auth/forgot-password": ({"email": "nobody@example.com"}, ACCEPTED),
    "/auth/resend-verification": ({"email": "nobody@example.com"}, ACCEPTED),
    "/auth/reset-password": ({"token": "x", "new_password": NEW}, LINK_INVALID),
    "/auth/verify-email": ({"token": "x", "password": PASSWORD}, LINK_INVALID),
    "/auth/change-password": ({"current_password": PASSWORD, "new_password": NEW}, 200),
}
"""A body of each call that is well formed, and what it is answered with."""
CODES = ("invalid_input", "link_invalid", "wrong_password", "password_common")

pytestmark = EMBEDDED
every_call = pytest.mark.parametrize("path", GOOD)


@every_call
async def test_a_good_body_is_read(person: Person, path: str) -> None:
    body, status = GOOD[path]
    named = {"user_id": "somebody-else", "userId": 7, "org_id": None, "orgId": {"a": [1]}}
    answer = await person.call("POST", path, json=body | named)
    assert answer.status_code == status, answer.text
    if status == LINK_INVALID:
        problem(answer, 400, "link_invalid")
    person.password = NEW if status == 200 else PASSWORD


@every_call
async def test_only_json_in_utf8_is_read(person: Person, path: str) -> None:
    body = json.dumps(GOOD[path][0]).encode()
    kinds = ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16", ""]
    kinds += ["application/x-www-form-urlencoded", "application/json; charset=utf-7", "application/jsonp"]
    for kind in kinds:
        problem(await post(person, path, body, kind), 415, "unsupported_media_type")
    problem(await post(person, path, body, **{"Content-Encoding": "gzip"}), 415, "unsupported_media_type")
    assert await logs_in_with(person, PASSWORD) == [PASSWORD]


@every_call
async def test_each_field_is_a_text_and_there_is_no_other(person: Person, path: str) -> None:
    good = GOOD[path][0]
    for field in good:
        for value in (None, 1, 1.5, True, [], ["a"], {}, {"a": "b"}):
            invalid(await person.call("POST", path, json=good | {field: value}))
        invalid(await person.call("POST", path, json={name: text for name, text in good.items() if name != field}))
    for extra in ({"nonsense": 1}, {"is_admin": True}, {"email_verified": True}, {"": None}, {"Password": "x"}):
        invalid(await person.call("POST", path, json=good | extra))
    invalid(await person.call("POST", path))
    assert await logs_in_with(person, PASSWORD) == [PASSWORD]


@every_call
async def test_a_body_that_is_no_json_object_is_refused(person: Person, path: str) -> None:
    for body in BROKEN:
        invalid(await post(person, path, body))


@every_call
async def test_a_body_is_at_most_64_kibibytes_and_not_deep(person: Person, path: str) -> None:
    for bomb in (b"[" * 1_000_000, b'{"a":' * 200_000, b'{"user_id":"' + b"x" * 70_000 + b'"}'):
        problem(await post(person, path, bomb), 413, "body_too_large")
    for bomb in (b"[" * 60_000, b'{"a":' * 12_000, b'{"user_id":' + b"[" * 30_000 + b"]" * 30_000 + b"}"):
        invalid(await post(person, path, bomb))


@every_call
async def test_any_text_is_survived(person: Person, path: str) -> None:
    """It is kept, refused, or nobody's; and no half of a character gets in."""
    good = GOOD[path][0]
    for field in good:
        for text in (
            "",
            "\0",
            "a\0b",
            " ",
            "\u202e" * 12,
            "\ufffe" * 12,
            "\u0301" * 200,
            "x" * 201,
            "x" * 60_000,
            "%00%ff",
        ):
            answer = await person.call("POST", path, json=good | {field: text})
            assert answer.status_code in (200, 202, 400), answer.text
            if answer.status_code == 200:
                person.token, person.password = answer.json()["access_token"], text
                good = good | {"current_password": text}
            elif answer.status_code == 400:
                assert problem(answer, 400)["code"] in CODES
        surrogate = json.dumps(good | {field: "?"}).replace('"?"', '"\\ud800 is half of a character"')
        half = problem(await post(person, path, surrogate.encode()), 400)
        assert half["code"] in CODES


@pytest.mark.parametrize("path", ["/auth/forgot-password", "/auth/resend-verification"])
async def test_what_is_no_address_is_refused(person: Person, path: str) -> None:
    for email in (
        "",
        "x",
        "@",
        "a@",
        "a b@example.com",
        "a@example",
        "a@b@c.com",
        "a\0@example.com",
        "x" * 400,
        "a@[::1]",
    ):
        body = invalid(await person.post(path, email=email))
        assert "email" in body["errors"][0]["field"]
    header = "victim@example.com\r\nBcc: thief@example.com"
    for odd in (header, header.replace("\r\n", "\n"), "a@example.com,b@example.com", "a@example.com;b@example.com"):
        invalid(await person.post(path, email=odd))
    several: Any = ["a@example.com", "b@example.com"]
    invalid(await person.post(path, email=several))


@every_call
async def test_another_site_changes_nothing(person: Person, path: str, visitor: httpx.AsyncClient) -> None:
    body = GOOD[path][0]
    for origin in lookalikes(person.product):
        answer = await person.call("POST", path, json=body, headers={"Origin": origin})
        problem(answer, 403, "cross_origin")
        assert not answer.headers.get_list("set-cookie")
    crossing = {"Sec-Fetch-Site": "cross-site"}
    problem(await person.call("POST", path, json=body, headers=crossing), 403, "cross_origin")
    form = await visitor.post(person.product.next_url() + path, data=body, headers={"Origin": "null"})
    problem(form, 403, "cross_origin")
    assert await logs_in_with(person, PASSWORD) == [PASSWORD]


@every_call
async def test_there_is_no_other_method(person: Person, path: str) -> None:
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        answer = await person.call(method, path, params=GOOD[path][0])
        assert (answer.status_code, "POST" in answer.headers["allow"]) == (405, True)


async def test_odd_ids_of_sessions_are_of_none(person: Person) -> None:
    token = person.http.cookies["vs_refresh"]
    for odd in (
        NOWHERE,
        NOWHERE.upper(),
        "x",
        "0",
        "-1",
        "null",
        "%00",
        "%ff",
        "..",
        "a" * 3000,
        token,
        uuid4().hex,
        "'",
    ):
        answer = await person.call("DELETE", f"/auth/sessions/{odd}")
        assert answer.status_code in (400, 404, 405, 414), (odd, answer.text)
        problem(answer, answer.status_code)
    for path in ("/auth/sessions/", "/auth/sessions//", "/auth/sessions"):
        assert (await person.call("DELETE", path)).status_code in (404, 405)
    assert (await person.call("GET", "/auth/me")).status_code == 200
