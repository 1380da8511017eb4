"""A callback ends on a page, whatever happens."""

import re

import httpx
import pytest
import structlog

from application.finish_connection import FinishConnection
from tests.unit.http.conftest import Opens

CALLBACK = "/integrations/hubspot/oauth2callback"


def data_code(page: httpx.Response) -> str:
    (code,) = re.findall(r'data-code="(\w+)"', page.text)
    return str(code)


async def test_a_fault_of_ours_is_a_page_that_tells_nothing_and_a_line_in_the_log(
    visitor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(FinishConnection, "__call__", fail)
    with structlog.testing.capture_logs() as lines:
        page = await visitor.get(CALLBACK, params={"state": "x", "code": "y"})
    assert (page.status_code, data_code(page)) == (500, "internal_error")
    assert page.headers["content-type"].startswith("text/html")
    assert "secret" not in page.text
    assert [line["path"] for line in lines if line["event"] == "unhandled"] == [CALLBACK]


async def test_pages_by_the_name_of_a_loopback_address_are_at_home_there(opened: Opens) -> None:
    site = await opened({"PUBLIC_URL": "http://[::1]:8000"})
    answer = await site.visitor.get("/app/", headers={"Host": "localhost:8000"})
    assert (answer.status_code, answer.headers["location"]) == (307, "http://[::1]:8000/app/")
    answer = await site.visitor.get("/app/", headers={"Host": "[::1]:8000"})
    assert answer.status_code != 307
