"""What every route promises, read off the table of routes."""

import re
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from adapters.inbound.http.body import Body
from bootstrap.http import api
from tests.unit.builders import some_settings
from tests.unit.http.conftest import Site

PUBLIC_OPERATIONS = {
    ("POST", "/auth/register"),
    ("POST", "/auth/verify-email"),
    ("POST", "/auth/resend-verification"),
    ("POST", "/auth/forgot-password"),
    ("POST", "/auth/reset-password"),
    ("GET", "/auth/methods"),
    ("GET", "/auth/google/url"),
    ("POST", "/auth/google/url"),
    ("POST", "/auth/google/callback"),
    ("POST", "/auth/token"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/logout-all"),
    ("GET", "/integrations/{provider}/oauth2callback"),
    ("GET", "/health"),
    ("GET", "/ready"),
}
UNDESCRIBED = {"/", "/app", "/app/{path}"}
METHODS = ("get", "post", "put", "patch", "delete")


def routes(litestar: Litestar) -> list[tuple[str, str]]:
    """Method and path of everything that is served but the description itself."""
    found = []
    for route in litestar.routes:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        if not path.startswith("/schema"):
            found += [(method, path) for method in sorted(getattr(route, "methods", [])) if method != "OPTIONS"]
    return found


LITESTAR = api(some_settings())[1]
DOCUMENT: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(LITESTAR.openapi_schema.to_schema()))
ROUTES = routes(LITESTAR)
GUARDED = [route for route in ROUTES if route not in PUBLIC_OPERATIONS and route[1] not in UNDESCRIBED]
OPERATIONS = [
    (method.upper(), path, operation)
    for path, entry in DOCUMENT["paths"].items()
    for method, operation in entry.items()
    if method in METHODS
]

each_operation = pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[f"{method} {path}" for method, path, _ in OPERATIONS]
)


def test_nothing_is_served_that_is_not_described() -> None:
    served = {(method, path) for method, path in ROUTES if path not in UNDESCRIBED}
    assert served == {(method, path) for method, path, _ in OPERATIONS}
    assert served >= PUBLIC_OPERATIONS


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer é"},
    ],
    ids=str,
)
async def test_nobody_gets_in_without_a_token(
    visitor: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = await visitor.request(method, re.sub(r"\{\w+\}", "hubspot", path), headers=raw)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_token_counts_in_its_header_alone(site: Site) -> None:
    token = (await site.person())["Authorization"].removeprefix("Bearer ")
    for attempt in (
        site.visitor.get("/auth/me", params={"access_token": token}),
        site.visitor.get("/auth/me", headers={"Cookie": f"access_token={token}"}),
        site.visitor.get("/auth/me", headers={"X-Authorization": f"Bearer {token}"}),
    ):
        assert (await attempt).status_code == 401
    assert (await site.visitor.get("/auth/me", headers={"Authorization": f"bearer {token}"})).status_code == 200


@each_operation
def test_every_operation_has_a_name_and_words(method: str, path: str, operation: dict[str, Any]) -> None:
    del method, path
    assert re.fullmatch(r"[a-z][a-z_]+", operation["operationId"])
    assert operation["description"]


def test_no_two_operations_share_a_name() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


@each_operation
def test_every_operation_says_who_may_ask(method: str, path: str, operation: dict[str, Any]) -> None:
    security = operation.get("security", DOCUMENT["security"])
    is_public = (method, path) in PUBLIC_OPERATIONS
    assert security in (([{}], [{}, {"bearer": []}]) if is_public else ([{"bearer": []}],))
    assert ("401" in operation["responses"]) or (method, path) in PUBLIC_OPERATIONS


@each_operation
def test_every_refusal_is_described_as_what_it_is(method: str, path: str, operation: dict[str, Any]) -> None:
    del method
    as_page = path.endswith("/oauth2callback")
    for status, response in operation["responses"].items():
        if status >= "400" and path != "/ready":
            (media_type,) = response["content"]
            assert media_type == ("text/html" if as_page else "application/problem+json")
            assert as_page or response["content"][media_type]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_document_has_no_examples_that_look_like_secrets() -> None:
    # The longest addresses alone look like one.
    paths = {path.replace("/", " ") if path.endswith("_items") else path: of for path, of in DOCUMENT["paths"].items()}
    text = msgspec.json.encode(DOCUMENT | {"paths": paths}).decode()
    assert '"examples"' not in text
    assert '"example"' not in text
    assert not re.search(r"our-client|eyJ[\w-]{10,}|(?<![\w/+-])[A-Za-z0-9+/_-]{40,}(?![\w/+-])", text)


@each_operation
def test_bodies_refuse_unknown_fields(method: str, path: str, operation: dict[str, Any]) -> None:
    del method, path
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for reference in re.findall(r"#/components/schemas/(\w+)", str(content)):
            described = DOCUMENT["components"]["schemas"][reference]["properties"]
            assert {"user_id", "userId", "org_id", "orgId"} <= set(described)


def all_bodies(base: type[Body] = Body) -> list[type[Body]]:
    return [base, *(one for child in base.__subclasses__() for one in all_bodies(child))]


@pytest.mark.parametrize("body", all_bodies())
def test_every_body_ignores_four_fields_and_refuses_all_others(body: type[Body]) -> None:
    required = {field.name: "x" for field in msgspec.structs.fields(body) if field.required}
    ignored: dict[str, object] = {"user_id": 1, "userId": None, "org_id": ["a"], "orgId": {}}
    msgspec.json.decode(msgspec.json.encode(required | ignored), type=body)
    for name in ("unknown", "userid", "UserId", "is_admin", "__class__", ""):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(msgspec.json.encode(required | {name: 1}), type=body)


async def test_ids_in_a_body_do_not_say_who_is_asking(site: Site) -> None:
    ann, bob = await site.person(), await site.person()
    bobs_id = (await site.visitor.get("/auth/me", headers=bob)).json()["id"]
    body = {"user_id": bobs_id, "userId": bobs_id, "org_id": "x", "orgId": 7}
    answer = await site.visitor.post("/integrations/hubspot/authorize", json=body, headers=ann)
    assert answer.status_code == 200
    answer = await site.visitor.post("/integrations/hubspot/sync", json=body | {"extra": 1}, headers=ann)
    assert answer.status_code == 400
