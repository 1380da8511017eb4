"""What every adapter of the port Identities promises."""

import asyncio
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from application.ports.identities import Identities
from application.ports.storage import Storage
from domain.errors import IdentityTaken
from domain.identity import Identity
from tests.contract.examples import A_TIME, ODD_TEXTS, a_user_id, an_address

ISSUER = "https://issuer.example"
_numbers = count(1)


@pytest.fixture
def identities(storage: Storage) -> Identities:
    return storage.identities


def an_identity(**given: Any) -> Identity:
    subject = f"{a_user_id()}-{next(_numbers)}"
    ours: dict[str, Any] = {
        "issuer": ISSUER,
        "subject": subject,
        "user": a_user_id(),
        "email": an_address(),
        "linked_at": A_TIME,
    }
    return Identity(**ours | given)


def of_another(identity: Identity) -> Identity:
    """The same one, as somebody else would have it."""
    return replace(identity, user=a_user_id())


async def test_an_identity_comes_back_whole(identities: Identities, another_storage: Storage) -> None:
    added = an_identity(email=ODD_TEXTS["emoji"])
    await identities.add(added)
    for everywhere in (identities, another_storage.identities):
        assert await everywhere.find(added.issuer, added.subject) == added
        assert await everywhere.of_user(added.user) == [added]


@pytest.mark.parametrize("subject", [ODD_TEXTS["emoji"], ODD_TEXTS["not normalised"], ODD_TEXTS["quotes"], "x" * 255])
async def test_a_subject_may_be_any_text(identities: Identities, subject: str) -> None:
    added = an_identity(issuer=f"{ISSUER}/{a_user_id()}", subject=subject)
    await identities.add(added)
    assert await identities.find(added.issuer, subject) == added


async def test_what_was_never_added_is_not_found(identities: Identities) -> None:
    assert await identities.find(ISSUER, an_identity().subject) is None
    assert await identities.of_user(a_user_id()) == []


async def test_issuer_and_subject_count_letter_by_letter(identities: Identities) -> None:
    added = an_identity(subject=f"Subject {a_user_id()}")
    await identities.add(added)
    for issuer, subject in (
        (ISSUER.upper(), added.subject),
        (f"{ISSUER}/", added.subject),
        (ISSUER, added.subject.lower()),
        (ISSUER, f"{added.subject} "),
    ):
        assert await identities.find(issuer, subject) is None
        other = an_identity(issuer=issuer, subject=subject)
        await identities.add(other)
        assert await identities.find(issuer, subject) == other
    assert await identities.find(added.issuer, added.subject) == added


async def test_those_of_a_user_come_in_the_order_of_issuer_and_subject(
    identities: Identities, another_storage: Storage
) -> None:
    user = a_user_id()
    keys = [
        ("https://b.example", "1"),
        ("https://a.example", "2"),
        ("https://a.example", "10"),
        ("https://B.example", ""),
    ]
    mine = [an_identity(user=user, issuer=issuer, subject=f"{subject}{user}") for issuer, subject in keys]
    for identity in mine:
        await identities.add(identity)
    await identities.add(an_identity())
    expected = sorted(mine, key=lambda identity: (identity.issuer, identity.subject))
    for everywhere in (identities, another_storage.identities):
        assert await everywhere.of_user(user) == expected


async def test_an_identity_opens_one_account(identities: Identities, another_storage: Storage) -> None:
    added = an_identity()
    other = of_another(added)
    await identities.add(added)
    for everywhere in (identities, another_storage.identities):
        with pytest.raises(IdentityTaken):
            await everywhere.add(other)
    assert await identities.find(added.issuer, added.subject) == added
    assert await identities.of_user(other.user) == []


async def test_who_has_it_already_may_add_it_again(identities: Identities) -> None:
    added = an_identity()
    await identities.add(added)
    await identities.add(replace(added, email=an_address()))
    (kept,) = await identities.of_user(added.user)
    assert (kept.user, kept.issuer, kept.subject) == (added.user, added.issuer, added.subject)
    assert await identities.find(added.issuer, added.subject) == kept


async def test_of_many_users_at_once_the_first_gets_it(identities: Identities, callers: list[Storage]) -> None:
    first = an_identity()
    rivals = [of_another(first) for _ in callers]
    calls = (caller.identities.add(rival) for caller, rival in zip(callers, rivals, strict=True))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    winners = [rival for rival, outcome in zip(rivals, outcomes, strict=True) if outcome is None]
    assert len(winners) == 1
    assert {type(outcome) for outcome in outcomes if outcome is not None} == {IdentityTaken}
    assert await identities.find(first.issuer, first.subject) == winners[0]
    owned = [await identities.of_user(rival.user) for rival in rivals]
    assert owned == [[rival] if rival in winners else [] for rival in rivals]


async def test_one_user_many_times_at_once_is_no_rival_of_the_own(
    identities: Identities, callers: list[Storage]
) -> None:
    added = an_identity()
    await asyncio.gather(*(caller.identities.add(added) for caller in callers))
    assert await identities.of_user(added.user) == [added]


async def test_one_that_was_removed_is_gone_for_everybody(identities: Identities, another_storage: Storage) -> None:
    gone = an_identity()
    kept = an_identity(user=gone.user)
    await identities.add(gone)
    await identities.add(kept)
    await another_storage.identities.remove(gone)
    for everywhere in (identities, another_storage.identities):
        assert await everywhere.find(gone.issuer, gone.subject) is None
        assert await everywhere.of_user(gone.user) == [kept]


async def test_removing_what_is_gone_is_no_error(identities: Identities) -> None:
    gone = an_identity()
    await identities.remove(gone)
    await identities.add(gone)
    for _ in range(2):
        await identities.remove(gone)
    assert await identities.find(gone.issuer, gone.subject) is None


async def test_nobody_removes_what_opens_another_account(identities: Identities) -> None:
    added = an_identity()
    await identities.add(added)
    await identities.remove(of_another(added))
    assert await identities.find(added.issuer, added.subject) == added


async def test_a_late_removal_leaves_the_next_owner_alone(identities: Identities, another_storage: Storage) -> None:
    first = an_identity()
    second = of_another(first)
    await identities.add(first)
    await identities.remove(first)
    await another_storage.identities.add(second)
    await identities.remove(first)
    assert await identities.find(first.issuer, first.subject) == second
    assert (await identities.of_user(first.user), await identities.of_user(second.user)) == ([], [second])


async def test_it_can_be_added_again_by_anybody_as_soon_as_it_was_removed(
    identities: Identities, another_storage: Storage
) -> None:
    added = an_identity()
    for number, everywhere in enumerate([identities, another_storage.identities] * 50):
        next_one = replace(added, user=added.user if number % 3 == 0 else a_user_id())
        await everywhere.add(next_one)
        assert await identities.find(added.issuer, added.subject) == next_one
        await everywhere.remove(next_one)
    assert await identities.find(added.issuer, added.subject) is None
    assert await identities.of_user(added.user) == []


async def test_a_removal_and_another_claim_at_once_leave_one_owner_or_none(
    identities: Identities, another_storage: Storage
) -> None:
    for _ in range(30):
        first = an_identity()
        second = of_another(first)
        await identities.add(first)
        _, claimed = await asyncio.gather(
            identities.remove(first), another_storage.identities.add(second), return_exceptions=True
        )
        assert claimed is None or isinstance(claimed, IdentityTaken)
        assert await identities.find(first.issuer, first.subject) == (second if claimed is None else None)
        assert await identities.of_user(first.user) == []


async def test_removals_and_claims_of_one_user_at_once_end_in_one_of_the_two(
    identities: Identities, another_storage: Storage
) -> None:
    for _ in range(30):
        added = an_identity()
        await identities.add(added)
        await asyncio.gather(
            identities.remove(added),
            another_storage.identities.add(added),
            another_storage.identities.remove(added),
            identities.add(added),
        )
        found = await identities.find(added.issuer, added.subject)
        assert found in (added, None)
        assert await another_storage.identities.of_user(added.user) == ([added] if found else [])


@pytest.mark.parametrize("turns", range(6))
async def test_stopped_in_the_middle_it_is_free_or_whole(
    identities: Identities, another_storage: Storage, turns: int
) -> None:
    stopped = an_identity()
    task = asyncio.ensure_future(identities.add(stopped))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    owner = of_another(stopped)
    try:
        await another_storage.identities.add(owner)
    except IdentityTaken:
        owner = stopped
    assert await identities.find(stopped.issuer, stopped.subject) == owner
    assert await identities.of_user(owner.user) == [owner]
