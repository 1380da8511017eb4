"""What a page of somebody else's can do to a person who is logged in here: nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.browser import other_site
from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import ACME, WebUI, approve, heard_messages, keep_opener, note_messages
from tests.e2e.product import Product

CALLBACK = "/integrations/hubspot/oauth2callback"
CHANGING = [
    "/auth/register",
    "/auth/token",
    "/auth/refresh",
    "/auth/logout",
    "/auth/logout-all",
    "/integrations/hubspot/authorize",
    "/integrations/hubspot/sync",
    "/integrations/hubspot/disconnect",
]
POST_FORM = """(address) => {
    const form = document.body.appendChild(document.createElement("form"));
    Object.assign(form, { method: "post", action: address, enctype: "text/plain" });
    const field = form.appendChild(document.createElement("input"));
    Object.assign(field, { name: '{"user_id":"', value: '"}' });
    form.submit();
}"""
OPEN = "(address) => { window.open(address); }"
FRAME = """(address) => new Promise((loaded) => {
    const frame = document.createElement("iframe");
    frame.onload = loaded;
    frame.src = address;
    document.body.append(frame);
})"""


@pytest.fixture(scope="module")
def other_origin() -> Iterator[str]:
    with other_site.running() as origin:
        yield origin


@pytest.fixture
def other(context: BrowserContext, other_origin: str) -> Page:
    """A tab of the same browser, at the other site."""
    page = context.new_page()
    page.goto(other_origin)
    note_messages(page)
    return page


def test_a_site_that_opens_the_consent_page_hears_nothing(ui: WebUI, other: Page, product: Product) -> None:
    ui.page.add_init_script("window.open = () => null")
    ui.register()
    ui.connect_button.click()
    address = ui.card.get_by_role("link", name="Continue to HubSpot").get_attribute("href")
    keep_opener(ui.page, product.sandbox.url)
    ui.page.context.add_init_script("window.close = () => {}")
    with other.expect_popup() as opened:
        other.evaluate(OPEN, address)
    opened.value.get_by_role("button", name="Approve").click()
    expect(opened.value.get_by_text("HubSpot is connected.")).to_be_visible()
    # It could have heard: the two windows are in touch to the end.
    opened.value.evaluate("opener.postMessage('last words', '*')")
    assert [one["data"] for one in heard_messages(other)] == ["last words"]
    expect(ui.card).to_contain_text(f"Connected: {ACME}")


def test_a_message_of_another_site_is_not_believed(ui: WebUI, page: Page, other_origin: str) -> None:
    ui.register()
    with page.expect_response("**/integrations/hubspot/authorize") as started:
        window = ui.consent_window(ui.connect_button)
    flow = started.value.json()["flow_id"]
    note_messages(page)
    with page.expect_popup() as opened:
        page.evaluate(OPEN, other_origin)
    expect(opened.value.get_by_role("heading")).to_have_text("Another site")
    for outcome in ({"success": True}, {"success": False, "error": "consent_denied"}):
        forged = {"type": "hubspot-oauth-callback", "flow_id": flow, **outcome}
        opened.value.evaluate("(message) => opener.postMessage(message, '*')", forged)
    assert len(heard_messages(page, count=2)) == 2
    expect(ui.card).to_contain_text("Finish in the window of HubSpot")
    approve(window, ACME)
    expect(ui.card).to_contain_text(f"Connected: {ACME}")


def test_no_page_can_be_framed(other: Page, product: Product, complaints: Complaints) -> None:
    complaints.expect("frame-ancestors 'none'")
    complaints.expect(r"status of 4\d\d .*chrome-error:")
    consent = product.sandbox.authorize_url(redirect_uri=product.public_url + CALLBACK)
    pages = ["/app/", "/app/login/", "/app/integrations/", "/app/nowhere", f"{CALLBACK}?state=x", "/auth/me"]
    for address in (*(product.public_url + path for path in pages), product.sandbox.url, consent):
        with other.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
            other.evaluate(FRAME, address)
    other.evaluate(FRAME, other.url)
    expect(other.frame_locator("iframe").last.get_by_role("heading")).to_have_text("Another site")


def test_a_form_of_another_site_changes_nothing(
    ui: WebUI, other: Page, product: Product, complaints: Complaints
) -> None:
    complaints.expect(r"status of 403 ")
    ui.register()
    ui.connect(ACME)
    home = other.url
    for path in CHANGING:
        with other.expect_navigation(url=f"**{path}") as posted:
            other.evaluate(POST_FORM, product.public_url + path)
        assert posted.value is not None
        assert posted.value.status == 403, path
        assert posted.value.json()["code"] == "cross_origin"
        other.goto(home)
    ui.page.reload()
    expect(ui.account(ACME).get_by_text("Connected", exact=True)).to_be_visible()


def test_a_script_of_another_site_reads_nothing(
    ui: WebUI, other: Page, product: Product, complaints: Complaints
) -> None:
    complaints.expect("blocked by CORS policy|net::ERR_FAILED|status of 40[13] ")
    ui.register()
    read = "([address, method]) => fetch(address, { method, credentials: 'include' }).then((a) => a.text(), () => null)"
    for method, path in [("GET", "/auth/me"), ("GET", "/integrations"), ("POST", "/auth/refresh")]:
        assert other.evaluate(read, [product.public_url + path, method]) is None
    # Where nothing is to be read the call is made all the same.
    blind = "(address) => fetch(address, { method: 'POST', mode: 'no-cors', credentials: 'include' })"
    other.evaluate(blind, f"{product.public_url}/auth/logout-all")
    ui.page.reload()
    ui.expect_integrations()
