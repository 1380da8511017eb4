"""A provider is one file: added to a copy of the product, it works like the rest."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.e2e.claims import data_code
from tests.e2e.conftest import with_settings
from tests.e2e.fifth_provider import (
    AUTHORIZE_URL,
    BOARDS,
    DECLARATION,
    NAME,
    ROOT,
    SCOPES,
    SLUG,
    Corkboard,
    add_provider,
    copy_of_the_product,
    played,
    running,
)
from tests.e2e.person import Person
from tests.e2e.product import Product, attempt, run

SECRET = "a-secret-of-the-corkboard"
OWN = {f"{SLUG.upper()}_CLIENT_ID": "an-id", f"{SLUG.upper()}_CLIENT_SECRET": SECRET}
BROKEN = {
    "an import of what is not there": "import nowhere_to_be_found\n",
    "half a file": "PROVIDER = (\n",
    "no declaration": "PROVIDES = None\n",
    "something else": "PROVIDER = {}\n",
    "another's slug": DECLARATION.replace(f'slug="{SLUG}"', 'slug="slack"'),
    "an unknown field": DECLARATION.replace("slug=", "slugg="),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = copy_of_the_product(tmp_path_factory.mktemp("tree"))
    add_provider(tree)
    return tree


@pytest.fixture(scope="module")
def service() -> Iterator[Corkboard]:
    with played() as service:
        yield service


@pytest.fixture(scope="module")
def product(tree: Path, service: Corkboard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tree, service, tmp_path_factory.mktemp("fifth") / "home") as product:
        yield product


def test_the_command_runs_what_lies_in_the_folder(tree: Path, product: Product) -> None:
    told = attempt("check-config", home=product.home, settings=product.settings | {"PYTHONVERBOSE": "1"})
    assert told.returncode == 0, told.stderr
    for file in ("bootstrap/cli.py", "adapters/outbound/providers/__init__.py", "application/run_sync.py"):
        assert f" {tree / file}\n" in told.stderr or f"'{tree / file}'\n" in told.stderr
    for package in ("domain", "application", "adapters", "bootstrap"):
        assert f"{ROOT / package}/" not in told.stderr


def test_no_other_file_knows_it(tree: Path) -> None:
    files = [file for file in tree.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    naming = [file for file in files if SLUG.encode() in file.read_bytes().lower()]
    assert naming == [tree / "adapters" / "outbound" / "providers" / f"{SLUG}.py"]


async def test_it_is_a_provider_like_the_others(product: Product, person: Person) -> None:
    cards = {card["slug"]: card for card in (await person.get("/integrations"))["items"]}
    assert len(cards) > 1
    assert all(card["configured"] and card["sandbox"] for card in cards.values())
    assert (cards[SLUG]["name"], cards[SLUG]["kinds"], cards[SLUG]["connections"]) == (NAME, ["board", "pin"], [])
    assert cards[SLUG]["logo"].startswith("data:image/svg+xml;base64,")
    described = await person.get("/schema/openapi.json")
    assert f"/integrations/{SLUG}/get_{SLUG}_items" in described["paths"]


async def test_it_is_connected_synced_shown_and_disconnected(
    product: Product, service: Corkboard, person: Person
) -> None:
    started = await person.authorize(SLUG)
    assert started["url"].startswith(f"{service.url}/{SLUG}/oauth/authorize?")
    page = await person.visit(await person.consent(started["url"], account="acme"))
    assert (page.status_code, data_code(page)) == (200, "connected"), page.text

    boards = BOARDS["acme"]
    pins = [pin for pinned in boards.values() for pin in pinned]
    first = await person.first_sync(SLUG)
    seen = len(boards) + len(pins)
    assert (first["status"], first["counts"]["added"], first["counts"]["skipped"]) == ("succeeded", seen, 0), first
    status = await person.status(SLUG)
    assert (status["connected"], status["status"], status["last_error"]) == (True, "active", None)
    assert (status["account"]["name"], status["counts"]) == (
        "acme.example.com",
        {"board": len(boards), "pin": len(pins)},
    )

    await the_items_are_the_tree(person)
    await its_own_route_answers(person)
    credential = (await person.call("POST", f"/integrations/{SLUG}/credentials")).json()
    assert (credential["refreshable"], " ".join(credential["scopes"])) == (True, SCOPES)
    assert not {"access_token", "refresh_token"} & set(credential)

    service.access.clear()
    renewed = await person.synced(SLUG)
    assert (renewed["status"], renewed["counts"]["unchanged"]) == ("succeeded", seen), renewed

    gone = await person.call("POST", f"/integrations/{SLUG}/disconnect")
    assert gone.status_code == 204, gone.text
    status = await person.status(SLUG)
    assert (status["connected"], status["status"]) == (False, "disconnected")
    await the_grant_is_given_back(service)


async def the_items_are_the_tree(person: Person) -> None:
    items = {item["id"]: item for item in await person.items(provider=SLUG)}
    tree: dict[str, set[str]] = {item["name"]: set() for item in items.values() if item["kind"] == "board"}
    for item in items.values():
        assert (item["source"], item["type"], item["directory"]) == (SLUG, item["kind"], item["kind"] == "board")
        assert item["properties"]["colour"] == "yellow"
        if item["kind"] == "pin":
            assert item["parent_path_or_name"] == items[item["parent_id"]]["name"]
            tree[items[item["parent_id"]]["name"]].add(item["name"])
    assert tree == {board: set(pins) for board, pins in BOARDS["acme"].items()}


async def its_own_route_answers(person: Person) -> None:
    expected = {
        "board": set(BOARDS["acme"]),
        "pin": {pin for pinned in BOARDS["acme"].values() for pin in pinned},
    }
    for kind, names in expected.items():
        loaded = await person.call("POST", f"/integrations/{SLUG}/get_{SLUG}_items", json={"kind": kind})
        assert loaded.status_code == 200, loaded.text
        assert {item["name"] for item in loaded.json()["items"]} == names


async def the_grant_is_given_back(service: Corkboard) -> None:
    deadline = time.monotonic() + 15
    while service.refresh:
        assert time.monotonic() < deadline, service.calls
        await asyncio.sleep(0.1)
    assert service.calls[-1] == f"POST /{SLUG}/oauth/revoke"


async def test_its_id_and_secret_are_settings_and_lead_to_the_real_one(product: Product, person: Person) -> None:
    shown = run("check-config", home=product.home, settings=product.settings | OWN).splitlines()
    assert f"{SLUG.upper()}_CLIENT_ID=an-id  (environment)" in shown
    assert f"{SLUG.upper()}_CLIENT_SECRET=***  (environment)" in shown
    with with_settings(product, **OWN):
        cards = {card["slug"]: card for card in (await person.get("/integrations"))["items"]}
        assert (cards[SLUG]["configured"], cards[SLUG]["sandbox"]) == (True, False)
        assert [card["slug"] for card in cards.values() if not card["sandbox"]] == [SLUG]
        url = urlsplit((await person.authorize(SLUG))["url"])
    asked = {name: values for name, (values,) in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == AUTHORIZE_URL
    assert (asked["client_id"], asked["scope"], asked["code_challenge_method"]) == ("an-id", SCOPES, "S256")
    assert asked["redirect_uri"] == f"{product.public_url}/integrations/{SLUG}/oauth2callback"
    product.restore()


async def test_its_app_may_send_people_back_to_another_path(product: Product, person: Person) -> None:
    elsewhere = f"{product.public_url}/api/integrations/{SLUG}/oauth2callback"
    with with_settings(product, **OWN, **{f"{SLUG.upper()}_REDIRECT_URI": elsewhere}):
        url = urlsplit((await person.authorize(SLUG))["url"])
        asked = {name: values for name, (values,) in parse_qs(url.query).items()}
        assert asked["redirect_uri"] == elsewhere
        page = await person.visit(
            f"/api/integrations/{SLUG}/oauth2callback?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        )
        assert 'data-code="consent_denied"' in page.text
    product.restore()


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_file_that_declares_no_provider_stops_the_start_and_is_named(mistake: str, tmp_path: Path) -> None:
    tree, home = copy_of_the_product(tmp_path / "tree"), tmp_path / "home"
    home.mkdir()
    add_provider(tree, BROKEN[mistake])
    ended = attempt("serve", home=home, settings={"PYTHONPATH": str(tree)})
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("vectorshift: ")
    assert SLUG in line
    assert list(home.iterdir()) == []
