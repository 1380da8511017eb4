"""The web UI in a real browser, against the running product.

These tests take a pytest process of their own: Playwright's event loop and pytest-asyncio's cannot share one. Pictures
of failures lie in ``vectorshift-browser`` among the system's temporary files.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import WebUI
from tests.e2e.conftest import products_of
from tests.e2e.product import Product

EXPORT = Path(__file__).parents[3] / "frontend" / "out"
PATIENCE_MS = 20_000

# As root there is no sandbox of Chromium's, in a container no GPU; and it shall call nobody.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)

NewContext = Callable[..., BrowserContext]

expect.set_options(timeout=PATIENCE_MS)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.screenshot == "off":
        config.option.screenshot = "only-on-failure"
        config.option.output = str(Path(tempfile.gettempdir()) / "vectorshift-browser")


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test knows its addresses. In place of pytest-playwright's own, whose form pytest 9 warns of."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium: Path) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": str(chromium), "args": ARGUMENTS}


@pytest.fixture(scope="session", params=["embedded"])
def running_product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """With its web UI. A test that is not only about the browser asks for more profiles."""
    if not (EXPORT / "csp.json").is_file():
        pytest.fail("the web UI is not built: make web", pytrace=False)
    with products_of(request, request.param, tmp_path_factory) as products:
        yield products.start()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []


@pytest.fixture
def context(complaints: Complaints, context: BrowserContext) -> BrowserContext:
    complaints.watch(context)
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def ui(page: Page, product: Product) -> WebUI:
    return WebUI(page, product.public_url)


@pytest.fixture
def phone(new_context: NewContext, complaints: Complaints, product: Product) -> WebUI:
    """Another device, of the same or of another person."""
    context = new_context(user_agent=PHONE)
    complaints.watch(context)
    context.set_default_timeout(20_000)
    return WebUI(context.new_page(), product.public_url)
