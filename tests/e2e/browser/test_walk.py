"""All that a person can do with the product, from the first visit to the next one."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import ACME, GLOBEX, SYNC_MS, WebUI, approve
from tests.e2e.product import Product

OF_ACME = 1_020
"""Its contacts, and ten each of companies and deals."""
NEWCOMER = {"properties": {"email": "new.person@example.com", "firstname": "New", "lastname": "Person"}}


@pytest.mark.parametrize("running_product", ["embedded", "cassandra-redis"], indirect=True)
def test_a_person_can_do_all_of_it(ui: WebUI, product: Product, complaints: Complaints) -> None:
    email = ui.register()
    connect_and_watch_the_first_sync(ui, product)
    turn_pages(ui)
    choose_fast(ui)
    ui.go_to("Integrations")
    ui.connect(GLOBEX, by="Connect another account")
    choose_what_is_listed(ui)
    ui.go_to("Integrations")
    sync_what_is_new(ui, product)
    deny_consent(ui, complaints)
    lose_and_renew_the_grant(ui, product)
    disconnect(ui)
    come_back(ui, email)
    remove_what_was_left(ui)


def connect_and_watch_the_first_sync(ui: WebUI, product: Product) -> None:
    window = ui.consent_window(ui.connect_button)
    product.sandbox.control("PATCH", body={"latency_ms": 2000})
    assert window.evaluate("window.opener === null"), "the provider's policy was to cut the two windows apart"
    expect(ui.card).to_contain_text("Finish in the window of HubSpot")
    approve(window, ACME)
    expect(ui.card).to_contain_text(f"Connected: {ACME}")
    row = ui.account(ACME)
    expect(row).to_contain_text("read so far")
    expect(row).to_contain_text("Syncing")
    product.sandbox.control("PATCH", body={"latency_ms": 0})
    expect(row).to_contain_text("The sync has finished: 1,020 new.", timeout=SYNC_MS)
    for count in ("1,000 contacts", "10 companies", "10 deals"):
        expect(row).to_contain_text(count)
    expect(row).to_contain_text("Last sync just now")


def turn_pages(ui: WebUI) -> None:
    ui.account(ACME).get_by_role("link", name="View items").click()
    ui.expect_items(1, 50, of=OF_ACME)
    expect(ui.button("Previous").first).to_be_disabled()
    first = ui.item_names()
    ui.button("Next").first.click()
    ui.expect_items(51, 100, of=OF_ACME)
    second = ui.item_names()
    assert len(first) == len(second) == 50
    assert first != second
    ui.button("Next").last.click()
    ui.expect_items(101, 150, of=OF_ACME)
    ui.button("Previous").last.click()
    ui.expect_items(51, 100, of=OF_ACME)
    assert ui.item_names() == second
    ui.button("Previous").first.click()
    ui.expect_items(1, 50, of=OF_ACME)
    assert ui.item_names() == first


def choose_fast(ui: WebUI) -> None:
    """Two choices, the second before the address of the page has followed the first."""
    ui.go_to("Items")
    expect(ui.page).to_have_url(f"{ui.url}/app/items/")
    ui.expect_items(1, 50, of=OF_ACME)
    ui.page.get_by_role("group", name="Filters").evaluate(
        """(filters) => {
            const [provider, , kind] = filters.querySelectorAll("select");
            for (const [select, value] of [[provider, "hubspot"], [kind, "deal"]]) {
                select.value = value;
                select.dispatchEvent(new Event("change", { bubbles: true }));
            }
        }"""
    )
    ui.expect_items(1, 10, of=10)
    expect(ui.filter("Provider").locator("option:checked")).to_have_text("HubSpot")
    expect(ui.page).to_have_url(f"{ui.url}/app/items/?provider=hubspot&kind=deal")


def choose_what_is_listed(ui: WebUI) -> None:
    ui.go_to("Items")
    ui.expect_items(1, 50, of=OF_ACME + 10)
    ui.filter("Account").select_option(label=f"HubSpot: {GLOBEX}")
    ui.expect_items(1, 10, of=10)
    assert len(ui.item_names()) == 10
    ui.filter("Kind").select_option(label="Contacts")
    expect(ui.filter("Account").locator("option:checked")).to_have_text(f"HubSpot: {GLOBEX}")
    ui.expect_items(1, 10, of=10)
    ui.filter("Account").select_option(label="All accounts")
    ui.expect_items(1, 50, of=1_010)
    ui.filter("Provider").select_option(label="HubSpot")
    assert ui.filter("Kind").locator("option").all_inner_texts() == [
        "All kinds", "Contacts", "Companies", "Deals",
    ]  # fmt: skip
    ui.filter("Kind").select_option(label="Companies")
    ui.expect_items(1, 10, of=10)
    ui.filter("Kind").select_option(label="All kinds")
    ui.expect_items(1, 50, of=OF_ACME + 10)
    opened = ui.page.get_by_role("table").get_by_role("button").first
    opened.click()
    expect(ui.page.get_by_role("heading", name="Properties")).to_be_visible()
    expect(ui.page.get_by_role("term").filter(has_text="hs_object_id").first).to_be_visible()
    opened.click()
    expect(ui.page.get_by_role("heading", name="Properties")).to_be_hidden()


def sync_what_is_new(ui: WebUI, product: Product) -> None:
    row = ui.account(ACME)
    row.get_by_role("button", name="Sync now").click()
    expect(row).to_contain_text("The sync has finished: nothing new.")
    product.sandbox.control("POST", "/records", {"account": "acme", "kind": "contact", "upsert": [NEWCOMER]})
    row.get_by_role("button", name="Sync now").click()
    expect(row).to_contain_text("The sync has finished: 1 new.")
    expect(row).to_contain_text("1,001 contacts")


def deny_consent(ui: WebUI, complaints: Complaints) -> None:
    complaints.expect(r"status of 4\d\d .*/oauth2callback")
    window = ui.consent_window(ui.connect_button)
    window.get_by_role("button", name="Deny").click()
    expect(window.get_by_text("You did not give access, so nothing was connected.")).to_be_visible()
    window.close()
    expect(ui.card).to_contain_text("If you closed it or said no there, stop waiting here.")
    ui.button("Stop waiting").click()
    expect(ui.button("Stop waiting")).to_be_hidden()
    expect(ui.card.get_by_role("listitem", name="example.com")).to_have_count(2)


def lose_and_renew_the_grant(ui: WebUI, product: Product) -> None:
    product.sandbox.control("POST", "/revoke", {"account": "acme"})
    row = ui.account(ACME)
    row.get_by_role("button", name="Sync now").click()
    expect(row).to_contain_text("Needs reconnecting")
    expect(row).to_contain_text("The provider no longer accepts our access. Reconnect the account.")
    expect(row.get_by_role("button", name="Sync now")).to_be_hidden()
    expect(ui.account(GLOBEX)).to_contain_text("Connected")
    approve(ui.consent_window(row.get_by_role("button", name="Reconnect")), ACME)
    expect(row.get_by_text("Connected", exact=True)).to_be_visible()
    expect(row.get_by_role("button", name="Sync now")).to_be_visible()
    expect(row).to_contain_text("1,001 contacts")


def disconnect(ui: WebUI) -> None:
    row = ui.account(GLOBEX)
    row.get_by_role("button", name="Disconnect").click()
    dialog = ui.page.get_by_role("dialog", name=f"Disconnect {GLOBEX}?")
    dialog.get_by_role("button", name="Keep connected").click()
    expect(dialog).to_be_hidden()
    expect(row.get_by_text("Connected", exact=True)).to_be_visible()
    row.get_by_role("button", name="Disconnect").click()
    dialog.get_by_role("button", name="Disconnect").click()
    expect(dialog).to_be_hidden()
    expect(row.get_by_text("Disconnected", exact=True)).to_be_visible()
    expect(row.get_by_role("button", name="Sync now")).to_be_hidden()


def come_back(ui: WebUI, email: str) -> None:
    ui.log_out()
    ui.visit("items/")
    ui.expect_login()
    ui.enter(email)
    ui.button("Log in").click()
    ui.expect_items(1, 50, of=OF_ACME + 11)
    ui.go_to("Integrations")
    expect(ui.account(ACME)).to_contain_text("1,001 contacts")
    expect(ui.account(GLOBEX)).to_contain_text("Disconnected")


def remove_what_was_left(ui: WebUI) -> None:
    row = ui.account(GLOBEX)
    expect(row.get_by_role("button", name="Reconnect")).to_be_visible()
    row.get_by_role("button", name="Remove items").click()
    dialog = ui.page.get_by_role("dialog", name=f"Remove the items of {GLOBEX}?")
    dialog.get_by_role("button", name="Keep them").click()
    expect(row).to_be_visible()
    row.get_by_role("button", name="Remove items").click()
    dialog.get_by_role("button", name="Remove items").click()
    expect(row).to_be_hidden()
    ui.go_to("Items")
    ui.expect_items(1, 50, of=OF_ACME + 1)
