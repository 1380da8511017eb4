"""The fields that every table of the sandbox's Airtable has, and the shapes in which tables and records are shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sandbox.airtable.ids import derived_id
from sandbox.core.records import Record

STATUSES = ("Todo", "In progress", "Done")
VIEW_NAME = "Grid view"


@dataclass(frozen=True, slots=True)
class Field:
    number: int
    name: str
    type: str
    options: dict[str, Any] = field(default_factory=dict)

    def id_in(self, table_id: str) -> str:
        return derived_id("fld", table_id, self.number)

    def schema(self, table_id: str) -> dict[str, Any]:
        shown = {"id": self.id_in(table_id), "name": self.name, "type": self.type}
        if self.type == "singleSelect":
            choices = [{"id": derived_id("sel", table_id, n), "name": name} for n, name in enumerate(STATUSES)]
            return shown | {"options": {"choices": choices}}
        return shown | {"options": self.options} if self.options else shown

    def read(self, value: Any) -> Any:
        """A cell as it is kept; None empties it. Raises ValueError."""
        if value is None:
            return None
        match self.type, value:
            case ("checkbox", bool()):
                return value
            case ("number", int() | float()) if not isinstance(value, bool):
                return value
            case ("singleSelect", str()) if value in STATUSES:
                return value
            case ("date", str()):
                return date.fromisoformat(value).isoformat()
            case ("singleLineText" | "email", str()):
                return value
        raise ValueError(f"{value!r} is no value of the {self.type} field {self.name}")


FIELDS = (
    Field(0, "Name", "singleLineText"),
    Field(1, "Amount", "number", {"precision": 2}),
    Field(2, "Status", "singleSelect"),
    Field(3, "Done", "checkbox", {"color": "greenBright", "icon": "check"}),
    Field(4, "Due", "date", {"dateFormat": {"name": "iso", "format": "YYYY-MM-DD"}}),
    Field(5, "Email", "email"),
)


def find_field(table_id: str, name_or_id: str) -> Field | None:
    return next((f for f in FIELDS if name_or_id in (f.name, f.id_in(table_id))), None)


def view_id(table_id: str) -> str:
    return derived_id("viw", table_id, 0)


def show_table(table: Record, *, visible_field_ids: bool) -> dict[str, Any]:
    view: dict[str, Any] = {"id": view_id(table.id), "name": VIEW_NAME, "type": "grid"}
    if visible_field_ids:
        view["visibleFieldIds"] = [f.id_in(table.id) for f in FIELDS]
    return {
        "id": table.id,
        "name": table["name"],
        "primaryFieldId": FIELDS[0].id_in(table.id),
        "fields": [f.schema(table.id) for f in FIELDS],
        "views": [view],
    }


def show_record(record: Record, fields: Sequence[Field], *, by_id: bool) -> dict[str, Any]:
    """Empty cells are left out: who reads them must not wait for a null."""
    cells = {}
    for f in fields:
        value = record[f.name]
        if value is not None and value is not False and value != "":
            cells[f.id_in(record["tableId"]) if by_id else f.name] = value
    return {"id": record.id, "createdTime": record["createdTime"], "fields": cells}
