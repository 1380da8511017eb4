"""What a browser keeps of a session, and what scripts can get of it."""

import re

from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import ACME, WebUI
from tests.e2e.product import Product

STORED = """async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    cookies: document.cookie,
    name: window.name,
    history: history.state ? JSON.stringify(history.state) : "",
})"""


def test_scripts_find_no_token_anywhere(ui: WebUI, page: Page, context: BrowserContext) -> None:
    asked: list[Request] = []
    context.on("request", lambda request: asked.append(request))  # noqa: PLW0108  (Playwright marks what it is given)
    with page.expect_response("**/auth/token") as issued:
        ui.register()
    answer = issued.value.json()
    ui.connect(ACME)
    ui.go_to("Items")
    page.reload()
    ui.go_to("Integrations")
    [cookie] = [one for one in context.cookies() if one["name"] == "vs_refresh"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert cookie["path"] == "/"
    tokens = (answer["access_token"], cookie["value"])
    stored = page.evaluate(STORED)
    history = stored.pop("history")
    empty = {"local": {}, "session": {}, "databases": 0, "caches": 0, "cookies": "", "name": ""}
    assert stored == empty
    for token in tokens:
        assert token not in history
        assert not [request.url for request in asked if token in request.url]
        assert token not in page.content()
    assert set(answer) == {"access_token", "token_type", "expires_in", "user"}


def test_the_callback_leaves_no_code_in_the_address(ui: WebUI, complaints: Complaints) -> None:
    complaints.expect(r"status of 4\d\d .*/oauth2callback")
    ui.register()
    window = ui.consent_window(ui.connect_button)
    window.get_by_role("button", name="Deny").click()
    expect(window).to_have_url(f"{ui.url}/integrations/hubspot/oauth2callback")


def test_tabs_share_a_session_and_its_end(
    ui: WebUI, context: BrowserContext, product: Product, complaints: Complaints
) -> None:
    ui.register()
    second = WebUI(context.new_page(), product.public_url)
    second.visit()
    second.expect_integrations()
    second.go_to("Items")
    # Both renew it at once, and neither is thrown out.
    for _ in range(3):
        with ui.page.expect_navigation(), second.page.expect_navigation():
            ui.page.evaluate("location.reload()")
            second.page.evaluate("location.reload()")
        ui.expect_integrations()
        expect(second.button("Refresh")).to_be_visible()
    complaints.expect(r"status of 401 .*/(items|integrations)\b")
    ui.log_out()
    second.button("Refresh").click()
    second.expect_login()
    second.visit("integrations/")
    second.expect_login()


def test_people_who_share_a_browser_do_not_see_each_other(ui: WebUI) -> None:
    ui.register()
    ui.connect(ACME)
    ui.go_to("Items")
    ui.log_out()
    ui.page.go_back()
    expect(ui.page).to_have_url(re.compile("/app/login/"))
    ui.expect_login()
    expect(ui.page.get_by_role("table")).to_be_hidden()
    ui.register()
    expect(ui.connect_button).to_be_visible()
    expect(ui.account(ACME)).to_be_hidden()
    ui.go_to("Items")
    expect(ui.page.get_by_role("heading", name="No items yet")).to_be_visible()


def test_a_visit_by_another_loopback_name_is_led_to_where_the_cookies_are(ui: WebUI, page: Page) -> None:
    ui.register()
    page.goto(f"{ui.url.replace('localhost', '127.0.0.1')}/app/items/?kind=contact")
    expect(page).to_have_url(f"{ui.url}/app/items/?kind=contact")
    expect(ui.button("Log out")).to_be_visible()
    page.goto(ui.url)
    ui.expect_integrations()
