"""Real servers and the browser for tests that ask for them: started on first use, once per run, reported at its end.

``TEST_CASSANDRA_URL`` and ``TEST_REDIS_URL`` name servers of one's own. What cannot be had skips its tests and says
what to install; ``REQUIRE=cassandra,redis,browser`` turns that into a failure.
"""

import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import HealthCheck, settings

from tests.services import Unavailable, cassandra, redis
from tests.services.process import listening
from tests.services.redis import RedisServer

Part = TypeVar("Part")

PARTS = ("cassandra", "redis", "browser")
REQUIRED = set(filter(None, os.environ.get("REQUIRE", "").split(",")))

# Nothing is claimed about time, and a busy machine may stand still for a moment.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_reports = pytest.StashKey[dict[str, str]]()
"""Name of a real part -> one line on how it took part in this run."""


def pytest_configure(config: pytest.Config) -> None:
    if unknown := REQUIRED.difference(PARTS):
        raise pytest.UsageError(f"REQUIRE names {', '.join(unknown)}; it can name {', '.join(PARTS)}")
    config.stash[_reports] = {}
    _forget_settings(config.rootpath / ".env.example")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("real parts")
    for part in PARTS:
        terminalreporter.line(f"{part}: {config.stash[_reports].get(part, 'no test asked for it')}")
    skipped = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []))
    for reason, count in skipped.items():
        terminalreporter.line(f"NOT RUN: {count} tests. {reason}", yellow=True)


@pytest.fixture(scope="session")
def cassandra_url(request: pytest.FixtureRequest) -> str:
    """``cassandra://host:port`` without a keyspace: tests make their own there."""
    given = os.environ.get("TEST_CASSANDRA_URL")
    url = _take_part(request, "cassandra", _given(given, 9042) if given else cassandra.running())
    return urlunsplit(urlsplit(url)._replace(path=""))


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> str:
    """``redis://host:port/0``, shared by the whole run: tests take fresh keys and never flush it."""
    given = os.environ.get("TEST_REDIS_URL")
    return _take_part(request, "redis", _given(given, 6379) if given else _own_redis())


@pytest.fixture
def redis_server(request: pytest.FixtureRequest) -> RedisServer:
    """A Redis of the test's own, to flush, kill and bring back."""
    return _take_part(request, "redis", redis.running())


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Path:
    """The executable of a Chromium: what ``CHROMIUM`` names, else the first on PATH."""
    return _take_part(request, "browser", _installed_chromium())


def _take_part(request: pytest.FixtureRequest, name: str, part: AbstractContextManager[Part]) -> Part:
    """Enter ``part`` until the fixture's end; where it is unavailable skip, or fail when ``REQUIRE`` names it."""
    reports, begun, until_end = request.config.stash[_reports], time.monotonic(), ExitStack()
    try:
        entered = until_end.enter_context(part)
    except Unavailable as reason:
        reports[name] = f"MISSING, {reason}"
        lack = f"{name}: {reason}"
    else:
        request.addfinalizer(until_end.close)
        without_password = re.sub("//.*@", "//***@", str(entered))
        reports.setdefault(name, f"{without_password}, ready after {time.monotonic() - begun:.1f} s")
        return entered
    if name in REQUIRED:
        pytest.fail(f"REQUIRE names {lack}", pytrace=False)
    pytest.skip(lack)


@contextmanager
def _given(url: str, default_port: int) -> Iterator[str]:
    first = urlsplit(url).netloc.rpartition("@")[2].split(",")[0]
    host, _, port = first.partition(":")
    if not listening(host, int(port or default_port)):
        pytest.fail(f"the environment names a server at {first}, and nothing answers there", pytrace=False)
    yield url


@contextmanager
def _own_redis() -> Iterator[str]:
    with redis.running() as server:
        yield server.url


@contextmanager
def _installed_chromium() -> Iterator[Path]:
    candidates = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, candidates)), None)
    if found is None:
        raise Unavailable("no Chromium on PATH: apt-get install chromium, or name one by CHROMIUM")
    yield Path(found)


def _forget_settings(example: Path) -> None:
    """Take the product's settings, and proxies, out of the environment: what a person has exported decides no test."""
    documented = example.read_text() if example.exists() else ""
    names = set(re.findall(r"^(?:# ?)?([A-Z][A-Z0-9_]+)=", documented, re.MULTILINE))
    pattern = re.compile(r"[A-Z]+_(CLIENT_ID|CLIENT_SECRET|REDIRECT_URI)|(https?|all)_proxy|(HTTPS?|ALL)_PROXY")
    for name in list(os.environ):
        if name in names or pattern.fullmatch(name):
            del os.environ[name]
