"""Slack's channels, messages, replies and users, as seeds."""

import re
from collections.abc import Callable

from sandbox.core.moments import moment
from sandbox.core.people import COMPANY_TRADES, FIRST_NAMES, JOBS, LAST_NAMES, MAIL_DOMAINS, company, pick, scatter
from sandbox.core.provider import ACME, Kind
from sandbox.core.records import FIRST_ADDED, Column, Seed

BEGINNING = 1_704_067_200
"""2024-01-01, Unix seconds: no seeded record is older."""
MESSAGE_EVERY_S = 6 * 3600
REPLY_EVERY_S = 60
CHANNEL_OF = (0, 1, 0, 1, 2, 2)
"""Numbers of the channels of six messages; globex, which has two channels, has no message beyond the fourth."""
THREADS, THREAD_EVERY = 6, 7
"""Each seventh message begins a thread, the first six times."""
JOINING = 1
"""The number of the message that says that somebody joined."""

OWNER, BOT, COLLEAGUE, GONE = 0, 1, 2, 5
"""Numbers of users: who consents, the app itself, who also writes, and who has left."""

MICROS = 1_000_000
TALK = (
    "The order of {} is on its way.",
    "Who calls {} back today?",
    "{} would like an offer by Friday.",
    "The invoice of {} has been paid.",
    "Notes of the meeting with {} are in the folder.",
    "{} asks for a demo next week.",
    "The contract with {} has been signed.",
)
ANSWERS = ("Done.", "I will look at it this afternoon.", "Thank you!", "They wrote to me as well.", "Already sent.")


def channel_id(index: int) -> str:
    return f"C0SBX{index + 1:06d}"


def user_id(index: int) -> str:
    return f"U0SBX{index + 1:06d}"


OWNER_ID, BOT_USER_ID = user_id(OWNER), user_id(BOT)


def kinds(seed: int) -> tuple[Kind, ...]:
    def written_at(record_id: str) -> list[int]:
        return [(_seconds(record_id) - BEGINNING) // MESSAGE_EVERY_S]

    def answered_at(record_id: str) -> list[int]:
        """One candidate for each thread: replies of several may have been written in the same second."""
        passed = [_seconds(record_id) - _written(seed, THREAD_EVERY * thread) for thread in range(THREADS)]
        return [(s // REPLY_EVERY_S - 1) * THREADS + thread for thread, s in enumerate(passed)]

    messages = _seed(_messages(seed), written_at, "M")
    replies = _seed(_replies(seed), answered_at, "R")
    return (
        Kind(("channel", "channels"), _seed(_channels(seed), _number, "C"), {ACME: 5, "globex": 2}),
        Kind(("message", "messages"), messages, {ACME: 120, "globex": 4}),
        Kind(("reply", "replies"), replies, {ACME: 24, "globex": 1}),
        Kind(("user", "users"), _seed(_users(seed), _number, "U"), {ACME: 10, "globex": 3}),
    )


def micros(ts: str) -> int:
    """A timestamp as a number that sorts as the moments do."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * MICROS + int(fraction.ljust(6, "0"))


def timestamp(microseconds: int) -> str:
    return f"{microseconds // MICROS}.{microseconds % MICROS:06d}"


def message_id(channel: str, ts: str) -> str:
    """Of a message and of a reply: ``ts`` is unique in its channel alone."""
    return f"{channel}:{ts}"


def _seed(columns: dict[str, Column], candidates: Callable[[str], list[int]], letter: str) -> Seed:
    """``candidates`` are the rows that an id may belong to; ``letter`` begins the ids of those added without one."""
    id_of = columns["id"]
    return Seed(
        columns=columns,
        index_of=lambda record_id: next(
            (n for n in candidates(record_id) if 0 <= n < FIRST_ADDED and id_of(n) == record_id), None
        ),
        new_id=lambda n: f"{letter}0NEW{n + 1:06d}",
        id_name="id",
        created_name="created_at",
        changed_name="changed_at",
    )


def _number(record_id: str) -> list[int]:
    found = re.fullmatch("[CU]0SBX([0-9]{6,10})", record_id)
    return [int(found[1]) - 1] if found else []


def _seconds(record_id: str) -> int:
    found = re.fullmatch("C[0-9A-Z]+:([0-9]{1,12})\\.[0-9]{6}", record_id)
    return int(found[1]) if found else 0


def _channels(seed: int) -> dict[str, Column]:
    def name(index: int) -> str:
        if index == 0:
            return "general"
        return f"{pick(COMPANY_TRADES, seed, index, 1).lower()}-{index + 1}"

    return {
        "id": channel_id,
        "name": name,
        "is_private": lambda i: i % 5 == 2,
        "is_archived": lambda i: i % 5 == 3,
        # Nobody is in a channel any more once it is archived.
        "is_member": lambda i: i % 5 < 3,
        "creator": lambda _: OWNER_ID,
        "topic": lambda i: f"All about {pick(COMPANY_TRADES, seed, i, 1).lower()}" if i else "",
        "purpose": lambda i: f"Where we talk about {company(seed, i)}",
        "created_at": lambda i: moment(_created(seed, i)),
        "changed_at": lambda i: moment(_created(seed, i) + scatter(seed, i, 4) % 1_000_000 / 1000),
    }


def _messages(seed: int) -> dict[str, Column]:
    def channel(index: int) -> str:
        return channel_id(CHANNEL_OF[index % len(CHANNEL_OF)])

    def ts(index: int) -> str:
        return timestamp(_written(seed, index) * MICROS + scatter(seed, index, 6) % 99_999 * 10 + THREADS)

    def user(index: int) -> str:
        return user_id(COLLEAGUE if index == JOINING or scatter(seed, index, 7) % 3 else OWNER)

    def text(index: int) -> str:
        if index == JOINING:
            return f"<@{user(index)}> has joined the channel"
        return pick(TALK, seed, index, 8).format(company(seed, index))

    return {
        "id": lambda i: message_id(channel(i), ts(i)),
        "channel": channel,
        "ts": ts,
        "user": user,
        "text": text,
        "subtype": lambda i: "channel_join" if i == JOINING else None,
    }


def _replies(seed: int) -> dict[str, Column]:
    messages = _messages(seed)

    def begun_by(index: int) -> int:
        return THREAD_EVERY * (index % THREADS)

    def ts(index: int) -> str:
        # The last digit is the thread's, so that no two messages of a channel ever share a timestamp.
        seconds = _written(seed, begun_by(index)) + (index // THREADS + 1) * REPLY_EVERY_S
        return timestamp(seconds * MICROS + scatter(seed, index, 9) % 99_999 * 10 + index % THREADS)

    return {
        "id": lambda i: message_id(messages["channel"](begun_by(i)), ts(i)),
        "channel": lambda i: messages["channel"](begun_by(i)),
        "thread_ts": lambda i: messages["ts"](begun_by(i)),
        "ts": ts,
        "user": lambda i: user_id(OWNER if scatter(seed, i, 10) % 2 else COLLEAGUE),
        "text": lambda i: pick(ANSWERS, seed, i, 11),
    }


def _users(seed: int) -> dict[str, Column]:
    def full_name(index: int) -> str:
        return f"{pick(FIRST_NAMES, seed, index, 12)} {pick(LAST_NAMES, seed, index, 13)}"

    def name(index: int) -> str:
        return "sandbox_app" if index == BOT else f"{full_name(index).replace(' ', '.').lower()}.{index + 1}"

    return {
        "id": user_id,
        "name": name,
        "real_name": lambda i: "Sandbox App" if i == BOT else full_name(i),
        "display_name": lambda i: "" if i == BOT else pick(FIRST_NAMES, seed, i, 12),
        "title": lambda i: "" if i == BOT else pick(JOBS, seed, i, 14),
        "email": lambda i: None if i == BOT else f"{name(i)}@{pick(MAIL_DOMAINS, seed, i, 15)}",
        "is_bot": lambda i: i == BOT,
        "deleted": lambda i: i == GONE,
        "created_at": lambda i: moment(_created(seed, i)),
        "changed_at": lambda i: moment(_created(seed, i) + scatter(seed, i, 16) % 1_000_000),
    }


def _created(seed: int, index: int) -> int:
    return BEGINNING + scatter(seed, index, 3) % MESSAGE_EVERY_S


def _written(seed: int, index: int) -> int:
    """When a message was written, Unix seconds; each in its own quarter of a day."""
    return BEGINNING + index * MESSAGE_EVERY_S + scatter(seed, index, 5) % 3600
