"""Slack's shapes as they are given to the control calls."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.core.provider import Kind
from sandbox.slack.records import MICROS, message_id, timestamp

ID_FORMS = {"channel": "C[0-9A-Z]{5,20}", "user": "U[0-9A-Z]{5,20}"}
TS_FORM = "[0-9]{1,12}\\.[0-9]{6}"

TAKEN: dict[str, dict[str, type]] = {
    "channel": {
        "id": str, "name": str, "is_private": bool, "is_archived": bool, "is_member": bool, "creator": str,
        "topic": dict, "purpose": dict,
    },
    "message": {"channel": str, "user": str, "text": str, "ts": str, "thread_ts": str, "subtype": str},
    "user": {"id": str, "name": str, "real_name": str, "deleted": bool, "is_bot": bool, "profile": dict},
}  # fmt: skip
PROFILE: dict[str, type] = {"real_name": str, "display_name": str, "title": str, "email": str}
TOLD: dict[str, type] = {"value": str}

COMPUTED = {
    "channel": {
        "name_normalized", "is_channel", "is_group", "is_im", "is_mpim", "is_general", "is_shared", "is_ext_shared",
        "is_org_shared", "created", "updated", "previous_names", "num_members",
    },
    "message": {
        "type", "team", "edited", "reply_count", "reply_users_count", "reply_users", "latest_reply", "is_locked",
        "subscribed", "parent_user_id",
    },
    "user": {"team_id", "updated"},
}  # fmt: skip
"""What is shown too and may be sent back, but follows from the rest."""


class SlackInput:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now, self._latest = now, 0

    def read_record(self, kind: Kind, shape: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
        """From Slack's shape to an id, if there is one, and values. Raises ValueError."""
        name = "message" if kind.name == "reply" else kind.name
        values = _checked(shape, TAKEN[name], COMPUTED[name], kind.name)
        match name:
            case "channel":
                values |= {told: _told(values[told], told) for told in ("topic", "purpose") if told in values}
            case "user":
                values |= _checked(values.pop("profile", {}), PROFILE, {"team"}, "profile")
            case _:
                return self._message(kind.name, values)
        if "id" in values:
            _require_form("id", values["id"], ID_FORMS[name])
        return values.get("id"), values

    def _message(self, kind_name: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        _require_form("channel", values.get("channel", ""), ID_FORMS["channel"])
        ts = values.setdefault("ts", self._new_timestamp())
        _require_form("ts", ts, TS_FORM)
        thread_ts = values.get("thread_ts", ts)
        _require_form("thread_ts", thread_ts, TS_FORM)
        if (thread_ts != ts) != (kind_name == "reply"):
            raise ValueError("a message with a thread_ts other than its ts is of kind reply, any other of kind message")
        if "user" in values:
            _require_form("user", values["user"], ID_FORMS["user"])
        record_id = message_id(values["channel"], ts)
        return record_id, {**values, "id": record_id}

    def _new_timestamp(self) -> str:
        """Now, and later than the last one: a channel has no two messages with the same timestamp."""
        self._latest = max(self._latest + 1, int(self._now() * MICROS))
        return timestamp(self._latest)


def _checked(shape: Mapping[str, Any], taken: dict[str, type], computed: set[str], what: str) -> dict[str, Any]:
    """What is taken of it. Raises ValueError."""
    if unknown := shape.keys() - taken.keys() - computed:
        raise ValueError(f"unknown field {min(unknown)}; a {what} has {', '.join(taken)}")
    values = {name: value for name, value in shape.items() if name in taken}
    for name, value in values.items():
        if not isinstance(value, taken[name]):
            raise ValueError(f"{name} must be of type {taken[name].__name__}")
    return values


def _told(given: dict[str, Any], what: str) -> Any:
    return _checked(given, TOLD, {"creator", "last_set"}, what).get("value")


def _require_form(name: str, text: str, form: str) -> None:
    if not re.fullmatch(form, text):
        raise ValueError(f"{name} {text!r} is not of the form {form}")
