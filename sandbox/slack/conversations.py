"""Slack's conversations: list, info, history and replies."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.core.records import Record, Records
from sandbox.slack.arguments import cursor_to
from sandbox.slack.calls import TIER_2, TIER_3, Call, Method
from sandbox.slack.errors import MissingScope, SlackError
from sandbox.slack.records import message_id, micros
from sandbox.slack.shapes import is_member, show_channel, show_message, show_reply

DEFAULT_LIMIT, MAX_REPLIES = 100, 1000
FAMILY_OF = {"public_channel": "channels", "private_channel": "groups", "mpim": "mpim", "im": "im"}
READ = tuple(f"{family}:read" for family in FAMILY_OF.values())
HISTORY = tuple(f"{family}:history" for family in FAMILY_OF.values())

Wanted = Callable[[Record], bool]


def list_channels(call: Call) -> dict[str, Any]:
    types = call.arguments.text("types").replace(" ", "") or "public_channel"
    families = [FAMILY_OF.get(name) for name in types.split(",")]
    if None in families:
        raise SlackError("invalid_types")
    call.require(*(f"{family}:read" for family in families))
    page, cursor = paged(call, call.records("channel"), "team", call.arguments.limit(DEFAULT_LIMIT))
    without_archived = call.arguments.flag("exclude_archived")
    # Chosen from the page, as Slack does: a page may be short or empty and still not be the last.
    chosen = [
        show_channel(record)
        for record in page
        if _family(record) in families and _visible(record) and not (without_archived and record["is_archived"])
    ]
    return {"channels": chosen, "response_metadata": {"next_cursor": cursor}}


def show_one(call: Call) -> dict[str, Any]:
    return {"channel": show_channel(_channel(call, "read"))}


def history(call: Call) -> dict[str, Any]:
    """Newest first, without replies."""
    channel = _entered(call)
    limit, from_cursor, wanted = call.arguments.limit(DEFAULT_LIMIT), _following(call), _span(call)
    messages = sorted(_messages(call, "message", channel), key=_written, reverse=True)
    if from_cursor is not None:
        messages = [message for message in messages if _written(message) <= from_cursor]
    found = [message for message in messages if wanted(message)]
    replies = _replies(call, channel)
    shown = [show_message(message, call.account, replies[message["ts"]]) for message in found[:limit]]
    return _page(shown, found[limit:]) | {"pin_count": 0}


def replies_of(call: Call) -> dict[str, Any]:
    """The message that began the thread, then its replies, oldest first; bounds hold for the replies alone."""
    channel = _entered(call)
    ts = call.arguments.required("ts")
    limit, from_cursor = call.arguments.limit(MAX_REPLIES, MAX_REPLIES), _following(call)
    wanted = _span(call)
    messages = {message["ts"]: message for message in _messages(call, "message", channel)}
    replies, parent = _replies(call, channel), messages.get(ts)
    if parent is None:
        return _page([_lone_reply(call, channel, ts, messages)], [])
    thread = [parent, *(reply for reply in replies[ts] if wanted(reply))]
    found = [message for message in thread if from_cursor is None or _written(message) >= from_cursor]
    shown = [
        show_message(message, call.account, replies[ts])
        if message is parent
        else show_reply(message, call.account, parent)
        for message in found[:limit]
    ]
    return _page(shown, found[limit:])


CONVERSATION_METHODS = {
    "conversations.list": Method(list_channels, READ, TIER_2),
    "conversations.info": Method(show_one, READ, TIER_3),
    "conversations.history": Method(history, HISTORY, TIER_3),
    "conversations.replies": Method(replies_of, HISTORY, TIER_3),
}


def paged(call: Call, records: Records, cursor_kind: str, limit: int) -> tuple[list[Record], str]:
    """A page and the cursor to the next one, "" at the end. Raises SlackError."""
    start, following_id = 0, call.arguments.cursor(cursor_kind)
    if following_id is not None:
        following = records.get(following_id)
        if following is None:
            raise SlackError("invalid_cursor")
        start = following.position
    page, position = records.page(start, limit)
    if position is None:
        return page, ""
    return page, cursor_to(cursor_kind, records.page(position, 1)[0][0].id)


def _page(shown: list[dict[str, Any]], rest: Sequence[Record]) -> dict[str, Any]:
    answer: dict[str, Any] = {"messages": shown, "has_more": bool(rest)}
    if rest:
        answer["response_metadata"] = {"next_cursor": cursor_to("next_ts", str(_written(rest[0])))}
    return answer


def _channel(call: Call, right: str) -> Record:
    """The channel that is asked for, where the token has the ``right`` to it. Raises SlackError."""
    channel = call.records("channel").get(call.arguments.required("channel"))
    if channel is None or channel.removed_at or not _visible(channel):
        raise SlackError("channel_not_found")
    needed = f"{_family(channel)}:{right}"
    if needed not in call.scopes:
        raise MissingScope([needed], call.scopes)
    return channel


def _entered(call: Call) -> str:
    """The id of the channel that is asked for, which the app is in. Raises SlackError."""
    channel = _channel(call, "history")
    if not is_member(channel):
        raise SlackError("not_in_channel")
    return channel.id


def _family(channel: Record) -> str:
    return "groups" if channel["is_private"] else "channels"


def _visible(channel: Record) -> bool:
    return not channel["is_private"] or is_member(channel)


def _messages(call: Call, kind_name: str, channel: str) -> list[Record]:
    return [record for record in call.records(kind_name).live() if record["channel"] == channel]


def _replies(call: Call, channel: str) -> dict[str, list[Record]]:
    """By thread, oldest first."""
    threads: dict[str, list[Record]] = defaultdict(list)
    for reply in sorted(_messages(call, "reply", channel), key=_written):
        threads[reply["thread_ts"]].append(reply)
    return threads


def _lone_reply(call: Call, channel: str, ts: str, messages: dict[str, Record]) -> dict[str, Any]:
    """A reply asked for by its own timestamp: a message to which there are no replies. Raises SlackError."""
    reply = call.records("reply").get(message_id(channel, ts))
    parent = messages.get(reply["thread_ts"]) if reply and not reply.removed_at else None
    if reply is None or parent is None:
        raise SlackError("thread_not_found")
    return show_reply(reply, call.account, parent)


def _span(call: Call) -> Wanted:
    """Whether a message lies between ``oldest`` and ``latest``. Raises SlackError."""
    oldest, latest = (_bound(call, name) for name in ("oldest", "latest"))
    if call.arguments.flag("inclusive"):
        return lambda m: (oldest is None or _written(m) >= oldest) and (latest is None or _written(m) <= latest)
    return lambda m: (oldest is None or _written(m) > oldest) and (latest is None or _written(m) < latest)


def _bound(call: Call, name: str) -> int | None:
    text = call.arguments.text(name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text):
        raise SlackError(f"invalid_ts_{name}")
    return micros(text)


def _following(call: Call) -> int | None:
    """Where the cursor leads, in microseconds. Raises SlackError."""
    following = call.arguments.cursor("next_ts")
    if following is None:
        return None
    if not re.fullmatch("[0-9]{1,18}", following):
        raise SlackError("invalid_cursor")
    return int(following)


def _written(message: Record) -> int:
    return micros(message["ts"])
