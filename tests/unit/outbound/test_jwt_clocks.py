"""Access tokens are judged by the product's clock alone."""

from datetime import timedelta

import jwt
import pytest

from adapters.outbound.jwt_tokens import JwtTokens
from application.ports.tokens import Bearer
from domain.ids import SessionId, UserId
from tests.unit.builders import A_TIME, CountedEntropy, HeldClock

KEY = b"8dJZ0lD3oWq5vXn1RtYc7BfGhK2mPsUe4aNy6"
ENTROPY = CountedEntropy()
BEARER = Bearer(UserId(ENTROPY.identifier()), SessionId(ENTROPY.identifier()))


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def tokens(clock: HeldClock) -> JwtTokens:
    return JwtTokens({"first": KEY}, issuer="here", ttl=timedelta(minutes=15), clock=clock, entropy=ENTROPY)


@pytest.mark.parametrize("away", [timedelta(days=-10_000), timedelta(days=10_000)])
def test_the_machines_own_clock_does_not_matter(tokens: JwtTokens, clock: HeldClock, away: timedelta) -> None:
    clock.advance(away)
    token = tokens.issue(BEARER).token.reveal()
    assert tokens.verify(token) == BEARER
    clock.advance(timedelta(minutes=15))
    assert tokens.verify(token) is None


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "known"), [(0, True), (60, True), (61, False), (-30, True)])
def test_another_processs_clock_may_be_a_minute_ahead(tokens: JwtTokens, claim: str, ahead: int, known: bool) -> None:
    now = int(A_TIME.timestamp())
    claims = {"iss": "here", "aud": "vectorshift-api", "sub": BEARER.user, "sid": BEARER.session, "jti": "a"}
    times = {"iat": now, "exp": now + 900, claim: now + ahead}
    token = jwt.encode({**claims, **times}, KEY, "HS256", headers={"kid": "first", "typ": "at+jwt"})
    assert tokens.verify(token) == (BEARER if known else None)


def test_the_end_has_no_leeway(tokens: JwtTokens, clock: HeldClock) -> None:
    token = tokens.issue(BEARER).token.reveal()
    clock.advance(timedelta(minutes=15, microseconds=-clock.now().microsecond - 1))
    assert tokens.verify(token) == BEARER
    clock.advance(timedelta(microseconds=1))
    assert tokens.verify(token) is None
