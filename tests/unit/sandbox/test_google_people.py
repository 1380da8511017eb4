"""Who can sign in with Google, and what becomes of them."""

from pathlib import Path

import pytest

from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.core.state_file import StateFile, StateFileUnreadable
from sandbox.core.world import World
from sandbox.google.app import google
from sandbox.google.people import SCOPE_NAMES, People, PersonChange, stable_sub
from sandbox.settings import SandboxSettings

ALL_SCOPES = ("openid", *SCOPE_NAMES.values())


def shared(key: str, sub: str) -> PersonChange:
    return PersonChange(key=key, sub=sub, email="shared@example.com")


def keys(people: People) -> list[str]:
    return [person.key for person in people.all]


def test_the_first_people_cover_what_google_can_say_of_an_address() -> None:
    known = {person.key: person for person in People().all}
    assert known["gmail"].email.endswith("@gmail.com")
    assert known["workspace"].hd == known["workspace"].email.partition("@")[2]
    assert (known["outside"].hd, known["outside"].email_verified) == (None, True)
    assert known["unverified"].email_verified is False
    assert known["moved"].sub == known["moved-later"].sub
    assert known["moved"].email != known["moved-later"].email
    assert known["next-owner"].email == known["moved"].email
    assert known["next-owner"].sub != known["moved"].sub


def test_a_sub_is_the_same_with_every_start_and_looks_like_googles() -> None:
    assert stable_sub("gmail") == "109689709821848315766"
    assert all(len(person.sub) == 21 and person.sub.isdecimal() for person in People().all)


@pytest.mark.parametrize(
    ("scopes", "names"),
    [
        (("openid",), {"sub", "hd"}),
        (("openid", SCOPE_NAMES["email"]), {"sub", "hd", "email", "email_verified"}),
        (("openid", SCOPE_NAMES["profile"]), {"sub", "hd", "name"}),
        (ALL_SCOPES, {"sub", "hd", "email", "email_verified", "name"}),
    ],
)
def test_a_scope_opens_its_claims(scopes: tuple[str, ...], names: set[str]) -> None:
    person = People().get("workspace")
    assert person is not None
    assert person.claims(scopes).keys() == names


def test_what_is_not_known_is_no_claim() -> None:
    people = People()
    people.change([PersonChange(key="a", email="a@example.com", email_verified=None)], [], [])
    assert people.all[0].claims(ALL_SCOPES) == {"sub": stable_sub("a"), "email": "a@example.com", "name": "a"}


class TestChanges:
    def test_what_is_not_named_stays(self) -> None:
        people, before = People(), People().get("workspace")
        people.change(None, [PersonChange(key="workspace", email="other@example.com")], [])
        after = people.get("workspace")
        assert before is not None
        assert after is not None
        assert (after.email, after.sub, after.hd) == ("other@example.com", before.sub, before.hd)

    def test_none_takes_a_fact_away(self) -> None:
        people = People()
        people.change(None, [PersonChange(key="workspace", hd=None)], [])
        assert "hd" not in people.find("workspace").claims(ALL_SCOPES)  # type: ignore[union-attr]

    def test_without_a_key_the_sub_says_who_is_meant(self) -> None:
        people = People()
        people.change(None, [PersonChange(sub=stable_sub("gmail"), email="other@gmail.com")], [])
        assert people.get("gmail").email == "other@gmail.com"  # type: ignore[union-attr]
        assert keys(people) == keys(People())

    def test_without_a_sub_the_address_does(self) -> None:
        people = People()
        people.change(None, [PersonChange(email="outside@example.org", email_verified="false")], [])
        assert people.get("outside").email_verified == "false"  # type: ignore[union-attr]

    def test_a_new_sub_with_a_known_address_is_somebody_new(self) -> None:
        people = People()
        people.change(None, [PersonChange(sub="1001", email="outside@example.org")], [])
        assert keys(people)[-1] == "1001"
        assert people.get("outside").sub == stable_sub("outside")  # type: ignore[union-attr]

    def test_others_can_take_the_place_of_all(self) -> None:
        people = People()
        people.change([shared("first", "1001"), shared("second", "1002")], [], [])
        assert [(person.key, person.sub) for person in people.all] == [("first", "1001"), ("second", "1002")]

    def test_a_key_leaves_with_its_person(self) -> None:
        people = People()
        people.change(None, [], ["gmail"])
        assert people.get("gmail") is None
        assert people.find("sandbox-person@gmail.com") is None

    @pytest.mark.parametrize(
        ("all_people", "upsert", "delete"),
        [
            ([], [], []),
            ([PersonChange(key="a")], [], []),
            ([shared("a", "1"), shared("a", "2")], [], []),
            (None, [PersonChange(key="new")], []),
            (None, [PersonChange(sub=stable_sub("moved"), name="x")], []),
            (None, [], keys(People())),
        ],
    )
    def test_a_refused_change_changes_nothing(
        self, all_people: list[PersonChange] | None, upsert: list[PersonChange], delete: list[str]
    ) -> None:
        people = People()
        with pytest.raises(ValueError, match=r"."):
            people.change(all_people, [PersonChange(key="gmail", name="changed"), *upsert], delete)
        assert people.all == People().all


class TestFinding:
    def test_a_person_is_found_by_key_sub_and_address(self) -> None:
        people = People()
        for name in ("gmail", stable_sub("gmail"), "sandbox-person@gmail.com"):
            assert people.find(name) == people.get("gmail")

    def test_an_address_of_two_people_finds_nobody(self) -> None:
        assert People().find("moved@example.com") is None

    def test_nobody_is_found_by_nothing(self) -> None:
        assert People().find("") is None


class TestState:
    def test_changed_people_are_kept(self) -> None:
        people, again = People(), People()
        people.change(None, [PersonChange(key="a", email="a@example.com", email_verified=None)], ["gmail"])
        again.restore(people.state())
        assert again.all == people.all

    def test_unchanged_people_are_not(self) -> None:
        assert read_json(People().state(), dict[str, None]) == {"people": None}

    def test_a_reset_brings_the_first_people_back(self) -> None:
        people = People()
        people.change([shared("a", "1")], [], [])
        people.reset()
        assert people.all == People().all

    @pytest.mark.parametrize("state", [b"[]", b'{"people": [{}]}', b""])
    def test_a_state_that_is_not_ours_is_refused(self, state: bytes) -> None:
        with pytest.raises(InputUnreadable):
            People().restore(state)

    async def test_a_file_with_such_a_state_is_refused(self, tmp_path: Path) -> None:
        path, settings = tmp_path / "state.json", SandboxSettings()
        file = StateFile(path, {"google": World(google(settings), settings)})
        await file.save()
        path.write_text(path.read_text().replace('{"people":null}', "[]"))
        with pytest.raises(StateFileUnreadable):
            file.load()
