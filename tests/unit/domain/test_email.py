"""One spelling for each mailbox."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.email import email_address
from domain.errors import InvalidInput

LOCALS = st.text(st.sampled_from("abzABZ019.!#$%&'*+-/=?^_`{|}~éÅß日ж"), min_size=1, max_size=20)
LABELS = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,10}[a-zA-Z0-9])?", fullmatch=True).filter(
    lambda label: not label.lower().startswith("xn--")
)
DOMAINS = st.lists(LABELS, min_size=2, max_size=4).map(".".join)
ADDRESSES = st.builds("{}@{}".format, LOCALS, DOMAINS)


@pytest.mark.parametrize(
    "spelling",
    [
        "zoe\u0308@bücher.example",
        "zoë@bücher.example",
        "ZOË@BÜCHER.EXAMPLE",
        "  Zoë@Bu\u0308cher.Example\n",
        "zoë@xn--bcher-kva.example",
    ],
)
def test_every_spelling_of_a_mailbox_is_the_same_address(spelling: str) -> None:
    assert email_address(spelling) == "zoë@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ann",
        "ann@",
        "@example.org",
        "ann@localhost",
        "ann@.org",
        "ann@example..org",
        "ann@example.org.",
        "ann@-example.org",
        "ann@exam_ple.org",
        "ann@[127.0.0.1]",
        "an n@example.org",
        "ann@bob@example.org",
        '"ann"@example.org',
        "ann<ann@example.org>",
        "ann\0@example.org",
        "ann\u200b@example.org",
        "ann\ud800@example.org",
        "ann@exa\ud800mple.org",
        "a" * 65 + "@example.org",
        "ann@" + "a" * 64 + ".org",
        "ann@" + ".".join(["abcdefgh"] * 30) + ".org",
        "ann@example.org\nbcc: bob@example.org",
    ],
)
def test_what_cannot_be_an_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        email_address(text)
    assert refusal.value.field == "email"


@given(ADDRESSES)
def test_a_canonical_address_is_its_own_canonical_spelling(text: str) -> None:
    address = email_address(text)
    assert email_address(address) == address


@given(ADDRESSES)
def test_case_and_normal_form_and_spaces_do_not_matter(text: str) -> None:
    # "ß" has two upper-case letters: written that way it is another address.
    lower = text.lower()
    spellings = [text, f" {text}\t", lower, unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", lower)]
    assert len({email_address(spelling) for spelling in spellings}) == 1


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = email_address(text)
    except InvalidInput:
        return
    local, _, domain = address.rpartition("@")
    assert local
    assert domain.isascii()
    assert len(address.encode()) <= 254
