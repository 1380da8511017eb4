"""Where a person is logged in, and how a single device is logged out."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, NewPerson
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.test_sessions import refreshed_with, refused_everywhere


async def sessions(person: Person) -> list[dict[str, object]]:
    page = await person.get("/auth/sessions")
    assert set(page) == {"items", "next_cursor"}
    found: list[dict[str, object]] = page["items"]
    return found


async def end(person: Person, session: object, base: str | None = None) -> httpx.Response:
    return await person.call("DELETE", f"/auth/sessions/{session}", base=base)


@pytest.fixture
async def phone(product: Product, person: Person, visitor: httpx.AsyncClient) -> Person:
    """The person's other device."""
    visitor.headers["User-Agent"] = "Phone/1.0 (ü; a <b>)".encode().decode("latin-1")
    other = Person(product, visitor, person.email)
    await other.log_in()
    return other


async def test_every_device_is_listed_the_own_one_marked(person: Person, phone: Person) -> None:
    mine, others = await sessions(person), await sessions(phone)
    assert all(set(one) == {"id", "device", "created_at", "last_seen_at", "current"} for one in mine)
    assert [one["id"] for one in mine] == [one["id"] for one in others]
    assert [one["current"] for one in mine] == [False, True]
    assert [one["current"] for one in others] == [True, False]
    assert str(mine[0]["device"]).startswith("Phone/1.0")
    assert str(mine[1]["device"]).startswith("python-httpx/")
    for one in mine:
        created, seen = (datetime.fromisoformat(str(one[name])) for name in ("created_at", "last_seen_at"))
        assert created.utcoffset() == seen.utcoffset() == timedelta()
        assert created <= seen <= datetime.now(UTC) + timedelta(seconds=1)


async def test_a_renewal_is_a_sign_of_life(person: Person, phone: Person) -> None:
    before = {one["id"]: one for one in await sessions(person)}
    assert (await person.by_cookie("/auth/refresh")).status_code == 200
    after = await sessions(person)
    (mine,) = (one for one in after if one["current"])
    assert after[0] == mine
    assert len(after) == len(before)
    assert str(mine["last_seen_at"]) > str(before[mine["id"]]["last_seen_at"])
    assert mine["created_at"] == before[mine["id"]]["created_at"]


async def test_one_device_is_logged_out_on_every_process_at_once(person: Person, phone: Person) -> None:
    refresh = phone.http.cookies["vs_refresh"]
    (theirs,) = (one["id"] for one in await sessions(phone) if one["current"])
    for url in person.product.urls:
        assert (await phone.call("GET", "/auth/me", base=url)).status_code == 200
    ended = await end(person, theirs, base=person.product.urls[0])
    assert (ended.status_code, ended.content) == (204, b"")
    for url in reversed(person.product.urls):
        problem(await phone.call("GET", "/auth/me", base=url), 401, "not_authenticated")
    problem(await refreshed_with(phone, refresh), 401, "session_ended")
    assert [one["current"] for one in await sessions(person)] == [True]
    problem(await end(person, theirs), 404, "not_found")


async def test_the_own_device_can_be_logged_out(person: Person) -> None:
    (mine,) = (one["id"] for one in await sessions(person))
    assert (await end(person, mine)).status_code == 204
    await refused_everywhere(person, person.token)


async def test_a_session_that_was_logged_out_is_not_listed(person: Person, phone: Person) -> None:
    assert (await phone.by_cookie("/auth/logout")).status_code == 204
    assert [one["current"] for one in await sessions(person)] == [True]


async def test_the_session_of_somebody_else_does_not_exist(
    product: Product, person: Person, new_person: NewPerson
) -> None:
    other = await new_person(product)
    (theirs,) = (one["id"] for one in await sessions(other))
    refused = [await end(person, theirs), await end(person, "01a20a50-2522-74c4-a139-5ac8215eb56d")]
    bodies = [problem(answer, 404, "not_found") | {"request_id": ""} for answer in refused]
    assert bodies[0] == bodies[1]
    assert theirs not in [one["id"] for one in await sessions(person)]
    await other.get("/auth/me")


@EMBEDDED
async def test_nobody_else_lists_or_ends_sessions(person: Person) -> None:
    (mine,) = (one["id"] for one in await sessions(person))
    for bearer in ("", "x", person.http.cookies["vs_refresh"]):
        problem(await person.call("GET", "/auth/sessions", bearer=bearer), 401, "not_authenticated")
        problem(await person.call("DELETE", f"/auth/sessions/{mine}", bearer=bearer), 401, "not_authenticated")
    for origin in ("null", "https://evil.example"):
        crossed = await person.call("DELETE", f"/auth/sessions/{mine}", headers={"Origin": origin})
        problem(crossed, 403, "cross_origin")
    assert len(await sessions(person)) == 1
