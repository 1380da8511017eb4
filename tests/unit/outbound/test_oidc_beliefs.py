"""What is believed of a person whom an OpenID provider has proven: address, authority over it, name."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.outbound.oidc_identity import OidcIdentity
from domain.email import EmailAddress
from domain.errors import IdentityRefused
from domain.identity import ProvenIdentity
from tests.unit.builders import HeldClock
from tests.unit.outbound.conftest import Wire
from tests.unit.outbound.openid_provider import (
    CLIENT,
    CODE,
    ISSUER,
    NONCE,
    VERIFIER,
    WELL_KNOWN,
    OpenIdProvider,
    a_client_of,
    refusal,
)

GOOGLE = "https://accounts.google.com"


@pytest.fixture
def issuer(wire: Wire, clock: HeldClock) -> OpenIdProvider:
    wire.answer = issuer = OpenIdProvider(clock)
    issuer.userinfo = {"sub": "1"}
    return issuer


@pytest.fixture
async def identity(wire: Wire, clock: HeldClock, issuer: OpenIdProvider) -> AsyncIterator[OidcIdentity]:
    async with a_client_of(wire, clock) as identity:
        yield identity


async def identify(identity: OidcIdentity) -> ProvenIdentity:
    return await identity.identify(code=CODE, verifier=VERIFIER, nonce=NONCE)


async def proven(issuer: OpenIdProvider, identity: OidcIdentity, **claims: object) -> ProvenIdentity:
    issuer.id_token = issuer.signed(**claims)
    return await identify(identity)


async def test_a_person_is_known_by_issuer_and_subject(issuer: OpenIdProvider, identity: OidcIdentity) -> None:
    issuer.userinfo["sub"] = subject = "10769150350006150715113082367"
    found = await proven(issuer, identity, sub=subject, name="Ann Example")
    email = EmailAddress("ann@example.org")
    assert found == ProvenIdentity(ISSUER, subject, email, True, False, "Ann Example")


@pytest.mark.parametrize("said", [True, "true"])
async def test_an_address_is_verified_in_two_ways(issuer: OpenIdProvider, identity: OidcIdentity, said: object) -> None:
    assert (await proven(issuer, identity, email_verified=said)).email_verified


@pytest.mark.parametrize("said", [None, False, "false", "True", "TRUE", "yes", "1", "", 1, 1.0, 2, [], [True], {}])
async def test_nothing_else_means_verified(issuer: OpenIdProvider, identity: OidcIdentity, said: object) -> None:
    found = await proven(issuer, identity, email_verified=said, hd="example.org")
    assert (found.email, found.email_verified, found.authoritative) == ("ann@example.org", False, False)


async def test_whoever_names_an_address_says_whether_it_is_verified(
    issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    issuer.userinfo |= {"email": "ann@example.org", "email_verified": True, "hd": "example.org"}
    found = await proven(issuer, identity, email_verified=None)
    assert (found.email, found.email_verified, found.authoritative) == ("ann@example.org", False, False)


@pytest.mark.parametrize(
    "said", [None, "", " ", "nobody", "a@b", "@example.org", "a@@example.org", "a b@example.org", 7, [], {}, "\ud800"]
)
async def test_what_is_no_address_is_none(issuer: OpenIdProvider, identity: OidcIdentity, said: object) -> None:
    found = await proven(issuer, identity, email=said, hd="example.org")
    assert found.email is None


async def test_an_address_has_one_spelling(issuer: OpenIdProvider, identity: OidcIdentity) -> None:
    assert (await proven(issuer, identity, email=" Ann@EXAMPLE.org ")).email == "ann@example.org"


@pytest.mark.parametrize(
    ("claims", "authoritative"),
    [
        ({"email": "ann@gmail.com"}, True),
        ({"email": "Ann@Gmail.COM"}, True),
        ({"email": "ann@example.org", "hd": "example.org"}, True),
        ({"email": "ann@gmail.com", "email_verified": "true"}, True),
        ({"email": "ann@gmail.com", "email_verified": False}, False),
        ({"email": "ann@example.org", "email_verified": False, "hd": "example.org"}, False),
        ({"email": "ann@example.org"}, False),
        ({"email": "ann@example.org", "hd": None}, False),
        ({"email": "ann@example.org", "hd": 7}, False),
        ({"email": "ann@example.org", "hd": ["example.org"]}, False),
        ({"email": "ann@example.org", "hd": True}, False),
        ({"email": "ann@example.org", "hd": ""}, False),
        ({"email": "ann@gmail.com.evil.example"}, False),
        ({"email": "ann@evil-gmail.com"}, False),
        ({"email": "ann@sub.gmail.com"}, False),
        ({"email": "gmail.com@example.org"}, False),
    ],
    ids=str,
)
async def test_google_keeps_the_mailboxes_of_gmail_and_of_its_workspaces(
    issuer: OpenIdProvider, identity: OidcIdentity, claims: dict[str, object], authoritative: bool
) -> None:
    assert (await proven(issuer, identity, **claims)).authoritative is authoritative


async def test_no_other_provider_keeps_mailboxes(wire: Wire, issuer: OpenIdProvider, clock: HeldClock) -> None:
    async with a_client_of(wire, clock, replace(CLIENT, keeps_mailboxes=False)) as identity:
        for claims in ({"email": "ann@gmail.com"}, {"hd": "example.org"}):
            found = await proven(issuer, identity, **claims)
            assert (found.email_verified, found.authoritative) == (True, False)


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("Zoë 👩‍👩‍👧", "Zoë 👩‍👩‍👧"),
        ("x" * 5_000, "x" * 200),
        (None, None),
        ("", None),
        (" \t", None),
        (7, None),
        (["Ann"], None),
    ],
)
async def test_a_name_is_a_short_text(
    issuer: OpenIdProvider, identity: OidcIdentity, said: object, believed: str | None
) -> None:
    assert (await proven(issuer, identity, name=said)).name == believed


async def test_a_name_that_cannot_be_stored_is_none(issuer: OpenIdProvider, identity: OidcIdentity) -> None:
    assert (await proven(issuer, identity, name="Ann \ud800")).name is None


async def test_google_has_two_names_and_is_known_by_one(wire: Wire, clock: HeldClock) -> None:
    wire.answer = issuer = OpenIdProvider(clock, GOOGLE)
    async with a_client_of(wire, clock, replace(CLIENT, discovery_url=GOOGLE + WELL_KNOWN)) as identity:
        for name in (GOOGLE, "accounts.google.com"):
            assert (await proven(issuer, identity, iss=name)).issuer == GOOGLE
        for name in ("accounts.google.com.evil", "http://accounts.google.com", f"{GOOGLE}/", "google.com"):
            await refusal(proven(issuer, identity, iss=name), IdentityRefused)
