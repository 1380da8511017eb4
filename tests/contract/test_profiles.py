"""What every adapter of the port Profiles promises."""

import asyncio
from dataclasses import replace

import pytest

from application.ports.profiles import Profiles
from application.ports.storage import Storage
from domain.errors import VersionSuperseded
from domain.user import Profile
from tests.contract.examples import A_TIME, ODD_TEXTS, a_user_id


def a_profile(text: str) -> Profile:
    return Profile(text, text, text, text, text, text, {"theme": text}, A_TIME)


async def test_who_never_told_anything_has_an_empty_profile(profiles: Profiles) -> None:
    assert await profiles.of(a_user_id()) == Profile()


async def test_a_profile_comes_back_whole(profiles: Profiles, another_storage: Storage) -> None:
    user = a_user_id()
    told = Profile("Ann Example", "Ann", "https://a.example/a.png", "Acme", "CTO", "Asia/Tokyo", {"a": "b"}, A_TIME)
    after = await profiles.update(user, told)
    assert after == replace(told, version=1)
    assert await profiles.of(user) == await another_storage.profiles.of(user) == after


async def test_a_profile_is_replaced_as_a_whole(profiles: Profiles) -> None:
    user = a_user_id()
    before = await profiles.update(user, a_profile("before"))
    await profiles.update(user, Profile(company="Acme", version=before.version))
    assert await profiles.of(user) == Profile(company="Acme", version=2)


async def test_people_have_profiles_of_their_own(profiles: Profiles) -> None:
    one, another = a_user_id(), a_user_id()
    await profiles.update(one, a_profile("one"))
    assert await profiles.of(another) == Profile()


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
async def test_any_text_comes_back(profiles: Profiles, text: str) -> None:
    user = a_user_id()
    await profiles.update(user, a_profile(text))
    assert await profiles.of(user) == replace(a_profile(text), version=1)


async def test_an_empty_profile_is_one_that_was_told(profiles: Profiles) -> None:
    user = a_user_id()
    assert await profiles.update(user, Profile()) == await profiles.of(user) == Profile(version=1)


async def test_updates_follow_each_other(profiles: Profiles, another_storage: Storage) -> None:
    user, profile = a_user_id(), Profile()
    for number, everywhere in enumerate([profiles, another_storage.profiles] * 3):
        profile = await everywhere.update(user, replace(profile, company=f"{number}"))
    assert await profiles.of(user) == profile == Profile(company="5", version=6)


async def test_an_update_of_another_version_is_refused(profiles: Profiles) -> None:
    user = a_user_id()
    with pytest.raises(VersionSuperseded):
        await profiles.update(user, Profile(version=1))
    assert await profiles.of(user) == Profile()
    first = await profiles.update(user, a_profile("first"))
    second = await profiles.update(user, replace(first, company="second"))
    for version in (0, first.version, second.version + 1):
        with pytest.raises(VersionSuperseded):
            await profiles.update(user, Profile(company="stale", version=version))
    assert await profiles.of(user) == second


@pytest.mark.parametrize("told_before", [False, True])
async def test_of_many_updates_of_one_version_one_wins(
    profiles: Profiles, callers: list[Storage], *, told_before: bool
) -> None:
    user = a_user_id()
    before = await profiles.update(user, a_profile("before")) if told_before else Profile()
    told = [replace(a_profile(f"{number}"), version=before.version) for number in range(len(callers))]
    calls = (caller.profiles.update(user, one) for caller, one in zip(callers, told, strict=True))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    stored = [outcome for outcome in outcomes if isinstance(outcome, Profile)]
    assert {type(outcome) for outcome in outcomes} == {Profile, VersionSuperseded}
    assert stored == [await profiles.of(user)]
    assert replace(stored[0], version=before.version) in told
