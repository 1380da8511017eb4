"""What a token endpoint may answer when a code is redeemed, good and bad, in each provider's own shape."""

from typing import Any

from tests.e2e.connecting import ENDPOINTS, exchange_fault

CANARY, ACCESS, REFRESH = "canary-of-an-answer-8f1e", "access-of-an-answer-5b02", "refresh-of-an-answer-c7d4"
"""Said by nobody else: the logs that they must not be in are those of the whole run."""
SECRETS = (CANARY, ACCESS, REFRESH, "sandbox-secret")

Answer = dict[str, Any]
"""As a fault says it."""

_TOKENS = {"access_token": ACCESS, "refresh_token": REFRESH, "expires_in": 1800}
GOOD: dict[str, dict[str, Any]] = {
    "hubspot": _TOKENS | {"token_type": "bearer", "scopes": []},
    "notion": _TOKENS | {"token_type": "bearer", "workspace_id": "w1", "owner": {"type": "workspace"}},
    "slack": _TOKENS | {"ok": True, "token_type": "bot", "scope": "", "team": {"id": "T1", "name": "One"}},
    "airtable": _TOKENS | {"token_type": "Bearer", "scope": ""},
}
_ACCOUNT = {"hubspot": {"hub_id": 1}, "airtable": {"id": "usr1"}}

UNREADABLE: dict[str, Answer] = {
    "a page": {"headers": {"Content-Type": "text/html"}, "body": f"<html>{CANARY}</html>"},
    "5 MB": {"body": CANARY + "x" * 5_000_000},
    "deep": {"body": "[" * 10_000 + "]" * 10_000},
    "deep within": {"body": '{"ok":true,"access_token":' + '{"a":' * 10_000 + "1" + "}" * 10_001},
    "no object": {"json": ["access_token"]},
    "cut off": {"body": '{"ok":true,"access_token":"' + CANARY},
    "not UTF-8": {"body": '{"ok":true,"access_token":"\\ud800"}'},
    "nothing": {"body": ""},
}
CHANGED: dict[str, dict[str, Any]] = {
    "null token": {"access_token": None},
    "number token": {"access_token": 7},
    "list token": {"access_token": [ACCESS]},
    "empty token": {"access_token": ""},
    "odd token": {"access_token": "a\r\nX-Evil: 1"},
    "NUL token": {"access_token": "a\u0000"},
    "huge token": {"access_token": "a" * 100_000},
    "number refresh": {"refresh_token": 7},
    "empty refresh": {"refresh_token": ""},
    "mac": {"token_type": "mac"},
    "DPoP": {"token_type": "DPoP"},
    "no type": {"token_type": None},
    "life 0": {"expires_in": 0},
    "life -1": {"expires_in": -1},
    "life 1e20": {"expires_in": 1e20},
    "life true": {"expires_in": True},
    "life text": {"expires_in": "soon"},
    "life list": {"expires_in": [1800]},
}
"""A good answer, but for this."""
REFUSALS: dict[str, dict[str, Answer]] = {
    "hubspot": {
        "invalid_grant": {"status": 400, "json": {"error": "invalid_grant", "error_description": CANARY}},
        "BAD_AUTH_CODE": {"status": 400, "json": {"error": "invalid_grant", "status": "BAD_AUTH_CODE"}},
        "with 200": {"json": {"error": "invalid_grant", "message": CANARY}},
    },
    "notion": {
        "invalid_grant": {"status": 400, "json": {"error": "invalid_grant", "error_description": CANARY}},
        "in its API's shape": {"status": 400, "json": {"object": "error", "code": "invalid_grant", "message": CANARY}},
        "with 200": {"json": {"object": "error", "status": 400, "code": "invalid_grant"}},
    },
    "slack": {
        "invalid_code": {"json": {"ok": False, "error": "invalid_code", "detail": CANARY}},
        "used already": {"json": {"ok": False, "error": "code_already_used"}},
        "another redirect": {"json": {"ok": False, "error": "bad_redirect_uri"}},
        "tokens all the same": {"json": GOOD["slack"] | {"ok": False, "error": "invalid_code"}},
    },
    "airtable": {
        "invalid_grant": {"status": 400, "json": {"error": "invalid_grant", "error_description": CANARY}},
        "with 200": {"json": {"error": "invalid_grant", "error_description": CANARY}},
    },
}
LATER: dict[str, Answer] = {
    "500": {"status": 500, "body": CANARY},
    "503": {"status": 503, "headers": {"Retry-After": "7"}},
    "429": {"status": 429, "headers": {"Retry-After": "1000000000"}},
    "403": {"status": 403, "body": CANARY},
    "reset": {"reset": True},
    "cut": {"cut_after_bytes": 20},
    "12 MB": {"body": "x" * 12_000_000},
}
CLIENT_REFUSED: dict[str, Answer] = {
    "hubspot": {"status": 401, "json": {"error": "invalid_client", "error_description": CANARY}},
    "notion": {"status": 401, "json": {"error": "invalid_client", "error_description": CANARY}},
    "slack": {"json": {"ok": False, "error": "bad_client_secret", "detail": CANARY}},
    "airtable": {"status": 401, "json": {"error": "invalid_client", "error_description": CANARY}},
}
ACCOUNTS: dict[str, dict[str, Answer]] = {
    "hubspot": {
        "a page": {"body": f"<html>{CANARY}</html>"},
        "deep": {"body": '{"hub_id":' * 10_000},
        "no account": {"json": {"active": True}},
        "null account": {"json": {"hub_id": None}},
        "text account": {"json": {"hub_id": "62515001"}},
        "404": {"status": 404, "json": {"message": CANARY}},
    },
    "airtable": {
        "a page": {"body": f"<html>{CANARY}</html>"},
        "deep": {"body": '{"id":' * 10_000},
        "no account": {"json": {"email": f"{CANARY}@example.com"}},
        "null account": {"json": {"id": None}},
        "number account": {"json": {"id": 7}},
        "empty account": {"json": {"id": ""}},
        "an error with 200": {"json": {"error": {"type": "AUTHENTICATION_REQUIRED", "message": CANARY}}},
        "401": {"status": 401, "json": {"error": CANARY}},
        "404": {"status": 404, "json": {"error": "NOT_FOUND"}},
    },
}
"""Answers to the call that asks whose account it is."""
ACCOUNTS_WITHIN: dict[str, dict[str, dict[str, Any]]] = {
    "notion": {
        "null workspace": {"workspace_id": None},
        "number workspace": {"workspace_id": 7},
        "empty workspace": {"workspace_id": ""},
        "no owner": {"owner": None},
        "owner of another kind": {"owner": {"type": "robot"}},
        "nobody": {"owner": {"type": "user"}},
        "empty owner": {"owner": {"type": "user", "user": {"id": ""}}},
    },
    "slack": {
        "no team": {"team": None},
        "text team": {"team": "T1"},
        "number team": {"team": {"id": 7}},
        "empty team": {"team": {"id": ""}},
        "nameless team": {"team": {"name": "One"}},
    },
}
"""A good answer, but for this part of what says whose account it is."""


def endless_account(provider: str) -> list[Answer]:
    """An account whose id is longer than what Cassandra takes as a part of a key."""
    endless = "u" * 70_000
    if provider == "airtable":
        return account(provider, {"json": {"id": endless}})
    within: dict[str, dict[str, object]] = {"notion": {"workspace_id": endless}, "slack": {"team": {"id": endless}}}
    return good_but_for(provider, **within[provider])


def exchange(provider: str, answer: Answer) -> list[Answer]:
    """The code is redeemed with this answer; whoever then asks for the account is told one."""
    account = ENDPOINTS[provider].account
    known: list[Answer] = [{"path": account, "json": _ACCOUNT[provider]}] if account else []
    return [exchange_fault(provider) | answer, *known]


def good_but_for(provider: str, **changed: object) -> list[Answer]:
    return exchange(provider, {"json": GOOD[provider] | changed})


def account(provider: str, answer: Answer) -> list[Answer]:
    return [{"path": ENDPOINTS[provider].account} | answer]
