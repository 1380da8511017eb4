"""Which callback may use an authorization."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authorization import Authorization, browser_hash, state_hash
from domain.errors import AuthorizationRefused, AuthorizationUnknown, WrongBrowser, WrongUser
from domain.ids import FlowId, SessionId, UserId

END = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
IN_TIME = END - timedelta(microseconds=1)
ANN = UserId("ann")
AUTHORIZATION = Authorization(
    state=state_hash("the state"),
    flow=FlowId("the flow"),
    provider="hubspot",
    user=ANN,
    session=SessionId("the session"),
    browser=browser_hash("the cookie"),
    verifier="the verifier",
    origin="http://localhost:3000",
    expires_at=END,
)


def accept(
    *,
    provider: str = "hubspot",
    cookie: str | None = "the cookie",
    signed_in: UserId | None = ANN,
    now: datetime = IN_TIME,
) -> None:
    AUTHORIZATION.accept(provider=provider, cookie=cookie, signed_in=signed_in, now=now)


def test_the_browser_that_started_it_may_use_it_in_time() -> None:
    accept()


def test_it_may_be_used_where_nobody_is_signed_in() -> None:
    accept(signed_in=None)


def test_it_expires() -> None:
    with pytest.raises(AuthorizationUnknown) as refusal:
        accept(now=END)
    assert (refusal.value.flow, refusal.value.origin) == ("the flow", "http://localhost:3000")


def test_it_is_for_one_provider() -> None:
    with pytest.raises(AuthorizationUnknown):
        accept(provider="notion")


@pytest.mark.parametrize("cookie", [None, "", "another", "the cookie ", "\ud800"])
def test_another_browser_is_refused_and_told_nothing(cookie: str | None) -> None:
    with pytest.raises(WrongBrowser) as refusal:
        accept(cookie=cookie)
    assert (refusal.value.flow, refusal.value.origin) == (None, None)


def test_another_person_is_refused() -> None:
    with pytest.raises(WrongUser) as refusal:
        accept(signed_in=UserId("bob"))
    assert refusal.value.flow == "the flow"


def test_another_browser_learns_nothing_of_the_person() -> None:
    with pytest.raises(WrongBrowser):
        accept(cookie="another", signed_in=UserId("bob"))


@given(
    provider=st.sampled_from(["hubspot", "notion"]),
    cookie=st.none() | st.sampled_from(["the cookie", "another"]),
    signed_in=st.none() | st.sampled_from([ANN, UserId("bob")]),
    late=st.booleans(),
)
def test_it_is_accepted_only_when_everything_fits(
    provider: str, cookie: str | None, signed_in: UserId | None, *, late: bool
) -> None:
    fits = provider == "hubspot" and cookie == "the cookie" and signed_in in (None, ANN) and not late
    try:
        accept(provider=provider, cookie=cookie, signed_in=signed_in, now=END if late else IN_TIME)
    except AuthorizationRefused:
        assert not fits
    else:
        assert fits


def test_what_must_stay_secret_is_not_printed() -> None:
    shown = repr(replace(AUTHORIZATION, browser=b"the hash"))
    assert "the verifier" not in shown
    assert "the hash" not in shown


@given(st.text(st.characters()))
def test_any_state_has_a_hash(state: str) -> None:
    assert len(state_hash(state)) == 32
