"""Passwords: which are taken, and that each is kept to the byte."""

import unicodedata

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED
from tests.e2e.mailbox import RESET, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.test_accounts_change_password import change
from tests.e2e.test_accounts_reset import forgot, logs_in_with, reset
from tests.e2e.test_accounts_verification import another

LONG = "four words, and then some more of them: " * 7
"""Longer than any password may be."""


async def registered(person: Person, password: str) -> Person:
    """Somebody new in this browser, with this password."""
    new = another(person)
    new.password = password
    answer = await new.register()
    assert answer.status_code == 201, answer.text
    return new


@EMBEDDED
async def test_length_is_what_counts(stranger: Person) -> None:
    for length in (12, 15, 64, 128, 256):
        await (await registered(stranger, LONG[:length])).log_in()
    for length in (1, 7, 11, 257, 280):
        body = problem(await another(stranger).register(LONG[:length]), 400, "invalid_input")
        assert [entry["field"] for entry in body["errors"]] == ["password"]
    for taken in (
        "all lowercase words",
        "ALL UPPERCASE WORDS",
        "8472 0916 3358 2741",
        "ünï cødé wörds",
        "🧭🐎🔋📎🎈🧀🪁🥁🌋🪐🧶🦑",
    ):
        await (await registered(stranger, taken)).log_in()


@EMBEDDED
async def test_what_is_much_too_long_is_never_read(stranger: Person, person: Person) -> None:
    huge = "x" * 2**20
    answers = [
        await another(stranger).register(huge),
        await stranger.try_to_log_in(huge),
        await change(person, huge),
        await change(person, LONG[:64], current=huge),
        await reset(stranger, "x", huge),
        await stranger.post("/auth/verify-email", token="x", password=huge),
    ]
    for answer in answers:
        problem(answer, 413, "body_too_large")


@EMBEDDED
async def test_no_byte_of_a_long_password_is_left_out(stranger: Person) -> None:
    for length in (73, 128, 256):
        person = await registered(stranger, LONG[:length])
        others = [LONG[: length - 1] + "!", LONG[:72], LONG[: length - 1], LONG[: length + 1]]
        assert await logs_in_with(person, LONG[:length], *others) == [LONG[:length]]


@EMBEDDED
async def test_a_password_is_kept_as_it_was_typed(stranger: Person) -> None:
    typed = "  Zürich \t p\0aaaa, ß and ẞ "
    person = await registered(stranger, typed)
    others = [
        typed.strip(), typed.rstrip(), typed.lower(), typed.upper(), typed.swapcase(), typed.replace("\0", ""),
        typed.replace("\0aaaa", "\0bbbb"), typed.partition("\0")[0], typed.replace("  ", " "), typed.replace("ü", "u"),
        typed.replace("ß", "ss"), typed.replace("ẞ", "ß"), typed.replace("\t", " "),
    ]  # fmt: skip
    assert await logs_in_with(person, typed, *others) == [typed]


@EMBEDDED
async def test_every_keyboard_types_the_same_accents(stranger: Person) -> None:
    composed = "crème brûlée à l'école"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    for chosen in (composed, decomposed):
        person = await registered(stranger, chosen)
        assert await logs_in_with(person, composed, decomposed) == [composed, decomposed]
        form = {"username": person.email, "password": decomposed}
        assert (await person.call("POST", "/auth/token", data=form, bearer="")).status_code == 200


COMMON = [
    "passwordpassword", "password1234", "123456789012", "qwertyuiop12", "1q2w3e4r5t6y", "aaaaaaaaaaaa", "iloveyou2024",
    "PASSWORD1234", "abcdefghijkl", "letmeinletmein", "qwertyqwerty", "1qaz2wsx3edc", "monkeymonkey", "123123123123",
    "Summer2025!!", "changeme1234", "administrator", "111111111111", "sunshine1234", "asdfghjkl;'#",
    "vectorshift1", "VectorShift2026", "vectorshift!!", "vectorshiftvectorshift",
]  # fmt: skip
"""Of the words that attackers try first, and of the product's name."""


def own_words(email: str) -> list[str]:
    local = email.partition("@")[0]
    return [email, email.upper(), local, f"{local}!", f"{local}2026"]


@EMBEDDED
async def test_a_password_that_is_tried_first_is_refused_wherever_one_is_chosen(
    person: Person, stranger: Person, mailbox: Mailbox
) -> None:
    await forgot(person)
    token = await mailbox.token(person.email, RESET)
    theirs, others = own_words(person.email), own_words(stranger.email)
    for typed, others_typed in zip([*COMMON, *theirs], [*COMMON, *others], strict=True):
        refused = [
            await stranger.register(others_typed),
            await change(person, typed),
            await reset(person, token, typed),
        ]
        for field, answer in zip(("password", "new_password", "new_password"), refused, strict=True):
            assert answer.status_code == 400, typed
            body = problem(answer, 400, "password_common")
            assert [entry["field"] for entry in body["errors"]] == [field]
            assert typed not in answer.text
    assert await logs_in_with(person, PASSWORD) == [PASSWORD]


@EMBEDDED
@pytest.mark.parametrize("path", ["/auth/token", "/auth/register", "/auth/reset-password", "/auth/verify-email"])
async def test_no_answer_repeats_a_password(stranger: Person, path: str) -> None:
    secret = "a-secret-that-nobody-repeats"
    bodies: list[dict[str, object]] = [
        {"email": stranger.email, "password": secret, "nonsense": secret},
        {"token": secret, "new_password": secret, "password": secret},
        {"email": [secret], "password": [secret], "token": [secret]},
        {"email": secret, "password": secret * 20, "token": secret * 20, "new_password": None},
    ]
    answers: list[httpx.Response] = [await stranger.call("POST", path, json=body, bearer="") for body in bodies]
    answers.append(await stranger.call("POST", path, json={}, params={"password": secret}, bearer=""))
    for answer in answers:
        problem(answer, answer.status_code)
        assert secret not in answer.text
