"""The sandbox's control calls change what its Notion shows, over a real socket."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from sandbox.notion.records import id_of
from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_notion import Notion, title_of
from tests.e2e.sandbox_server import sandbox_in_thread

PAGE, SOURCE, DATABASE, ROW = (id_of(kind, 0) for kind in ("page", "data_source", "database", "row"))
QUERY = f"/data_sources/{SOURCE}/query"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def running() -> Iterator[Notion]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Notion(sandbox)


@pytest.fixture
def notion(running: Notion) -> Notion:
    running.sandbox.control("POST", "/reset", provider="notion")
    return running


def ids(shown: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in shown]


def test_a_changed_row_keeps_the_rest_and_is_edited_now(notion: Notion) -> None:
    token, path = notion.token(), f"/pages/{ROW}"
    before = notion.call("GET", path, token).json()
    title = [{"text": {"content": "Road"}}, {"text": {"content": "map"}}]
    notion.change("rows", upsert=[{"id": ROW, "properties": {"Name": {"title": title}}}])
    after = notion.call("GET", path, token).json()
    assert title_of(after) == "Roadmap"
    assert after["properties"]["Amount"] == before["properties"]["Amount"]
    assert after["created_time"] == before["created_time"]
    assert datetime.fromisoformat(after["last_edited_time"]) > datetime.fromisoformat(before["last_edited_time"])
    assert after["last_edited_time"].endswith(":00.000Z")
    assert notion.search(token, page_size=1)["results"] == [after]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("page", f"/pages/{PAGE}"),
        ("row", f"/pages/{ROW}"),
        ("database", f"/databases/{DATABASE}"),
        ("data_source", f"/data_sources/{SOURCE}"),
    ],
)
def test_an_answer_can_be_sent_back_as_a_record(notion: Notion, kind: str, path: str) -> None:
    token = notion.token()
    shown = notion.call("GET", path, token).json()
    assert notion.change(kind, upsert=[shown]) == {"upserted": [shown["id"]], "deleted": []}
    assert notion.call("GET", path, token).json() == shown


def test_new_records_appear_under_their_parents(notion: Notion) -> None:
    token = notion.token()
    [database] = notion.change("database", upsert=[{"title": "Plans"}])["upserted"]
    source = {"title": "Plans of May", "parent": {"database_id": database}}
    [source_id] = notion.change("data_source", upsert=[source])["upserted"]
    parent = {"type": "data_source_id", "data_source_id": source_id}
    [row_id] = notion.change("row", upsert=[{"title": "First", "parent": parent}])["upserted"]
    [page_id] = notion.change("page", upsert=[{"title": "Note", "parent": {"page_id": PAGE}, "markdown": "Text"}])[
        "upserted"
    ]
    listed = notion.call("POST", f"/data_sources/{source_id}/query", token, {}).json()["results"]
    assert [one["parent"] for one in listed] == [parent | {"database_id": database}]
    shown = notion.call("GET", f"/databases/{database}", token).json()
    assert shown["data_sources"] == [{"id": source_id, "name": "Plans of May"}]
    assert {row_id, page_id, source_id} <= set(ids(notion.search(token)["results"][:3]))
    assert notion.call("GET", f"/pages/{page_id}/markdown", token).json()["markdown"] == "Text"


def test_a_row_moves_with_its_parent(notion: Notion) -> None:
    token, other = notion.token(), id_of("data_source", 1)
    notion.change("row", upsert=[{"id": ROW, "parent": {"data_source_id": other}}])
    assert ROW not in ids(notion.call("POST", QUERY, token, {}).json()["results"])
    assert ROW in ids(notion.call("POST", f"/data_sources/{other}/query", token, {}).json()["results"])


def test_a_deleted_page_is_in_the_trash(notion: Notion) -> None:
    token = notion.token()
    assert notion.change("row", delete=[ROW, UNKNOWN]) == {"upserted": [], "deleted": [ROW]}
    assert ROW not in ids(notion.everything(token))
    assert ROW not in ids(notion.call("POST", QUERY, token, {}).json()["results"])
    assert notion.call("GET", f"/pages/{ROW}", token).json()["in_trash"] is True
    trash = notion.search(token, filter={"in_trash": True})["results"]
    assert [(one["id"], one["in_trash"]) for one in trash] == [(ROW, True)]
    assert ids(notion.call("POST", QUERY, token, {"in_trash": True}).json()["results"]) == [ROW]


def test_a_cursor_whose_page_went_to_the_trash_is_refused(notion: Notion) -> None:
    token = notion.token()
    cursor = notion.search(token, page_size=1)["next_cursor"]
    notion.change("row", delete=[cursor])
    answer = notion.call("POST", "/search", token, {"start_cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


def test_a_bad_record_is_refused_with_what_is_allowed(notion: Notion) -> None:
    body = {"account": "acme", "kind": "page", "upsert": [{"name": "x"}]}
    answer = notion.http.post(f"{notion.sandbox.url}/_control/notion/records", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, "upsert[0]")
    assert "markdown" in answer.json()["detail"]


def test_counts_are_turned_and_reset(notion: Notion) -> None:
    control = notion.sandbox.control
    assert control("GET", provider="notion")["records"] == {"page": 8, "database": 2, "data_source": 2, "row": 20}
    control("PATCH", body={"records": {"rows": 3, "page": 0}}, provider="notion")
    assert len(notion.everything(notion.token())) == 5
    control("POST", "/reset", provider="notion")
    assert len(notion.everything(notion.token())) == 30
