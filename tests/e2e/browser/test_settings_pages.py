"""The settings of one's account: the password, the profile, and who is logged in where."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import WebUI, calls_of
from tests.e2e.person import PASSWORD

NEW_PASSWORD = "a quite different sentence"


def test_a_changed_password_keeps_this_browser_and_logs_the_other_out(
    ui: WebUI, phone: WebUI, page: Page, complaints: Complaints
) -> None:
    complaints.expect(r"status of 40[01] .*/(auth/|integrations|items)")
    email = ui.register()
    phone.visit("login/")
    phone.log_in(email)
    ui.go_to_settings("Security")
    expect(ui.device("Safari on iPhone")).to_be_visible()

    ui.field("Current password").fill("not my password at all")
    ui.field("New password").fill(NEW_PASSWORD)
    ui.field("New password").press("Enter")
    expect(ui.field("Current password")).to_be_focused()
    expect(ui.field("Current password")).to_have_accessible_description("This is not your password.")
    ui.field("Current password").fill(PASSWORD)
    ui.field("Current password").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Your password has been changed.")).to_be_visible()
    expect(ui.field("New password")).to_have_value("")
    expect(ui.device("Safari on iPhone")).to_be_hidden()
    expect(ui.device("Chrome on Linux")).to_contain_text("This device")

    ui.go_to("Items")
    page.reload()
    ui.go_to("Integrations")
    phone.go_to_login_by("Items")
    phone.enter(email, NEW_PASSWORD)
    phone.button("Log in").click()
    expect(phone.page).to_have_url(f"{ui.url}/app/items/")


def test_another_tab_goes_on_after_the_password_was_changed(
    ui: WebUI, context: BrowserContext, complaints: Complaints
) -> None:
    ui.register()
    second = WebUI(context.new_page(), ui.url)
    second.visit("items/")
    expect(second.button("Refresh")).to_be_visible()
    ui.go_to_settings("Security")
    ui.field("Current password").fill(PASSWORD)
    ui.field("New password").fill(NEW_PASSWORD)
    ui.button("Change password").click()
    expect(ui.page.get_by_role("status").filter(has_text="has been changed.")).to_be_visible()
    # The token that it holds is refused, and the new one is at hand.
    complaints.expect(r"status of 401 .*/(items|integrations)\b")
    second.button("Refresh").click()
    second.go_to("Integrations")
    second.page.reload()
    second.expect_integrations()


def test_a_device_is_logged_out_from_another(ui: WebUI, phone: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 401 .*/(auth/refresh|integrations|items)")
    email = ui.register()
    phone.visit("login/")
    phone.log_in(email)
    ui.go_to_settings("Security")
    row = ui.device("Safari on iPhone")
    expect(row).to_contain_text("Last seen just now")
    expect(row).not_to_contain_text("This device")
    expect(ui.device("Chrome on Linux")).to_contain_text("This device")
    button = row.get_by_role("button", name="Log out Safari on iPhone")
    button.focus()
    page.keyboard.press("Enter")
    expect(row).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="Safari on iPhone is logged out.")).to_be_attached()
    expect(page.get_by_role("heading", name="Devices")).to_be_focused()
    expect(page.get_by_role("list", name="Recent events")).to_contain_text("Device logged out")
    phone.go_to_login_by("Items")
    ui.go_to("Integrations")


def test_a_person_logs_out_everywhere(ui: WebUI, phone: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 401 .*/(auth/refresh|integrations|items)")
    email = ui.register()
    phone.visit("login/")
    phone.log_in(email)
    ui.go_to_settings("Security")
    ui.button("Log out everywhere").click()
    dialog = page.get_by_role("dialog", name="Log out everywhere?")
    dialog.get_by_role("button", name="Stay logged in").click()
    expect(dialog).to_be_hidden()
    ui.button("Log out everywhere").click()
    dialog.get_by_role("button", name="Log out everywhere").click()
    ui.expect_login()
    phone.go_to_login_by("Items")


def test_this_device_is_logged_out_like_any_other(ui: WebUI, complaints: Complaints) -> None:
    complaints.expect(r"status of 401 .*/auth/refresh")
    ui.register()
    ui.go_to_settings("Security")
    ui.button("Log out this device").click()
    ui.expect_login()
    ui.visit("settings/security/")
    ui.expect_login()


def test_events_are_shown_a_page_at_a_time(ui: WebUI, phone: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 401 .*/auth/token")
    email = ui.register()
    phone.visit("login/")
    phone.enter(email, "not my password at all")
    phone.button("Log in").click()
    expect(phone.page.get_by_role("alert").filter(has_text="password is wrong")).to_be_visible()
    for _ in range(5):
        phone.log_in(email)
        phone.log_out()
    ui.go_to_settings("Security")
    events = page.get_by_role("list", name="Recent events").get_by_role("listitem")
    expect(events).to_have_count(10)
    expect(events.first).to_contain_text("Logged out")
    expect(events.nth(1)).to_contain_text("Logged in")
    expect(events.first).to_contain_text("From 127.0.0.1")
    ui.button("Show more").press("Enter")
    expect(events).to_have_count(13)
    expect(events.nth(10)).to_be_focused()
    expect(ui.button("Show more")).to_be_hidden()
    expect(events.nth(10)).to_contain_text("Login refused")
    expect(events.last).to_contain_text("Account created")


def test_a_profile_survives_a_reload(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 400 .*/auth/me")
    ui.register()
    ui.go_to("Settings")
    facts = page.get_by_role("region", name="Account")
    expect(facts).to_contain_text("Not confirmed")
    expect(facts).to_contain_text("Password")
    asked = calls_of(page)
    picture = "http://127.0.0.1:9/nobody.png"
    entered = {"Display name": "Robin", "Company": "Acme", "Job title": "Tester", "Picture": picture}
    for label, text in entered.items():
        ui.field(label).fill(text)
    zone = page.get_by_role("combobox", name="Time zone")
    zone.fill("not a time zone")
    ui.field("Full name").fill("")
    ui.button("Save").click()
    expect(zone).to_be_focused()
    expect(zone).to_have_accessible_description("This is not the name of a time zone.")
    zone.fill("Europe/Berlin")
    zone.press("Enter")
    saved = page.get_by_role("status").filter(has_text="Saved.")
    expect(saved).to_be_visible()
    expect(page.get_by_role("banner")).to_contain_text("Robin")
    assert {request.url for request in asked} <= {f"{ui.url}/auth/me", f"{ui.url}/integrations"}

    page.reload()
    for label, text in entered.items():
        expect(ui.field(label)).to_have_value(text)
    expect(ui.field("Full name")).to_have_value("")
    expect(zone).to_have_value("Europe/Berlin")
    ui.field("Company").fill("")
    ui.button("Save").click()
    expect(saved).to_be_visible()
    page.reload()
    expect(ui.field("Company")).to_have_value("")
    expect(ui.field("Job title")).to_have_value("Tester")
    assert page.locator("img[src*='nobody.png']").count() == 0


def test_what_a_person_tells_is_shown_as_text(ui: WebUI, page: Page) -> None:
    ui.register()
    ui.go_to("Settings")
    hostile = "<img src=x onerror='window.ran = true'>"
    ui.field("Display name").fill(hostile)
    ui.button("Save").click()
    expect(page.get_by_role("banner")).to_contain_text(hostile)
    assert page.evaluate("window.ran") is None


def test_settings_are_for_those_who_are_logged_in(ui: WebUI, page: Page) -> None:
    email = ui.register()
    ui.log_out()
    ui.visit("settings/security/")
    ui.expect_login()
    ui.enter(email)
    ui.button("Log in").click()
    expect(page).to_have_url(f"{ui.url}/app/settings/security/")
    expect(ui.device("Chrome on Linux")).to_be_visible()
