"""What the log does not show."""

import logging
import sys

import pytest
import structlog

from bootstrap.logging import _rendering, configure
from tests.unit.builders import some_settings


@pytest.mark.parametrize(("log_format", "terminal"), [("console", True), ("console", False), ("json", False)])
def test_a_traceback_has_no_values_of_variables(
    monkeypatch: pytest.MonkeyPatch, log_format: str, terminal: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    password = "correct horse battery"
    try:
        raise RuntimeError("a fault")
    except RuntimeError as error:
        event: structlog.typing.EventDict = {"event": "unhandled", "level": "error", "exc_info": error}
        for processor in _rendering(log_format):
            event = processor(None, "error", event)  # type: ignore[assignment]
    assert "a fault" in str(event)
    assert password not in str(event)


@pytest.fixture
def _as_it_was() -> None:
    structlog.reset_defaults()


@pytest.mark.usefixtures("_as_it_was")
def test_the_cassandra_driver_leaves_the_word_to_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structlog, "configure", lambda **_: None)
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    configure(some_settings(LOG_LEVEL="debug"))
    assert not logging.getLogger("cassandra.cluster").isEnabledFor(logging.ERROR)
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
