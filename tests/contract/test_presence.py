"""What every adapter of the port Presence promises."""

import asyncio
import secrets

from application.ports.cache import Cache
from application.ports.presence import Presence


def a_role() -> str:
    return f"worker-{secrets.token_hex(8)}"


async def test_who_was_never_announced_is_not_seen(presence: Presence) -> None:
    assert not await presence.seen(a_role())


async def test_who_was_announced_is_seen_by_everybody(presence: Presence, another_cache: Cache) -> None:
    role = a_role()
    await presence.announce(role, seconds=10)
    assert await presence.seen(role)
    assert await another_cache.presence.seen(role)


async def test_roles_are_seen_each_for_itself(presence: Presence) -> None:
    await presence.announce(a_role(), seconds=10)
    assert not await presence.seen(a_role())


async def test_who_falls_silent_is_not_seen_any_more(presence: Presence) -> None:
    role = a_role()
    await presence.announce(role, seconds=0.05)
    await asyncio.sleep(0.08)
    assert not await presence.seen(role)


async def test_who_is_announced_again_stays_seen(presence: Presence, another_cache: Cache) -> None:
    role = a_role()
    await presence.announce(role, seconds=0.05)
    await another_cache.presence.announce(role, seconds=10)
    await asyncio.sleep(0.08)
    assert await presence.seen(role)
