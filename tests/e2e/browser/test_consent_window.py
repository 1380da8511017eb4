"""The window in which a person gives consent, and the ways in which the page that asked for it learns the end."""

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import ACME, GLOBEX, WebUI, heard_messages, keep_opener, note_messages
from tests.e2e.product import Product


def test_a_link_does_what_a_blocked_window_cannot(ui: WebUI, page: Page) -> None:
    page.add_init_script("window.open = () => null")
    ui.register()
    ui.connect_button.click()
    expect(ui.card).to_contain_text("Your browser blocked the window of HubSpot.")
    with page.context.expect_page() as opened:
        ui.card.get_by_role("link", name="Continue to HubSpot").click()
    tab = opened.value
    assert tab.evaluate("window.opener === null")
    tab.get_by_role("radio", name="Globex").check()
    tab.get_by_role("button", name="Approve").click()
    expect(ui.card).to_contain_text(f"Connected: {GLOBEX}")
    # A tab that a link has opened cannot close itself in every browser: then it leads back.
    try:
        tab.get_by_role("link", name="Back to VectorShift").click()
        expect(tab).to_have_url(f"{ui.url}/app/integrations/")
    except (Error, AssertionError):
        assert tab.is_closed()


@pytest.mark.parametrize("button", ["Approve", "Deny"])
def test_a_window_that_stays_in_touch_tells_the_page_how_it_ended(
    ui: WebUI, product: Product, complaints: Complaints, button: str
) -> None:
    complaints.expect(r"status of 4\d\d .*/oauth2callback")
    ui.register()
    keep_opener(ui.page, product.sandbox.url)
    note_messages(ui.page)
    window = ui.consent_window(ui.connect_button)
    with window.expect_event("close"):
        window.get_by_role("button", name=button).click()
    [told] = heard_messages(ui.page)
    assert told["origin"] == product.public_url
    expected = {"success": True} if button == "Approve" else {"success": False, "error": "consent_denied"}
    assert told["data"] == {"type": "hubspot-oauth-callback", "flow_id": told["data"]["flow_id"], **expected}
    if button == "Approve":
        expect(ui.account(ACME)).to_contain_text("1,000 contacts")
    else:
        expect(ui.card.get_by_role("alert")).to_contain_text("Access was declined at the provider.")
        expect(ui.connect_button).to_be_enabled()
