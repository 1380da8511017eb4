"""A secret is shown by nothing and opened by nobody by accident."""

import copy
import json
import pickle
from dataclasses import asdict, dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.connection import Account
from domain.credential import Grant, Tokens
from domain.secret import Secret

TEXT = "hunter2-hunter2"


@dataclass(frozen=True, slots=True)
class Holder:
    secret: Secret


def test_it_can_be_revealed_on_purpose() -> None:
    assert Secret(TEXT).reveal() == TEXT


@given(st.text(st.characters(min_codepoint=128), min_size=1))
def test_it_is_never_printed(text: str) -> None:
    secret = Secret(text)
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r}", repr([secret]), repr(Holder(secret))]
    assert not any(text in one for one in shown)


def test_no_format_opens_it() -> None:
    with pytest.raises(TypeError):
        f"{Secret(TEXT):>20}"


def test_a_grant_does_not_print_its_tokens() -> None:
    grant = Grant(Tokens(Secret(TEXT), Secret(TEXT + "2"), None, ("oauth",)), Account("1", "Acme"))
    assert TEXT not in repr(grant)


@pytest.mark.parametrize("encode", [msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins, json.dumps])
@pytest.mark.parametrize("value", [Secret(TEXT), [Secret(TEXT)], {"a": Secret(TEXT)}], ids=["bare", "list", "dict"])
def test_no_encoder_opens_it(encode: object, value: object) -> None:
    assert callable(encode)
    with pytest.raises(TypeError):
        encode(value)


def test_no_encoder_opens_one_in_a_dataclass() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode(Holder(Secret(TEXT)))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(TEXT), protocol=protocol)


def test_it_has_no_dictionary_to_look_into() -> None:
    with pytest.raises(TypeError):
        vars(Secret(TEXT))
    with pytest.raises(TypeError):
        copy.copy(Secret(TEXT))
    with pytest.raises(TypeError):
        asdict(Holder(Secret(TEXT)))


def test_it_equals_the_same_secret_and_nothing_else() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret(TEXT) != Secret(TEXT + "3")
    assert Secret(TEXT) != TEXT
    assert Secret("") != None  # noqa: E711


@given(st.text(), st.text())
def test_it_compares_any_text(one: str, another: str) -> None:
    assert (Secret(one) == Secret(another)) == (one == another)


def test_it_is_no_key() -> None:
    with pytest.raises(TypeError):
        hash(Secret(TEXT))
