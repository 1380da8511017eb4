"""Fresh domain objects for the contract suites; what a test is about it names itself."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from secrets import randbits
from typing import Any
from uuid import UUID

from adapters.outbound.system_entropy import SystemEntropy
from domain.connection import Account, Connection, ConnectionStatus
from domain.credential import Credential, GrantId, shared_grant
from domain.effect import Effect, EffectKind
from domain.email import EmailAddress
from domain.ids import ConnectionId, EffectId, EventId, RunId, SessionId, UserId
from domain.item import Item, SourceItem, item_key
from domain.mail_token import MailTokenHash
from domain.password_reset import PasswordReset
from domain.registration import Registration
from domain.security_event import EventOutcome, SecurityAction, SecurityEvent
from domain.session import RefreshHash, Session
from domain.sync import Change, ChangeKind, Run, RunStatus
from domain.user import User

A_TIME = datetime(2026, 2, 3, 4, 5, 6, 789_013, UTC)
"""With microseconds that no millisecond column can hold."""

ODD_TEXTS = {
    "emoji": "Zoë 👩‍👩‍👧 🦄",
    "nul": "before\0after",
    "long": "x" * 100_000 + "ü",
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd",
    "not normalised": "e\u0301 é",
    "highest": "\U0010ffff\uffff",
    "quotes": """'"`\\;--""",
    "empty": "",
}

_identifier = SystemEntropy().identifier
_numbers = count(1)


def a_user_id() -> UserId:
    return UserId(_identifier())


def a_connection_id() -> ConnectionId:
    return ConnectionId(_identifier())


def a_session_id() -> SessionId:
    return SessionId(_identifier())


def a_run_id() -> RunId:
    return RunId(_identifier())


def an_address() -> EmailAddress:
    return EmailAddress(f"{_identifier()}@example.org")


def a_hash() -> RefreshHash:
    return RefreshHash(hashlib.sha256(_identifier().encode()).digest())


def a_token_hash() -> MailTokenHash:
    return MailTokenHash(a_hash())


def an_event_id(at: datetime) -> EventId:
    """Of one that happened at ``at``: a UUIDv7 (RFC 9562 section 5.7)."""
    millisecond = int(at.timestamp() * 1000)
    return EventId(str(UUID(int=millisecond << 80 | 7 << 76 | randbits(12) << 64 | 2 << 62 | randbits(62))))


def a_user(**given: Any) -> User:
    ours: dict[str, Any] = {
        "id": a_user_id(),
        "email": an_address(),
        "password_hash": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
        "created_at": A_TIME,
    }
    return User(**ours | given)


def a_reset(requested_at: datetime = A_TIME) -> PasswordReset:
    return PasswordReset(a_token_hash(), requested_at, requested_at + timedelta(hours=1))


def a_registration(**given: Any) -> Registration:
    ours: dict[str, Any] = {
        "token": a_token_hash(),
        "email": an_address(),
        "password_hash": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
        "full_name": "Ann Example",
        "created_at": A_TIME,
        "expires_at": A_TIME + timedelta(hours=24),
    }
    return Registration(**ours | given)


def an_event(user: UserId, at: datetime = A_TIME, **given: Any) -> SecurityEvent:
    ours: dict[str, Any] = {
        "id": an_event_id(at),
        "action": SecurityAction.LOGIN,
        "outcome": EventOutcome.SUCCESS,
        "address": "192.0.2.1",
        "request_id": "a request",
    }
    return SecurityEvent(user=user, at=at, **ours | given)


def a_session(**given: Any) -> Session:
    ours: dict[str, Any] = {
        "id": a_session_id(),
        "user": a_user_id(),
        "refresh": a_hash(),
        "previous": None,
        "renewed_at": A_TIME,
        "created_at": A_TIME,
        "expires_at": A_TIME + timedelta(days=30),
        "device": "Firefox on Linux",
    }
    return Session(**ours | given)


def a_connection(**given: Any) -> Connection:
    ours: dict[str, Any] = {
        "id": a_connection_id(),
        "user": a_user_id(),
        "provider": "hubspot",
        "account": Account(f"{next(_numbers)}", "Acme"),
        "status": ConnectionStatus.ACTIVE,
        "scopes": ("oauth", "crm.objects.contacts.read"),
        "created_at": A_TIME,
        "connected_at": A_TIME,
    }
    return Connection(**ours | given)


def a_grant_id() -> GrantId:
    return shared_grant("hubspot", _identifier())


def a_credential(**given: Any) -> Credential:
    ours: dict[str, Any] = {
        "connection": a_connection_id(),
        "access": bytes(range(256)),
        "refresh": b"\0sealed",
        "expires_at": A_TIME + timedelta(minutes=30),
        "scopes": ("oauth",),
        "obtained_at": A_TIME,
        "revision": _identifier(),
    }
    return Credential(**ours | given)


def an_item(connection: ConnectionId, external_id: str = "1", *, number: int = 1, **given: Any) -> Item:
    """``deleted_at`` goes to the item, everything else in ``given`` to its source."""
    deleted_at = given.pop("deleted_at", None)
    ours: dict[str, Any] = {"kind": "contact", "external_id": external_id, "name": f"Contact {external_id}"}
    source = SourceItem(**ours | {"type": "Contact"} | given)
    key = item_key(source.kind, source.external_id)
    return Item(connection, key, source, source.content_hash(), number, A_TIME, deleted_at)


def some_items(connection: ConnectionId, amount: int, **given: Any) -> list[Item]:
    """Numbered from 1."""
    return [an_item(connection, str(number), number=number, **given) for number in range(1, amount + 1)]


def some_changes(connection: ConnectionId, numbers: Sequence[int], name: str = "Ann") -> list[Change]:
    return [Change(ChangeKind.ADDED, an_item(connection, f"{n}", number=n, name=f"{name} {n}")) for n in numbers]


def a_run(connection: ConnectionId, **given: Any) -> Run:
    ours: dict[str, Any] = {
        "id": a_run_id(),
        "connection": connection,
        "user": a_user_id(),
        "provider": "hubspot",
        "status": RunStatus.QUEUED,
        "requested_at": A_TIME,
    }
    return Run(**ours | given)


def an_effect(due_at: datetime, subject: Mapping[str, str] | None = None) -> Effect:
    id_ = EffectId(_identifier())
    return Effect(id_, EffectKind.SYNC, subject or {"run": "a run"}, created_at=A_TIME, due_at=due_at)
