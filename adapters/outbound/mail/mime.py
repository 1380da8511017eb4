from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from adapters.outbound.mail.message import Message

_LONGEST_LINE = 998
"""Bytes of a line, its end not counted (RFC 5322 section 2.1.1)."""


def needs_utf8(message: Message) -> bool:
    """Whether the recipient's name is one that only servers with SMTPUTF8 (RFC 6531) can take."""
    return not message.to.isascii()


def mime_message(message: Message) -> bytes:
    """As it travels (RFC 5322, RFC 2046): ASCII, unless ``needs_utf8``. Raises ValueError for a line break in a
    header."""
    local, _, domain = message.to.rpartition("@")
    mime = EmailMessage(policy=SMTPUTF8 if needs_utf8(message) else SMTP)
    mime["Message-ID"] = message.id
    mime["Date"] = message.at
    mime["From"] = Address(message.sender.name, message.sender.local, message.sender.domain)
    mime["To"] = Address("", local, domain)
    mime["Subject"] = message.subject
    # RFC 3834: keeps "I am on holiday" from being answered to us.
    mime["Auto-Submitted"] = "auto-generated"
    mime.set_content(message.text, cte=_encoding(message.text))
    mime.add_alternative(message.html, subtype="html", cte=_encoding(message.html))
    return mime.as_bytes()


def _encoding(body: str) -> str:
    """As it stands where that is possible: a link then is one that a person finds in the raw mail as well."""
    plain = body.isascii() and max(map(len, body.splitlines()), default=0) <= _LONGEST_LINE
    return "7bit" if plain else "quoted-printable"
