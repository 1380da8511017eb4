"""What every refusal looks like."""

from typing import Any

import httpx


def problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The refusal's body, after checking that it is one as the contract has them."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
    assert answer.headers["content-type"].partition(";")[0] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code", "request_id"}, body
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"] != ""
    assert body["title"]
    assert body["detail"]
    if code is not None:
        assert body["code"] == code, body
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return body


def data_code(page: httpx.Response) -> str:
    """What the callback's page says, as ``<html data-code="…">``."""
    assert page.headers["content-type"].startswith("text/html"), page.text
    return page.text.partition('data-code="')[2].partition('"')[0]
