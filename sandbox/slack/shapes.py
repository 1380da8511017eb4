"""The shapes in which Slack shows channels, messages and users."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox.core.provider import Account
from sandbox.core.records import Record
from sandbox.slack.records import OWNER_ID

MAX_REPLY_USERS = 5


def show_channel(record: Record) -> dict[str, Any]:
    name, private = record["name"] or record.id.lower(), bool(record["is_private"])
    creator = record["creator"] or OWNER_ID
    return {
        "id": record.id,
        "name": name,
        "name_normalized": name,
        "is_channel": not private,
        "is_group": private,
        "is_im": False,
        "is_mpim": False,
        "is_private": private,
        "is_archived": bool(record["is_archived"]),
        "is_general": name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "is_member": is_member(record),
        "created": int(_seconds(record["created_at"])),
        "updated": round(_seconds(record["changed_at"]) * 1000),
        "creator": creator,
        "topic": _told(record["topic"], creator),
        "purpose": _told(record["purpose"], creator),
        "previous_names": [],
        "num_members": 0 if record["is_archived"] else 3,
    }


def is_member(channel: Record) -> bool:
    """Whether the app is in it; it is in those that were added, unless they say otherwise."""
    return channel["is_member"] is not False


def show_message(record: Record, account: Account, replies: Sequence[Record] = ()) -> dict[str, Any]:
    """A message, with what its ``replies`` make of it, oldest first."""
    shown = {"type": "message", "user": _author(record), "text": record["text"] or "", "ts": record["ts"]}
    if record["subtype"]:
        shown["subtype"] = record["subtype"]
    return {**shown, "team": account.id, **_edited(record), **_thread(record, replies)}


def show_reply(record: Record, account: Account, parent: Record) -> dict[str, Any]:
    return show_message(record, account) | {"thread_ts": parent["ts"], "parent_user_id": _author(parent)}


def show_user(record: Record, account: Account, *, with_email: bool) -> dict[str, Any]:
    real_name = record["real_name"] or record["name"] or ""
    profile = {
        "real_name": real_name,
        "display_name": record["display_name"] or "",
        "title": record["title"] or "",
        "team": account.id,
    }
    if with_email and record["email"]:
        profile["email"] = record["email"]
    return {
        "id": record.id,
        "team_id": account.id,
        "name": record["name"] or record.id.lower(),
        "real_name": real_name,
        "deleted": bool(record["deleted"]),
        "is_bot": bool(record["is_bot"]),
        "updated": int(_seconds(record["changed_at"])),
        "profile": profile,
    }


def _told(value: str | None, by: str) -> dict[str, Any]:
    """A topic or a purpose."""
    return {"value": value or "", "creator": by if value else "", "last_set": 0}


def _thread(record: Record, replies: Sequence[Record]) -> dict[str, Any]:
    if not replies:
        return {}
    users = list(dict.fromkeys(map(_author, replies)))
    return {
        "thread_ts": record["ts"],
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users[:MAX_REPLY_USERS],
        "latest_reply": replies[-1]["ts"],
        "is_locked": False,
        "subscribed": False,
    }


def _edited(record: Record) -> dict[str, Any]:
    changed = record["changed_at"]
    if changed is None or changed == record["created_at"]:
        return {}
    return {"edited": {"user": _author(record), "ts": f"{int(_seconds(changed))}.000000"}}


def _author(record: Record) -> str:
    return record["user"] or OWNER_ID


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
