"""What every adapter of the port Profiles promises."""

import asyncio

import pytest

from application.ports.profiles import Profiles
from application.ports.storage import Storage
from domain.user import Profile
from tests.contract.examples import A_TIME, ODD_TEXTS, a_user_id


def a_profile(text: str) -> Profile:
    return Profile(text, text, text, text, text, text, {"theme": text}, A_TIME)


async def test_who_never_told_anything_has_an_empty_profile(profiles: Profiles) -> None:
    assert await profiles.of(a_user_id()) == Profile()


async def test_a_profile_comes_back_whole(profiles: Profiles, another_storage: Storage) -> None:
    user = a_user_id()
    told = Profile("Ann Example", "Ann", "https://a.example/a.png", "Acme", "CTO", "Asia/Tokyo", {"a": "b"}, A_TIME)
    await profiles.put(user, told)
    assert await profiles.of(user) == await another_storage.profiles.of(user) == told


async def test_a_profile_is_replaced_as_a_whole(profiles: Profiles) -> None:
    user = a_user_id()
    await profiles.put(user, a_profile("before"))
    await profiles.put(user, Profile(company="Acme"))
    assert await profiles.of(user) == Profile(company="Acme")


async def test_people_have_profiles_of_their_own(profiles: Profiles) -> None:
    one, another = a_user_id(), a_user_id()
    await profiles.put(one, a_profile("one"))
    assert await profiles.of(another) == Profile()


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
async def test_any_text_comes_back(profiles: Profiles, text: str) -> None:
    user = a_user_id()
    await profiles.put(user, a_profile(text))
    assert await profiles.of(user) == a_profile(text)


async def test_of_many_at_once_one_stays_unmixed(profiles: Profiles, callers: list[Storage]) -> None:
    user = a_user_id()
    told = [a_profile(f"{number}") for number in range(len(callers))]
    await asyncio.gather(*(caller.profiles.put(user, one) for caller, one in zip(callers, told, strict=True)))
    assert await profiles.of(user) in told
