"""The id_tokens of the sandbox's Google: each way of being wrong, and new keys, before a client that looks."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.errors import InvalidKeyIdError, JoseError

from sandbox.settings import SandboxSettings
from tests.e2e.google_client import CLIENT_ID, NONCE, Google
from tests.e2e.sandbox_server import sandbox_in_thread

Difference = Callable[[Google], dict[str, Any]]
"""What the control call is told."""


def at(seconds: int) -> int:
    return int(time.time()) + seconds


WRONG: dict[str, tuple[Difference, str]] = {
    "aud of another client": (lambda _: {"claims": {"aud": "another"}}, "Invalid claim: 'aud'"),
    "no aud": (lambda _: {"claims": {"aud": None}}, "Missing claim: 'aud'"),
    "several aud, no azp": (lambda _: {"claims": {"aud": [CLIENT_ID, "another"], "azp": None}}, "Invalid claim: 'azp'"),
    "azp of another client": (lambda _: {"claims": {"azp": "another"}}, "Invalid claim: 'azp'"),
    "iss with another end": (lambda google: {"claims": {"iss": f"{google.issuer}.evil"}}, "Invalid claim: 'iss'"),
    "iss with another scheme": (
        lambda google: {"claims": {"iss": f"https{google.issuer[4:]}"}},
        "Invalid claim: 'iss'",
    ),
    "iss with a slash": (lambda google: {"claims": {"iss": f"{google.issuer}/"}}, "Invalid claim: 'iss'"),
    "no iss": (lambda _: {"claims": {"iss": None}}, "Missing claim: 'iss'"),
    "expired": (lambda _: {"claims": {"exp": at(-3600)}}, "token is expired"),
    "no exp": (lambda _: {"claims": {"exp": None}}, "Missing claim: 'exp'"),
    "issued tomorrow": (lambda _: {"claims": {"iat": at(86_400)}}, "issued in the future"),
    "issued yesterday": (lambda _: {"claims": {"iat": at(-86_400)}}, "Invalid claim: 'iat'"),
    "no iat": (lambda _: {"claims": {"iat": None}}, "Missing claim: 'iat'"),
    "no nonce": (lambda _: {"claims": {"nonce": None}}, "Missing claim: 'nonce'"),
    "another nonce": (lambda _: {"claims": {"nonce": "another"}}, "Invalid claim: 'nonce'"),
    "no sub": (lambda _: {"claims": {"sub": None}}, "Missing claim: 'sub'"),
    "another at_hash": (lambda _: {"claims": {"at_hash": "another"}}, "Invalid claim: 'at_hash'"),
    "another sub in userinfo": (lambda _: {"userinfo": {"sub": "another"}}, "Invalid claim: 'userinfo'"),
    "no sub in userinfo": (lambda _: {"userinfo": {"sub": None}}, "Invalid claim: 'userinfo'"),
    "crit": (lambda _: {"header": {"crit": ["x"]}}, "Missing critical 'x'"),
    "no kid": (lambda _: {"header": {"kid": None}}, "No key for kid"),
    "not signed": (lambda _: {"sign": "none"}, "'none' is not allowed"),
    "signed with the secret": (lambda _: {"sign": "secret"}, "'HS256' is not allowed"),
    "signed with the public key": (lambda _: {"sign": "public"}, "'HS256' is not allowed"),
    "signed with an unknown key": (lambda _: {"sign": "unknown"}, "No key for kid"),
    "signed with an unknown key of a known name": (
        lambda google: {"sign": "unknown", "header": {"kid": google.keys().keys[1].kid}},
        "bad_signature",
    ),
}


@pytest.fixture(scope="module")
def running() -> Iterator[Google]:
    with sandbox_in_thread(SandboxSettings(contacts=1)) as sandbox:
        yield Google(sandbox)


@pytest.fixture
def google(running: Google) -> Google:
    running.control("POST", "/reset")
    return running


class TestIdTokens:
    @pytest.mark.parametrize(("difference", "reason"), WRONG.values(), ids=WRONG.keys())
    async def test_a_wrong_one_is_wrong_in_one_respect(
        self, google: Google, difference: Difference, reason: str
    ) -> None:
        google.control("POST", "/id_token", {**difference(google), "times": 1})
        tokens = await google.sign_in()
        with pytest.raises(JoseError, match=reason):
            google.believed(tokens)
        assert google.believed(await google.sign_in())["nonce"] == NONCE

    @pytest.mark.parametrize("verified", [False, "false", "true", 1, None])
    def test_an_address_can_be_verified_in_any_way(self, google: Google, verified: object) -> None:
        google.control("POST", "/id_token", {"claims": {"email_verified": verified}})
        assert google.believed(google.tokens()).get("email_verified") == verified

    def test_a_difference_holds_until_it_is_ended(self, google: Google) -> None:
        def names() -> list[str]:
            return [google.believed(google.tokens())["name"] for _ in range(2)]

        google.control("POST", "/id_token", {"claims": {"name": "Another"}})
        assert names() == ["Another", "Another"]
        google.control("POST", "/id_token", {})
        assert names() == ["Gmail Person", "Gmail Person"]
        google.control("POST", "/id_token", {"claims": {"name": "Another"}})
        google.control("POST", "/reset")
        assert names() == ["Gmail Person", "Gmail Person"]

    def test_what_userinfo_says_belongs_to_the_access_token(self, google: Google) -> None:
        before = google.tokens()["access_token"]
        google.control("POST", "/id_token", {"userinfo": {"email": "other@example.com", "name": None}, "times": 1})
        altered = google.tokens()["access_token"]
        after = google.tokens()["access_token"]
        emails = [google.userinfo(token).json()["email"] for token in (before, altered, after)]
        assert emails == ["sandbox-person@gmail.com", "other@example.com", "sandbox-person@gmail.com"]
        assert "name" not in google.userinfo(altered).json()

    @pytest.mark.parametrize(
        ("body", "field"), [({"sign": "wrong"}, "sign"), ({"claim": {}}, "claim"), ({"times": 0}, "times"), ([], None)]
    )
    def test_a_bad_difference_names_its_field(self, google: Google, body: Any, field: str | None) -> None:
        answer = google.http.post(f"{google.sandbox.url}/_control/google/id_token", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, field)


class TestKeys:
    async def test_after_a_rotation_only_fresh_keys_verify_new_tokens(self, google: Google) -> None:
        old = google.keys()
        rotated = google.control("POST", "/rotate-keys")
        tokens = await google.sign_in()
        assert google.believed(tokens)["nonce"] == NONCE
        assert {key.kid for key in google.keys().keys} == set(rotated["kids"])
        with pytest.raises(InvalidKeyIdError):
            google.believed(tokens, old)

    def test_a_token_of_before_is_signed_by_nobody_after(self, google: Google) -> None:
        tokens = google.tokens()
        google.control("POST", "/rotate-keys")
        with pytest.raises(InvalidKeyIdError):
            google.believed(tokens)

    def test_two_keys_are_published_and_a_token_says_which(self, google: Google) -> None:
        first, second = google.keys().keys
        assert first.kid != second.kid
        assert google.believed(google.tokens())["nonce"] == NONCE

    def test_a_reset_leaves_the_keys(self, google: Google) -> None:
        kids = google.control("POST", "/rotate-keys")["kids"]
        google.control("POST", "/reset")
        assert [key.kid for key in google.keys().keys] == kids
