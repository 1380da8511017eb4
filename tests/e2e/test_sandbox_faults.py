"""Scripted answers and broken connections, as a client sees them."""

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import CLIENT, REDIRECT_URI, Sandbox, sandbox_in_thread

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with sandbox_in_thread(SandboxSettings(contacts=200)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.control("POST", "/reset")
    return running


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    token: str = sandbox.tokens()["access_token"]
    return token


def script(sandbox: Sandbox, *faults: dict[str, Any]) -> None:
    sandbox.control("POST", "/faults", list(faults))


def statuses(sandbox: Sandbox, token: str, calls: int) -> list[int]:
    return [sandbox.get(CONTACTS, token).status_code for _ in range(calls)]


def raw_answer(sandbox: Sandbox, path: str, token: str) -> bytes:
    """Every byte that comes back on a connection of its own, until it is closed. Raises ConnectionResetError."""
    address = urlsplit(sandbox.url)
    assert address.hostname is not None
    with closing(socket.create_connection((address.hostname, address.port or 80), timeout=5)) as connection:
        connection.sendall(
            f"GET /hubspot{path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize("path", [CONTACTS, f"/hubspot{CONTACTS}", "/crm", "/hubspot/crm", "/"])
def test_a_path_may_be_named_with_and_without_the_folder(sandbox: Sandbox, token: str, path: str) -> None:
    script(sandbox, {"path": path, "status": 503})
    assert statuses(sandbox, token, 2) == [503, 200]


def test_a_scripted_answer_is_sent_as_written(sandbox: Sandbox, token: str) -> None:
    script(
        sandbox,
        {"path": CONTACTS, "status": 477, "headers": {"Retry-After": "2", "Content-Type": "text/html"}, "body": "<p>"},
        {"path": CONTACTS, "json": {"results": "none"}},
    )
    first, second = sandbox.get(CONTACTS, token), sandbox.get(CONTACTS, token)
    assert (first.status_code, first.text, first.headers["retry-after"]) == (477, "<p>", "2")
    assert first.headers["content-type"] == "text/html"
    assert (second.status_code, second.json()) == (200, {"results": "none"})
    assert second.headers["content-type"] == "application/json"


def test_faults_come_in_order_after_and_times(sandbox: Sandbox, token: str) -> None:
    script(
        sandbox,
        {"path": CONTACTS, "after": 2, "times": 2, "status": 500},
        {"path": CONTACTS, "status": 429},
    )
    assert statuses(sandbox, token, 6) == [200, 200, 500, 500, 429, 200]


def test_a_new_script_replaces_what_is_left(sandbox: Sandbox, token: str) -> None:
    script(sandbox, {"path": CONTACTS, "status": 500, "times": 50})
    assert statuses(sandbox, token, 1) == [500]
    script(sandbox)
    assert statuses(sandbox, token, 1) == [200]


def test_a_match_looks_into_the_body(sandbox: Sandbox) -> None:
    script(sandbox, {"path": "/oauth", "match": "grant_type=refresh_token", "status": 502})
    tokens = sandbox.tokens()
    assert sandbox.renew(tokens["refresh_token"]).status_code == 502
    assert sandbox.renew(tokens["refresh_token"]).status_code == 200


def test_a_scripted_status_keeps_the_provider_from_acting(sandbox: Sandbox) -> None:
    script(sandbox, {"path": "/oauth/2026-03/token", "status": 500})
    code = sandbox.consent()["code"]
    assert [sandbox.redeem(code).status_code, sandbox.redeem(code).status_code] == [500, 200]


def test_with_act_only_the_answer_is_lost(sandbox: Sandbox) -> None:
    script(sandbox, {"path": "/oauth/2026-03/token", "status": 500, "act": True})
    code = sandbox.consent()["code"]
    assert [sandbox.redeem(code).status_code, sandbox.redeem(code).status_code] == [500, 400]


def test_a_delayed_answer_is_late_and_whole(sandbox: Sandbox, token: str) -> None:
    script(sandbox, {"path": CONTACTS, "delay_ms": 200})
    answer = sandbox.get(CONTACTS, token)
    assert answer.elapsed.total_seconds() >= 0.2
    assert len(answer.json()["results"]) == 10


def test_a_cut_answer_announces_its_full_length_and_ends_early(sandbox: Sandbox, token: str) -> None:
    whole = sandbox.get(CONTACTS, token).content
    script(sandbox, {"path": CONTACTS, "cut_after_bytes": 100, "times": 2})
    head, _, body = raw_answer(sandbox, CONTACTS, token).partition(b"\r\n\r\n")
    assert f"content-length: {len(whole)}".encode() in head
    assert body == whole[:100]
    with pytest.raises(httpx.RemoteProtocolError, match="received 100 bytes"):
        sandbox.get(CONTACTS, token)
    assert statuses(sandbox, token, 1) == [200]


def test_an_answer_can_be_cut_before_its_first_byte(sandbox: Sandbox, token: str) -> None:
    script(sandbox, {"path": CONTACTS, "cut_after_bytes": 0})
    head, _, body = raw_answer(sandbox, CONTACTS, token).partition(b"\r\n\r\n")
    assert (head.startswith(b"HTTP/1.1 200"), body) == (True, b"")


def test_a_reset_is_a_reset(sandbox: Sandbox, token: str) -> None:
    script(sandbox, {"path": CONTACTS, "reset": True, "times": 2})
    with pytest.raises(ConnectionResetError):
        raw_answer(sandbox, CONTACTS, token)
    with pytest.raises(httpx.ReadError):
        sandbox.get(CONTACTS, token)
    assert statuses(sandbox, token, 1) == [200]
    assert [request["status"] for request in sandbox.control("GET", "/requests")["items"]][-3:] == [None, None, 200]


@pytest.mark.parametrize("suffering", [{"reset": True}, {"cut_after_bytes": 10}])
def test_a_broken_answer_to_a_code_still_uses_it_up(sandbox: Sandbox, suffering: dict[str, Any]) -> None:
    script(sandbox, {"path": "/oauth/2026-03/token", **suffering})
    code = sandbox.consent()["code"]
    with pytest.raises(httpx.TransportError):
        sandbox.redeem(code)
    assert sandbox.redeem(code).json()["status"] == "BAD_AUTH_CODE"


def test_a_scripted_answer_can_suffer_too(sandbox: Sandbox, token: str) -> None:
    script(sandbox, {"path": CONTACTS, "status": 500, "json": {"message": "a long one"}, "cut_after_bytes": 5})
    head, _, body = raw_answer(sandbox, CONTACTS, token).partition(b"\r\n\r\n")
    assert (head.startswith(b"HTTP/1.1 500"), body) == (True, b'{"mes')


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ({"status": 500}, "path"),
        ({"path": "crm", "status": 500}, "path must begin with /"),
        ({"path": "/", "status": 99}, ">= 200"),
        ({"path": "/", "status": 500, "times": 0}, ">= 1"),
        ({"path": "/"}, "say what happens"),
        ({"path": "/", "body": "x", "json": {}}, "body or json"),
        ({"path": "/", "act": True}, "say what happens"),
        ({"path": "/", "status": 500, "headers": {"X-A": "a\r\nb"}}, "headers"),
        ({"path": "/", "status": 500, "headers": {"Content-Length": "1"}}, "headers"),
        ({"path": "/", "sttus": 500}, "sttus"),
    ],
)
def test_a_bad_fault_is_refused_with_its_reason(sandbox: Sandbox, fault: dict[str, Any], complaint: str) -> None:
    answer = sandbox.http.post(f"{sandbox.url}/_control/hubspot/faults", json=[{"path": "/", "status": 500}, fault])
    assert answer.status_code == 400
    assert complaint in answer.json()["detail"]
    assert answer.json()["field"].startswith("[1]")


def test_half_a_request_does_nothing(sandbox: Sandbox) -> None:
    form = urlencode({**CLIENT, "grant_type": "authorization_code", "code": (code := sandbox.consent()["code"])})
    form += "&" + urlencode({"redirect_uri": REDIRECT_URI})
    address = urlsplit(sandbox.url)
    assert address.hostname is not None
    with closing(socket.create_connection((address.hostname, address.port or 80), timeout=5)) as connection:
        head = (
            f"POST /hubspot/oauth/2026-03/token HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {len(form) + 1}"
        )
        kind = "Content-Type: application/x-www-form-urlencoded"
        connection.sendall(f"{head}\r\n{kind}\r\n\r\n{form}".encode())
    assert sandbox.redeem(code).status_code == 200
    assert [request["path"] for request in sandbox.control("GET", "/requests")["items"]] == [
        "/hubspot/oauth/authorize",
        "/hubspot/oauth/2026-03/token",
    ]


def test_a_body_beyond_a_megabyte_is_refused(sandbox: Sandbox) -> None:
    big = {**CLIENT, "grant_type": "authorization_code", "code": "x" * 2_000_000}
    assert sandbox.http.post(f"{sandbox.url}/hubspot/oauth/2026-03/token", data=big).status_code == 413
