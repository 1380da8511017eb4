"""Codes and tokens, with the clock in hand."""

from typing import Any

import msgspec
import pytest

from sandbox.core.grants import (
    CodeUnknown,
    Grants,
    GrantsState,
    JustRefreshed,
    RedirectUriDiffers,
    RefreshTokenUnknown,
    TokenRules,
    Tokens,
    VerifierWrong,
    s256,
)
from sandbox.core.knobs import Knobs, RefreshReuse

CLIENT, URI = "sandbox-hubspot", "http://localhost:8000/callback"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


SHARED = TokenRules(shared=True)


def make(clock: Clock, reuse: RefreshReuse = "allow", rules: TokenRules = SHARED) -> Grants:
    knobs = Knobs(refresh_reuse=reuse)
    return Grants(lambda: knobs, clock, rules=rules)


def code(grants: Grants, **changes: Any) -> str:
    return grants.issue_code(
        **{
            "client_id": CLIENT,
            "redirect_uri": URI,
            "account": "acme",
            "scopes": ["oauth"],
            "challenge": None,
            **changes,
        }
    )


def redeem(grants: Grants, given: str, **changes: Any) -> Tokens:
    return grants.redeem(given, **{"client_id": CLIENT, "redirect_uri": URI, "verifier": None, **changes})


def is_live(grants: Grants, clock: Clock, token: str) -> bool:
    access = grants.access(token)
    return access is not None and access.expires_at > clock.now


def test_a_code_expires_after_a_minute(clock: Clock) -> None:
    grants = make(clock)
    early, late = code(grants), code(grants)
    clock.now += 59.9
    redeem(grants, early)
    clock.now += 0.1
    with pytest.raises(CodeUnknown):
        redeem(grants, late)


def test_the_vector_of_rfc_7636() -> None:
    assert s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_failed_attempt_uses_the_code_up(clock: Clock) -> None:
    grants = make(clock)
    for changes, refusal in (
        ({"redirect_uri": "http://localhost:1/callback"}, RedirectUriDiffers),
        ({"client_id": "another"}, CodeUnknown),
        ({"verifier": "wrong"}, VerifierWrong),
    ):
        given = code(grants, challenge=s256("right"))
        with pytest.raises(refusal):
            redeem(grants, given, **changes)
        with pytest.raises(CodeUnknown):
            redeem(grants, given, verifier="right")


def test_an_access_token_ends_with_its_lifetime(clock: Clock) -> None:
    grants = make(clock)
    token = redeem(grants, code(grants)).access_token
    clock.now += 1799
    assert is_live(grants, clock, token)
    clock.now += 1
    assert not is_live(grants, clock, token)


def test_a_refresh_token_belongs_to_its_client(clock: Clock) -> None:
    grants = make(clock)
    tokens = redeem(grants, code(grants))
    with pytest.raises(RefreshTokenUnknown):
        grants.renew(tokens.refresh_token, client_id="another")


def test_a_second_consent_widens_the_shared_grant(clock: Clock) -> None:
    grants = make(clock)
    first = redeem(grants, code(grants))
    second = redeem(grants, code(grants, scopes=["oauth", "more"]))
    assert second.refresh_token == first.refresh_token
    assert first.grant.scopes == ["oauth", "more"]


@pytest.mark.parametrize("reuse", ["allow", "revoke_family"])
def test_where_grants_are_not_shared_every_consent_makes_its_own(clock: Clock, reuse: RefreshReuse) -> None:
    grants = make(clock, reuse, TokenRules())
    first, second = redeem(grants, code(grants)), redeem(grants, code(grants))
    grants.revoke_refresh_token(first.refresh_token, with_access_tokens=True)
    assert grants.renew(second.refresh_token, client_id=CLIENT).access_token


def test_a_shared_grant_whose_refresh_tokens_rotate_ends_for_all(clock: Clock) -> None:
    grants = make(clock, "revoke_family")
    first, second = redeem(grants, code(grants)), redeem(grants, code(grants))
    assert first.refresh_token != second.refresh_token
    grants.revoke_refresh_token(first.refresh_token, with_access_tokens=True)
    with pytest.raises(RefreshTokenUnknown):
        grants.renew(second.refresh_token, client_id=CLIENT)


def test_scopes_of_a_shared_grant_may_add_up(clock: Clock) -> None:
    grants = make(clock, "grace", TokenRules(shared=True, scopes_add_up=True))
    redeem(grants, code(grants, scopes=["one", "two"]))
    assert redeem(grants, code(grants, scopes=["two", "three"])).grant.scopes == ["one", "two", "three"]


def test_more_access_tokens_than_may_live_let_the_oldest_die(clock: Clock) -> None:
    grants = make(clock, "grace", TokenRules(access_prefix="a-", refresh_prefix="r-", live_access=2))
    first = redeem(grants, code(grants))
    other = redeem(grants, code(grants))
    second = grants.renew(first.refresh_token, client_id=CLIENT)
    third = grants.renew(second.refresh_token, client_id=CLIENT)
    assert third.access_token.startswith("a-")
    assert third.refresh_token.startswith("r-")
    living = [grants.access(one.access_token) is not None for one in (first, second, third, other)]
    assert living == [False, True, True, True]


def test_the_grace_ends_after_a_minute_and_the_new_token_lives_on(clock: Clock) -> None:
    grants = make(clock, "grace")
    old = redeem(grants, code(grants)).refresh_token
    new = grants.renew(old, client_id=CLIENT).refresh_token
    clock.now += 59
    grants.renew(old, client_id=CLIENT)
    clock.now += 1
    with pytest.raises(RefreshTokenUnknown):
        grants.renew(old, client_id=CLIENT)
    assert grants.renew(new, client_id=CLIENT).refresh_token


def test_a_token_that_was_refreshed_a_moment_ago_is_a_conflict_and_ends_the_grant_later(clock: Clock) -> None:
    grants = make(clock, "revoke_family", TokenRules(conflict_s=3))
    old = redeem(grants, code(grants)).refresh_token
    new = grants.renew(old, client_id=CLIENT)
    clock.now += 2.9
    for _ in range(2):
        with pytest.raises(JustRefreshed):
            grants.renew(old, client_id=CLIENT)
    assert is_live(grants, clock, new.access_token)
    newest = grants.renew(new.refresh_token, client_id=CLIENT)
    clock.now += 0.1
    with pytest.raises(RefreshTokenUnknown):
        grants.renew(old, client_id=CLIENT)
    assert not is_live(grants, clock, newest.access_token)
    with pytest.raises(RefreshTokenUnknown):
        grants.renew(newest.refresh_token, client_id=CLIENT)


@pytest.mark.parametrize("reuse", ["allow", "grace"])
def test_where_a_replaced_token_is_taken_again_there_is_no_conflict(clock: Clock, reuse: RefreshReuse) -> None:
    grants = make(clock, reuse, TokenRules(conflict_s=3))
    old = redeem(grants, code(grants)).refresh_token
    grants.renew(old, client_id=CLIENT)
    assert grants.renew(old, client_id=CLIENT).access_token


@pytest.mark.parametrize("reuse", ["allow", "grace", "revoke_family"])
def test_what_is_kept_restores_every_token(clock: Clock, reuse: RefreshReuse) -> None:
    grants, again = make(clock, reuse), make(clock, reuse)
    pending, tokens = code(grants), redeem(grants, code(grants))
    renewed = grants.renew(tokens.refresh_token, client_id=CLIENT)
    again.restore(msgspec.json.decode(msgspec.json.encode(grants.state()), type=GrantsState))
    assert is_live(again, clock, tokens.access_token)
    assert is_live(again, clock, renewed.access_token)
    assert redeem(again, pending).access_token
    assert again.renew(renewed.refresh_token, client_id=CLIENT).grant.account == "acme"


def test_an_access_token_that_outlived_its_refresh_token_is_kept_too(clock: Clock) -> None:
    grants, again = make(clock), make(clock)
    tokens = redeem(grants, code(grants))
    grants.revoke_refresh_token(tokens.refresh_token, with_access_tokens=False)
    again.restore(grants.state())
    assert is_live(again, clock, tokens.access_token)
    assert again.revoke() == 1
    assert not is_live(again, clock, tokens.access_token)


def test_a_revocation_takes_pending_codes_with_it(clock: Clock) -> None:
    grants = make(clock)
    acme, globex = code(grants), code(grants, account="globex")
    grants.revoke("acme")
    with pytest.raises(CodeUnknown):
        redeem(grants, acme)
    assert redeem(grants, globex).access_token


def test_what_is_long_over_is_not_kept(clock: Clock) -> None:
    grants = make(clock)
    code(grants)
    redeem(grants, code(grants))
    clock.now += 1800 + 3601
    assert (grants.state().codes, grants.state().access) == ({}, {})
