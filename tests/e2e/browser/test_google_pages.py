"""Signing in with Google, as the sandbox plays it, and leaving for good."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, ViewportSize, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import WebUI, mailed_link, refresh_by_router
from tests.e2e.google_client import Google
from tests.e2e.person import PASSWORD
from tests.e2e.product import Product

CONTINUE = "Continue with Google Sandbox"
CALLBACK = "**/auth/google/callback"
HISTORY = "JSON.stringify(history.state) + location.href"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STALE: dict[str, Any] = {"code": "reauthentication_required", "status": 403, "title": "", "detail": ""}
EVERY_STORAGE = pytest.mark.parametrize("running_product", ["embedded", "cassandra-redis"], indirect=True)


@dataclass(frozen=True, slots=True)
class GoogleUser:
    """Somebody whom the sandbox's Google knows."""

    page: Page
    email: str

    def sign_in(self, opener: Locator) -> None:
        """Press a button of ours, and choose oneself on Google's page."""
        opener.click()
        self.page.get_by_role("radio", name=self.email).check()
        self.page.get_by_role("button", name="Continue").click()


NewGoogleUser = Callable[[str], GoogleUser]


@pytest.fixture
def new_google_user(page: Page, product: Product) -> NewGoogleUser:
    def make(email: str) -> GoogleUser:
        Google(product.sandbox).control("POST", "/people", {"upsert": [{"key": email, "email": email}]})
        return GoogleUser(page, email)

    return make


@pytest.fixture
def google_user(new_google_user: NewGoogleUser) -> GoogleUser:
    """Nobody here has their address yet."""
    return new_google_user(WebUI.new_email())


def way(ui: WebUI, name: str) -> Locator:
    return ui.page.get_by_role("list", name="Ways to sign in").get_by_role("listitem", name=name, exact=True)


def sign_up(ui: WebUI, user: GoogleUser) -> None:
    ui.visit("register/")
    user.sign_in(ui.button(CONTINUE))
    ui.expect_integrations()


def refusal(page: Page, title: str) -> Locator:
    """What stands below the title that the page now has."""
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    return page.get_by_role("main").get_by_role("alert")


@EVERY_STORAGE
def test_a_person_signs_up_with_google_and_logs_in_by_it_again(ui: WebUI, page: Page, google_user: GoogleUser) -> None:
    sign_up(ui, google_user)
    ui.go_to("Settings")
    expect(page.get_by_role("region", name="Account")).to_contain_text(google_user.email)
    expect(way(ui, "Google")).to_contain_text("Linked")
    expect(way(ui, "Password")).to_contain_text("Not set")
    expect(ui.button("Unlink Google")).to_be_hidden()
    page.reload()
    expect(way(ui, "Google")).to_contain_text("Your only way in")
    ui.log_out()
    google_user.sign_in(ui.button(CONTINUE))
    ui.expect_integrations()
    ui.go_to_settings("Security")
    events = page.get_by_role("list", name="Recent events")
    expect(events).to_contain_text("Account created")
    expect(ui.field("Current password")).to_be_hidden()


@EVERY_STORAGE
def test_google_is_linked_and_unlinked_in_the_settings(ui: WebUI, page: Page, new_google_user: NewGoogleUser) -> None:
    email = ui.register()
    user = new_google_user(f"other-{email}")
    ui.go_to("Settings")
    expect(way(ui, "Google")).to_contain_text("Not linked")
    user.sign_in(ui.button("Link Google"))
    expect(page).to_have_url(f"{ui.url}/app/settings/profile/")
    expect(way(ui, "Google")).to_contain_text("To link or unlink it")
    ui.log_out()
    user.sign_in(ui.button(CONTINUE))
    ui.expect_integrations()
    expect(page.get_by_role("banner")).to_contain_text("Robin Example")
    ui.go_to("Settings")
    ui.button("Unlink Google").click()
    expect(page.get_by_role("status").filter(has_text="Google is unlinked.")).to_be_visible()
    expect(way(ui, "Google")).to_contain_text("Not linked")
    ui.go_to_settings("Security")
    events = page.get_by_role("list", name="Recent events")
    expect(events).to_contain_text("Google account linked")
    expect(events).to_contain_text("Google account unlinked")
    page.reload()
    expect(events).to_be_visible()


@EVERY_STORAGE
def test_an_account_is_deleted_by_its_password(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 400 .*/auth/me|status of 401 .*/auth/token")
    email = ui.register()
    ui.go_to_settings("Security")
    ui.button("Delete account").click()
    dialog = page.get_by_role("dialog", name="Delete your account?")
    expect(dialog).to_contain_text(email)
    assert dialog.evaluate("(shown) => shown.scrollWidth - shown.clientWidth") == 0
    dialog.get_by_role("button", name="Keep my account").click()
    expect(dialog).to_be_hidden()
    expect(ui.button("Delete account")).to_be_focused()

    ui.button("Delete account").click()
    password = dialog.get_by_role("textbox", name="Your password")
    expect(password).to_be_focused()
    password.fill("not my password at all")
    dialog.get_by_role("button", name="Delete everything").click()
    expect(password).to_be_focused()
    expect(password).to_have_accessible_description("This is not your password.")
    password.fill(PASSWORD)
    password.press("Enter")
    ui.expect_login()
    expect(page.get_by_role("status")).to_contain_text("Your account is deleted")
    ui.enter(email)
    ui.button("Log in").click()
    expect(page.get_by_role("alert").filter(has_text="password is wrong")).to_be_visible()
    ui.visit("settings/security/")
    ui.expect_login()


@EVERY_STORAGE
def test_an_account_without_a_password_is_deleted_after_google_is_asked_again(
    ui: WebUI, page: Page, google_user: GoogleUser, complaints: Complaints
) -> None:
    complaints.expect(r"status of 409 .*/auth/google/callback")
    sign_up(ui, google_user)
    ui.go_to_settings("Security")
    ui.button("Confirm with Google").click()
    page.get_by_role("radio", name="Outside Person").check()
    page.get_by_role("button", name="Continue").click()
    expect(refusal(page, "Signing in did not work")).to_contain_text("not the person who started it")
    page.get_by_role("link", name="Back to the settings").click()
    ui.go_to_settings("Security")

    google_user.sign_in(ui.button("Confirm with Google"))
    dialog = page.get_by_role("dialog", name="Delete your account?")
    expect(dialog.get_by_role("textbox")).to_have_count(0)
    dialog.get_by_role("button", name="Keep my account").click()
    expect(page).to_have_url(f"{ui.url}/app/settings/security/")
    google_user.sign_in(ui.button("Confirm with Google"))
    dialog.get_by_role("button", name="Delete everything").click()
    ui.expect_login()
    expect(page.get_by_role("status")).to_contain_text("Your account is deleted")
    page.reload()
    ui.expect_login()
    expect(page.get_by_role("status")).to_have_count(0)


def test_the_page_that_was_wanted_follows(ui: WebUI, page: Page, google_user: GoogleUser) -> None:
    ui.visit("items/?kind=contact")
    ui.expect_login()
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("heading", name="Create an account")).to_be_visible()
    google_user.sign_in(ui.button(CONTINUE))
    expect(page).to_have_url(f"{ui.url}/app/items/?kind=contact")


def test_an_address_that_has_an_account_must_be_linked_in_it(
    ui: WebUI, page: Page, new_google_user: NewGoogleUser, complaints: Complaints
) -> None:
    complaints.expect(r"status of 409 .*/auth/google/callback")
    email = ui.register()
    ui.log_out()
    user = new_google_user(email)
    user.sign_in(ui.button(CONTINUE))
    expect(refusal(page, "This address has an account")).to_contain_text("then link Google under Settings")
    page.get_by_role("link", name="Log in with your password").click()
    ui.expect_login()
    ui.enter(email)
    ui.button("Log in").click()
    user.sign_in(ui.button("Link Google"))
    expect(way(ui, "Google")).to_contain_text("To link or unlink it")


def test_a_person_without_a_password_gets_one_by_mail(
    ui: WebUI, page: Page, google_user: GoogleUser, product: Product
) -> None:
    sign_up(ui, google_user)
    ui.go_to("Settings")
    page.get_by_role("link", name="Forgot your password?").click()
    ui.field("E-mail").fill(google_user.email)
    ui.button("Send the link").click()
    page.goto(mailed_link(product.sandbox, google_user.email))
    ui.field("New password").fill(PASSWORD)
    ui.button("Set the new password").click()
    ui.expect_login()
    ui.log_in(google_user.email)
    ui.go_to("Settings")
    expect(ui.button("Unlink Google")).to_be_visible()


def test_who_denies_has_not_signed_in(ui: WebUI, page: Page) -> None:
    ui.visit("login/")
    ui.button(CONTINUE).click()
    page.get_by_role("button", name="Deny").click()
    expect(refusal(page, "You did not sign in")).to_contain_text("Nothing has changed.")
    expect(page).to_have_url(f"{ui.url}/app/google-callback/")
    page.get_by_role("link", name="Back to log in").click()
    ui.expect_login()


def test_a_link_takes_a_fresh_login(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 403 .*/auth/google/callback")
    page.route(CALLBACK, lambda route: route.fulfill(status=403, json=STALE))
    email = ui.register()
    ui.go_to("Settings")
    ui.button("Link Google").click()
    page.get_by_role("button", name="Continue").click()
    expect(refusal(page, "Log in once more")).to_contain_text("login of the last five minutes")
    log_in_again(ui, email)


def test_unlinking_takes_a_fresh_login(
    ui: WebUI, page: Page, new_google_user: NewGoogleUser, complaints: Complaints
) -> None:
    complaints.expect(r"status of 403 .*/auth/google/link")
    page.route("**/auth/google/link", lambda route: route.fulfill(status=403, json=STALE))
    email = ui.register()
    ui.go_to("Settings")
    new_google_user(f"other-{email}").sign_in(ui.button("Link Google"))
    ui.button("Unlink Google").click()
    expect(page.get_by_role("alert").filter(has_text="login of the last five minutes")).to_be_visible()
    log_in_again(ui, email)


def log_in_again(ui: WebUI, email: str) -> None:
    ui.button("Log in again").click()
    ui.expect_login()
    ui.enter(email)
    ui.button("Log in").click()
    expect(ui.page).to_have_url(f"{ui.url}/app/settings/profile/")
    expect(way(ui, "Password")).to_be_visible()


def test_the_code_leaves_the_address(ui: WebUI, page: Page, google_user: GoogleUser, complaints: Complaints) -> None:
    complaints.expect(r"status of 400 .*/auth/google/callback")
    code, asked = "code-that-nobody-may-read", list[Request]()
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  (Playwright marks what it is given)
    with page.expect_request(CALLBACK) as sent:
        ui.visit(f"google-callback?code={code}&state=never-given-out")
    assert sent.value.post_data_json == {"code": code, "state": "never-given-out"}
    expect(refusal(page, "Signing in did not work")).to_contain_text("has expired or was already used")
    refresh_by_router(page)
    expect(page).to_have_url(f"{ui.url}/app/google-callback/")
    assert code not in page.evaluate(HISTORY)
    assert code not in page.content()
    assert {request.resource_type for request in asked if code in request.url} == {"document"}
    assert [request.url for request in asked if code in request.all_headers().get("referer", "")] == []
    page.get_by_role("link", name="Back to log in").click()
    google_user.sign_in(ui.button(CONTINUE))
    ui.expect_integrations()
    assert "code" not in page.evaluate(HISTORY)


def test_a_visit_without_an_answer_has_nothing_to_finish(ui: WebUI, page: Page) -> None:
    ui.visit("google-callback/")
    expect(page.get_by_role("heading", name="Nothing to finish here")).to_be_visible()
    page.get_by_role("link", name="Log in").click()
    ui.expect_login()


def test_who_comes_back_from_google_by_the_browser_can_start_again(
    ui: WebUI, page: Page, google_user: GoogleUser
) -> None:
    ui.visit("login/")
    ui.button(CONTINUE).click()
    expect(page.get_by_role("radio", name=google_user.email)).to_be_visible()
    page.go_back()
    ui.expect_login()
    google_user.sign_in(ui.button(CONTINUE))
    ui.expect_integrations()


def test_without_google_no_page_offers_it(ui: WebUI, page: Page) -> None:
    methods = {"google": False, "google_sandbox": False, "email_verification": "off"}
    page.route("**/auth/methods", lambda route: route.fulfill(json=methods))
    with page.expect_response("**/auth/methods"):
        ui.visit("register/")
    expect(ui.button("Create account")).to_be_visible()
    expect(page.get_by_role("button", name="Google")).to_be_hidden()
    ui.register()
    ui.go_to("Settings")
    expect(way(ui, "Password")).to_be_visible()
    expect(way(ui, "Google")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_a_small_screen(ui: WebUI, page: Page, scheme: Any, google_user: GoogleUser) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(ViewportSize(width=360, height=700))
    ui.visit("login/")
    expect(ui.button(CONTINUE)).to_be_visible()
    assert page.evaluate(OVERFLOW) == 0
    ui.visit("google-callback/?error=access_denied&state=s")
    expect(refusal(page, "You did not sign in")).to_be_visible()
    assert page.evaluate(OVERFLOW) == 0
    sign_up(ui, google_user)
    ui.visit("settings/profile/")
    expect(way(ui, "Google")).to_be_visible()
    assert page.evaluate(OVERFLOW) == 0
    ui.visit("settings/security/")
    expect(ui.button("Confirm with Google")).to_be_visible()
    assert page.evaluate(OVERFLOW) == 0
