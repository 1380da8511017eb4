"""The pages that a mailed link leads to, and those that lead to a mail."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Request, ViewportSize, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import WebUI, calls_of, mailed_link, refresh_by_router
from tests.e2e.person import PASSWORD
from tests.e2e.product import Product

NEW_PASSWORD = "a quite different sentence"
MAILED = ("reset-password", "verify-email")
FOR_EVERYBODY = ("forgot-password", *MAILED)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HISTORY = "JSON.stringify(history.state) + location.href + performance.getEntriesByType('resource').map((e) => e.name)"


@pytest.fixture
def verifying(product: Product) -> Iterator[Product]:
    """It lets nobody in whose address is not proven."""
    product.stop_apis()
    product.start(EMAIL_VERIFICATION="required")
    yield product
    product.restore()


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
    refresh_by_router(page)
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
