"""Chance, time and failpoints."""

import os
from datetime import UTC
from uuid import UUID

import pytest

from adapters.outbound.environment_failpoints import EnvironmentFailpoints
from adapters.outbound.system_clock import SystemClock
from adapters.outbound.system_entropy import SystemEntropy


def test_identifiers_are_version_7_unique_and_rise_with_time() -> None:
    entropy = SystemEntropy()
    made = [UUID(entropy.identifier()) for _ in range(1000)]
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert len(set(made)) == 1000
    milliseconds = [one.int >> 80 for one in made]
    assert milliseconds == sorted(milliseconds)


def test_tokens_are_256_bits_as_text() -> None:
    tokens = {SystemEntropy().token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43}


def test_the_time_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


async def test_a_failpoint_that_nobody_named_does_nothing() -> None:
    await EnvironmentFailpoints({}).reach("sync.after_items")
    await EnvironmentFailpoints({"mail.after_send": None}).reach("sync.after_items")


async def test_a_failpoint_sleeps_or_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended(BaseException):
        pass

    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(os, "_exit", end)
    failpoints = EnvironmentFailpoints({"a": 0.01, "b": None})
    await failpoints.reach("a")
    with pytest.raises(Ended, match="70"):
        await failpoints.reach("b")
