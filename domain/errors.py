"""Refusals of the product. Each has a stable ``code`` that clients may rely on; how it looks on the wire is not theirs.

Refused
├── InvalidInput                    a value breaks a rule of the domain; names the field
│   ├── PasswordCommon              attackers try it first
│   └── WrongPassword               the present password was not given
├── LinkInvalid                     a mailed link that opens nothing: used, expired, replaced, or never made
├── LimitReached                    too often; names the wait
├── NotFound                        it does not exist, or is somebody else's
├── CursorInvalid                   altered, of another user, or of another query
├── QueryNotSupported               the store cannot serve this combination at flat cost
├── EmailTaken
├── EmailUnverified                 the identity provider has not seen that the address is this person's
├── LinkRequired                    the address has an account, which this identity does not open
├── IdentityRefused                 the identity provider did not take the code, or its id_token is wrong
├── IdentityTaken                   it opens another account
├── LastSignInMethod                without it nothing would open the account
├── ReauthenticationRequired        this session was opened too long ago for that
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
│   ├── MailerUnavailable
│   ├── IdentityProviderUnavailable
│   └── ProviderUnavailable
│       ├── ProviderThrottled
│       └── ClientRefused           the provider does not know this installation: its operator must act
└── Superseded                      somebody else went first (never leaves the application)
    ├── EpochSuperseded             another run of this connection has begun
    └── VersionSuperseded           the row has changed since it was read
"""

from domain.ids import FlowId, UserId


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


class PasswordCommon(InvalidInput):
    code = "password_common"


class WrongPassword(InvalidInput):
    code = "wrong_password"


class LinkInvalid(Refused):
    code = "link_invalid"


class LimitReached(Refused):
    """``retry_after`` is in seconds."""

    code = "rate_limited"

    def __init__(self, *, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class NotFound(Refused):
    code = "not_found"


class CursorInvalid(Refused):
    code = "cursor_invalid"


class QueryNotSupported(Refused):
    code = "query_not_supported"


class EmailTaken(Refused):
    code = "email_taken"


class EmailUnverified(Refused):
    code = "email_unverified"


class LinkRequired(Refused):
    code = "link_required"


class IdentityRefused(Refused):
    code = "identity_refused"


class IdentityTaken(Refused):
    code = "identity_taken"


class LastSignInMethod(Refused):
    code = "last_sign_in_method"


class ReauthenticationRequired(Refused):
    code = "reauthentication_required"


class NotAuthenticated(Refused):
    code = "not_authenticated"


class LoginFailed(NotAuthenticated):
    code = "login_failed"


class SessionEnded(NotAuthenticated):
    code = "session_ended"


class AuthorizationRefused(Refused):
    """What is known of the authorization is set by it (``Authorization.named``)."""

    code = "authorization_refused"

    flow: FlowId | None = None
    origin: str | None = None
    """The one that is told the outcome."""
    user: UserId | None = None
    """Who started it."""


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


class MailerUnavailable(Unavailable):
    code = "mailer_unavailable"


class IdentityProviderUnavailable(Unavailable):
    code = "identity_provider_unavailable"


class ProviderUnavailable(Unavailable):
    code = "provider_unavailable"


class ProviderThrottled(ProviderUnavailable):
    code = "provider_throttled"


class ClientRefused(ProviderUnavailable):
    code = "client_refused"


class Superseded(Refused):
    code = "superseded"


class EpochSuperseded(Superseded):
    code = "epoch_superseded"


class VersionSuperseded(Superseded):
    code = "version_superseded"
