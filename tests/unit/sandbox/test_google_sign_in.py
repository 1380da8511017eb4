"""Where Google sends people back to, and how long the way may take."""

import pytest

from sandbox.core.consent import Asked
from sandbox.core.grants import CodeUnknown, VerifierWrong
from sandbox.core.world import World
from sandbox.google.app import google
from sandbox.google.people import People
from sandbox.google.sign_in import SignIn, decide, may_lead_to
from sandbox.settings import SandboxSettings

URI = "http://localhost:8000/app/google-callback"
SETTINGS = SandboxSettings()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    return World(google(SETTINGS), SETTINGS, clock)


def code(world: World) -> str:
    """Of a request without a challenge."""
    sign_in = SignIn(Asked("sandbox-google", URI, ("openid",), None, None), "n", offline=False, silent=False, hint="")
    location = decide(world, sign_in, "decision=approve&account=gmail", People()).headers["Location"]
    return str(location).partition("code=")[2].partition("&")[0]


def redeem(world: World, given: str, verifier: str = "") -> None:
    world.grants.redeem(given, client_id="sandbox-google", redirect_uri=URI, verifier=verifier)


def test_a_code_lives_for_ten_minutes(world: World, clock: Clock) -> None:
    early, late = code(world), code(world)
    clock.now += 599.9
    redeem(world, early)
    clock.now += 0.1
    with pytest.raises(CodeUnknown):
        redeem(world, late)


def test_a_verifier_that_no_challenge_announced_is_refused(world: World) -> None:
    with pytest.raises(VerifierWrong):
        redeem(world, code(world), "a" * 64)


@pytest.mark.parametrize(
    "uri",
    [
        URI,
        "http://127.0.0.1:3000/app/google-callback?a=1&b=%20",
        "http://localhost/callback",
        "https://app.example.com/app/google-callback",
        "https://app.example.com:8443/",
        "https://example.com",
    ],
)
def test_it_leads_to_this_machine_and_to_https(world: World, uri: str) -> None:
    assert may_lead_to(world, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://app.example.com/callback",
        "http://localhost.example.com/callback",
        "http://localhost:8000@example.com/callback",
        "http://localhost:8000\\@example.com/",
        "https://192.0.2.1/callback",
        "https://user@example.com/callback",
        "https://example.com/callback#fragment",
        "https://example.com/call back",
        "https://example.com/\r\nSet-Cookie: a=b",
        "https://example.com/\u00e9",
        "https://example.com;script-src *",
        "https://exa'mple.com/",
        "javascript:alert(1)",
        "ftp://localhost/callback",
        "//localhost:8000/callback",
        "urn:ietf:wg:oauth:2.0:oob",
    ],
)
def test_it_leads_nowhere_else(world: World, uri: str) -> None:
    assert not may_lead_to(world, uri)
