"""A mail in words, and as it travels."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.outbound.mail.message import Message, MessageRenderer
from adapters.outbound.mail.mime import mime_message, needs_utf8
from adapters.outbound.mail.sender import mail_sender
from application.ports.mailer import MailRefused
from domain.email import EmailAddress, email_address
from domain.mail import Mail, MailKind
from domain.secret import Secret
from tests.unit.domain.test_email import ADDRESSES

LINK = "https://app.example.com/app/reset-password#token=a_b-c"
AT = datetime(2026, 5, 3, 10, 15, tzinfo=UTC)
ABOUT_A_LINK = {MailKind.VERIFY_EMAIL, MailKind.RESET_PASSWORD}
LINE_BREAKS = ["\r\nBcc: eve@example.org", "\nBcc: eve@example.org", "\rx", "\0", "\x0b", "\x1c", "\u2028"]


def a_renderer(
    *, sender: str = "VectorShift <mail@example.com>", web_url: str = "https://app.example.com"
) -> MessageRenderer:
    return MessageRenderer(sender=sender, web_url=web_url)


RENDERER = a_renderer()


def a_mail(
    kind: MailKind = MailKind.RESET_PASSWORD,
    *,
    mail_id: str = "0196a0b4-7c1e-7e2a-8f00-0123456789ab",
    to: str = "ann@example.org",
    at: datetime = AT,
    link: str | None = LINK,
) -> Mail:
    return Mail(mail_id, kind, EmailAddress(to), at, None if link is None else Secret(link))


def a_message(kind: MailKind = MailKind.RESET_PASSWORD, *, to: str = "ann@example.org", link: str = LINK) -> Message:
    return RENDERER.render(a_mail(kind, to=to, link=link))


def parsed(message: Message) -> EmailMessage:
    return message_from_bytes(mime_message(message), policy=SMTP)


def body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


@pytest.mark.parametrize("kind", MailKind)
class TestEveryKind:
    def test_it_says_what_happened_and_what_to_do_if_it_was_not_you(self, kind: MailKind) -> None:
        message = a_message(kind)
        assert message.subject
        for words in (message.text, message.html):
            assert "VectorShift" in words
            assert re.search(r"If it was not you|If you do not", words)

    def test_text_and_html_tell_the_same_time_or_none(self, kind: MailKind) -> None:
        message = a_message(kind)
        told = [re.findall(r"\S+\s+at \S+ UTC", words) for words in (message.text, message.html)]
        assert told[0] == told[1]
        assert told[0] == ([] if kind in ABOUT_A_LINK else ["2026-05-03 at 10:15 UTC"])

    def test_the_link_is_whole_in_both_and_the_only_address(self, kind: MailKind) -> None:
        message = a_message(kind)
        assert re.findall(r"https?://\S+", message.text) == [LINK]
        assert set(re.findall(r"https?://[^\s\"<]+", message.html)) == {LINK}
        assert f'href="{LINK}"' in message.html

    def test_it_needs_nothing_from_outside_and_runs_nothing(self, kind: MailKind) -> None:
        html = a_message(kind).html
        assert not re.findall(
            r"<(?:img|script|link|iframe|object|form|base|video)\b|\bsrc=|url\(|@import|\bon\w+=", html
        )

    def test_it_can_be_read_in_the_dark(self, kind: MailKind) -> None:
        html = a_message(kind).html
        assert '<meta name="color-scheme" content="light dark">' in html
        # Whoever sets one of the two colours sets the other as well: else dark text may meet a dark ground.
        for style in re.findall(r'style="([^"]*)"', html):
            colours = dict(rule.split(":") for rule in style.split(";"))
            assert ("background-color" in colours) == (colours.get("color", "inherit") != "inherit")

    def test_lines_of_text_are_short(self, kind: MailKind) -> None:
        assert max(len(line) for line in a_message(kind).text.splitlines()) <= 80

    def test_without_a_link_it_is_a_notice_or_none_at_all(self, kind: MailKind) -> None:
        mail = a_mail(kind, link=None)
        if kind in ABOUT_A_LINK:
            with pytest.raises(ValueError, match="link"):
                RENDERER.render(mail)
        else:
            message = RENDERER.render(mail)
            assert "://" not in message.text + message.html
            assert "\n\n\n" not in message.text


class TestWords:
    def test_the_time_is_told_in_utc(self) -> None:
        tokyo = datetime(2026, 5, 3, 1, 5, tzinfo=timezone(timedelta(hours=9)))
        message = RENDERER.render(a_mail(MailKind.PASSWORD_CHANGED, at=tokyo, link=None))
        assert "2026-05-02 at 16:05 UTC" in message.text

    def test_a_link_cannot_become_more_than_a_link(self) -> None:
        html = a_message(link='https://app.example.com/"><script>x</script>').html
        assert "<script>" not in html
        assert "&lt;script&gt;" in html

    def test_a_broken_connection_is_named(self) -> None:
        mail = replace(a_mail(MailKind.CONNECTION_BROKEN), about="HubSpot (Acme & Sons)")
        message = RENDERER.render(mail)
        assert "\nHubSpot (Acme & Sons)\n" in message.text
        assert "HubSpot (Acme &amp; Sons)" in message.html

    @pytest.mark.parametrize("name", ["a\r\nBcc: b@example.org", "\N{RIGHT-TO-LEFT OVERRIDE}x", "long " * 100])
    def test_what_others_have_named_stays_on_its_line(self, name: str) -> None:
        text = RENDERER.render(replace(a_mail(MailKind.CONNECTION_BROKEN), about=name)).text
        line, after = text.partition("from it:\n\n")[2].splitlines()[:2]
        assert line.isprintable()
        assert (0 < len(line) <= 78, after) == (True, "")

    def test_words_and_link_are_not_shown_by_repr(self) -> None:
        assert "token" not in repr(a_message())


class TestHeaders:
    def test_they_are_those_of_the_mail(self) -> None:
        message = parsed(a_message())
        assert message["Message-ID"] == "<0196a0b4-7c1e-7e2a-8f00-0123456789ab@app.example.com>"
        assert parsedate_to_datetime(str(message["Date"])) == AT
        assert message["From"] == "VectorShift <mail@example.com>"
        assert message["To"] == "ann@example.org"
        assert message["Subject"] == "Choose a new password"
        assert message["Auto-Submitted"] == "auto-generated"

    @pytest.mark.parametrize("name", ["Bcc", "Cc", "Reply-To", "Sender"])
    def test_nobody_else_is_in_them(self, name: str) -> None:
        assert parsed(a_message())[name] is None

    @pytest.mark.parametrize(
        ("web_url", "host"),
        [
            ("http://localhost:3000", "localhost"),
            ("https://APP.example.com:8443", "app.example.com"),
            ("https://bücher.example", "xn--bcher-kva.example"),
            ("http://127.0.0.1:8000", "127.0.0.1"),
            ("http://[::1]:8000", "[IPv6:::1]"),
        ],
    )
    def test_the_message_id_ends_with_the_web_uis_host(self, web_url: str, host: str) -> None:
        message = a_renderer(web_url=web_url).render(a_mail(mail_id="m-1"))
        assert message.id == f"<m-1@{host}>"
        assert parsed(message)["Message-ID"] == message.id

    @pytest.mark.parametrize(
        "web_url", ["", "app.example.com", "https://", "https://a b.example", "https://a_\0.example"]
    )
    def test_an_address_without_a_host_is_refused(self, web_url: str) -> None:
        with pytest.raises(ValueError, match="host"):
            a_renderer(web_url=web_url)

    def test_a_name_of_any_script_is_the_senders(self) -> None:
        renderer = a_renderer(sender='"Änne, of VectorShift" <mail@example.com>')
        [sender] = parsed(renderer.render(a_mail()))["From"].addresses
        assert (sender.display_name, sender.addr_spec) == ("Änne, of VectorShift", "mail@example.com")

    @pytest.mark.parametrize("sender", ["x" * 100, '"q\\"uoted" name', "a@b, c;:\\()[]", "=?utf-8?q?hi?="])
    def test_a_name_stays_a_name(self, sender: str) -> None:
        [one] = parsed(a_renderer(sender=f"{sender} <mail@example.com>").render(a_mail()))["From"].addresses
        assert one.addr_spec == "mail@example.com"


class TestInjection:
    @pytest.mark.parametrize("tail", LINE_BREAKS)
    def test_no_recipient_has_a_line_break(self, tail: str) -> None:
        for address in (f"ann@example.org{tail}", f"ann{tail}@example.org"):
            with pytest.raises(MailRefused):
                RENDERER.render(a_mail(to=address))

    @pytest.mark.parametrize(
        "to", ["", "ann", "@example.org", "a@b, c@d", "<ann@example.org>", "a b@example.org", "a@b@c"]
    )
    def test_what_is_no_single_address_is_no_recipient(self, to: str) -> None:
        with pytest.raises(MailRefused):
            RENDERER.render(a_mail(to=to))

    @pytest.mark.parametrize("tail", LINE_BREAKS)
    def test_no_id_has_one(self, tail: str) -> None:
        with pytest.raises(ValueError, match="id"):
            RENDERER.render(a_mail(mail_id=f"m{tail}"))

    @pytest.mark.parametrize("tail", LINE_BREAKS)
    def test_no_sender_has_one(self, tail: str) -> None:
        for sender in (f"Name{tail} <mail@example.com>", f"mail{tail}@example.com", f"Name <mail@example.com{tail}>"):
            with pytest.raises(ValueError, match="sender"):
                mail_sender(sender)

    @pytest.mark.parametrize("tail", LINE_BREAKS)
    def test_in_a_link_it_stays_in_the_body(self, tail: str) -> None:
        message = parsed(a_message(link=f"https://app.example.com/{tail}"))
        assert message["Bcc"] is None
        assert message.defects == []
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


class TestMime:
    def test_the_text_comes_first_and_the_html_is_the_other_form_of_it(self) -> None:
        rendered = a_message()
        message = parsed(rendered)
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        assert body(message, "plain") == rendered.text
        assert body(message, "html") == rendered.html

    def test_a_person_finds_the_link_in_the_raw_mail(self) -> None:
        long_link = f"{LINK}{'x' * 200}"
        assert f"\r\n{long_link}\r\n".encode() in mime_message(a_message(link=long_link))

    @pytest.mark.parametrize("link", ["https://bücher.example/#token=x", f"https://a.example/{'x' * 2000}"])
    def test_what_is_no_short_ascii_line_arrives_whole_all_the_same(self, link: str) -> None:
        raw = mime_message(a_message(link=link))
        assert raw.isascii()
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert link in body(message_from_bytes(raw, policy=SMTP), "plain").split()

    @settings(deadline=None)
    @given(ADDRESSES)
    def test_any_address_stands_in_the_header_as_it_is(self, text: str) -> None:
        address = email_address(text)
        message = a_message(to=address)
        raw = mime_message(message)
        assert needs_utf8(message) or raw.isascii()
        header = re.search(rb"^To:\s+(\S+)\r\n\S", raw, re.MULTILINE)
        assert header is not None
        assert header[1].decode() == address


class TestSender:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("mail@example.com", "mail@example.com"),
            (" <mail@example.com> ", "mail@example.com"),
            ("VectorShift <mail@example.com>", "VectorShift <mail@example.com>"),
            ('"Vector \\"Shift\\"" <mail@example.com>', 'Vector "Shift" <mail@example.com>'),
            ("VectorShift<No-Reply@localhost>", "VectorShift <No-Reply@localhost>"),
            ("日本 <mail@bücher.example>", "日本 <mail@xn--bcher-kva.example>"),
        ],
    )
    def test_a_name_and_an_address_are_told_apart(self, text: str, shown: str) -> None:
        assert str(mail_sender(text)) == shown

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "VectorShift",
            "VectorShift <>",
            "VectorShift <mail>",
            "VectorShift <@example.com>",
            "mail@",
            "mail@exa mple.com",
            "mail@example..com",
            "mail@-example.com",
            ".mail@example.com",
            "ma..il@example.com",
            "zoë@example.com",
            "a@b <mail@example.com> <x@y>",
            "mail@example.com, more@example.com",
            "a" * 65 + "@example.com",
            "x" * 101 + " <mail@example.com>",
            "mail@" + "a" * 64 + ".com",
        ],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"sender|name"):
            mail_sender(text)

    @given(st.text(max_size=80))
    def test_any_text_is_a_sender_or_refused(self, text: str) -> None:
        try:
            sender = mail_sender(text)
        except ValueError:
            return
        assert sender.address.isascii()
        assert str(sender).isprintable()
