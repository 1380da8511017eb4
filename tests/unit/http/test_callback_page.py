"""The page at the end of a callback: tells one origin, and cannot be talked into anything else."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.inbound.http.pages import callback_page
from tests.unit.http.conftest import PUBLIC, Site
from tests.unit.played_hubspot import PlayedHubSpot

CALLBACK = "/integrations/hubspot/oauth2callback"


class _Read(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes[tag] = dict(attrs)

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script":
            self.scripts.append(data)


async def started(site: Site) -> tuple[dict[str, str], str]:
    """What the provider would send back, and the id of the flow."""
    answer = await site.visitor.post("/integrations/hubspot/authorize", headers=await site.person())
    state = parse_qs(urlsplit(answer.json()["url"]).query)["state"][0]
    return {"state": state, "code": "0f3c-the-code"}, answer.json()["flow_id"]


def told(page: str) -> tuple[object, object] | None:
    """Message and origin, as the script has them."""
    found = re.search(r"postMessage\((\{.*?\}), (\".*?\")\);", page)
    return (json.loads(found[1]), json.loads(found[2])) if found else None


async def test_a_connection_is_told_to_the_origin_that_asked_for_it(site: Site) -> None:
    query, flow = await started(site)
    answer = await site.visitor.get(CALLBACK, params=query)
    assert answer.status_code == 200
    assert 'data-code="connected"' in answer.text
    message = {"type": "hubspot-oauth-callback", "flow_id": flow, "success": True}
    assert told(answer.text) == (message, PUBLIC)
    assert f"vs_flow_{flow}=" in answer.headers["set-cookie"]
    assert answer.headers["cross-origin-opener-policy"] == "unsafe-none"


async def test_its_scripts_are_those_that_it_was_made_with(site: Site) -> None:
    query, _ = await started(site)
    answer = await site.visitor.get(CALLBACK, params=query)
    nonce = _Read(answer.text).attributes["script"]["nonce"]
    assert f"script-src 'nonce-{nonce}'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    again = await site.visitor.get(CALLBACK, params=query)
    assert _Read(again.text).attributes["script"]["nonce"] != nonce
    for secret in query.values():
        assert secret not in answer.text


@pytest.mark.parametrize(
    ("changed", "status", "code", "is_told"),
    [
        ({"state": "invented"}, 400, "authorization_unknown", False),
        ({"state": ""}, 400, "authorization_unknown", False),
        ({"state": ["a", "b"]}, 400, "invalid_input", False),
        ({"code": ["a", "b"]}, 400, "invalid_input", False),
        ({"code": "x" * 5000}, 400, "invalid_input", False),
        ({"error": "access_denied"}, 400, "consent_denied", True),
        ({"error": "<script>"}, 400, "grant_refused", True),
        ({}, 503, "provider_unavailable", True),
        ({"iss": "https://evil.example"}, 400, "grant_refused", True),
    ],
    ids=str,
)
async def test_a_refusal_is_a_page_too(
    site: Site,
    hubspot: PlayedHubSpot,
    changed: dict[str, str | list[str]],
    status: int,
    code: str,
    is_told: bool,
) -> None:
    hubspot.token_faults = [httpx.Response(503)]
    query, flow = await started(site)
    answer = await site.visitor.get(CALLBACK, params={**query, **changed})
    assert answer.status_code == status
    assert f'data-code="{code}"' in answer.text
    message = {"type": "hubspot-oauth-callback", "flow_id": flow, "success": False, "error": code}
    assert told(answer.text) == ((message, PUBLIC) if is_told else None)


async def test_an_unknown_provider_is_a_page_too(site: Site) -> None:
    answer = await site.visitor.get("/integrations/%3Cscript%3E/oauth2callback", params={"state": "x"})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>" not in answer.text.replace("<script nonce", "")


async def test_nobody_else_finishes_what_was_begun_here(site: Site) -> None:
    query, _ = await started(site)
    site.visitor.cookies.clear()
    answer = await site.visitor.get(CALLBACK, params=query)
    assert 'data-code="wrong_browser"' in answer.text
    assert told(answer.text) is None


async def test_whoever_else_has_logged_in_here_finishes_nothing(site: Site) -> None:
    query, _ = await started(site)
    await site.person()
    answer = await site.visitor.get(CALLBACK, params=query)
    assert (answer.status_code, 'data-code="wrong_user"' in answer.text) == (409, True)


@given(st.text(max_size=60) | st.sampled_from(["</script><script>alert(1)", "<!--", "]]>", "\u2028", '"};alert(1)//']))
def test_no_text_breaks_out_of_its_place(text: str) -> None:
    message = {"flow_id": text, text: text}
    response = callback_page(
        title=text, text=text, link=text, code=text, status=200, message=message, origin=text, cookies=[]
    )
    read = _Read(response.content)
    assert read.tags == ["html", "head", "meta", "meta", "title", "style", "body", "h1", "p", "p", "a", "script"]
    assert read.attributes["html"] == {"lang": "en", "data-code": text}
    (script,) = read.scripts[-1:]
    assert all(character not in script for character in "<>\u2028\u2029")
