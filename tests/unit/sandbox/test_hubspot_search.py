"""HubSpot's search language."""

from typing import Any

import msgspec
import pytest

from sandbox.core.records import Records
from sandbox.hubspot.records import kinds, read_record
from sandbox.hubspot.search import SearchRefused, matching, read_search

NOW = "2026-06-01T00:00:00.000Z"
PEOPLE: list[dict[str, Any]] = [
    {"id": "1", "properties": {"firstname": "Ada", "email": "ada@one.example.com", "score": "9"}},
    {"id": "2", "properties": {"firstname": "Ben", "email": "ben@two.example.com", "score": "10"}},
    {"id": "3", "properties": {"firstname": "Nan", "email": "nan@two.example.com", "score": "10.5"}},
    {"id": "4", "properties": {"firstname": None, "email": "d@two.example.com", "createdate": "2020-01-01"}},
]


@pytest.fixture
def people() -> Records:
    kind = kinds(0, 1)[0]
    records = Records(kind.seed, 0)
    for shape in PEOPLE:
        records.upsert(*read_record(kind, shape), NOW)
    return records


def find(people: Records, *filters: dict[str, Any], **search: Any) -> str:
    """The ids found, in order."""
    body = {"filterGroups": [{"filters": list(filters)}] if filters else [], **search}
    found = matching(read_search(msgspec.json.encode(body)), people.live(), people.knows)
    return "".join(record.id for record in found)


def test_an_empty_search_finds_all(people: Records) -> None:
    assert find(people) == "1234"


@pytest.mark.parametrize(
    ("name", "operator", "value", "found"),
    [
        ("firstname", "EQ", "ADA", "1"),
        ("firstname", "NEQ", "ada", "234"),
        ("score", "GT", "9", "23"),
        ("score", "GTE", 10, "23"),
        ("score", "LT", "10.5", "12"),
        ("score", "LTE", "9.0", "1"),
        ("hs_object_id", "GT", "2", "34"),
        ("createdate", "LT", "1577836800001", "4"),
        ("createdate", "GTE", "2026-06-01T02:00:00+02:00", "123"),
        ("lastmodifieddate", "GT", "2026-05-31", "1234"),
        ("email", "CONTAINS_TOKEN", "two", "234"),
        ("email", "CONTAINS_TOKEN", "ad*", "1"),
        ("email", "CONTAINS_TOKEN", "*n", "23"),
        ("email", "NOT_CONTAINS_TOKEN", "two", "1"),
    ],
)
def test_an_operator_with_a_value(people: Records, name: str, operator: str, value: Any, found: str) -> None:
    assert find(people, {"propertyName": name, "operator": operator, "value": value}) == found


def test_presence(people: Records) -> None:
    assert find(people, {"propertyName": "firstname", "operator": "HAS_PROPERTY"}) == "123"
    assert find(people, {"propertyName": "firstname", "operator": "NOT_HAS_PROPERTY"}) == "4"


def test_sets_and_ranges(people: Records) -> None:
    assert find(people, {"propertyName": "firstname", "operator": "IN", "values": ["ada", "BEN"]}) == "12"
    assert find(people, {"propertyName": "firstname", "operator": "NOT_IN", "values": ["ada"]}) == "234"
    assert find(people, {"propertyName": "score", "operator": "BETWEEN", "value": 9.5, "highValue": 10.5}) == "23"


def test_filters_narrow_and_groups_widen(people: Records) -> None:
    two = {"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "two"}
    ben = {"propertyName": "firstname", "operator": "EQ", "value": "ben"}
    ada = {"propertyName": "firstname", "operator": "EQ", "value": "ada"}
    assert find(people, two, ben) == "2"
    assert find(people, filterGroups=[{"filters": [two, ben]}, {"filters": [ada]}]) == "12"


def test_a_query_looks_into_the_usual_properties(people: Records) -> None:
    assert find(people, query="TWO nan") == "3"


def test_sorts_are_taken_in_both_spellings(people: Records) -> None:
    assert find(people, sorts=["score"]) == "4123"
    assert find(people, sorts=[{"propertyName": "score", "direction": "DESCENDING"}]) == "3214"


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 0},
        {"limit": 200, "after": "9801"},
        {"after": "x"},
        {"sorts": ["score", "firstname"]},
        {"sorts": ["unheard_of"]},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [{"propertyName": "score", "operator": "HAS_PROPERTY"}] * 7}]},
        {"filterGroups": [{"filters": [{"propertyName": "score", "operator": "HAS_PROPERTY"}] * 4}] * 5},
        {"filterGroups": [{"filters": [{"propertyName": "score", "operator": "NEAR", "value": 1}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "score", "operator": "GT"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "score", "operator": "IN", "value": "1"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "score", "operator": "BETWEEN", "value": "1"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "unheard_of", "operator": "HAS_PROPERTY"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "createdate", "operator": "GT", "value": "soon"}]}]},
        {"query": "x" * 3000},
        [],
    ],
)
def test_what_hubspot_refuses_is_refused(people: Records, body: Any) -> None:
    with pytest.raises(SearchRefused):
        matching(read_search(msgspec.json.encode(body)), people.live(), people.knows)


def test_the_last_page_below_ten_thousand_is_allowed() -> None:
    assert read_search(b'{"limit": 200, "after": "9800"}').offset() == 9800
