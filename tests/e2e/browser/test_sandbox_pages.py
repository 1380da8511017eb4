"""The pages of the sandbox, as a curious person meets them."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import WebUI
from tests.e2e.product import Product

WIDE, NARROW = ViewportSize(width=1200, height=800), ViewportSize(width=375, height=700)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_our_banner_leads_to_the_page_that_explains_the_sandbox(ui: WebUI, product: Product) -> None:
    ui.register()
    banner = ui.page.get_by_role("complementary", name="Sandbox")
    expect(banner).to_contain_text(re.compile("The sandbox is playing .*HubSpot"))
    with ui.page.expect_popup() as opened:
        banner.get_by_role("link", name="Open the sandbox").click()
    home = opened.value
    expect(home).to_have_url(f"{product.sandbox.url}/")
    expect(home.get_by_role("heading", name="Provider sandbox")).to_be_visible()
    card = home.locator(".card.hubspot")
    expect(card.get_by_role("row", name="Acme")).to_contain_text("1000 contacts")
    expect(card.get_by_role("row", name="Globex")).to_be_visible()
    for explained in ("Client id", "Client secret", "sandbox-secret", f"{product.sandbox.url}/hubspot"):
        expect(card.get_by_text(explained, exact=True)).to_be_visible()
    expect(home.locator("pre").filter(has_text="/_control/hubspot/revoke")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_its_pages_are_styled_and_fit(page: Page, product: Product, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    callback = f"{product.public_url}/integrations/hubspot/oauth2callback"
    for address in (product.sandbox.url, product.sandbox.authorize_url(redirect_uri=callback)):
        page.goto(address)
        expect(page.locator(".card").first).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
        assert page.evaluate(OVERFLOW) == 0


def test_the_consent_page_says_who_asks_for_what(ui: WebUI) -> None:
    ui.register()
    window = ui.consent_window(ui.connect_button)
    expect(window.get_by_role("heading", level=1)).to_have_text("Connect sandbox-hubspot to your account")
    expect(window.get_by_role("radio", name="Acme")).to_be_checked()
    expect(window.get_by_role("radio", name="Globex")).not_to_be_checked()
    expect(window.get_by_role("listitem").filter(has_text="crm.objects.contacts.read")).to_be_visible()


def test_deny_leads_back(ui: WebUI, complaints: Complaints) -> None:
    complaints.expect(r"status of 4\d\d .*/oauth2callback")
    ui.register()
    window = ui.consent_window(ui.connect_button)
    window.get_by_role("button", name="Deny").click()
    expect(window.locator("html")).to_have_attribute("data-code", "consent_denied")
    expect(window.get_by_role("heading")).to_have_text("Not connected")
    window.get_by_role("link", name="Back to VectorShift").click()
    expect(window).to_have_url(f"{ui.url}/app/integrations/")


def test_an_app_that_is_not_known_is_refused_on_the_page(page: Page, product: Product, complaints: Complaints) -> None:
    complaints.expect("status of 400 ")
    page.goto(product.sandbox.authorize_url(redirect_uri="https://evil.example/"))
    expect(page.get_by_role("heading")).to_have_text("This connection cannot be made")
    expect(page.get_by_role("button")).to_have_count(0)
