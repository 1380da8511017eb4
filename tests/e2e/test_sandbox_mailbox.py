"""The sandbox's mailbox: what is handed over can be read, by programs and by people."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any

import httpx
import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import Sandbox, sandbox_in_thread

LINK = "http://localhost:8000/app/verify-email#token=a_b-c"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with sandbox_in_thread(SandboxSettings(contacts=1)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    assert running.http.delete(f"{running.url}/_control/mail").status_code == 204
    return running


def a_mail(**changes: Any) -> dict[str, Any]:
    mail = {
        "message_id": "<1@localhost>",
        "from": "VectorShift <mail@example.com>",
        "to": "ann@example.org",
        "subject": "Confirm your address",
        "text": f"Open this link:\n\n{LINK}\n",
        "html": f'<p><a href="{LINK}">here</a></p>',
    }
    return mail | changes


def hand_over(sandbox: Sandbox, **changes: Any) -> httpx.Response:
    return sandbox.http.post(f"{sandbox.url}/mail/messages", json=a_mail(**changes))


def mails(sandbox: Sandbox) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = sandbox.http.get(f"{sandbox.url}/_control/mail").json()["items"]
    return items


def page(sandbox: Sandbox) -> str:
    return sandbox.http.get(f"{sandbox.url}/mail/").text


class TestWhatArrives:
    def test_a_mail_is_shown_as_it_was_handed_over(self, sandbox: Sandbox) -> None:
        answer = hand_over(sandbox)
        assert (answer.status_code, answer.json()) == (202, {"message_id": "<1@localhost>"})
        [mail] = mails(sandbox)
        assert datetime.fromisoformat(mail.pop("at")).utcoffset() is not None
        assert mail == a_mail() | {"links": [LINK]}

    def test_mails_stand_in_the_order_of_their_coming(self, sandbox: Sandbox) -> None:
        for number in range(3):
            hand_over(sandbox, to=f"person{number}@example.org")
        assert [mail["to"] for mail in mails(sandbox)] == [f"person{number}@example.org" for number in range(3)]

    def test_a_mail_that_comes_twice_is_there_twice(self, sandbox: Sandbox) -> None:
        hand_over(sandbox)
        hand_over(sandbox)
        assert [mail["message_id"] for mail in mails(sandbox)] == ["<1@localhost>"] * 2

    def test_it_can_be_emptied(self, sandbox: Sandbox) -> None:
        hand_over(sandbox)
        assert sandbox.http.delete(f"{sandbox.url}/_control/mail").status_code == 204
        assert mails(sandbox) == []

    def test_the_newest_thousand_are_kept(self, sandbox: Sandbox) -> None:
        for number in range(1002):
            hand_over(sandbox, subject=str(number))
        assert [mail["subject"] for mail in mails(sandbox)] == [str(number) for number in range(2, 1002)]

    @pytest.mark.parametrize(
        ("text", "links"),
        [
            ("nothing", []),
            ("http:// and https://... and ftp://a.example", []),
            ("Go to https://a.example/x?y=1&z=2#t=_-.", ["https://a.example/x?y=1&z=2#t=_-"]),
            ("(http://b.example/), <https://a.example>!", ["http://b.example/", "https://a.example"]),
            ("https://b.example\nhttps://a.example\r\nhttps://b.example", ["https://b.example", "https://a.example"]),
            (f'"{LINK}"', [LINK]),
        ],
    )
    def test_links_are_found_in_their_order_and_once(self, sandbox: Sandbox, text: str, links: list[str]) -> None:
        hand_over(sandbox, text=text)
        assert mails(sandbox)[0]["links"] == links


class TestPage:
    def test_the_newest_mail_is_the_first(self, sandbox: Sandbox) -> None:
        assert "No mail yet" in page(sandbox)
        hand_over(sandbox, subject="The older", to="ann@example.org")
        hand_over(sandbox, subject="The newer", to="bob@example.org")
        shown = page(sandbox)
        assert "No mail yet" not in shown
        assert 0 < shown.index("The newer") < shown.index("bob@example.org") < shown.index("The older")

    def test_a_link_can_be_followed_and_tells_nobody_where_from(self, sandbox: Sandbox) -> None:
        hand_over(sandbox, text="See https://a.example/?a=1&b='2'#t=x.\n")
        [(target, attributes, label)] = re.findall(r'<a href="(http[^"]*)"([^>]*)>([^<]*)</a>', page(sandbox))
        assert unescape(target) == unescape(label) == "https://a.example/?a=1&b='2'#t=x"
        assert 'rel="noopener noreferrer"' in attributes

    @pytest.mark.parametrize("field", ["from", "to", "subject", "text"])
    def test_nothing_in_a_mail_becomes_part_of_the_page(self, sandbox: Sandbox, field: str) -> None:
        hostile = "https://a.example/'onclick='x()\"><script>alert(1)</script><img src=x>"
        hand_over(sandbox, **{field: hostile})
        shown = page(sandbox)
        assert "alert(1)" in shown
        assert "<script" not in shown
        assert "<img" not in shown
        assert "'onclick" not in shown

    def test_the_html_part_is_not_shown(self, sandbox: Sandbox) -> None:
        hand_over(sandbox, html="<p>elsewhere</p>")
        assert "elsewhere" not in page(sandbox)

    def test_it_runs_nothing_and_loads_nothing(self, sandbox: Sandbox) -> None:
        headers = sandbox.http.get(f"{sandbox.url}/mail/").headers
        assert headers["content-type"].startswith("text/html")
        assert headers["cache-control"] == "no-store"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy

    def test_the_first_page_leads_to_it_and_explains_its_calls(self, sandbox: Sandbox) -> None:
        home = sandbox.http.get(f"{sandbox.url}/").text
        assert 'href="/mail/"' in home
        assert f"curl -s {sandbox.url}/_control/mail<" in home
        assert f"curl -s -X DELETE {sandbox.url}/_control/mail<" in home


class TestWhoMayCall:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"text": None}, "text"),
            ({"cc": "bob@example.org"}, "cc"),
            ({"subject": "x" * 1001}, "subject"),
            ({"html": "x" * 65_537}, "html"),
        ],
    )
    def test_a_bad_mail_names_its_field_and_is_not_kept(
        self, sandbox: Sandbox, changes: dict[str, Any], field: str
    ) -> None:
        answer = hand_over(sandbox, **changes)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert mails(sandbox) == []

    def test_a_mail_lacks_nothing(self, sandbox: Sandbox) -> None:
        for name in a_mail():
            rest = {key: value for key, value in a_mail().items() if key != name}
            assert sandbox.http.post(f"{sandbox.url}/mail/messages", json=rest).status_code == 400
        assert mails(sandbox) == []

    def test_what_is_not_json_or_too_large_is_refused(self, sandbox: Sandbox) -> None:
        url, json = f"{sandbox.url}/mail/messages", {"Content-Type": "application/json"}
        assert sandbox.http.post(url, data={"to": "ann@example.org"}).status_code == 415
        assert sandbox.http.post(url, headers={"Content-Type": "text/plain"}, content="{}").status_code == 415
        assert sandbox.http.post(url, headers=json, content="{").status_code == 400
        assert sandbox.http.post(url, json=a_mail(text="x" * 600_000)).status_code == 413
        assert mails(sandbox) == []

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://elsewhere.example.com"},
            {"Origin": "null"},
            {"Origin": "http://localhost:8000"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_another_sites_page_is_refused_and_sees_no_cors_header(
        self, sandbox: Sandbox, headers: dict[str, str]
    ) -> None:
        messages, control = f"{sandbox.url}/mail/messages", f"{sandbox.url}/_control/mail"
        preflight = {**headers, "Access-Control-Request-Method": "POST"}
        refused = [
            sandbox.http.post(messages, headers=headers, json=a_mail()),
            sandbox.http.get(control, headers=headers),
            sandbox.http.delete(control, headers=headers),
        ]
        assert [answer.status_code for answer in refused] == [403] * 3
        for answer in (*refused, sandbox.http.options(messages, headers=preflight)):
            assert not [name for name in answer.headers if name.startswith("access-control")]
        assert mails(sandbox) == []

    @pytest.mark.parametrize("path", ["/_control/mail", "/mail/", "/mail/messages"])
    def test_another_host_name_is_refused(self, sandbox: Sandbox, path: str) -> None:
        answer = sandbox.http.get(f"{sandbox.url}{path}", headers={"Host": "elsewhere.example.com"})
        assert answer.status_code == 403

    @pytest.mark.parametrize(
        ("method", "path"),
        [("PATCH", ""), ("POST", "/reset"), ("GET", "/requests"), ("POST", "/faults"), ("POST", "/expire")],
    )
    def test_it_is_no_provider(self, sandbox: Sandbox, method: str, path: str) -> None:
        hand_over(sandbox)
        assert sandbox.http.request(method, f"{sandbox.url}/_control/mail{path}").status_code in (404, 405)
        assert len(mails(sandbox)) == 1
