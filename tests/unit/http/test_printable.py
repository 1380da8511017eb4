"""What a path looks like in a log."""

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from adapters.inbound.http.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/app/items", "/app/items"),
        ("/zoë", "/zoë"),
        ("/\x1b[2J", "/\\x1b[2J"),
        ("/\a\r\n", "/\\x07\\r\\n"),
        ("/\u202e\ud800", "/\\u202e\\ud800"),
        ("/" + "x" * 600, "/" + "x" * 499),
    ],
)
def test_what_does_not_print_is_escaped_and_what_is_long_is_cut(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_whatever_it_was_it_prints(text: str) -> None:
    assert printable(text).isprintable()


async def test_a_path_cannot_speak_to_the_terminal_of_whoever_reads_the_log(visitor: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        await visitor.get("/app/%1b%5b2J%07")
    (line,) = (line for line in lines if line["event"] == "request")
    assert line["path"] == "/app/\\x1b[2J\\x07"
