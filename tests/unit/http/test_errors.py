"""Refusals on the wire: every class has a status and a title, and all have one shape."""

from collections.abc import Iterator

import httpx
import pytest

from adapters.inbound.http import errors
from adapters.inbound.http.cross_site import CrossOrigin
from adapters.inbound.http.oauth_callback import _TEXTS
from adapters.inbound.http.sync_errors import _OTHERWISE, explain
from application.show_account import ShowAccount
from domain.errors import (
    AuthorizationRefused,
    InvalidInput,
    LimitReached,
    NotAuthenticated,
    Refused,
    StorageUnavailable,
    Superseded,
    Unavailable,
)
from tests.unit.http.conftest import Site


def descendants(error: type[Refused]) -> Iterator[type[Refused]]:
    for child in error.__subclasses__():
        yield child
        yield from descendants(child)


OURS = {"domain.errors", CrossOrigin.__module__}
EVERY = sorted({one for one in descendants(Refused) if one.__module__ in OURS}, key=lambda error: error.__name__)
ON_PAGES = [error for error in EVERY if issubclass(error, AuthorizationRefused)]
JSON, TEXT = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}
ABSTRACT = {AuthorizationRefused, Unavailable}
AS_PROBLEMS = [one for one in EVERY if one not in ABSTRACT and not issubclass(one, AuthorizationRefused | Superseded)]


def an_error(error: type[Refused]) -> Refused:
    if issubclass(error, InvalidInput):
        return error("email", "no")
    return LimitReached(retry_after=1) if issubclass(error, LimitReached) else error()


@pytest.mark.parametrize("error", EVERY)
def test_every_refusal_has_a_status(error: type[Refused]) -> None:
    assert 400 <= errors.status_of(an_error(error)) < 600
    assert errors.status_of(an_error(error)) != 500


@pytest.mark.parametrize("error", AS_PROBLEMS)
def test_every_refusal_has_a_title_for_people(error: type[Refused]) -> None:
    assert errors.TITLES[error.code].endswith(".")


@pytest.mark.parametrize("error", [error for error in ON_PAGES if error not in ABSTRACT])
def test_every_refusal_of_a_callback_has_a_text_for_people(error: type[Refused]) -> None:
    assert _TEXTS[error.code].endswith(".")


@pytest.mark.parametrize(
    "code", ["needs_reauth", "provider_unavailable", "provider_throttled", "access_forbidden", "cursor_loop"]
)
def test_every_fault_of_a_sync_is_explained(code: str) -> None:
    assert explain(code) != _OTHERWISE
    assert explain(code).next_step


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotAuthenticated, 401), (StorageUnavailable, 503), (CrossOrigin, 403), (InvalidInput, 400)],
)
async def test_a_refusal_looks_the_same_wherever_it_comes_from(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: type[Refused], status: int
) -> None:
    token = await site.person()

    async def refuse(*_: object) -> None:
        raise an_error(error)

    monkeypatch.setattr(ShowAccount, "__call__", refuse)
    answer = await site.visitor.get("/auth/me", headers=token)
    check_problem(answer, status, error.code)
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_an_adapters_own_words_are_not_for_clients(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await site.person()

    async def refuse(*_: object) -> None:
        raise StorageUnavailable("10.0.0.7:9042 refused password hunter2", retry_after=1.2)

    monkeypatch.setattr(ShowAccount, "__call__", refuse)
    answer = await site.visitor.get("/auth/me", headers=token)
    assert "hunter2" not in answer.text
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize("failure", [RuntimeError("secret detail"), KeyError("secret detail"), OSError(28, "secret")])
async def test_what_nobody_expected_tells_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    token = await site.person()

    async def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(ShowAccount, "__call__", fail)
    answer = await site.visitor.get("/auth/me", headers=token)
    check_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "code"),
    [
        ("GET", "/nowhere", {}, 404, "not_found"),
        ("GET", "/schema/nowhere", {}, 404, "not_found"),
        ("GET", "/app/../../etc/passwd", {}, 404, "not_found"),
        ("PUT", "/auth/me", {}, 405, "method_not_allowed"),
        ("GET", "/auth/register", {}, 405, "method_not_allowed"),
        ("POST", "/health", {}, 405, "method_not_allowed"),
        ("POST", "/auth/register", {"content": b"x" * 70_000, "headers": JSON}, 413, "body_too_large"),
        ("POST", "/auth/token", {"content": b"x" * 70_000, "headers": JSON}, 413, "body_too_large"),
        ("POST", "/auth/register", {"content": b"{}", "headers": TEXT}, 415, "unsupported_media_type"),
        ("POST", "/auth/register", {"content": b"{}"}, 415, "unsupported_media_type"),
        ("POST", "/auth/register", {"data": {"email": "a"}}, 415, "unsupported_media_type"),
        ("POST", "/auth/register", {"json": {}, "headers": {"Content-Encoding": "br"}}, 415, "unsupported_media_type"),
        ("POST", "/auth/register", {"json": {}}, 400, "invalid_input"),
        ("POST", "/auth/register", {"json": []}, 400, "invalid_input"),
        ("POST", "/auth/register", {"json": None}, 400, "invalid_input"),
        ("POST", "/auth/token", {"json": {"email": 1, "password": "x"}}, 400, "invalid_input"),
        ("POST", "/auth/refresh", {}, 401, "session_ended"),
        ("GET", "/items", {}, 401, "not_authenticated"),
        ("POST", "/auth/register", {"json": {}, "headers": {"Origin": "https://evil.example"}}, 403, "cross_origin"),
    ],
)  # fmt: skip
async def test_whatever_a_client_does_wrong_is_a_problem(
    visitor: httpx.AsyncClient, method: str, path: str, given: dict[str, object], status: int, code: str
) -> None:
    check_problem(await visitor.request(method, path, **given), status, code)  # type: ignore[arg-type]


async def test_an_invalid_field_is_named(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/auth/register", json={"email": "ann@example.org", "password": "short"})
    assert [entry["field"] for entry in check_problem(answer, 400, "invalid_input")["errors"]] == ["password"]
    answer = await visitor.post("/auth/register", json={"email": 5, "password": "long enough it is"})
    assert [entry["field"] for entry in check_problem(answer, 400, "invalid_input")["errors"]] == ["email"]


def check_problem(answer: httpx.Response, status: int, code: str) -> dict[str, list[dict[str, str]]]:
    """RFC 9457, with our members."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code", "request_id"}
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"].endswith(code)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["title"]
    assert body["detail"]
    found: dict[str, list[dict[str, str]]] = body
    return found
