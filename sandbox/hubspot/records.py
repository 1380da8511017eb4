"""HubSpot's contacts, companies and deals, as seeds, and the shape in which HubSpot shows them."""

from collections.abc import Sequence
from typing import Any

from sandbox.core.moments import moment, parse_moment
from sandbox.core.people import COMPANY_WORDS, FIRST_NAMES, JOBS, LAST_NAMES, MAIL_DOMAINS, company, pick, scatter
from sandbox.core.provider import ACME, Account, Kind
from sandbox.core.records import FIRST_ADDED, Column, Record, Seed

FIRST_ID, ID_STEP = 51, 50
FIRST_ADDED_ID = FIRST_ID + ID_STEP * FIRST_ADDED
BEGINNING = 1_704_067_200
"""2024-01-01, Unix seconds: no seeded record is older, and none is younger than two years later."""
YEAR = 365 * 24 * 3600

DEFAULT_PROPERTIES = {
    "contact": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "company": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    "deal": (
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ),
}
TYPE_IDS = {"contact": "0-1", "company": "0-2", "deal": "0-3"}
DATES = ("createdate", "lastmodifieddate", "hs_lastmodifieddate", "closedate")
SHAPE_FIELDS = {"id", "properties", "createdAt", "updatedAt", "archived", "url", "associations"}


def kinds(contacts: int, seed: int) -> tuple[Kind, ...]:
    return (
        Kind(
            ("contact", "contacts", "0-1"),
            _seed(_contacts(seed), "lastmodifieddate"),
            {ACME: contacts, "globex": 10},
        ),
        Kind(("company", "companies", "0-2"), _seed(_companies(seed), "hs_lastmodifieddate"), {ACME: 10}),
        Kind(("deal", "deals", "0-3"), _seed(_deals(seed), "hs_lastmodifieddate"), {ACME: 10}),
    )


def show(record: Record, kind: Kind, account: Account, properties: Sequence[str]) -> dict[str, Any]:
    """A record as HubSpot answers it: with ``properties``, or without any with a small default set."""
    seed = record.seed
    always = {seed.created_name, seed.changed_name, seed.id_name}
    names = always.union(properties) if properties else DEFAULT_PROPERTIES[kind.name]
    values = {name: record[name] for name in sorted(names)}
    shown = {
        "id": record.id,
        "properties": values,
        "createdAt": values[seed.created_name],
        "updatedAt": values[seed.changed_name],
        "archived": record.removed_at is not None,
        "url": f"https://app.hubspot.com/contacts/{account.id}/record/{TYPE_IDS[kind.name]}/{record.id}",
    }
    return shown if record.removed_at is None else shown | {"archivedAt": record.removed_at}


def read_record(kind: Kind, shape: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """From HubSpot's shape to an id, if there is one, and values. Raises ValueError."""
    if unknown := set(shape) - SHAPE_FIELDS:
        raise ValueError(f"unknown field {min(unknown)}; a record has id, properties, createdAt, updatedAt")
    if shape.get("archived"):
        raise ValueError("archived records are made by delete")
    given = shape.get("properties", {})
    if not isinstance(given, dict):
        raise ValueError("properties must be an object")
    values = {name: _value(name, value) for name, value in given.items()}
    for field, name in (("createdAt", kind.seed.created_name), ("updatedAt", kind.seed.changed_name)):
        if field in shape:
            values[name] = _value(name, shape[field])
    record_id = _id(shape.get("id", given.get(kind.seed.id_name)))
    return record_id, values | ({kind.seed.id_name: record_id} if record_id else {})


def _id(given: Any) -> str | None:
    if given is None:
        return None
    text = str(given)
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 10**18):
        raise ValueError(f"id {text!r} is not a HubSpot id: a positive whole number below 10^18")
    return str(int(text))


def _value(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict | list):
        raise ValueError(f"properties.{name} must be a string or null")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        return parse_moment(text) if name in DATES and text else text
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} {text!r} is neither ISO 8601 nor Unix milliseconds") from error


def _seed(columns: dict[str, Column], changed_name: str) -> Seed:
    return Seed(
        columns={"hs_object_id": _id_of, **columns},
        index_of=_index_of,
        new_id=lambda n: str(FIRST_ADDED_ID + n),
        id_name="hs_object_id",
        created_name="createdate",
        changed_name=changed_name,
    )


def _id_of(index: int) -> str:
    return str(FIRST_ID + ID_STEP * index)


def _index_of(record_id: str) -> int | None:
    if not (record_id.isascii() and record_id.isdecimal()):
        return None
    index, rest = divmod(int(record_id) - FIRST_ID, ID_STEP)
    return index if rest == 0 and 0 <= index < FIRST_ADDED else None


def _contacts(seed: int) -> dict[str, Column]:
    def first(index: int) -> str:
        return pick(FIRST_NAMES, seed, index, 1)

    def last(index: int) -> str:
        return pick(LAST_NAMES, seed, index, 2)

    return {
        "firstname": first,
        "lastname": last,
        # The number makes it unique: HubSpot allows an address once per account.
        "email": lambda i: f"{first(i)}.{last(i)}.{i + 1}@{pick(MAIL_DOMAINS, seed, i, 3)}".lower(),
        "phone": lambda i: f"+1 555 {scatter(seed, i, 4) % 900 + 100} {scatter(seed, i, 5) % 9000 + 1000}",
        "company": lambda i: company(seed, scatter(seed, i, 6) % 200),
        "jobtitle": lambda i: pick(JOBS, seed, i, 7),
        "lifecyclestage": lambda i: pick(("subscriber", "lead", "opportunity", "customer"), seed, i, 8),
        "createdate": lambda i: moment(_created(seed, i)),
        "lastmodifieddate": lambda i: moment(_changed(seed, i)),
    }


def _companies(seed: int) -> dict[str, Column]:
    return {
        "name": lambda i: company(seed, i),
        "domain": lambda i: f"{company(seed, i).replace(' ', '-').lower()}-{i + 1}.example.com",
        "city": lambda i: f"{pick(COMPANY_WORDS, seed, i, 9)}ton",
        "createdate": lambda i: moment(_created(seed, i)),
        "hs_lastmodifieddate": lambda i: moment(_changed(seed, i)),
    }


def _deals(seed: int) -> dict[str, Column]:
    return {
        "dealname": lambda i: f"{company(seed, i)}: order {i + 1}",
        "amount": lambda i: str(scatter(seed, i, 10) % 90_000 + 1000),
        "dealstage": lambda i: pick(("appointmentscheduled", "contractsent", "closedwon", "closedlost"), seed, i, 13),
        "pipeline": lambda _: "default",
        "closedate": lambda i: moment(_changed(seed, i) + 30 * 24 * 3600),
        "createdate": lambda i: moment(_created(seed, i)),
        "hs_lastmodifieddate": lambda i: moment(_changed(seed, i)),
    }


def _created(seed: int, index: int) -> float:
    return BEGINNING + scatter(seed, index, 20) % YEAR + index % 1000 / 1000


def _changed(seed: int, index: int) -> float:
    return _created(seed, index) + scatter(seed, index, 21) % YEAR
