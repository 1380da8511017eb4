"""Notion's pages, databases, data sources and their rows, as seeds."""

import re
from typing import Any
from uuid import UUID

from sandbox.core.moments import moment
from sandbox.core.people import company, pick, scatter
from sandbox.core.provider import ACME, Kind
from sandbox.core.records import FIRST_ADDED, Column, Seed

BEGINNING = 1_704_067_200
"""2024-01-01, Unix seconds: no seeded record is older, and none is younger than two years later."""
YEAR, DAY, MINUTE = 365 * 24 * 3600, 24 * 3600, 60

ID_PREFIXES = {
    "page": "4b1f6c0a-52d7-4e3a-9c01-",
    "database": "8d20e7b3-06af-4c58-a102-",
    "data_source": "c7359d14-ab60-4f27-b803-",
    "row": "e95a4287-3c1d-4b96-8e04-",
}
"""What comes before the row's number, twelve hexadecimal digits."""
HEXADECIMAL = re.compile(r"[0-9a-f]{32}")

WORKSPACE = {"type": "workspace", "workspace": True}
STATUSES = ("Not started", "In progress", "Done")
TOPICS = (
    "Handbook", "Roadmap", "Meeting notes", "Onboarding", "Release checklist", "Weekly plan", "Budget",
    "Open questions",
)  # fmt: skip
DATABASES = ("Tasks", "Projects", "Orders", "Ideas")
TASKS = (
    "Call back",
    "Draft the offer",
    "Check the invoice",
    "Plan the visit",
    "Send the samples",
    "Review the contract",
)
SENTENCES = (
    "This was agreed in the last meeting.",
    "Who changes the plan tells the others first.",
    "The figures are those of the end of the month.",
    "Everything older is kept in the archive.",
)
ROWS_OF_ONE = 10
"""So many rows in turn belong to the same data source, of the two that there are at first."""
CHILDREN_FROM, PAGES_OF_ONE = 5, 8
"""Of eight pages in turn the last three are children of the first."""


def kinds(seed: int) -> tuple[Kind, ...]:
    return (
        Kind(("page", "pages"), _seed("page", seed, _pages(seed)), {ACME: 8, "globex": 4}),
        Kind(("database", "databases"), _seed("database", seed, _databases()), {ACME: 2, "globex": 1}),
        Kind(("data_source", "data_sources"), _seed("data_source", seed, _data_sources()), {ACME: 2, "globex": 1}),
        Kind(("row", "rows"), _seed("row", seed, _rows(seed)), {ACME: 20, "globex": 4}),
    )


def id_of(kind: str, index: int) -> str:
    return f"{ID_PREFIXES[kind]}{index:012x}"


def index_of(kind: str, record_id: str) -> int | None:
    whole = hyphenated(record_id)
    if whole is None or not whole.startswith(ID_PREFIXES[kind]):
        return None
    index = int(whole[-12:], 16)
    return index if index < FIRST_ADDED else None


def hyphenated(text: str) -> str | None:
    """Notion takes ids with hyphens and without; None for what is no UUID."""
    digits = text.replace("-", "").lower()
    return str(UUID(digits)) if HEXADECIMAL.fullmatch(digits) else None


def _seed(kind: str, seed: int, columns: dict[str, Column]) -> Seed:
    return Seed(
        columns={
            "id": lambda i: id_of(kind, i),
            "created_time": lambda i: moment(_created(seed, kind, i)),
            "last_edited_time": lambda i: moment(_edited(seed, kind, i)),
            **columns,
        },
        index_of=lambda record_id: index_of(kind, record_id),
        new_id=lambda n: id_of(kind, FIRST_ADDED + n),
        id_name="id",
        created_name="created_time",
        changed_name="last_edited_time",
    )


def _pages(seed: int) -> dict[str, Column]:
    def topic(index: int) -> str:
        return TOPICS[index % len(TOPICS)]

    def parent(index: int) -> dict[str, Any]:
        place = index % PAGES_OF_ONE
        return {"type": "page_id", "page_id": id_of("page", index - place)} if place >= CHILDREN_FROM else WORKSPACE

    def markdown(index: int) -> str:
        first, second = (pick(SENTENCES, seed, index, salt) for salt in (33, 34))
        steps = "\n".join(f"- {pick(TASKS, seed, index, salt)}" for salt in (35, 36, 37))
        return f"# {topic(index)}\n\nFor {company(seed, index)}. {first}\n\n## Next steps\n\n{steps}\n\n{second}\n"

    # Titles are lists of runs, as rich text is.
    return {
        "title": lambda i: [f"{topic(i)}: {company(seed, i)}"],
        "parent": parent,
        "markdown": markdown,
    }


def _databases() -> dict[str, Column]:
    return {"title": lambda i: [DATABASES[i % len(DATABASES)]], "parent": lambda _: WORKSPACE}


def _data_sources() -> dict[str, Column]:
    return {
        "title": lambda i: [DATABASES[i % len(DATABASES)]],
        "parent": lambda i: {"type": "database_id", "database_id": id_of("database", i)},
    }


def _rows(seed: int) -> dict[str, Column]:
    return {
        "title": lambda i: [f"{pick(TASKS, seed, i, 38)}: {company(seed, i)}"],
        "parent": lambda i: {
            "type": "data_source_id",
            "data_source_id": id_of("data_source", i // ROWS_OF_ONE % 2),
        },
        "markdown": lambda i: f"{pick(SENTENCES, seed, i, 39)}\n",
        "Status": lambda i: pick(STATUSES, seed, i, 40),
        "Amount": lambda i: scatter(seed, i, 41) % 9000 + 100,
        "Due": lambda i: {"start": moment(_edited(seed, "row", i) + 30 * DAY)[:10], "end": None},
    }


def _created(seed: int, kind: str, index: int) -> float:
    return BEGINNING + _whole_minutes(scatter(seed, index, 50 + list(ID_PREFIXES).index(kind)) % YEAR)


def _edited(seed: int, kind: str, index: int) -> float:
    return _created(seed, kind, index) + _whole_minutes(scatter(seed, index, 60 + list(ID_PREFIXES).index(kind)) % YEAR)


def _whole_minutes(seconds: int) -> int:
    return seconds // MINUTE * MINUTE
