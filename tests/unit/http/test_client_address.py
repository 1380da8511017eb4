"""Whose call it is: told by the connection, and by a proxy only where that is trusted."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.inbound.http.client_address import UNKNOWN, client_address, limit_key

TRUSTED: list[IPv4Network | IPv6Network] = [ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")]
PROXY = "10.0.0.1"


def behind_the_proxy(*headers: str) -> str:
    return client_address(PROXY, [header.encode("latin-1") for header in headers], TRUSTED)


@pytest.mark.parametrize("peer", ["203.0.113.7", "2001:db8::7", "::1"])
def test_it_is_the_other_end_of_the_connection(peer: str) -> None:
    assert client_address(peer, [], TRUSTED) == peer
    assert client_address(peer, [], []) == peer


@pytest.mark.parametrize("written", ["198.51.100.1", "10.0.0.1", "127.0.0.1", "10.0.0.1, 198.51.100.1", ""])
def test_what_a_stranger_writes_is_not_read(written: str) -> None:
    assert client_address("203.0.113.7", [written.encode()], TRUSTED) == "203.0.113.7"
    assert client_address(PROXY, [written.encode()], []) == PROXY


def test_it_is_whom_a_trusted_proxy_was_asked_by() -> None:
    assert behind_the_proxy("203.0.113.7") == "203.0.113.7"
    assert client_address("2001:db8:ffff::1", [b"2001:db8::7"], TRUSTED) == "2001:db8::7"


def test_proxies_may_be_asked_by_proxies() -> None:
    assert behind_the_proxy("203.0.113.7, 10.0.0.3,2001:db8:ffff::2 , 10.0.0.2") == "203.0.113.7"


def test_what_is_left_of_the_last_stranger_does_not_count() -> None:
    assert behind_the_proxy("198.51.100.1, 203.0.113.7") == "203.0.113.7"
    assert behind_the_proxy("10.0.0.9, 203.0.113.7, 10.0.0.2") == "203.0.113.7"
    assert behind_the_proxy("rubbish, 203.0.113.7") == "203.0.113.7"


def test_all_headers_count_as_one_in_their_order() -> None:
    assert behind_the_proxy("198.51.100.1", "203.0.113.7, 10.0.0.3", "10.0.0.2") == "203.0.113.7"


def test_without_a_stranger_it_is_the_proxy_that_was_asked_first() -> None:
    assert behind_the_proxy("10.0.0.3, 10.0.0.2") == "10.0.0.3"
    assert behind_the_proxy() == PROXY


@pytest.mark.parametrize(
    "rubbish",
    [
        *("", " ", ",", "unknown", "_hidden", "for=203.0.113.7", "host.example.org", "203.0.113", "203.0.113.256"),
        *("0203.0.113.7", "0x7f.1", "203.0.113.7:", "203.0.113.7:x", "203.0.113.7:1:2", "203.0.113.7/32", "1", "-1"),
        *("[::1", "::1]", "[]", "[]:5", "[::1]x", "[::1]:", "::1::", "%eth0", "1" * 10_000, "\0", "203.0.113.7\0"),
        *("\xb2.0.113.7", "203.0.113.7\xa0", '"203.0.113.7"', "203.0.113.7 198.51.100.1", "\xef\xbb\xbf"),
    ],
)  # fmt: skip
def test_at_what_is_no_address_the_last_that_was_believed_counts(rubbish: str) -> None:
    assert behind_the_proxy(rubbish) == PROXY
    assert behind_the_proxy(f"198.51.100.1, {rubbish}") == PROXY
    assert behind_the_proxy(f"198.51.100.1, {rubbish}, 10.0.0.2") == "10.0.0.2"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("203.0.113.7:555", "203.0.113.7"),
        ("[2001:db8::7]:5", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:cb00:7107]:443", "203.0.113.7"),
        ("\t203.0.113.7 ", "203.0.113.7"),
    ],
)
def test_an_address_may_be_written_in_any_way(written: str, address: str) -> None:
    assert behind_the_proxy(written) == address
    assert behind_the_proxy(f"198.51.100.1, {written}, 10.0.0.2") == address


def test_a_proxy_is_trusted_however_its_address_is_written() -> None:
    for peer in ("::ffff:10.0.0.1", "2001:db8:ffff::1%eth0", "2001:DB8:FFFF:0::1"):
        assert client_address(peer, [b"203.0.113.7"], TRUSTED) == "203.0.113.7"
    assert behind_the_proxy("203.0.113.7, ::ffff:10.0.0.2, [2001:db8:ffff::1]:80, 10.0.0.2:80") == "203.0.113.7"


def test_fifty_hops_are_not_followed() -> None:
    assert behind_the_proxy("203.0.113.7" + ", 10.0.0.2" * 49) == "203.0.113.7"
    assert behind_the_proxy("203.0.113.7" + ", 10.0.0.2" * 50) == "10.0.0.2"
    assert behind_the_proxy(*["203.0.113.7", *["10.0.0.2"] * 5000]) == "10.0.0.2"


def test_hops_that_a_stranger_made_up_change_nothing_however_many() -> None:
    assert behind_the_proxy("198.51.100.1, " * 5000 + "203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize(
    "peer", [None, "", "testclient", "/run/proxy.sock", "localhost", "1" * 10_000, "\ud800", "%eth0"]
)
def test_what_has_no_address_is_unknown_and_trusted_by_nobody(peer: str | None) -> None:
    everybody = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    assert client_address(peer, [b"203.0.113.7"], everybody) == UNKNOWN


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        (UNKNOWN, UNKNOWN),
        ("", UNKNOWN),
        ("testclient", UNKNOWN),
        ("/run/proxy.sock", UNKNOWN),
    ],
)
def test_calls_are_counted_by_address_and_those_of_ipv6_by_network(address: str, key: str) -> None:
    assert limit_key(address) == key


ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str)
PIECES = ADDRESSES | st.sampled_from([",", " ", ":", "[", "]", "%", "10.0.0.2", ", 10.0.0.2"]) | st.text(max_size=5)
HEADERS = st.lists(st.lists(PIECES, max_size=8).map(lambda pieces: "".join(pieces).encode("utf-8", "replace")))


@given(st.none() | ADDRESSES | st.text(), HEADERS | st.lists(st.binary()))
def test_whatever_comes_it_is_one_plain_address_or_unknown(peer: str | None, headers: list[bytes]) -> None:
    for trusted in (TRUSTED, [ip_network("0.0.0.0/0"), ip_network("::/0")]):
        found = client_address(peer, headers, trusted)
        assert found == UNKNOWN or str(ip_address(found)) == found
        key = limit_key(found)
        assert key == UNKNOWN or ip_address(found) in ip_network(key)


@given(HEADERS, ADDRESSES)
def test_nothing_that_a_client_sends_hides_what_the_proxy_appends(sent: list[bytes], client: str) -> None:
    direct = client_address(PROXY, [client.encode()], TRUSTED)
    if not any(ip_address(direct) in network for network in TRUSTED):
        assert client_address(PROXY, [*sent, client.encode()], TRUSTED) == direct
        assert client_address(PROXY, [b", ".join([*sent, client.encode()])], TRUSTED) == direct
