"""The few formulas that ``filterByFormula`` takes here: one comparison each. All others are refused as invalid."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.airtable.errors import AirtableError
from sandbox.airtable.fields import find_field
from sandbox.core.moments import parse_moment
from sandbox.core.records import Record

Test = Callable[[Record], bool]

TEXT = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
MOMENT = rf"(?:DATETIME_PARSE\(\s*{TEXT}\s*\)|{TEXT})"
CHANGED = r"LAST_MODIFIED_TIME\(\s*\)"
CHANGED_SINCE = re.compile(rf"{CHANGED}\s*(>=|<=|>|<)\s*{MOMENT}", re.IGNORECASE)
CHANGED_AFTER = re.compile(rf"IS_AFTER\(\s*{CHANGED}\s*,\s*{MOMENT}\s*\)", re.IGNORECASE)
HAS_ID = re.compile(rf"RECORD_ID\(\s*\)\s*=\s*{TEXT}", re.IGNORECASE)
HAS_VALUE = re.compile(rf"\{{([^{{}}]+)\}}\s*=\s*{TEXT}", re.DOTALL)
COMPARISONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@dataclass(frozen=True, slots=True)
class ChangedThan:
    compare: Callable[[str, str], bool]
    moment: str

    def __call__(self, record: Record) -> bool:
        return self.compare(record["modifiedTime"], self.moment)


def read_formula(formula: str, table_id: str) -> Test:
    """Whether a record is in the list; an empty formula keeps all. Raises AirtableError."""
    text = formula.strip()
    if not text:
        return lambda _: True
    if since := CHANGED_SINCE.fullmatch(text):
        return ChangedThan(COMPARISONS[since[1]], _moment(since[2] or since[3]))
    if after := CHANGED_AFTER.fullmatch(text):
        return ChangedThan(operator.gt, _moment(after[1] or after[2]))
    if has_id := HAS_ID.fullmatch(text):
        record_id = _text(has_id[1])
        return lambda record: record.id == record_id
    if has_value := HAS_VALUE.fullmatch(text):
        return _has_value(table_id, has_value[1], _text(has_value[2]))
    raise _invalid("Invalid formula. Please check your formula text.")


def _has_value(table_id: str, name: str, value: str) -> Test:
    field = find_field(table_id, name)
    if field is None:
        raise _invalid(f"Unknown field names: {name.lower()}")
    return lambda record: (record[field.name] or "") == value


def _text(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)


def _moment(quoted: str) -> str:
    text = _text(quoted)
    try:
        if not re.match(r"\d{4}-", text, re.ASCII):
            raise ValueError(text)
        return parse_moment(text)
    except (ValueError, OverflowError) as error:
        raise _invalid(f"{text!r} is not a date") from error


def _invalid(why: str) -> AirtableError:
    return AirtableError(422, "INVALID_FILTER_BY_FORMULA", f"The formula for filtering records is invalid: {why}")
