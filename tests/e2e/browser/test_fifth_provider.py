"""A provider that the web UI has never heard of: its card, its consent and its items are there all the same."""

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser.conftest import EXPORT
from tests.e2e.browser.web_ui import ACME, WebUI
from tests.e2e.fifth_provider import BOARDS, NAME, SLUG, Corkboard, add_provider, copy_of_the_product, played, running
from tests.e2e.product import Product


class FifthUI(WebUI):
    @property
    def card(self) -> Locator:
        return self.page.get_by_role("region", name=NAME, exact=True)


@pytest.fixture(scope="module")
def service() -> Iterator[Corkboard]:
    with played() as service:
        yield service


@pytest.fixture(scope="module")
def product(service: Corkboard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    if not (EXPORT / "csp.json").is_file():
        pytest.fail("the web UI is not built: make web", pytrace=False)
    tree = copy_of_the_product(tmp_path_factory.mktemp("tree"))
    add_provider(tree)
    with running(tree, service, tmp_path_factory.mktemp("fifth") / "home") as product:
        yield product


@pytest.fixture
def ui(page: Page, product: Product) -> FifthUI:
    return FifthUI(page, product.public_url)


def test_a_person_connects_it_and_sees_its_items(ui: FifthUI, service: Corkboard) -> None:
    ui.register()
    it_has_a_card(ui)
    ui.connect(ACME)
    row = ui.account(ACME)
    expect(row).to_contain_text("3 boards")
    expect(row).to_contain_text("4 pins")
    its_items_are_listed(ui)
    assert f"GET /{SLUG}/v1/boards/Garden/pins" in service.calls


def it_has_a_card(ui: FifthUI) -> None:
    expect(ui.card.get_by_role("heading", name=NAME)).to_be_visible()
    expect(ui.card).to_contain_text("Boards, pins")
    expect(ui.card.get_by_text("Sandbox", exact=True)).to_be_visible()
    logo = ui.card.locator("img")
    expect(logo).to_be_visible()
    # An image that the page's policy, or the browser, does not take has no width.
    assert logo.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    source = (logo.get_attribute("src") or "").removeprefix("data:image/svg+xml;base64,")
    assert b'stroke="#8a5a2b"' in base64.b64decode(source, validate=True)


def its_items_are_listed(ui: FifthUI) -> None:
    boards = set(BOARDS["acme"])
    pins = {pin for pinned in BOARDS["acme"].values() for pin in pinned}
    ui.account(ACME).get_by_role("link", name="View items").click()
    ui.expect_items(1, 7, of=7)
    assert set(ui.item_names()) == boards | pins
    ui.filter("Kind").select_option(label="Pins")
    ui.expect_items(1, 4, of=4)
    assert set(ui.item_names()) == pins
    ui.page.get_by_role("table", name="Items").get_by_role("button", name="Pond").click()
    expect(ui.page.get_by_role("heading", name="Properties")).to_be_visible()
    expect(ui.page.get_by_role("definition").filter(has_text="yellow")).to_be_visible()
