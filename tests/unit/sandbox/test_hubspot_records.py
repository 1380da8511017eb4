"""HubSpot's made-up records and their shape."""

from typing import Any

import pytest

from sandbox.core.provider import Kind
from sandbox.core.records import Records
from sandbox.hubspot.app import ACCOUNTS
from sandbox.hubspot.records import kinds, read_record, show

ACME = ACCOUNTS[0]


def contacts(seed: int = 1) -> tuple[Kind, Records]:
    kind = kinds(100_000, seed)[0]
    return kind, Records(kind.seed, 100_000)


def some(seed: int) -> list[dict[str, Any]]:
    kind, records = contacts(seed)
    return [show(record, kind, ACME, ("phone", "email", "jobtitle")) for record in records.page(0, 50)[0]]


def test_the_same_seed_makes_the_same_contacts() -> None:
    assert some(1) == some(1)


def test_another_seed_makes_other_contacts() -> None:
    assert [c["id"] for c in some(1)] == [c["id"] for c in some(2)]
    assert [c["properties"]["email"] for c in some(1)] != [c["properties"]["email"] for c in some(2)]


def test_a_contact_is_the_same_however_many_there_are() -> None:
    few, many = kinds(1, 1)[0], kinds(100_000, 1)[0]
    assert few.seed.columns["email"](0) == many.seed.columns["email"](0)


def test_a_hundred_thousand_addresses_differ() -> None:
    kind, _ = contacts()
    email = kind.seed.columns["email"]
    assert len({email(index) for index in range(100_000)}) == 100_000


def test_every_id_leads_back_to_its_record() -> None:
    kind, records = contacts()
    for index in (0, 1, 99_999):
        record_id = kind.seed.columns["hs_object_id"](index)
        record = records.get(record_id)
        assert record is not None
        assert (record.position, record.id) == (index, record_id)


@pytest.mark.parametrize("record_id", ["50", "52", "0", "-49", "x", "", "\uff15\uff11", "5000051"])
def test_no_other_id_leads_anywhere(record_id: str) -> None:
    assert contacts()[1].get(record_id) is None


def test_a_change_is_never_older_than_its_record() -> None:
    kind, _ = contacts()
    created, changed = kind.seed.columns["createdate"], kind.seed.columns["lastmodifieddate"]
    assert all("2024-01-01" < created(i) <= changed(i) < "2026-01-01" for i in range(1000))


def test_a_record_that_was_read_shows_the_same_again() -> None:
    kind, records = contacts()
    shape = show(records.page(7, 1)[0][0], kind, ACME, ())
    record_id, values = read_record(kind, shape)
    records.upsert(record_id, values, "2030-01-01T00:00:00.000Z")
    assert show(records.page(7, 1)[0][0], kind, ACME, ()) == shape


def test_values_become_strings_and_dates_become_moments() -> None:
    kind, _ = contacts()
    shape = {"id": 7, "properties": {"age": 3, "vip": True, "gone": None, "createdate": 1_704_067_200_000}}
    assert read_record(kind, shape) == (
        "7",
        {
            "age": "3",
            "vip": "true",
            "gone": None,
            "createdate": "2024-01-01T00:00:00.000Z",
            "hs_object_id": "7",
        },
    )


@pytest.mark.parametrize(
    "shape",
    [
        {"id": "x"},
        {"id": "-1"},
        {"id": 10**18},
        {"id": True},
        {"properties": "x"},
        {"properties": {"name": ["x"]}},
        {"properties": {"createdate": "yesterday"}},
        {"updatedAt": "9" * 30},
        {"archived": True},
        {"firstname": "outside properties"},
    ],
)
def test_what_is_no_record_is_refused(shape: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_record(contacts()[0], shape)
