"""Both bodies of a login are held to the same measure."""

from urllib.parse import urlencode

import httpx
import pytest

LONG = "a" * 310 + "@example.org"


@pytest.mark.parametrize(("email", "status"), [(LONG, 400), ("nobody@example.org", 401)])
async def test_an_address_beyond_all_length_is_refused_in_either_body(
    visitor: httpx.AsyncClient, email: str, status: int
) -> None:
    form = urlencode({"username": email, "password": "wrong password"})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        await visitor.post("/auth/token", json={"email": email, "password": "wrong password"}),
        await visitor.post("/auth/token", content=form, headers=kind),
    ]
    assert [answer.status_code for answer in answers] == [status, status]
