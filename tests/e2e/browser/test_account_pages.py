"""The pages of one's account: mailed links, the profile, and who is logged in where."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, ViewportSize, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import WebUI, mailed_link
from tests.e2e.person import PASSWORD
from tests.e2e.product import Product

NEW_PASSWORD = "a quite different sentence"
MAILED = ("reset-password", "verify-email")
FOR_EVERYBODY = ("forgot-password", *MAILED)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HISTORY = "JSON.stringify(history.state) + location.href + performance.getEntriesByType('resource').map((e) => e.name)"

NewContext = Callable[..., BrowserContext]


@pytest.fixture
def phone(new_context: NewContext, complaints: Complaints, product: Product) -> WebUI:
    """Another device, of the same or of another person."""
    context = new_context(user_agent=PHONE)
    complaints.watch(context)
    context.set_default_timeout(20_000)
    return WebUI(context.new_page(), product.public_url)


@pytest.fixture
def verifying(product: Product) -> Iterator[Product]:
    """It lets nobody in whose address is not proven."""
    product.stop_apis()
    product.start(EMAIL_VERIFICATION="required")
    yield product
    product.restore()


def calls_of(page: Page) -> list[Request]:
    """All that a page asks for from now on, but the files of the web UI."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        if "/app/" not in request.url:
            asked.append(request)

    page.on("request", note)
    return asked


def ask_for_reset(ui: WebUI, email: str) -> None:
    ui.visit("login/")
    ui.page.get_by_role("link", name="Forgot your password?").click()
    expect(ui.page.get_by_role("heading", name="Forgot your password?")).to_be_visible()
    ui.field("E-mail").fill(email)
    ui.field("E-mail").press("Enter")
    expect(ui.page.get_by_role("heading", name="Check your mail")).to_be_focused()


def test_a_forgotten_password_is_replaced_by_a_mailed_link(
    ui: WebUI, phone: WebUI, page: Page, product: Product, complaints: Complaints
) -> None:
    complaints.expect(r"status of 401 .*/auth/(token|refresh)|status of 400 .*/auth/reset-password")
    email = ui.register()
    ui.log_out()
    ask_for_reset(ui, email)
    link = mailed_link(product.sandbox, email)
    # A program that looks into mails opens it first, and that is nothing.
    phone.page.goto(link)
    expect(phone.field("New password")).to_be_visible()

    page.goto(link)
    ui.field("New password").fill("password1234")
    ui.button("Set the new password").click()
    expect(ui.field("New password")).to_be_focused()
    expect(ui.field("New password")).to_have_accessible_description(re.compile("among the first that are guessed"))
    ui.field("New password").fill(NEW_PASSWORD)
    ui.field("New password").press("Enter")
    ui.expect_login()
    expect(page.get_by_role("status")).to_have_text("Your password has been changed. Log in with the new one.")
    ui.enter(email)
    ui.button("Log in").click()
    expect(page.get_by_role("alert").filter(has_text="password is wrong")).to_be_visible()
    ui.log_in(email, NEW_PASSWORD)

    phone.field("New password").fill("yet another sentence of mine")
    phone.button("Set the new password").click()
    expect(phone.page.get_by_role("alert").filter(has_text="cannot be used any more")).to_be_visible()
    phone.page.get_by_role("link", name="Ask for a new link").click()
    expect(phone.page.get_by_role("heading", name="Forgot your password?")).to_be_visible()


def test_a_registration_is_finished_by_a_mailed_link(
    ui: WebUI, page: Page, verifying: Product, complaints: Complaints
) -> None:
    complaints.expect(r"status of 401 .*/auth/token|status of 400 .*/auth/verify-email")
    email = ask_to_register(ui)
    ui.button("Send it again").click()
    expect(page.get_by_role("status").filter(has_text="another one")).to_be_visible()
    link = mailed_link(verifying.sandbox, email, number=2)

    page.get_by_role("link", name="Back to log in").click()
    ui.enter(email)
    ui.button("Log in").click()
    expect(page.get_by_role("alert").filter(has_text="password is wrong")).to_be_visible()
    page.get_by_role("link", name="Get a new link").click()
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()

    page.goto(link)
    ui.field("Password").fill("not the one of the registration")
    ui.button("Confirm and log in").click()
    expect(ui.field("Password")).to_be_focused()
    expect(ui.field("Password")).to_have_accessible_description("This is not the password of this registration.")
    ui.field("Password").fill(PASSWORD)
    ui.field("Password").press("Enter")
    ui.expect_integrations()
    page.reload()
    ui.expect_integrations()
    ui.go_to("Settings")
    expect(page.get_by_role("definition").filter(has_text=email)).to_contain_text("Confirmed")
    page.go_back()
    ui.expect_integrations()


def ask_to_register(ui: WebUI) -> str:
    """As far as one gets where addresses are proven."""
    email = ui.new_email()
    ui.visit("register/")
    ui.enter(email)
    ui.button("Create account").click()
    expect(ui.page.get_by_role("heading", name="Check your mail")).to_be_focused()
    expect(ui.page.get_by_text(email)).to_be_visible()
    return email


def test_a_link_that_was_used_leads_to_a_new_one(
    ui: WebUI, page: Page, verifying: Product, complaints: Complaints
) -> None:
    complaints.expect(r"status of 400 .*/auth/verify-email")
    page.goto(f"{verifying.public_url}/app/verify-email#token=never-mailed")
    ui.field("Password").fill(PASSWORD)
    ui.button("Confirm and log in").click()
    ui.button("Get a new link").click()
    ui.field("E-mail").fill("nobody@example.com")
    ui.button("Send the link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_focused()
    ui.button("Use another address").click()
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_focused()
    expect(ui.field("E-mail")).to_have_value("")


@pytest.mark.parametrize("path", FOR_EVERYBODY)
def test_a_page_for_everybody_asks_the_server_nothing_by_itself(ui: WebUI, page: Page, path: str) -> None:
    asked = calls_of(page)
    ui.visit(f"{path}#token=never-mailed")
    expect(ui.page.get_by_role("textbox")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert [request.url for request in asked] == []
    page.get_by_role("link", name=re.compile("log in", re.IGNORECASE)).or_(
        page.get_by_role("link", name="VectorShift")
    ).last.click()
    ui.expect_login()
    # The login page asks who is there, and which ways in there are.
    assert {request.url for request in asked} - {f"{ui.url}/auth/methods"} == {f"{ui.url}/auth/refresh"}


@pytest.mark.parametrize("path", MAILED)
def test_the_token_of_a_link_leaves_the_address(ui: WebUI, page: Page, complaints: Complaints, path: str) -> None:
    complaints.expect(r"status of 400 .*/auth/")
    token = "token-that-nobody-may-read"
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  (Playwright marks what it is given)
    ui.visit(f"{path}#token={token}")
    field = page.get_by_role("textbox")
    field.fill(PASSWORD)
    expect(page).to_have_url(f"{ui.url}/app/{path}/")
    assert token not in page.evaluate(HISTORY)
    assert token not in page.content()
    # A router that writes its address anew does not bring it back.
    page.evaluate("window.next.router.refresh()")
    page.wait_for_load_state("networkidle")
    expect(page).to_have_url(f"{ui.url}/app/{path}/")
    assert token not in page.evaluate(HISTORY)
    # It is sent from where it is kept.
    with page.expect_request(f"**/auth/{path}") as sent:
        page.get_by_role("button").click()
    assert f'"token":"{token}"' in (sent.value.post_data or "")
    expect(page.get_by_role("alert").filter(has_text="cannot be used any more")).to_be_visible()
    assert token not in page.evaluate(HISTORY)
    page.get_by_role("link", name="VectorShift").click()
    ui.expect_login()
    page.go_back()
    expect(page).to_have_url(f"{ui.url}/app/{path}/")
    assert token not in page.evaluate(HISTORY)
    assert [request.url for request in asked if token in request.url] == []
    assert [request.url for request in asked if token in request.headers.get("referer", "")] == []


def test_a_link_that_is_opened_in_the_same_tab_is_taken_too(ui: WebUI, page: Page) -> None:
    ui.visit("verify-email/")
    expect(ui.field("E-mail")).to_be_visible()
    # Nothing changes but what stands behind the `#`: the page is not loaded anew.
    page.evaluate("location.hash = 'token=never-mailed'")
    expect(ui.field("Password")).to_be_focused()
    expect(page).to_have_url(f"{ui.url}/app/verify-email/")
    page.get_by_role("link", name="Log in").click()
    ui.expect_login()
    page.go_back()
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
    expect(page).to_have_url(f"{ui.url}/app/verify-email/")


def test_a_page_that_is_loaded_again_has_no_token(ui: WebUI, page: Page) -> None:
    ui.visit("reset-password#token=never-mailed")
    expect(ui.field("New password")).to_be_visible()
    expect(page).to_have_url(f"{ui.url}/app/reset-password/")
    page.reload()
    page.get_by_role("link", name="Ask for a link").click()
    expect(page.get_by_role("heading", name="Forgot your password?")).to_be_visible()


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


def test_a_limit_says_how_long_to_wait(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 429 .*/auth/forgot-password")
    problem: dict[str, Any] = {"code": "rate_limited", "status": 429, "title": "", "detail": "", "request_id": "1"}
    page.route(
        "**/auth/forgot-password", lambda route: route.fulfill(status=429, headers={"Retry-After": "120"}, json=problem)
    )
    ui.visit("forgot-password/")
    ui.field("E-mail").fill("robin@example.com")
    ui.button("Send the link").click()
    expect(page.get_by_role("alert").filter(has_text="Too many")).to_have_text(
        "Too many attempts. Try again in 2 minutes."
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_a_small_screen(ui: WebUI, page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(ViewportSize(width=360, height=700))
    for path in FOR_EVERYBODY:
        ui.visit(f"{path}/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate(OVERFLOW) == 0
    ui.register()
    for path, region in (("profile", "Account"), ("security", "Recent events")):
        ui.visit(f"settings/{path}/")
        expect(page.get_by_role("region", name=region)).to_be_visible()
        assert page.evaluate(OVERFLOW) == 0
