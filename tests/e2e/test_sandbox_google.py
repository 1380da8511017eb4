"""The sandbox plays Google's sign-in, over a real socket: pages, tokens and what becomes of them."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.google_client import CHALLENGE, CLIENT_ID, NONCE, REDIRECT_URI, SECRET, Google, at_hash
from tests.e2e.sandbox_server import sandbox_in_thread

EMAIL, PROFILE = (f"https://www.googleapis.com/auth/userinfo.{name}" for name in ("email", "profile"))
OFFLINE = {"access_type": "offline", "prompt": "consent"}


@pytest.fixture(scope="module")
def running() -> Iterator[Google]:
    with sandbox_in_thread(SandboxSettings(contacts=1)) as sandbox:
        yield Google(sandbox)


@pytest.fixture
def google(running: Google) -> Google:
    running.control("POST", "/reset")
    return running


class TestDiscovery:
    def test_the_issuer_is_the_folder_and_every_path_is_googles(self, google: Google) -> None:
        document = google.discovery()
        assert document["issuer"] == google.issuer
        assert {name: value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))} == {
            "authorization_endpoint": f"{google.issuer}/o/oauth2/v2/auth",
            "token_endpoint": f"{google.issuer}/token",
            "userinfo_endpoint": f"{google.issuer}/v1/userinfo",
            "revocation_endpoint": f"{google.issuer}/revoke",
            "jwks_uri": f"{google.issuer}/oauth2/v3/certs",
        }
        assert document["id_token_signing_alg_values_supported"] == ["RS256"]
        assert "authorization_response_iss_parameter_supported" not in document

    def test_both_documents_may_be_cached(self, google: Google) -> None:
        for path in ("/.well-known/openid-configuration", "/oauth2/v3/certs"):
            assert re.fullmatch(r"public, max-age=\d+", google.get(path).headers["cache-control"])

    def test_another_name_of_this_machine_is_another_issuer(self, google: Google) -> None:
        host = f"localhost:{google.sandbox.url.rpartition(':')[2]}"
        document = google.get("/.well-known/openid-configuration", headers={"Host": host}).json()
        assert document["issuer"] == f"http://{host}/google"


class TestSignIn:
    @pytest.mark.parametrize("auth", ["client_secret_post", "client_secret_basic"])
    async def test_a_real_client_signs_a_person_in(self, google: Google, auth: str) -> None:
        tokens = await google.sign_in("workspace", auth)
        claims = google.believed(tokens)
        assert claims.pop("exp") - claims.pop("iat") == 3600
        assert claims == {
            "iss": google.issuer,
            "azp": CLIENT_ID,
            "aud": CLIENT_ID,
            "sub": person(google, "workspace")["sub"],
            "hd": "example.com",
            "email": "workspace@example.com",
            "email_verified": True,
            "name": "Workspace Person",
            "nonce": NONCE,
            "at_hash": at_hash(tokens),
        }

    @pytest.mark.parametrize(
        ("account", "address", "verified", "hd"),
        [
            ("gmail", "sandbox-person@gmail.com", True, None),
            ("outside", "outside@example.org", True, None),
            ("unverified", "unverified@example.net", False, None),
        ],
    )
    async def test_what_is_said_of_an_address_depends_on_the_person(
        self, google: Google, account: str, address: str, verified: bool, hd: str | None
    ) -> None:
        claims = google.believed(await google.sign_in(account))
        assert (claims["email"], claims["email_verified"], claims.get("hd")) == (address, verified, hd)

    def test_the_page_offers_every_person_by_name_and_address(self, google: Google) -> None:
        page = google.http.get(google.authorize_url())
        assert page.status_code == 200
        people = google.control("GET", "/people")
        assert re.findall(r'name="account" value="([\w-]+)"', page.text) == [person["key"] for person in people]
        for person in people:
            assert re.search(f"{person['name']}<small>{re.escape(person['email'])}", page.text)
        assert re.findall(r'name="decision" value="(\w+)"', page.text) == ["approve", "deny"]
        assert (
            "form-action 'self' http://127.0.0.1:8000 http://localhost:8000;" in page.headers["content-security-policy"]
        )
        assert page.headers["cross-origin-opener-policy"] == "same-origin"

    def test_a_hint_chooses_beforehand(self, google: Google) -> None:
        for hint, chosen in (("outside@example.org", "outside"), ("nobody@example.org", "gmail"), (None, "gmail")):
            page = google.http.get(google.authorize_url(login_hint=hint)).text
            assert re.findall(r'value="([\w-]+)" checked', page) == [chosen]

    def test_a_person_may_be_named_by_sub_or_address_too(self, google: Google) -> None:
        outside = person(google, "outside")
        for name in (outside["sub"], outside["email"]):
            tokens = google.tokens(name)
            assert google.userinfo(tokens["access_token"]).json()["sub"] == outside["sub"]

    def test_the_answer_carries_what_a_client_must_ignore_and_no_issuer(self, google: Google) -> None:
        callback = google.callback("workspace")
        assert callback.pop("code")
        extras = {"authuser": "0", "prompt": "none", "hd": "example.com"}
        assert callback == {"state": "s1", "scope": f"openid {EMAIL} {PROFILE}", **extras}

    def test_denial_leads_back_with_an_error_and_no_code(self, google: Google) -> None:
        assert google.callback("gmail", "deny") == {"error": "access_denied", "state": "s1"}

    def test_without_a_page_nobody_is_signed_in(self, google: Google) -> None:
        answer = google.http.get(google.authorize_url(prompt="none"))
        assert answer.status_code == 302
        assert answer.headers["location"] == f"{REDIRECT_URI}?error=interaction_required&state=s1"

    def test_what_is_shown_is_escaped(self, google: Google) -> None:
        hostile = "<script>x</script>\"'"
        google.control("POST", "/people", [{"key": hostile, "email": hostile, "name": hostile}])
        page = google.http.get(google.authorize_url()).text
        assert "<script" not in page
        assert hostile in unescape(page)
        assert "<script" not in google.http.get(f"{google.sandbox.url}/").text

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_id": "another"},
            {"client_id": None},
            {"redirect_uri": "http://elsewhere.example.com/callback"},
            {"redirect_uri": None},
            {"response_type": "token"},
            {"response_type": None},
            {"scope": "email profile"},
            {"scope": None},
            {"nonce": None},
            {"code_challenge_method": "plain"},
            {"code_challenge_method": None},
        ],
    )
    def test_a_wrong_request_ends_on_an_error_page(self, google: Google, changes: dict[str, str | None]) -> None:
        form, url = {"decision": "approve", "account": "gmail"}, google.authorize_url(**changes)
        for answer in (google.http.get(url), google.http.post(url, data=form)):
            assert answer.status_code == 400
            assert "Nobody can be signed in" in answer.text
            assert "location" not in answer.headers

    @pytest.mark.parametrize(
        "form",
        [
            {"decision": "approve"},
            {"decision": "approve", "account": "nobody"},
            {"decision": "approve", "account": "moved@example.com"},
            {"account": "gmail"},
            {},
        ],
    )
    def test_an_incomplete_decision_is_refused(self, google: Google, form: dict[str, str]) -> None:
        assert google.http.post(google.authorize_url(), data=form).status_code == 400

    def test_another_sites_page_cannot_decide(self, google: Google) -> None:
        form, foreign = {"decision": "approve", "account": "gmail"}, {"Origin": "https://elsewhere.example.com"}
        assert google.http.post(google.authorize_url(), data=form, headers=foreign).status_code == 400
        assert google.http.post(f"{google.authorize_url()}&nonce=n2", data=form).status_code == 400


class TestTokens:
    def test_the_answer_is_googles(self, google: Google) -> None:
        tokens = google.redeem(google.callback()["code"])
        body = tokens.json()
        assert tokens.headers["cache-control"] == "no-store"
        assert body.pop("access_token")
        assert body.pop("id_token")
        assert body == {"expires_in": 3600, "scope": f"openid {EMAIL} {PROFILE}", "token_type": "Bearer"}

    def test_a_refresh_token_is_given_for_offline_consent_alone(self, google: Google) -> None:
        asked: list[dict[str, str | None]] = [{}, {"access_type": "offline"}, {"prompt": "consent"}, {**OFFLINE}]
        assert ["refresh_token" in google.tokens(**changes) for changes in asked] == [False, False, False, True]

    def test_a_renewal_answers_without_nonce_and_without_another_refresh_token(self, google: Google) -> None:
        first = google.tokens(**OFFLINE)
        second = google.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
        assert "refresh_token" not in second
        assert google.userinfo(second["access_token"]).status_code == 200
        with pytest.raises(Exception, match="nonce"):
            google.believed(second)

    def test_a_code_works_once(self, google: Google) -> None:
        code = google.callback()["code"]
        assert google.redeem(code).status_code == 200
        replayed = google.redeem(code)
        assert replayed.status_code == 400
        assert replayed.json() == {"error": "invalid_grant", "error_description": "Bad Request"}

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({"code": "unknown"}, "invalid_grant"),
            ({"code_verifier": "w" * 64}, "invalid_grant"),
            ({"code_verifier": ""}, "invalid_grant"),
            ({"code_verifier": CHALLENGE}, "invalid_grant"),
            ({"redirect_uri": f"{REDIRECT_URI}/"}, "redirect_uri_mismatch"),
            ({"redirect_uri": REDIRECT_URI.replace("localhost", "127.0.0.1")}, "redirect_uri_mismatch"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"grant_type": "refresh_token", "refresh_token": "unknown"}, "invalid_grant"),
        ],
    )
    def test_a_wrong_exchange_is_refused(self, google: Google, form: dict[str, str], error: str) -> None:
        answer = google.redeem(**{"code": google.callback()["code"], **form})
        assert (answer.status_code, answer.json()["error"]) == (400, error)

    @pytest.mark.parametrize("credentials", [("another", SECRET), (CLIENT_ID, "wrong"), ("", "")])
    def test_a_client_must_say_who_it_is(self, google: Google, credentials: tuple[str, str]) -> None:
        form = {"grant_type": "authorization_code", "code": google.callback()["code"], "redirect_uri": REDIRECT_URI}
        client_id, client_secret = credentials
        for answer in (
            google.token(client_id=client_id, client_secret=client_secret, **form),
            google.token(credentials, **form),
        ):
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    def test_a_client_says_it_in_one_way(self, google: Google) -> None:
        answer = google.redeem(google.callback()["code"], client_secret=SECRET)
        assert answer.status_code == 200
        both = google.token((CLIENT_ID, SECRET), client_secret=SECRET)
        assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
        other = google.token((CLIENT_ID, SECRET), client_id="another")
        assert (other.status_code, other.json()["error"]) == (401, "invalid_client")

    def test_what_is_no_form_is_refused(self, google: Google) -> None:
        token = f"{google.issuer}/token"
        doubled = f"client_id={CLIENT_ID}&client_id={CLIENT_ID}"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for answer in (
            google.http.post(token, json={"grant_type": "authorization_code"}),
            google.http.post(token, content=doubled, headers=form),
            google.http.post(token, content=b"a=%ff", headers=form),
            google.http.post(token, content=b"\xff", headers=form),
        ):
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    def test_userinfo_needs_a_living_access_token(self, google: Google) -> None:
        token = google.tokens()["access_token"]
        assert google.userinfo(token).json()["email"] == "sandbox-person@gmail.com"
        for answer in (google.userinfo("unknown"), google.get("/v1/userinfo"), google.userinfo(f"{token}x")):
            assert (answer.status_code, answer.json()["error_description"]) == (401, "Invalid Credentials")
            assert "invalid_token" in answer.headers["www-authenticate"]

    def test_a_revocation_ends_all_that_the_person_granted(self, google: Google) -> None:
        first, second, other = google.tokens(**OFFLINE), google.tokens(**OFFLINE), google.tokens("outside")
        revoke = f"{google.issuer}/revoke"
        assert google.http.post(revoke, data={"token": first["access_token"]}).status_code == 200
        assert google.userinfo(second["access_token"]).status_code == 401
        assert google.token(grant_type="refresh_token", refresh_token=second["refresh_token"]).status_code == 400
        assert google.userinfo(other["access_token"]).status_code == 200
        again = google.http.post(revoke, data={"token": first["access_token"]})
        assert (again.status_code, again.json()["error"]) == (400, "invalid_token")

    def test_a_refresh_token_can_be_revoked(self, google: Google) -> None:
        tokens = google.tokens(**OFFLINE)
        revoked = google.http.post(f"{google.issuer}/revoke", data={"token": tokens["refresh_token"]})
        assert revoked.status_code == 200
        assert google.userinfo(tokens["access_token"]).status_code == 401


def test_unknown_paths_answer_as_refusals(google: Google) -> None:
    answers: list[httpx.Response] = [google.get("/nowhere"), google.http.put(f"{google.issuer}/token")]
    assert [answer.status_code for answer in answers] == [404, 405]
    assert all(answer.json()["error"] == "invalid_request" for answer in answers)


def person(google: Google, key: str) -> dict[str, Any]:
    [found] = [person for person in google.control("GET", "/people") if person["key"] == key]
    return dict(found)
