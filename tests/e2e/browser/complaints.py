"""What a browser reports as wrong: console errors, page errors, breaches of a Content-Security-Policy."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError

NO_SESSION_YET = r"status of 401 .*/auth/refresh\b"
"""A page that is opened asks once whether there is a session."""


class Complaints:
    """Those of every page of the contexts that are watched."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._expected = [NO_SESSION_YET]

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", self._catch)

    def expect(self, pattern: str) -> None:
        """The test provokes complaints of this pattern."""
        self._expected.append(pattern)

    def matching(self, pattern: str) -> list[str]:
        return [one for one in self.heard if re.search(pattern, one)]

    def wait_for(self, pattern: str, number: int, page: Page) -> None:
        """What a page says arrives a little after what it does."""
        for _ in range(100):
            if len(self.matching(pattern)) >= number:
                return
            page.wait_for_timeout(50)

    def unexpected(self) -> list[str]:
        return [one for one in self.heard if not any(re.search(pattern, one) for pattern in self._expected)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.heard.append(f"{message.text} {message.location['url']}")

    def _catch(self, error: WebError) -> None:
        self.heard.append(f"uncaught: {error.error}")
