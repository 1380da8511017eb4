"""What a person reads when something that they entered, or the server, is not right."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import ACME, WebUI


def test_a_short_password_is_named_beside_its_field(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 400 .*/auth/register")
    ui.visit("register/")
    page.get_by_label("E-mail").fill("robin@example.com")
    field = page.get_by_label("Password")
    field.fill("short")
    ui.button("Create account").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("12"))
    expect(field).to_have_value("short")


def test_an_address_is_registered_once(ui: WebUI, complaints: Complaints) -> None:
    complaints.expect(r"status of 409 .*/auth/register")
    email = ui.register()
    ui.log_out()
    ui.page.get_by_role("link", name="Create an account").click()
    expect(ui.page.get_by_role("heading", name="Create an account")).to_be_visible()
    ui.enter(email)
    ui.button("Create account").click()
    expect(ui.page.get_by_role("alert").filter(has_text="already an account")).to_be_visible()
    ui.page.get_by_role("link", name="Log in").click()
    ui.expect_login()
    ui.log_in(email)


def test_a_wrong_password_and_an_unknown_address_read_the_same(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 401 .*/auth/token")
    email = ui.register()
    ui.log_out()
    for address in (email, f"nobody-{email}"):
        page.reload()
        ui.enter(address)
        page.get_by_label("Password").fill("not the password at all")
        page.get_by_label("Password").press("Enter")
        expect(page.get_by_role("alert").filter(has_text="password is wrong")).to_have_text(
            "The e-mail address or the password is wrong."
        )


def test_a_server_that_is_away_is_named_and_tried_again(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect("net::ERR_(FAILED|CONNECTION_REFUSED|INTERNET_DISCONNECTED)")
    ui.register()
    ui.connect(ACME)
    page.route("**/integrations/hubspot/sync", lambda route: route.abort())
    row = ui.account(ACME)
    row.get_by_role("button", name="Sync now").click()
    expect(row.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    page.unroute_all()
    row.get_by_role("button", name="Sync now").click()
    expect(row.get_by_role("alert")).to_be_hidden()
    expect(row).to_contain_text("The sync has finished")


def test_nobody_is_led_to_another_site_after_logging_in(ui: WebUI, page: Page) -> None:
    email = ui.register()
    ui.log_out()
    for elsewhere in ("//evil.example/", "javascript:alert(1)"):
        ui.visit(f"login/?next={elsewhere}")
        ui.log_in(email)
        ui.log_out()
    ui.visit("items/")
    ui.expect_login()
    ui.enter(email)
    ui.button("Log in").click()
    expect(page).to_have_url(f"{ui.url}/app/items/")


def test_a_dialog_closes_by_the_keyboard_and_changes_nothing(ui: WebUI, page: Page) -> None:
    ui.register()
    ui.connect(ACME)
    opened = ui.account(ACME).get_by_role("button", name="Disconnect")
    opened.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opened).to_be_focused()
    expect(ui.account(ACME).get_by_text("Connected", exact=True)).to_be_visible()
