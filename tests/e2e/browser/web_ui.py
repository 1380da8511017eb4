"""The web UI as a person uses it: by the names of what they see and press."""

import re
import time
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.e2e.person import PASSWORD
from tests.e2e.sandbox_server import Sandbox

ACME, GLOBEX = "acme.example.com", "globex.example.com"
SYNC_MS = 60_000
"""Longer than a sync takes."""


class WebUI:
    def __init__(self, page: Page, url: str, provider: str = "HubSpot") -> None:
        self.page = page
        self.url = url
        """Origin of the pages."""
        self.provider = provider
        """Name of the one that is spoken of."""

    def at(self, provider: str) -> "WebUI":
        """The same page, seen by another provider's card."""
        return WebUI(self.page, self.url, provider)

    @property
    def card(self) -> Locator:
        return self.page.get_by_role("region", name=self.provider, exact=True)

    def providers(self) -> list[str]:
        """The names of all that have a card."""
        return self.page.get_by_role("main").get_by_role("heading", level=2).all_inner_texts()

    @property
    def connect_button(self) -> Locator:
        """Of the card; each card has one."""
        return self.card.get_by_role("button", name=re.compile("^Connect"))

    def account(self, name: str) -> Locator:
        """The row of an account on its card."""
        return self.card.get_by_role("listitem", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label, exact=True)

    def filter(self, label: str) -> Locator:
        """What the items are chosen by."""
        return self.page.get_by_role("combobox", name=label, exact=True)

    def device(self, name: str) -> Locator:
        """The row of a device in the settings."""
        return self.page.get_by_role("list", name="Devices").get_by_role("listitem", name=name, exact=True)

    def visit(self, path: str = "") -> None:
        self.page.goto(f"{self.url}/app/{path}")

    def register(self) -> str:
        """A new account, logged in; its address."""
        email = self.new_email()
        self.visit("register/")
        self.page.get_by_label("Full name").fill("Robin Example")
        self.enter(email)
        self.button("Create account").click()
        self.expect_integrations()
        return email

    @staticmethod
    def new_email() -> str:
        return f"{uuid4().hex}@example.com"

    def enter(self, email: str, password: str = PASSWORD) -> None:
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)

    def log_in(self, email: str, password: str = PASSWORD) -> None:
        self.enter(email, password)
        self.button("Log in").click()
        self.expect_integrations()

    def log_out(self) -> None:
        self.button("Log out").click()
        self.expect_login()

    def go_to(self, page: str) -> None:
        """By the menu."""
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=page).click()
        expect(self.page.get_by_role("heading", name=page, level=1)).to_be_visible()

    def go_to_login_by(self, page: str) -> None:
        """Choose a page in the menu although the session has ended."""
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=page).click()
        self.expect_login()

    def go_to_settings(self, page: str) -> None:
        self.go_to("Settings")
        link = self.page.get_by_role("navigation", name="Settings").get_by_role("link", name=page)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")

    def expect_integrations(self) -> None:
        expect(self.page).to_have_url(f"{self.url}/app/integrations/")
        expect(self.card).to_be_visible()

    def expect_login(self) -> None:
        expect(self.page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()

    def consent_window(self, opener: Locator) -> Page:
        """The provider's window that a button of ours opens."""
        with self.page.expect_popup() as opened:
            opener.click()
        expect(opened.value.get_by_role("button", name="Approve")).to_be_visible()
        return opened.value

    def connect(self, account: str, *, by: str = "Connect") -> None:
        """Give consent, up to the end of the first sync."""
        approve(self.consent_window(self.card.get_by_role("button", name=by, exact=True)), account)
        self.expect_connected(self.account(account))

    @staticmethod
    def expect_connected(row: Locator) -> None:
        """That the account is connected and was synced."""
        expect(row).to_contain_text("Last sync", timeout=SYNC_MS)
        expect(row.get_by_text("Connected", exact=True)).to_be_visible()

    def expect_items(self, first: int, last: int, *, of: int) -> None:
        """That the page of the table says which ones it shows."""
        total = f"{of:,} item" if of == 1 else f"{of:,} items"
        position = self.page.get_by_role("main").get_by_role("status").filter(has_text="item")
        expect(position).to_have_text(f"{first:,}\N{EN DASH}{last:,} of {total}")

    def item_names(self) -> list[str]:
        return self.page.get_by_role("table", name="Items").get_by_role("button").all_inner_texts()


def mailed_link(sandbox: Sandbox, to: str, *, number: int = 1) -> str:
    """Of the newest mail to an address, as soon as so many with a link have come."""
    deadline = time.monotonic() + 20
    while True:
        mails = sandbox.http.get(f"{sandbox.url}/_control/mail").json()["items"]
        links: list[str] = [mail["links"][0] for mail in mails if mail["to"] == to and mail["links"]]
        if len(links) >= number:
            return links[-1]
        assert time.monotonic() < deadline, mails
        time.sleep(0.05)


def approve(window: Page, account: str) -> None:
    """Choose an account at the provider and approve; the window closes itself."""
    window.get_by_role("radio", name=account.partition(".")[0].capitalize()).check()
    with window.expect_event("close"):
        window.get_by_role("button", name="Approve").click()


def keep_opener(page: Page, sandbox_url: str) -> None:
    """Let the sandbox's consent page be of the kind that stays in touch with the window that has opened it."""

    def without_policy(route: Route) -> None:
        if route.request.method != "GET":
            route.fallback()
            return
        answer = route.fetch()
        kept = {name: value for name, value in answer.headers.items() if name != "cross-origin-opener-policy"}
        route.fulfill(response=answer, headers=kept)

    page.context.route(f"{sandbox_url}/hubspot/oauth/authorize?*", without_policy)


def refresh_by_router(page: Page) -> None:
    """Return when the router has written the address of the page anew."""
    # Not by wait_for_function: it evaluates text, which the pages' policy forbids.
    page.evaluate(
        """() => new Promise((written, failed) => {
            const write = history.replaceState.bind(history);
            history.replaceState = (...given) => {
                write(...given);
                written();
            };
            setTimeout(() => failed(new Error("the router has written nothing")), 20_000);
            window.next.router.refresh();
        })"""
    )


def note_messages(page: Page) -> None:
    page.evaluate(
        """() => {
            window.heard = [];
            addEventListener("message", ({ origin, data }) => window.heard.push({ origin, data }));
        }"""
    )


def heard_messages(page: Page, *, origin: str | None = None, count: int = 1) -> list[dict[str, Any]]:
    """Origin and content of all that was posted to the page since ``note_messages``, from ``origin`` or from anywhere,
    as soon as there is so much."""
    messages: list[dict[str, Any]] = page.evaluate(
        """([from, count]) => new Promise((heard, failed) => {
            function look() {
                const messages = window.heard.filter(({ origin }) => !from || origin === from);
                if (messages.length >= count) heard(messages);
                else setTimeout(look, 20);
            }
            setTimeout(() => failed(new Error(JSON.stringify(window.heard))), 20_000);
            look();
        })""",
        [origin, count],
    )
    return messages


def calls_of(page: Page) -> list[Request]:
    """All that a page asks for from now on, but the files of the web UI."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        if "/app/" not in request.url:
            asked.append(request)

    page.on("request", note)
    return asked
