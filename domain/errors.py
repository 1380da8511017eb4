"""Refusals of the product. Each has a stable ``code`` that clients may rely on; how it looks on the wire is not theirs.

Refused
├── InvalidInput                    a value breaks a rule of the domain; names the field
├── NotFound                        it does not exist, or is somebody else's
├── CursorInvalid                   altered, of another user, or of another query
├── QueryNotSupported               the store cannot serve this combination at flat cost
├── EmailTaken
├── NotAuthenticated
│   ├── LoginFailed                 one answer for every failure
│   └── SessionEnded                logged out, expired, or its refresh token was used twice
├── AuthorizationRefused            an OAuth callback that must not connect anything
│   ├── AuthorizationUnknown        never started, already used, or expired
│   ├── WrongBrowser                started in another browser
│   ├── WrongUser                   another person is signed in here
│   ├── AuthorizationEnded          the session that started it is gone
│   ├── ConsentDenied               the person said no at the provider
│   ├── GrantRefused                the provider did not accept the code, or answered nonsense
│   └── ProviderAway                the provider did not answer
├── ProviderNotConfigured
├── NotConnected
├── ConnectionAmbiguous             several accounts are connected and none was named
├── NeedsReauth                     the provider no longer accepts the grant: a person must reconnect
├── Unavailable                     try again later
│   ├── StorageUnavailable
│   ├── CacheUnavailable
│   ├── Overloaded
│   └── ProviderUnavailable
│       └── ProviderThrottled
└── Superseded                      somebody else went first (never leaves the application)
    ├── EpochSuperseded             another run of this connection has begun
    └── VersionSuperseded           the row has changed since it was read
"""


class Refused(Exception):
    code = "refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidInput(Refused):
    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotFound(Refused):
    code = "not_found"


class CursorInvalid(Refused):
    code = "cursor_invalid"


class QueryNotSupported(Refused):
    code = "query_not_supported"


class EmailTaken(Refused):
    code = "email_taken"


class NotAuthenticated(Refused):
    code = "not_authenticated"


class LoginFailed(NotAuthenticated):
    code = "login_failed"


class SessionEnded(NotAuthenticated):
    code = "session_ended"


class AuthorizationRefused(Refused):
    """``flow`` and ``origin`` are set where the authorization is known, so that its opener can be told."""

    code = "authorization_refused"

    def __init__(self, detail: str = "", *, flow: str | None = None, origin: str | None = None) -> None:
        super().__init__(detail)
        self.flow, self.origin = flow, origin


class AuthorizationUnknown(AuthorizationRefused):
    code = "authorization_unknown"


class WrongBrowser(AuthorizationRefused):
    code = "wrong_browser"


class WrongUser(AuthorizationRefused):
    code = "wrong_user"


class AuthorizationEnded(AuthorizationRefused):
    code = "session_ended"


class ConsentDenied(AuthorizationRefused):
    code = "consent_denied"


class GrantRefused(AuthorizationRefused):
    code = "grant_refused"


class ProviderAway(AuthorizationRefused):
    code = "provider_unavailable"


class ProviderNotConfigured(Refused):
    code = "provider_not_configured"


class NotConnected(Refused):
    code = "not_connected"


class ConnectionAmbiguous(Refused):
    code = "connection_ambiguous"


class NeedsReauth(Refused):
    code = "needs_reauth"


class Unavailable(Refused):
    """``retry_after`` is in seconds."""

    code = "unavailable"

    def __init__(self, detail: str = "", *, retry_after: float = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class StorageUnavailable(Unavailable):
    code = "storage_unavailable"


class CacheUnavailable(Unavailable):
    code = "cache_unavailable"


class Overloaded(Unavailable):
    code = "overloaded"


class ProviderUnavailable(Unavailable):
    code = "provider_unavailable"


class ProviderThrottled(ProviderUnavailable):
    code = "provider_throttled"


class Superseded(Refused):
    code = "superseded"


class EpochSuperseded(Superseded):
    code = "epoch_superseded"


class VersionSuperseded(Superseded):
    code = "version_superseded"
