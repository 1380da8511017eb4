"""Envelopes open in their place, with their key, unaltered; or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.aes_vault import AesVault
from application.ports.vault import SealBroken

OLD, NEW = bytes(range(32)), bytes(range(100, 132))
VAULT = AesVault({"old": OLD})
PLACE = "credential|connection|access_token"


@given(content=st.binary(max_size=300), place=st.text(max_size=60))
def test_what_was_sealed_opens_in_its_place(content: bytes, place: str) -> None:
    assert VAULT.open(VAULT.seal(content, place), place) == content


@given(content=st.binary(min_size=4, max_size=100))
def test_nothing_of_the_content_is_seen(content: bytes) -> None:
    assert content not in VAULT.seal(content, PLACE)


@pytest.mark.parametrize("place", ["", PLACE + " ", PLACE[:-1], "credential|connection|refresh_token"])
def test_in_another_place_it_does_not_open(place: str) -> None:
    with pytest.raises(SealBroken):
        VAULT.open(VAULT.seal(b"secret", PLACE), place)


def test_altered_at_any_byte_it_does_not_open() -> None:
    envelope = VAULT.seal(b"secret", PLACE)
    for place in range(len(envelope)):
        for change in (1, 0x80, 0xFF):
            altered = bytearray(envelope)
            altered[place] ^= change
            with pytest.raises(SealBroken):
                VAULT.open(bytes(altered), PLACE)


def test_shortened_or_lengthened_it_does_not_open() -> None:
    envelope = VAULT.seal(b"secret", PLACE)
    for length in range(len(envelope)):
        with pytest.raises(SealBroken):
            VAULT.open(envelope[:length], PLACE)
    with pytest.raises(SealBroken):
        VAULT.open(envelope + b"\0", PLACE)


@given(st.binary(max_size=200))
def test_what_never_was_an_envelope_does_not_open(noise: bytes) -> None:
    for envelope in (noise, b"\x01" + noise, b"\x01\x03old" + noise):
        with pytest.raises(SealBroken):
            VAULT.open(envelope, PLACE)


def test_parts_of_two_envelopes_do_not_make_one() -> None:
    one, other = VAULT.seal(b"one", PLACE), VAULT.seal(b"two", PLACE)
    header = len(one) - 12 - 3 - 16
    with pytest.raises(SealBroken):
        VAULT.open(one[:header] + other[header:], PLACE)


def test_after_a_rotation_the_new_key_seals_and_both_open() -> None:
    before = VAULT.seal(b"secret", PLACE)
    both = AesVault({"new": NEW, "old": OLD})
    after = both.seal(b"secret", PLACE)
    assert b"new" in after
    assert both.open(before, PLACE) == both.open(after, PLACE) == b"secret"
    assert AesVault({"new": NEW}).open(after, PLACE) == b"secret"


def test_without_its_key_it_does_not_open() -> None:
    envelope = VAULT.seal(b"secret", PLACE)
    for keys in ({"new": NEW}, {"old": NEW}, {"new": OLD}):
        with pytest.raises(SealBroken):
            AesVault(keys).open(envelope, PLACE)


def test_no_two_envelopes_share_a_key_or_a_nonce() -> None:
    envelopes = [VAULT.seal(b"", PLACE)[5:] for _ in range(500)]
    for start, length in ((0, 12), (12, 32), (60, 12)):
        assert len({envelope[start : start + length] for envelope in envelopes}) == len(envelopes)
