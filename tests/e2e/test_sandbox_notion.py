"""The sandbox plays Notion's API: search, pages, databases, errors and limits, over a real socket."""

from collections.abc import Iterator
from typing import Any

import pytest
from notion_client.errors import APIErrorCode, APIResponseError
from notion_client.helpers import iterate_paginated_api

from sandbox.notion.records import id_of
from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_notion import NEWEST, Notion, title_of
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


class TestSearch:
    def test_a_list_has_notions_shape(self, notion: Notion) -> None:
        page = notion.search(notion.token(), page_size=1, filter={"property": "object", "value": "page"})
        [row] = page.pop("results")
        assert page == {
            "object": "list",
            "type": "page_or_data_source",
            "page_or_data_source": {},
            "has_more": True,
            "next_cursor": page["next_cursor"],
            "request_status": {"type": "complete"},
        }
        assert row.keys() == {
            "object", "id", "created_time", "last_edited_time", "created_by", "last_edited_by", "icon", "cover",
            "parent", "in_trash", "is_archived", "is_locked", "url", "public_url", "properties",
        }  # fmt: skip
        assert row["url"].endswith(row["id"].replace("-", ""))

    @pytest.mark.parametrize(("account", "pages", "sources"), [("acme", 28, 2), ("globex", 8, 1)])
    def test_pages_and_rows_are_found_together_and_data_sources_too(
        self, notion: Notion, account: str, pages: int, sources: int
    ) -> None:
        found = notion.search(notion.token(account))["results"]
        assert [sum(one["object"] == kind for one in found) for kind in ("page", "data_source")] == [pages, sources]

    def test_last_edited_comes_first_unless_asked_otherwise(self, notion: Notion) -> None:
        token, ascending = notion.token(), {"timestamp": "last_edited_time", "direction": "ascending"}
        default = [one["last_edited_time"] for one in notion.search(token)["results"]]
        assert default == sorted(default, reverse=True)
        assert [one["last_edited_time"] for one in notion.search(token, sort=ascending)["results"]] == sorted(default)
        assert ids(notion.search(token, sort={"property": "relevance"})["results"]) == ids(
            notion.search(token)["results"]
        )

    @pytest.mark.parametrize("page_size", [1, 7, 30])
    def test_paging_shows_everything_once(self, notion: Notion, page_size: int) -> None:
        found = ids(notion.everything(notion.token(), page_size=page_size))
        assert len(found) == len(set(found)) == 30

    def test_a_cursor_names_what_comes_next(self, notion: Notion) -> None:
        token = notion.token()
        first = notion.search(token, page_size=3)
        bare = first["next_cursor"].replace("-", "").upper()
        assert notion.search(token, page_size=3, start_cursor=bare)["results"][0]["id"] == first["next_cursor"]

    def test_what_comes_next_is_found_wherever_it_has_moved(self, notion: Notion) -> None:
        token = notion.token()
        first = notion.search(token, page_size=20)
        notion.change("row", upsert=[{"id": first["results"][0]["id"], "title": "Edited"}])
        second = notion.search(token, page_size=20, start_cursor=first["next_cursor"])
        assert len({*ids(first["results"]), *ids(second["results"])}) == 30

    def test_a_query_looks_into_titles(self, notion: Notion) -> None:
        found = notion.search(notion.token(), query="HANDBOOK")["results"]
        assert found
        assert all("Handbook" in title_of(one) for one in found)
        assert notion.search(notion.token(), query="no such title")["results"] == []

    def test_older_versions_find_databases_and_call_trash_archive(self, notion: Notion) -> None:
        token = notion.token()
        databases = notion.search(token, "2022-06-28", filter={"property": "object", "value": "database"})
        assert {one["object"] for one in databases["results"]} == {"database"}
        assert (len(databases["results"]), databases["type"]) == (2, "page_or_database")
        sources = notion.search(token, "2025-09-03", filter={"property": "object", "value": "data_source"})
        assert [one["archived"] for one in sources["results"]] == [False, False]

    @pytest.mark.parametrize(("version", "value"), [("2022-06-28", "data_source"), (NEWEST, "database")])
    def test_each_version_refuses_the_others_word(self, notion: Notion, version: str, value: str) -> None:
        body = {"filter": {"property": "object", "value": value}}
        answer = notion.call("POST", "/search", notion.token(), body, version)
        assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")

    def test_nothing_is_shown_beyond_ten_thousand(self, notion: Notion) -> None:
        notion.sandbox.control("PATCH", body={"records": {"row": 20_050}}, provider="notion")
        token, rows = notion.token(), [i for i in range(20_050) if i // 10 % 2 == 0]
        assert len(rows) > 10_000
        body = {"start_cursor": id_of("row", rows[9_950])}
        last = notion.call("POST", QUERY, token, body).json()
        before = notion.call("POST", QUERY, token, {**body, "page_size": 49}).json()
        assert ids(last["results"]) == [id_of("row", i) for i in rows[9_950:10_000]]
        assert (last["has_more"], last["next_cursor"]) == (False, None)
        assert last["request_status"] == {
            "type": "incomplete",
            "incomplete_reason": "query_result_limit_reached",
        }
        assert (before["has_more"], before["request_status"]) == (True, {"type": "complete"})


class TestObjects:
    def test_a_page_a_row_and_their_parents(self, notion: Notion) -> None:
        token = notion.token()
        page = notion.call("GET", f"/pages/{PAGE}", token).json()
        child = notion.call("GET", f"/pages/{id_of('page', 5)}", token).json()
        row = notion.call("GET", f"/pages/{ROW.replace('-', '')}", token).json()
        assert (page["parent"], page["in_trash"]) == ({"type": "workspace", "workspace": True}, False)
        assert child["parent"] == {"type": "page_id", "page_id": PAGE}
        assert row["parent"] == {"type": "data_source_id", "data_source_id": SOURCE, "database_id": DATABASE}
        assert {name: value["type"] for name, value in row["properties"].items()} == {
            "Name": "title", "Status": "select", "Amount": "number", "Due": "date",
        }  # fmt: skip

    def test_a_database_leads_to_its_data_sources_and_they_to_their_rows(self, notion: Notion) -> None:
        token = notion.token()
        database = notion.call("GET", f"/databases/{DATABASE}", token).json()
        assert (database["object"], title_of(database)) == ("database", "Tasks")
        assert database["data_sources"] == [{"id": SOURCE, "name": "Tasks"}]
        source = notion.call("GET", f"/data_sources/{SOURCE}", token).json()
        assert (source["object"], source["database_parent"]) == ("data_source", database["parent"])
        assert source["parent"] == {"type": "database_id", "database_id": DATABASE}
        rows = notion.call("POST", QUERY, token, {}).json()["results"]
        assert ids(rows) == [id_of("row", i) for i in range(10)]
        assert all(row["properties"].keys() == source["properties"].keys() for row in rows)

    def test_a_query_pages_sorts_and_filters_by_time(self, notion: Notion) -> None:
        token, sorts = notion.token(), [{"timestamp": "last_edited_time", "direction": "ascending"}]
        first = notion.call("POST", QUERY, token, {"sorts": sorts, "page_size": 6}).json()
        second = notion.call("POST", QUERY, token, {"sorts": sorts, "start_cursor": first["next_cursor"]}).json()
        rows = first["results"] + second["results"]
        edited = [row["last_edited_time"] for row in rows]
        assert (len(set(ids(rows))), edited) == (10, sorted(edited))
        for comparison, expected in (("on_or_after", 4), ("after", 3)):
            bound = {"timestamp": "last_edited_time", "last_edited_time": {comparison: edited[6]}}
            assert len(notion.call("POST", QUERY, token, {"filter": bound}).json()["results"]) == expected

    def test_a_page_has_its_text_as_markdown_and_as_blocks(self, notion: Notion) -> None:
        token = notion.token()
        shown = notion.call("GET", f"/pages/{PAGE}/markdown", token).json()
        text = shown.pop("markdown")
        assert shown == {"object": "page_markdown", "id": PAGE, "truncated": False, "unknown_block_ids": []}
        path = f"/blocks/{PAGE}/children"
        first = notion.call("GET", path, token, page_size=2).json()
        second = notion.call("GET", path, token, start_cursor=first["next_cursor"]).json()
        blocks = first["results"] + second["results"]
        assert [block["type"] for block in blocks] == [
            "heading_1", "paragraph", "heading_2", *["bulleted_list_item"] * 3, "paragraph",
        ]  # fmt: skip
        for block in blocks:
            assert block[block["type"]]["rich_text"][0]["plain_text"] in text

    def test_the_bot_is_the_connection_and_the_list_has_its_person_too(self, notion: Notion) -> None:
        tokens = notion.tokens("globex")
        me = notion.call("GET", "/users/me", tokens["access_token"]).json()
        assert (me["id"], me["type"], me["bot"]["workspace_name"]) == (tokens["bot_id"], "bot", "Globex")
        assert me["bot"]["owner"] == tokens["owner"]
        users = notion.call("GET", "/users", tokens["access_token"]).json()
        assert (users["type"], [user["type"] for user in users["results"]]) == ("user", ["person", "bot"])
        assert notion.call("GET", "/users", tokens["access_token"], page_size=1).json()["next_cursor"] == me["id"]


class TestPublishedClient:
    """notion-client, unchanged."""

    def test_it_pages_searches_and_queries(self, notion: Notion) -> None:
        with notion.client(notion.token()) as client:
            found = list(iterate_paginated_api(client.search, page_size=7))
            rows = list(iterate_paginated_api(client.data_sources.query, data_source_id=SOURCE, page_size=4))
            pages = client.search(query="Roadmap", filter={"property": "object", "value": "page"})["results"]
        assert (len(set(ids(found))), ids(rows)) == (30, [id_of("row", i) for i in range(10)])
        assert [title_of(page).split(":")[0] for page in pages] == ["Roadmap"]

    def test_it_retrieves_one_of_each(self, notion: Notion) -> None:
        with notion.client(notion.token(), version="2025-09-03") as client:
            assert client.pages.retrieve(PAGE)["object"] == client.pages.retrieve(ROW)["object"] == "page"
            assert client.databases.retrieve(DATABASE)["data_sources"][0]["id"] == SOURCE
            assert client.data_sources.retrieve(SOURCE)["parent"]["database_id"] == DATABASE
            assert client.pages.retrieve_markdown(PAGE)["markdown"].startswith("# Handbook")
            assert client.blocks.children.list(PAGE, page_size=3)["has_more"] is True
            assert [user["type"] for user in client.users.list()["results"]] == ["person", "bot"]

    def test_it_raises_what_notion_would_make_it_raise(self, notion: Notion) -> None:
        tokens = notion.tokens()
        with notion.client(tokens["access_token"]) as client:
            with pytest.raises(APIResponseError) as missing:
                client.pages.retrieve(UNKNOWN)
            with pytest.raises(APIResponseError) as invalid:
                client.search(page_size=1000)
            for _ in range(178):
                client.users.me()
            with pytest.raises(APIResponseError) as limited:
                client.users.me()
            notion.sandbox.control("POST", "/expire", provider="notion")
            with pytest.raises(APIResponseError) as expired:
                client.users.me()
        assert [raised.value.code for raised in (missing, invalid, limited, expired)] == [
            APIErrorCode.ObjectNotFound,
            APIErrorCode.ValidationError,
            APIErrorCode.RateLimited,
            APIErrorCode.Unauthorized,
        ]
        assert limited.value.additional_data is not None
        assert limited.value.additional_data["retry_after"] == limited.value.headers["retry-after"]
