"""Every provider that there is, by its card: consent, its items, a lost grant, the end; and what stands in a row."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from adapters.outbound.providers import declarations
from tests.e2e.browser.web_ui import WebUI, approve
from tests.e2e.product import Product

PROVIDERS = {one.slug: one.name for one in declarations()}
ACCOUNT = "globex"
INTEGRATIONS = "**/integrations"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HOSTILE = "# Plan\n\n<script>window.ran = true</script><img src=x onerror='window.ran = true'>"
LONG = "אבגדה-" + "verylongname" * 40
LEADS_ON = {"reconnect": "Reconnect", "sync_again": "Sync now", "wait": None, "contact_admin": None}


@pytest.fixture
def product(product: Product) -> Product:
    """With every provider's sandbox as if just started, and in no hurry to slow us down."""
    for slug in PROVIDERS:
        product.sandbox.control("POST", "/reset", provider=slug)
        product.sandbox.control("PATCH", body={"limits": False}, provider=slug)
    return product


def row_of(ui: WebUI) -> Locator:
    """Of the account at the provider, whatever the provider calls it."""
    return ui.card.get_by_role("listitem", name=re.compile(ACCOUNT, re.IGNORECASE))


def connect(ui: WebUI) -> Locator:
    approve(ui.consent_window(ui.connect_button), ACCOUNT)
    ui.expect_connected(row_of(ui))
    return row_of(ui)


def test_each_provider_has_a_card(ui: WebUI) -> None:
    ui.register()
    assert sorted(ui.providers()) == sorted(PROVIDERS.values())
    for name in PROVIDERS.values():
        expect(ui.at(name).connect_button).to_be_enabled()


@pytest.mark.parametrize("slug", PROVIDERS)
def test_a_provider_is_connected_lost_and_removed(ui: WebUI, product: Product, slug: str) -> None:
    ui.register()
    ui = ui.at(PROVIDERS[slug])
    row = connect(ui)
    see_its_items(ui, row)
    ui.go_to("Integrations")
    lose_and_renew_the_grant(ui, product, slug)
    remove(ui)


def test_a_first_sync_that_is_asked_for_a_moment_after_connecting_is_followed(ui: WebUI, page: Page) -> None:
    ui.register()
    early = iter(range(3))

    def told(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        connections = [one for integration in body["items"] for one in integration["connections"]]
        if connections and next(early, None) is not None:
            for one in connections:
                one.update(status="active", run=None, last_sync=None)
        route.fulfill(response=answer, json=body)

    page.route(INTEGRATIONS, told)
    connect(ui)
    assert next(early, None) is None


def see_its_items(ui: WebUI, row: Locator) -> None:
    expect(row).to_contain_text(re.compile(r"\d [a-z]"))
    row.get_by_role("link", name="View items").click()
    ui.filter("Account").select_option(label="All accounts")
    ui.filter("Provider").select_option(label=ui.provider)
    ui.expect_items(1, 10, of=10)
    kinds = ui.filter("Kind")
    for kind in kinds.locator("option").all_inner_texts()[1:]:
        kinds.select_option(label=kind)
        expect(kinds.locator("option:checked")).to_have_text(kind)
    kinds.select_option(label="All kinds")
    ui.expect_items(1, 10, of=10)
    ui.page.get_by_role("table").get_by_role("button").first.click()
    expect(ui.page.get_by_role("heading", name="Properties")).to_be_visible()


def lose_and_renew_the_grant(ui: WebUI, product: Product, slug: str) -> None:
    product.sandbox.control("POST", "/revoke", {"account": ACCOUNT}, provider=slug)
    row = row_of(ui)
    row.get_by_role("button", name="Sync now").click()
    expect(row).to_contain_text("Needs reconnecting")
    expect(row).to_contain_text("The provider no longer accepts our access. Reconnect the account.")
    expect(row.get_by_role("button", name="Sync now")).to_be_hidden()
    approve(ui.consent_window(row.get_by_role("button", name="Reconnect")), ACCOUNT)
    ui.expect_connected(row)
    expect(row.get_by_role("button", name="Reconnect")).to_be_hidden()
    expect(row).to_have_count(1)


def test_consent_for_another_account_than_the_one_to_be_reconnected_is_pointed_out(ui: WebUI, product: Product) -> None:
    ui.register()
    row = connect(ui)
    product.sandbox.control("POST", "/revoke", {"account": ACCOUNT})
    row.get_by_role("button", name="Sync now").click()
    approve(ui.consent_window(row.get_by_role("button", name="Reconnect")), "acme")
    notice = ui.card.get_by_role("status").filter(has_text="This is another account than")
    expect(notice).to_contain_text(re.compile(f"than {row.get_by_role('heading').inner_text()}, which still has to"))
    expect(row).to_contain_text("Needs reconnecting")
    approve(ui.consent_window(row.get_by_role("button", name="Reconnect")), ACCOUNT)
    expect(notice).to_be_hidden()
    ui.expect_connected(row)


def remove(ui: WebUI) -> None:
    row = row_of(ui)
    row.get_by_role("button", name="Disconnect").click()
    dialog = ui.page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="Also remove its items").check()
    dialog.get_by_role("button", name="Disconnect").click()
    expect(row).to_be_hidden()
    expect(ui.card.get_by_role("heading", level=2)).to_be_focused()
    ui.go_to("Items")
    expect(ui.page.get_by_role("heading", name="No items yet")).to_be_visible()


def test_an_item_leads_to_what_it_lies_in(ui: WebUI, page: Page, product: Product) -> None:
    """A record lies in a table, and a table in a base."""
    ui.register()
    row = connect(ui.at("Airtable"))
    row.get_by_role("link", name="View items").click()
    ui.filter("Kind").select_option(label="Records")
    expect(page).to_have_url(re.compile("kind=record"))
    table = page.get_by_role("table")
    place = table.get_by_text(re.compile("^In ")).first
    name = place.inner_text().removeprefix("In ")
    expect(table.get_by_text("Holds other items")).to_have_count(0)
    table.get_by_role("button").first.click()
    page.get_by_role("definition").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_text("Table · Airtable")).to_be_visible()
    page.get_by_role("definition").get_by_role("link").click()
    expect(page.get_by_text("Base · Airtable")).to_be_visible()
    expect(page.get_by_text("Belongs to")).to_be_hidden()
    page.reload()
    expect(page.get_by_text("Base · Airtable")).to_be_visible()
    page.get_by_role("link", name="All items").click()
    ui.expect_items(1, 10, of=10)
    expect(table.get_by_text("Holds other items").first).to_be_attached()


def test_markdown_is_shown_as_text(ui: WebUI, page: Page, product: Product) -> None:
    record = {"title": "The plan", "markdown": HOSTILE}
    body = {"account": ACCOUNT, "kind": "page", "upsert": [record]}
    product.sandbox.control("POST", "/records", body, provider="notion")
    ui.register()
    connect(ui.at("Notion")).get_by_role("link", name="View items").click()
    page.get_by_role("button", name="The plan", exact=True).click()
    expect(page.get_by_role("region", name="Text")).to_have_text(HOSTILE)
    assert page.evaluate("window.ran") is None


def pretend(page: Page, **changes: Any) -> None:
    """Let every connection be told with these changes, from the next reload on."""

    def told(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        for integration in body["items"]:
            integration["connections"] = [one | changes for one in integration["connections"]]
        route.fulfill(response=answer, json=body)

    page.unroute(INTEGRATIONS)
    page.route(INTEGRATIONS, told)


def wrong(action: str) -> dict[str, str]:
    words = {"code": "some", "detail": "It is wrong.", "next_step": "Do this.", "at": "2026-01-01T00:00:00Z"}
    return words | {"action": action}


def test_the_words_have_the_button_that_helps(ui: WebUI, page: Page) -> None:
    ui.register()
    row = connect(ui)
    beside = row.get_by_text("It is wrong. Do this.").locator("..").get_by_role("button")
    for action, leads_on in LEADS_ON.items():
        pretend(page, status="error", last_error=wrong(action))
        page.reload()
        expect(row).to_contain_text("It is wrong. Do this.")
        expect(row).to_contain_text("Last successful sync")
        assert beside.all_inner_texts() == ([leads_on] if leads_on else []), action
        expect(row.get_by_role("button", name="Reconnect")).to_have_count(1 if leads_on == "Reconnect" else 0)
        expect(row.get_by_role("button", name="Sync now")).to_have_count(1)


def test_what_was_not_granted_is_asked_for_again(ui: WebUI, page: Page) -> None:
    ui.register()
    connect(ui)
    pretend(page, missing_scopes=["one.read", "two.read"])
    page.reload()
    row = row_of(ui)
    expect(row).to_contain_text("Not granted: one.read, two.read")
    page.unroute(INTEGRATIONS)
    approve(ui.consent_window(row.get_by_role("button", name="Reconnect to grant them")), ACCOUNT)
    expect(row).not_to_contain_text("Not granted")
    ui.expect_connected(row)


def test_whatever_is_said_the_pages_fit_a_small_screen(ui: WebUI, page: Page) -> None:
    page.set_viewport_size(ViewportSize(width=360, height=700))
    ui.register()
    connect(ui)
    changes = {"account": {"id": "1", "name": LONG}, "status": "error", "last_error": wrong("reconnect")}
    many = {"counts": {f"kind_{number}": 1_000_000 for number in range(12)}, "missing_scopes": ["x" * 200]}
    pretend(page, **changes, **many)
    page.route(re.compile("/items(/|$|[?])(?!.*_rsc)"), say_much)
    page.reload()
    row = ui.account(LONG)
    expect(row).to_contain_text("1,000,000 kind 11s")
    assert page.evaluate(OVERFLOW) == 0
    row.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.get_by_role("dialog").evaluate("(dialog) => dialog.scrollWidth - dialog.clientWidth") == 0
    page.keyboard.press("Escape")
    ui.go_to("Items")
    for name in (LONG, "Unnamed"):
        page.get_by_role("button", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name="About this item")).to_have_count(2)
    assert page.evaluate(OVERFLOW) == 0
    page.get_by_role("definition").get_by_role("link", name=LONG).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    assert page.evaluate(OVERFLOW) == 0


def say_much(route: Route) -> None:
    """What the server says, with an item of which very much is said and one of which nothing is."""
    if route.request.resource_type != "fetch" or "/app/" in route.request.url:
        route.fallback()
        return
    answer = route.fetch()
    body = answer.json()
    found: list[dict[str, Any]] = body.get("items", [body])
    much = {"name": LONG, "parent_path_or_name": LONG, "directory": True, "properties": {"markdown": LONG, LONG: LONG}}
    nothing = dict.fromkeys(("url", "creation_time", "last_modified_time"))
    found[0].update(much, parent_id=found[0]["id"])
    for one in found[1:2]:
        one.update(nothing, name="", kind="", external_id="", properties={})
    route.fulfill(response=answer, json=body)
