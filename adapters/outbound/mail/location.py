import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

Tls = Literal["none", "starttls", "implicit"]

_SUBMISSION_PORT = 587
_IMPLICIT_TLS_PORT = 465
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EXAMPLE = "smtp://user:password@host:587?tls=none|starttls|implicit"


@dataclass(frozen=True, slots=True)
class SmtpLocation:
    host: str
    """A name in its ASCII form, or an IP address without brackets."""
    port: int = _SUBMISSION_PORT
    tls: Tls = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError for a password that would travel in the clear, and for half a login."""
        if (self.username is None) != (self.password is None):
            raise ValueError("an SMTP server takes a user and a password, or neither")
        if self.username is not None and self.tls == "none":
            raise ValueError("with tls=none an SMTP password would travel in the clear: use starttls or implicit")

    def __str__(self) -> str:
        return f"{self.host}:{self.port} (tls={self.tls})"


def smtp_location(url: str) -> SmtpLocation:
    """What ``smtp://user:password@host:587?tls=none|starttls|implicit`` names; user and password are percent-encoded.
    The port is 587 and TLS begins with STARTTLS (RFC 6409, RFC 3207) unless it says otherwise; on port 465 TLS is there
    from the first byte (RFC 8314). Raises ValueError."""
    try:
        return _read(url)
    except _Odd as error:
        raise ValueError(f"{error}; an SMTP address looks like {_EXAMPLE}") from None
    except UnicodeError:
        # Nothing of it is quoted: a password that was not percent-encoded can look like any part.
        raise ValueError(f"this cannot be read; an SMTP address looks like {_EXAMPLE}") from None


class _Odd(Exception):
    """Says what is wrong, without quoting it."""


def _read(url: str) -> SmtpLocation:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _Odd("host and port cannot be told apart (is the password percent-encoded?)") from None
    if parts.scheme != "smtp" or parts.path not in ("", "/") or parts.fragment or _CONTROL.search(url):
        raise _Odd("this is another kind of address (is the password percent-encoded?)")
    if port == 0:
        raise _Odd("no server listens on port 0")
    port = port or _SUBMISSION_PORT
    return SmtpLocation(
        host=_host(parts.hostname or ""),
        port=port,
        tls=_tls(parts.query) or ("implicit" if port == _IMPLICIT_TLS_PORT else "starttls"),
        username=_decoded(parts.username),
        password=_decoded(parts.password),
    )


def _host(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        name = text.encode("idna").decode("ascii").lower()
    if not _HOST.fullmatch(name):
        raise _Odd("the host has an impossible name")
    return name


def _tls(query: str) -> Tls | None:
    options = parse_qs(query, keep_blank_values=True)
    given = options.pop("tls", [])
    if options or len(given) > 1:
        raise _Odd("tls is the one option that there is")
    for known in get_args(Tls):
        if given == [known]:
            choice: Tls = known
            return choice
    if given:
        raise _Odd("tls is none, starttls or implicit")
    return None


def _decoded(text: str | None) -> str | None:
    decoded = unquote_to_bytes(text).decode() if text else None
    if decoded and _CONTROL.search(decoded):
        raise _Odd("user and password have no control characters")
    return decoded
