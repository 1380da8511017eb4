"""The mailbox: mails are handed over by HTTP instead of SMTP, and read by programs and people."""

import re
import time
from collections import deque
from html import escape
from typing import Annotated

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency, Provide
from msgspec import Meta, Struct, field

from sandbox.core.control import Call, ControlRefused, read_body
from sandbox.core.moments import moment
from sandbox.core.page import page

KEPT_MAILS = 1000
MAX_BODY_BYTES = 512 * 1024
ACCENT = "#0f766e"
STYLE = """
.mail h2{margin-top:0}
.mail .quiet span{margin-right:1rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin-top:1rem}
"""

Line = Annotated[str, Meta(max_length=1000)]
Body = Annotated[str, Meta(max_length=65_536)]

# What ends a sentence or a parenthesis after a link is not part of it.
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,:;!?)\]}']")


class HandedOver(Struct, forbid_unknown_fields=True):
    message_id: Line
    sender: Line = field(name="from")
    to: Line
    subject: Line
    text: Body
    html: Body


class ReceivedMail(Struct):
    message_id: str
    sender: str = field(name="from")
    to: str
    subject: str
    text: str
    html: str
    links: list[str]
    """The addresses in ``text``, each once, in their order."""
    at: str


class Mailbox:
    """The last 1,000, oldest first."""

    def __init__(self) -> None:
        self._mails: deque[ReceivedMail] = deque(maxlen=KEPT_MAILS)

    @property
    def mails(self) -> list[ReceivedMail]:
        return list(self._mails)

    def add(self, mail: HandedOver) -> None:
        links = list(dict.fromkeys(text for text, is_link in _pieces(mail.text) if is_link))
        self._mails.append(
            ReceivedMail(
                mail.message_id, mail.sender, mail.to, mail.subject, mail.text, mail.html, links, moment(time.time())
            )
        )

    def clear(self) -> None:
        self._mails.clear()


@post("/mail/messages", status_code=202, request_max_body_size=MAX_BODY_BYTES)
async def take_mail(request: Call, mailbox: NamedDependency[Mailbox]) -> dict[str, str]:
    if request.headers.keys() & {"origin", "sec-fetch-site"}:
        raise ControlRefused(403, "programs hand mails over, pages do not")
    mail = await read_body(request, HandedOver)
    mailbox.add(mail)
    return {"message_id": mail.message_id}


@get("/_control/mail")
async def show_mails(mailbox: NamedDependency[Mailbox]) -> dict[str, list[ReceivedMail]]:
    return {"items": mailbox.mails}


@delete("/_control/mail")
async def forget_mails(mailbox: NamedDependency[Mailbox]) -> None:
    mailbox.clear()


@get("/mail/")
async def mailbox_page(mailbox: NamedDependency[Mailbox]) -> Response[str]:
    mails = mailbox.mails
    intro = (
        f'<div class="card"><h1>Mailbox</h1><p>Mails that were sent to anybody arrive here, and go no further: the '
        f"newest first, the last {KEPT_MAILS:,} of them. Load the page again to see what has come since.</p>"
        f'<p class="quiet"><a href="/">Back to the sandbox</a></p></div>'
    )
    cards = "".join(_card(mail) for mail in reversed(mails)) or '<div class="card"><p>No mail yet.</p></div>'
    return page(title="Mailbox", accent=ACCENT, body=intro + cards, wide=True, rules=STYLE)


def mail_routes() -> Router:
    """The paths of a mailbox that is empty now."""
    mailbox = Mailbox()
    return Router(
        "/",
        route_handlers=[take_mail, show_mails, forget_mails, mailbox_page],
        dependencies={"mailbox": Provide(lambda: mailbox, sync_to_thread=False)},
    )


def home_card(address: str) -> str:
    """What the first page says about it."""
    calls = [("Show what has arrived", ""), ("Empty it", "-X DELETE ")]
    lines = "".join(
        f"<h2>{what}</h2><pre>curl -s {option}{escape(address)}/_control/mail</pre>" for what, option in calls
    )
    return (
        f'<div class="card"><h1>Mailbox</h1><p>Mails of an app that has no mail server arrive here instead: '
        f'<a href="/mail/">read them</a>.</p>{lines}</div>'
    )


def _card(mail: ReceivedMail) -> str:
    text = "".join(_anchor(piece) if is_link else escape(piece) for piece, is_link in _pieces(mail.text))
    return (
        f'<div class="card mail"><h2>{escape(mail.subject)}</h2><p class="quiet"><span>to {escape(mail.to)}</span>'
        f"<span>from {escape(mail.sender)}</span><span>{mail.at[:10]} {mail.at[11:19]} UTC</span></p>"
        f'<div class="text">{text}</div></div>'
    )


def _anchor(link: str) -> str:
    return f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer">{escape(link)}</a>'


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a link."""
    pieces, at = [], 0
    for match in _LINK.finditer(text):
        pieces += [(text[at : match.start()], False), (match[0], True)]
        at = match.end()
    return [*pieces, (text[at:], False)]
