"""The people who can sign in with Google, and what is known of them."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from sandbox.core.json_input import read_json
from sandbox.core.provider import Account

SCOPE_NAMES = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
"""Google takes the short names and answers with the long ones."""

Key = Annotated[str, Meta(min_length=1, max_length=255)]


class Person(Struct):
    key: str
    """What the form of the sign-in page calls this person; nothing that Google has."""
    sub: str
    email: str
    name: str
    email_verified: bool | str | None = True
    """None leaves the claim out."""
    hd: str | None = None
    """Domain of the Workspace that the person belongs to."""
    given_name: str | None = None
    family_name: str | None = None
    picture: str | None = None

    def claims(self, scopes: Collection[str]) -> dict[str, Any]:
        names = ["sub", "hd"]
        if SCOPE_NAMES["email"] in scopes:
            names += ["email", "email_verified"]
        if SCOPE_NAMES["profile"] in scopes:
            names += ["name", "given_name", "family_name", "picture"]
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @property
    def account(self) -> Account:
        return Account(self.key, self.name, self.sub, self.sub, self.email, self.hd or "")


class PersonChange(Struct, forbid_unknown_fields=True):
    """What is not named stays as it is, and is filled in for somebody new: only an address must be given then."""

    key: Key | UnsetType = UNSET
    sub: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    email_verified: bool | str | UnsetType | None = UNSET
    hd: str | UnsetType | None = UNSET
    given_name: str | UnsetType | None = UNSET
    family_name: str | UnsetType | None = UNSET
    picture: str | UnsetType | None = UNSET


class PeopleState(Struct):
    people: list[Person] | None = None
    """None where nobody has changed: a later version may start with others."""


def stable_sub(key: str) -> str:
    """21 digits, as Google's are; the same key always gives the same ones."""
    return f"1{int.from_bytes(hashlib.sha256(key.encode()).digest()) % 10**20:020}"


def _started() -> list[Person]:
    moved = stable_sub("moved")
    workspace = "example.com"
    return [
        # Gmail gives out no address with a hyphen: this one is nobody's.
        Person("gmail", stable_sub("gmail"), "sandbox-person@gmail.com", "Gmail Person"),
        Person("workspace", stable_sub("workspace"), "workspace@example.com", "Workspace Person", hd=workspace),
        Person("outside", stable_sub("outside"), "outside@example.org", "Outside Person"),
        Person("unverified", stable_sub("unverified"), "unverified@example.net", "Unverified Person", False),
        Person("moved", moved, "moved@example.com", "Moved Person, before", hd=workspace),
        Person("moved-later", moved, "moved-later@example.com", "Moved Person, later", hd=workspace),
        Person("next-owner", stable_sub("next-owner"), "moved@example.com", "Next Owner", hd=workspace),
    ]


class People:
    """In the order of their coming. Iterating gives them as accounts."""

    def __init__(self) -> None:
        self._people = {person.key: person for person in _started()}

    def __iter__(self) -> Iterator[Account]:
        return (person.account for person in self._people.values())

    @property
    def all(self) -> list[Person]:
        return list(self._people.values())

    def get(self, key: str) -> Person | None:
        return self._people.get(key)

    def find(self, name: str) -> Person | None:
        """By key; by sub or address where it is one person's alone."""
        named = [person for person in self._people.values() if name in (person.sub, person.email)]
        return self.get(name) or (named[0] if len(named) == 1 else None)

    def change(self, people: list[PersonChange] | None, upsert: list[PersonChange], delete: list[str]) -> None:
        """First ``people``, if given, take the place of all. Then those in ``upsert`` change or come: without a key
        they are known by their sub, without that by their address. Those whose keys ``delete`` names leave. Raises
        ValueError, and then nothing changes."""
        after = dict(self._people) if people is None else _all_new(people)
        for change in upsert:
            known = _known(after, change)
            person = structs.replace(known, **_named(change)) if known else _new(change)
            after[person.key] = person
        left = {key: person for key, person in after.items() if key not in delete}
        if not left:
            raise ValueError("somebody must be there to be chosen")
        self._people = left

    def reset(self) -> None:
        self._people = {person.key: person for person in _started()}

    def state(self) -> bytes:
        return msgspec.json.encode(PeopleState(None if self.all == _started() else self.all))

    def restore(self, state: bytes) -> None:
        """Raises InputUnreadable."""
        people = read_json(state, PeopleState).people
        if people:
            self._people = {person.key: person for person in people}


def _all_new(changes: list[PersonChange]) -> dict[str, Person]:
    people = {person.key: person for person in map(_new, changes)}
    if len(people) != len(changes):
        raise ValueError("two people have the same key")
    return people


def _new(change: PersonChange) -> Person:
    if change.email is UNSET:
        raise ValueError("somebody new needs an email")
    key = _key(change)
    filled_in = {"key": key, "sub": stable_sub(key), "name": change.email.partition("@")[0]}
    return Person(**(filled_in | _named(change)))


def _known(people: Mapping[str, Person], change: PersonChange) -> Person | None:
    if change.key is not UNSET:
        return people.get(change.key)
    name = "email" if change.sub is UNSET else "sub"
    found = [person for person in people.values() if getattr(person, name) == getattr(change, name)]
    if len(found) > 1:
        raise ValueError(f"two people have this {name}: name one of them by its key")
    return found[0] if found else None


def _key(change: PersonChange) -> str:
    given = (name for name in (change.key, change.sub, change.email) if name is not UNSET)
    return next(given, "")


def _named(change: PersonChange) -> dict[str, Any]:
    return {name: value for name, value in structs.asdict(change).items() if value is not UNSET}
