"""When a credential should be refreshed, and where its tokens are sealed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.credential import Credential, CredentialField, sealed_place
from domain.ids import ConnectionId

OBTAINED = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def a_credential(seconds: float | None) -> Credential:
    expires_at = None if seconds is None else OBTAINED + timedelta(seconds=seconds)
    return Credential(ConnectionId("c"), b"access", b"refresh", expires_at, (), OBTAINED, "revision")


def after(seconds: float) -> datetime:
    return OBTAINED + timedelta(seconds=seconds)


@given(st.text(min_size=1))
def test_a_long_life_is_ending_in_its_last_minute_or_a_little_before(revision: str) -> None:
    credential = replace(a_credential(1800), revision=revision)
    assert not credential.is_ending(after(1710))
    assert credential.is_ending(after(1740.000001))


def test_those_obtained_together_are_not_all_ending_together() -> None:
    credentials = [replace(a_credential(1800), revision=str(number)) for number in range(100)]
    ending = sum(credential.is_ending(after(1725)) for credential in credentials)
    assert 20 < ending < 80


def test_a_short_life_is_ending_in_its_second_half() -> None:
    credential = a_credential(10)
    assert not credential.is_ending(after(5))
    assert credential.is_ending(after(5.000001))


def test_one_without_an_end_is_never_ending() -> None:
    assert not a_credential(None).is_ending(after(10**9))


@given(st.floats(0.01, 10**7), st.floats(0, 10**7))
def test_a_fresh_one_is_not_ending_and_an_ended_one_is(life: float, later: float) -> None:
    credential = a_credential(life)
    assert not credential.is_ending(OBTAINED)
    assert credential.is_ending(after(life + later))


def test_each_token_is_sealed_for_its_own_place() -> None:
    places = {sealed_place(ConnectionId(c), field) for c in ("one", "two") for field in CredentialField}
    assert len(places) == 4


def test_sealed_tokens_are_not_printed() -> None:
    assert "access" not in repr(a_credential(1)).replace("access=", "")
    assert "b'refresh'" not in repr(a_credential(1))
