"""A mail, put into words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError, select_autoescape

from adapters.outbound.mail.sender import Sender, mail_sender
from application.ports.mailer import MailRefused
from domain.email import EmailAddress
from domain.mail import Mail, MailKind

_SUBJECTS: Mapping[MailKind, str] = {
    MailKind.VERIFY_EMAIL: "Confirm your e-mail address",
    MailKind.ALREADY_REGISTERED: "You already have an account",
    MailKind.RESET_PASSWORD: "Choose a new password",
    MailKind.PASSWORD_CHANGED: "Your password was changed",
    MailKind.IDENTITY_LINKED: "A new way to sign in was added",
    MailKind.IDENTITY_UNLINKED: "A way to sign in was removed",
    MailKind.CONNECTION_BROKEN: "One of your connections needs you",
    MailKind.ACCOUNT_DELETED: "Your account was deleted",
    MailKind.REFRESH_REUSE: "We ended one of your sessions",
}
_TEMPLATES = Path(__file__).with_name("templates")
_ID = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_RECIPIENT = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\]]+@[a-z0-9.-]+")

_LONGEST_ABOUT = 78
"""So that it stays on its line (RFC 5322 section 2.1.1); others have chosen the name that is in it."""


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    """The Message-ID (RFC 5322 section 3.6.4), within its angle brackets."""
    sender: Sender
    to: EmailAddress
    at: datetime
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


class MessageRenderer:
    """Puts every mail into words of its own, as text and as HTML that needs nothing from outside."""

    def __init__(self, *, sender: str, web_url: str) -> None:
        """``sender`` as ``mail_sender`` reads it; ``web_url``: the origin whose host stands behind the ``@`` of each
        Message-ID. Raises ValueError."""
        self._sender = mail_sender(sender)
        self.host = _host(web_url)
        templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._texts = {kind: templates.get_template(f"{kind}.txt") for kind in MailKind}
        self._pages = {kind: templates.get_template(f"{kind}.html") for kind in MailKind}

    def render(self, mail: Mail) -> Message:
        """Raises MailRefused for what can be no recipient, ValueError for a mail that lacks its link."""
        if not _RECIPIENT.fullmatch(mail.to):
            raise MailRefused("nobody can have this address")
        if not _ID.fullmatch(mail.id):
            raise ValueError("a mail's id is letters, digits, hyphens, underscores and single dots")
        subject = _SUBJECTS[mail.kind]
        words = {"subject": subject, "at": f"{mail.at.astimezone(UTC):%Y-%m-%d at %H:%M} UTC"}
        if mail.link is not None:
            # Else it stays undefined: a template that is about the link then fails, one that can do without asks first.
            words["link"] = mail.link.reveal()
        if mail.about is not None:
            words["about"] = shorten("".join(filter(str.isprintable, mail.about)), _LONGEST_ABOUT, placeholder="…")
        try:
            text, html = self._texts[mail.kind].render(words), self._pages[mail.kind].render(words)
        except UndefinedError as error:
            raise ValueError(f"{mail.kind} is about a link, and there is none") from error
        return Message(f"<{mail.id}@{self.host}>", self._sender, mail.to, mail.at, subject, text, html)


def _host(web_url: str) -> str:
    """As it is written in a mail: an IPv6 address as RFC 5321 section 4.1.3 has it."""
    host = urlsplit(web_url).hostname or ""
    written = f"[IPv6:{host}]" if ":" in host else host.encode("idna").decode("ascii")
    if not re.fullmatch(r"[A-Za-z0-9.-]+|\[IPv6:[0-9A-Fa-f:.]+\]", written):
        raise ValueError("the web UI's address names no host")
    return written
