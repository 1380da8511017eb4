"""Mail servers by their URL."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.mail.location import SmtpLocation, smtp_location


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("smtp://mail.example.com", SmtpLocation("mail.example.com", 587, "starttls")),
        ("smtp://Mail.Example.com/", SmtpLocation("mail.example.com", 587, "starttls")),
        ("smtp://mail.example.com?", SmtpLocation("mail.example.com", 587, "starttls")),
        ("smtp://mail.example.com:25?tls=none", SmtpLocation("mail.example.com", 25, "none")),
        ("smtp://mail.example.com:465", SmtpLocation("mail.example.com", 465, "implicit")),
        ("smtp://mail.example.com:465?tls=starttls", SmtpLocation("mail.example.com", 465, "starttls")),
        ("smtp://mail.example.com:2525?tls=implicit", SmtpLocation("mail.example.com", 2525, "implicit")),
        ("smtp://localhost:1025?tls=none", SmtpLocation("localhost", 1025, "none")),
        ("smtp://127.0.0.1", SmtpLocation("127.0.0.1")),
        ("smtp://[::1]:2525", SmtpLocation("::1", 2525)),
        ("smtp://bücher.example", SmtpLocation("xn--bcher-kva.example")),
        ("smtp://ann:secret@mail.example.com", SmtpLocation("mail.example.com", username="ann", password="secret")),
        (
            "smtp://ann%40example.org:p%C3%A4%2F%3F%23%25%3A+w@mail.example.com:587",
            SmtpLocation("mail.example.com", username="ann@example.org", password="pä/?#%:+w"),
        ),
    ],
)
def test_a_url_names_host_port_tls_and_login(url: str, location: SmtpLocation) -> None:
    assert smtp_location(url) == location


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "smtp://",
        "smtp://:587",
        "smtps://mail.example.com",
        "http://mail.example.com",
        "smtp://mail.example.com:0",
        "smtp://mail.example.com:65536",
        "smtp://mail.example.com:many",
        "smtp://mail.example.com/path",
        "smtp://mail.example.com#part",
        "smtp://mail.example.com?tls=maybe",
        "smtp://mail.example.com?tls=",
        "smtp://mail.example.com?tls=STARTTLS",
        "smtp://mail.example.com?tls=none&tls=starttls",
        "smtp://mail.example.com?timeout=5",
        "smtp://exa mple.com",
        "smtp://exa_mple.com",
        "smtp://example..com",
        "smtp://" + "a" * 64 + ".com",
        "smtp://[::1",
        "smtp://[::g]",
        "smtp://ann@mail.example.com",
        "smtp://:secret@mail.example.com",
        "smtp://ann:%0d%0a@mail.example.com",
        "smtp://ann:se\r\ncret@mail.example.com",
        "smtp://ann:%ff@mail.example.com",
    ],
)
def test_what_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP"):
        smtp_location(url)


@pytest.mark.parametrize(
    "password",
    ["hunter2/x", "hunter2?x", "hunter2#x", "hunter2@x", "hunter2:x", "[hunter2", "hunter2%ff", "hunter2\u2100x"],
)
@pytest.mark.parametrize("rest", ["mail.example.com", "mail.example.com?tls=none", "mail.example.com:many"])
def test_a_refusal_shows_nothing_of_the_password(password: str, rest: str) -> None:
    assert "hunter2" not in all_that_is_shown(f"smtp://ann:{password}@{rest}")


def all_that_is_shown(url: str) -> str:
    """Of a location, or of its refusal with everything that led to it."""
    try:
        location = smtp_location(url)
    except ValueError as error:
        return "".join(traceback.format_exception(error))
    return repr(location) + str(location)


def test_a_password_never_travels_in_the_clear() -> None:
    with pytest.raises(ValueError, match="clear"):
        smtp_location("smtp://ann:secret@mail.example.com?tls=none")
    with pytest.raises(ValueError, match="clear"):
        SmtpLocation("mail.example.com", tls="none", username="ann", password="secret")


@given(st.text(max_size=100))
def test_any_text_is_a_location_or_refused(text: str) -> None:
    for url in (text, f"smtp://{text}", f"smtp://ann:{text}@mail.example.com"):
        try:
            location = smtp_location(url)
        except ValueError:
            continue
        assert location.host.isascii()
        assert 0 < location.port < 65_536
