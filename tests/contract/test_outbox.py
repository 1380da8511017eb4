"""What every adapter of the port Outbox promises. The store is shared, so each test looks for its own effects."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from application.ports.outbox import Outbox
from application.ports.storage import Storage
from domain.effect import Effect, EffectKind
from tests.contract.examples import ODD_TEXTS, an_effect

ALL = 10_000
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(hours=2)
"""Due before everything that another test adds."""


@pytest_asyncio.fixture(loop_scope="session")
async def added(outbox: Outbox) -> AsyncIterator[list[Effect]]:
    """Put here what was added, as it was last stored: it is taken out when the test ends."""
    effects: list[Effect] = []
    yield effects
    for effect in effects:
        await outbox.done(effect)


async def add(outbox: Outbox, added: list[Effect], *due: datetime) -> list[Effect]:
    effects = [an_effect(due_at) for due_at in due]
    for effect in effects:
        await outbox.add(effect)
    added += effects
    return effects


async def due_of(outbox: Outbox, mine: Sequence[Effect], *, at: datetime = NOW) -> list[Effect]:
    ids = {effect.id for effect in mine}
    return [effect for effect in await outbox.due(at, limit=ALL) if effect.id in ids]


async def test_an_effect_comes_back_whole(outbox: Outbox, another_storage: Storage, added: list[Effect]) -> None:
    subject = {"user": "a", "access": "c2VhbGVk", **ODD_TEXTS}
    effect = replace(an_effect(NOW, subject), kind=EffectKind.DISCONNECT, attempts=3)
    added.append(effect)
    await outbox.add(effect)
    assert await due_of(outbox, [effect]) == await due_of(another_storage.outbox, [effect]) == [effect]


async def test_it_is_due_from_its_very_moment_on(outbox: Outbox, added: list[Effect]) -> None:
    effects = await add(outbox, added, NOW)
    assert await due_of(outbox, effects, at=NOW - timedelta(microseconds=1)) == []
    assert await due_of(outbox, effects, at=NOW) == effects


async def test_it_stays_due_until_it_is_done(outbox: Outbox, another_storage: Storage, added: list[Effect]) -> None:
    effects = await add(outbox, added, NOW)
    assert await due_of(outbox, effects) == await due_of(another_storage.outbox, effects) == effects
    await another_storage.outbox.done(effects[0])
    assert await due_of(outbox, effects) == []


async def test_adding_it_again_is_harmless(outbox: Outbox, another_storage: Storage, added: list[Effect]) -> None:
    effects = await add(outbox, added, NOW)
    await another_storage.outbox.add(effects[0])
    assert await due_of(outbox, effects) == effects


async def test_the_longest_due_come_first(outbox: Outbox, added: list[Effect]) -> None:
    moments = [LONG_AGO + timedelta(seconds=n, microseconds=n) for n in (2, 0, 3, 1)]
    effects = await add(outbox, added, *moments)
    expected = sorted(effects, key=lambda effect: effect.due_at)
    assert await outbox.due(NOW, limit=4) == expected
    assert await outbox.due(NOW, limit=2) == expected[:2]


async def test_those_due_later_are_not_returned(outbox: Outbox, added: list[Effect]) -> None:
    effects = await add(outbox, added, NOW - timedelta(minutes=1), NOW + timedelta(minutes=1))
    assert await due_of(outbox, effects) == effects[:1]
    assert await due_of(outbox, effects, at=NOW + timedelta(minutes=1)) == effects


async def test_a_limit_is_kept_among_many_of_one_moment(outbox: Outbox, added: list[Effect]) -> None:
    effects = await add(outbox, added, *[LONG_AGO] * 30)
    first = await outbox.due(NOW, limit=10)
    assert len(first) == len({effect.id for effect in first}) == 10
    for effect in first:
        await outbox.done(effect)
    assert len(await due_of(outbox, effects)) == 20


async def test_a_postponed_one_is_due_later(outbox: Outbox, another_storage: Storage, added: list[Effect]) -> None:
    (effect,) = await add(outbox, added, NOW)
    until = NOW + timedelta(seconds=90, microseconds=1)
    later = replace(effect, due_at=until, attempts=2)
    added[:] = [later]
    await outbox.postpone(effect, until=until, attempts=2)
    assert await due_of(another_storage.outbox, [effect], at=until - timedelta(microseconds=1)) == []
    assert await due_of(another_storage.outbox, [effect], at=until) == [later]


async def test_a_postponed_one_can_be_done(outbox: Outbox, added: list[Effect]) -> None:
    (effect,) = await add(outbox, added, NOW)
    await outbox.postpone(effect, until=NOW + timedelta(seconds=1), attempts=1)
    (later,) = await due_of(outbox, [effect], at=NOW + timedelta(seconds=1))
    await outbox.done(later)
    assert await due_of(outbox, [effect], at=NOW + timedelta(hours=1)) == []


async def test_it_may_be_postponed_to_the_same_moment_and_to_an_earlier_one(
    outbox: Outbox, added: list[Effect]
) -> None:
    (effect,) = await add(outbox, added, NOW)
    same = replace(effect, attempts=1)
    await outbox.postpone(effect, until=effect.due_at, attempts=1)
    assert await due_of(outbox, [effect]) == [same]
    earlier = replace(same, due_at=NOW - timedelta(minutes=3))
    added[:] = [earlier]
    await outbox.postpone(same, until=earlier.due_at, attempts=1)
    assert await due_of(outbox, [effect]) == [earlier]


async def test_what_is_gone_can_be_done_again(outbox: Outbox) -> None:
    effect = an_effect(NOW)
    await outbox.done(effect)
    await outbox.add(effect)
    await outbox.done(effect)
    await outbox.done(effect)
    assert await due_of(outbox, [effect]) == []


async def test_many_add_at_once_and_nothing_is_lost(
    outbox: Outbox, callers: list[Storage], added: list[Effect]
) -> None:
    effects = [an_effect(NOW - timedelta(seconds=n)) for n, _ in enumerate(callers)]
    added += effects
    await asyncio.gather(*(caller.outbox.add(effect) for caller, effect in zip(callers, effects, strict=True)))
    assert await due_of(outbox, effects) == effects[::-1]


async def test_many_add_one_at_once_and_it_is_due_once(
    outbox: Outbox, callers: list[Storage], added: list[Effect]
) -> None:
    effect = an_effect(NOW)
    added.append(effect)
    await asyncio.gather(*(caller.outbox.add(effect) for caller in callers))
    assert await due_of(outbox, [effect]) == [effect]


@pytest.mark.parametrize("turns", range(6))
async def test_stopped_while_postponing_it_is_due_at_one_of_the_two_times(
    outbox: Outbox, another_storage: Storage, added: list[Effect], turns: int
) -> None:
    (effect,) = await add(outbox, added, NOW)
    until = NOW + timedelta(minutes=5)
    later = replace(effect, due_at=until, attempts=1)
    added.append(later)
    task = asyncio.ensure_future(outbox.postpone(effect, until=until, attempts=1))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert await due_of(another_storage.outbox, [effect], at=until) in ([effect], [later])
