"""Script that gets into a page in spite of everything does not run there."""

import re

from playwright.sync_api import Page, Route, expect

from tests.e2e.browser.complaints import Complaints
from tests.e2e.browser.web_ui import ACME, WebUI
from tests.e2e.product import Product

BREACH = "violates the following Content Security Policy directive"
HOSTILE = "<script>window.ran = true</script><img src=x onerror='window.ran = true'>"
INSERT = """(markup) => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", markup);
}"""


def test_script_within_the_markup_does_not_run(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(f"{BREACH}|status of 404 .*/x")

    def with_script(route: Route) -> None:
        if not route.request.is_navigation_request():
            # What is fetched ahead may still be on its way when the page has gone.
            route.continue_()
            return
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</body>", f"{HOSTILE}</body>"))

    page.route(re.compile(r"/app/(\w+/)?$"), with_script)
    for number, path in enumerate(["", "login/", "integrations/", "items/"], 1):
        ui.visit(path)
        ui.expect_login()
        complaints.wait_for(BREACH, 2 * number, page)
        assert len(complaints.matching(BREACH)) == 2 * number
        assert page.evaluate("window.ran") is None


def test_script_that_is_inserted_later_does_not_run(ui: WebUI, page: Page, complaints: Complaints) -> None:
    complaints.expect(f"{BREACH}|status of 404 .*/x")
    ui.register()
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/x")):
        page.evaluate(INSERT, HOSTILE)
    expect(page.locator("img[src=x]")).to_have_js_property("complete", True)
    complaints.wait_for(BREACH, 2, page)
    assert len(complaints.matching(BREACH)) == 2
    assert page.evaluate("window.ran") is None


def test_what_a_provider_says_is_shown_as_text(ui: WebUI, product: Product) -> None:
    record = {"id": "1", "properties": {"firstname": HOSTILE, "lastname": "\u202e", "email": "javascript:alert(1)"}}
    product.sandbox.control("PATCH", body={"records": {"contact": 0, "company": 0, "deal": 0}})
    product.sandbox.control("POST", "/records", {"account": "acme", "kind": "contact", "upsert": [record]})
    ui.register()
    ui.connect(ACME)
    ui.account(ACME).get_by_role("link", name="View items").click()
    ui.expect_items(1, 1, of=1)
    assert HOSTILE in ui.item_names()[0]
    ui.page.get_by_role("table").get_by_role("button").click()
    expect(ui.page.get_by_role("definition").filter(has_text=HOSTILE).first).to_be_visible()
    assert ui.page.evaluate("window.ran") is None
