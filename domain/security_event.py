"""What happened to an account's security: one event for each act."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import EventId, UserId


class SecurityAction(StrEnum):
    REGISTER = "register"
    VERIFY_EMAIL = "verify_email"
    LOGIN = "login"
    LOGIN_THROTTLED = "login_throttled"
    REFRESH_REUSE = "refresh_reuse"
    LOGOUT = "logout"
    LOGOUT_ALL = "logout_all"
    SESSION_REVOKED = "session_revoked"
    PASSWORD_CHANGE = "password_change"
    PASSWORD_RESET_REQUEST = "password_reset_request"
    PASSWORD_RESET = "password_reset"
    IDENTITY_LINK = "identity_link"
    IDENTITY_UNLINK = "identity_unlink"
    REAUTHENTICATION = "reauthentication"
    ACCOUNT_DELETE = "account_delete"
    CONNECT = "connect"
    DISCONNECT = "disconnect"
    CONNECTION_BROKEN = "connection_broken"
    """The provider no longer accepts the grant, or what was kept of it does not open."""


class EventOutcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    id: EventId
    """UUIDv7: events sort by it as they happened."""
    user: UserId | None
    """Whose account it is about; None where that is nobody's."""
    action: SecurityAction
    outcome: EventOutcome
    at: datetime
    address: str | None
    """Of the caller; None where the product acted by itself."""
    request_id: str | None
    reason: str = ""
    """Code of the refusal."""
    named: str = ""
    """Hash of the e-mail address that was given, where it may be nobody's."""
