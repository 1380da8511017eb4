"""The web UI while somebody works on it: its pages on port 3000, the API elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import dev_server
from tests.e2e.browser.web_ui import ACME, GLOBEX, WebUI, approve, heard_messages, keep_opener, note_messages
from tests.e2e.product import Product


@pytest.fixture
def dev_ui(page: Page, product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebUI]:
    with dev_server.running(product.public_url, tmp_path_factory.mktemp("dev")) as url:
        yield WebUI(page, url)


def test_the_development_server_serves_the_whole_line(dev_ui: WebUI, product: Product) -> None:
    dev_ui.register()
    dev_ui.connect(ACME)
    keep_opener(dev_ui.page, product.sandbox.url)
    note_messages(dev_ui.page)
    approve(dev_ui.consent_window(dev_ui.connect_button), GLOBEX)
    expect(dev_ui.card).to_contain_text(f"Connected: {GLOBEX}")
    [told] = heard_messages(dev_ui.page, origin=product.public_url)
    flow = told["data"].pop("flow_id")
    assert isinstance(flow, str)
    assert told["data"] == {"type": "hubspot-oauth-callback", "success": True}
    dev_ui.account(ACME).get_by_role("link", name="View items").click()
    dev_ui.expect_items(1, 50, of=1_020)
    dev_ui.page.reload()
    dev_ui.expect_items(1, 50, of=1_020)
    dev_ui.log_out()
