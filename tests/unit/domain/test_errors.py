"""The tree of refusals: codes that clients may rely on."""

import re
from collections.abc import Iterator

import pytest

import domain.errors
from domain.errors import AuthorizationRefused, InvalidInput, Refused, Unavailable


def descendants(error: type[Refused]) -> Iterator[type[Refused]]:
    for child in error.__subclasses__():
        yield child
        yield from descendants(child)


ERRORS = sorted(
    {error for error in descendants(Refused) if error.__module__ == domain.errors.__name__},
    key=lambda error: error.__name__,
)


@pytest.mark.parametrize("error", ERRORS)
def test_every_refusal_has_a_code_of_its_own(error: type[Refused]) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*", error.code)
    assert "code" in vars(error)


def test_the_picture_of_the_tree_is_true() -> None:
    drawn = re.findall(r"^([│ ]*)[├└]── (\w+)", domain.errors.__doc__ or "", re.MULTILINE)
    path: list[str] = []
    pairs: set[tuple[str, str]] = set()
    for indent, name in drawn:
        depth = len(indent) // 4
        pairs.add((path[depth - 1] if depth else "Refused", name))
        path[depth:] = [name]
    assert pairs == {(base.__name__, error.__name__) for error in ERRORS for base in error.__bases__}


def test_a_refusal_tells_what_it_was_given() -> None:
    assert InvalidInput("email", "no").field == "email"
    assert Unavailable(retry_after=7).retry_after == 7
    assert AuthorizationRefused("detail").detail == "detail"
