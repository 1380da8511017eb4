"""What the product will not start with: one line that says why, an exit code, within seconds."""

import base64
import secrets
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from cassandra.cluster import Cluster

from tests.e2e.product import Process, attempt, occupied_port, run
from tests.services.process import await_ready, free_port, listening

STRONG = secrets.token_urlsafe(48)
KEY = base64.b64encode(secrets.token_bytes(32)).decode()
PRODUCTION = {
    "APP_ENV": "production",
    "PUBLIC_URL": "https://app.example.com",
    "JWT_KEYS": f"k1:{STRONG}",
    "ENCRYPTION_KEYS": f"e1:{KEY}",
}
SECONDS = 60.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def refused(home: Path, *arguments: str, **settings: str) -> str:
    """The one line in which the command says why it does not."""
    begun = time.monotonic()
    ended = attempt(*arguments, home=home, settings={"PORT": str(free_port()), **settings}, seconds=SECONDS)
    assert ended.returncode == 1, ended
    assert time.monotonic() - begun < SECONDS
    (line,) = ended.stderr.splitlines()
    assert line.startswith("vectorshift: ")
    assert ended.stdout == ""
    return line


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in PRODUCTION.items() if key != name}


WEAK = ["changeme", "x" * 31, "change-me-change-me-change-me-change-me"]


@pytest.mark.parametrize("command", ["serve", "init-db"])
def test_production_needs_its_secrets(home: Path, command: str) -> None:
    assert "JWT_KEYS" in refused(home, command, **without("JWT_KEYS"))
    assert "ENCRYPTION_KEYS" in refused(home, command, **without("ENCRYPTION_KEYS"))
    assert not (home / "var").exists()


@pytest.mark.parametrize("secret", WEAK)
def test_production_takes_no_weak_signing_secret(home: Path, secret: str) -> None:
    given = {"JWT_SECRET_KEY": secret} if "-" in secret else {"JWT_KEYS": f"k1:{STRONG},k0:{secret}"}
    assert secret not in refused(home, "serve", **without("JWT_KEYS"), **given)


@pytest.mark.parametrize(
    "key", ["changeme", base64.b64encode(b"short").decode(), base64.b64encode(bytes(32)).decode(), "%%%"]
)
def test_no_weak_encryption_key_is_taken(home: Path, key: str) -> None:
    for settings in (PRODUCTION | {"ENCRYPTION_KEYS": f"e1:{key}"}, {"ENCRYPTION_KEYS": f"e1:{key}"}):
        assert "ncryption key" in refused(home, "serve", **settings)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PUBLIC_URL", "http://app.example.com"),
        ("PUBLIC_URL", "http://localhost:8000"),
        ("SANDBOX_URL", "http://127.0.0.1:8100"),
        ("FAILPOINTS", "sync.after_items=exit"),
    ],
)
def test_production_takes_nothing_that_is_for_trying(home: Path, setting: str, value: str) -> None:
    assert setting in refused(home, "serve", **PRODUCTION | {setting: value})


def test_production_takes_no_sandbox_beside_it(home: Path) -> None:
    line = refused(home, "serve", "--sandbox", **PRODUCTION, SANDBOX_PORT=str(free_port()))
    assert "sandbox" in line


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("STORAGE_URL", "postgres://localhost/x"),
        ("STORAGE_URL", "nonsense"),
        ("CACHE_URL", "memcached://localhost"),
        ("PORT", "70000"),
        ("PUBLIC_URL", "https://app.example.com/path"),
        ("WEB_URL", "https://elsewhere.example"),
        ("CORS_ORIGINS", "*"),
        ("FAILPOINTS", "nowhere=exit"),
        ("REFRESH_GRACE_SECONDS", "3600"),
        ("HUBSPOT_REDIRECT_URI", "https://evil.example/callback"),
        ("JWT_KEYS", "k1:a,k1:b"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(home: Path, setting: str, value: str) -> None:
    line = refused(home, "serve", **{setting: value})
    assert setting.partition("_")[0] in line or "SQLite address" in line


def test_a_setting_in_the_file_counts_as_one_in_the_environment(home: Path) -> None:
    (home / ".env").write_text("STORAGE_URL=postgres://localhost/x\nJWT_SECRET_KEY=your-secret-key\n")
    assert "STORAGE_URL" in refused(home, "serve")
    shown = run("check-config", home=home, settings={"STORAGE_URL": "memory://"})
    assert "STORAGE_URL=***  (environment)" in shown
    assert "JWT_SECRET_KEY" not in shown


def test_an_unreachable_cassandra_is_named(home: Path) -> None:
    url = f"cassandra://127.0.0.1:{free_port()}/vectorshift"
    for command in ("serve", "init-db"):
        line = refused(home, command, STORAGE_URL=url, CACHE_URL="memory://")
        assert "assandra" in line


def test_a_busy_port_is_named(home: Path) -> None:
    with occupied_port() as port:
        line = refused(home, "serve", PORT=str(port), STORAGE_URL="memory://")
        assert str(port) in line
        assert "PORT" in line


def test_a_busy_sandbox_port_is_named(home: Path) -> None:
    """Whatever answers there is not the sandbox that was asked for."""
    with occupied_port() as port:
        settings = {"PORT": str(free_port()), "SANDBOX_PORT": str(port), "STORAGE_URL": "memory://"}
        ended = attempt("serve", "--sandbox", home=home, settings=settings, seconds=SECONDS)
    assert ended.returncode == 1
    assert "SANDBOX_PORT" in ended.stderr.splitlines()[-1]


def test_a_second_process_on_a_file_with_a_cache_of_its_own_is_refused(home: Path) -> None:
    first = Process("first", home, "serve")
    first.start({"PORT": str(port := free_port())})
    try:
        _answers(first, port)
        line = refused(home, "serve")
        assert "CACHE_URL" in line or "Redis" in line
        assert first.runs
    finally:
        first.stop()


def test_a_worker_needs_a_cache_that_it_shares(home: Path) -> None:
    assert "CACHE_URL" in refused(home, "worker")


def test_a_file_that_is_no_database_of_ours_is_left_as_it_is(home: Path) -> None:
    (home / "var").mkdir()
    file = home / "var" / "vectorshift.db"
    file.write_bytes(b"these are somebody's notes, not a database\n" * 100)
    refused(home, "serve")
    assert file.read_bytes().startswith(b"these are somebody's notes")
    file.unlink()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE users (name TEXT)")
    database.close()
    refused(home, "serve")
    with sqlite3.connect(file) as database:
        assert [row[0] for row in database.execute("SELECT name FROM sqlite_master")] == ["users"]
    database.close()


def test_a_folder_that_cannot_be_written_is_named(home: Path) -> None:
    (home / "var").write_text("a file where the folder should be")
    line = refused(home, "serve")
    assert "var" in line


def test_check_config_shows_what_is_in_force_and_no_secret(home: Path) -> None:
    (home / ".env").write_text("HUBSPOT_CLIENT_ID=an-id\nHUBSPOT_CLIENT_SECRET=a-secret-of-hubspot\nPORT=8123\n")
    settings = {
        "JWT_KEYS": f"k1:{STRONG}",
        "ENCRYPTION_KEYS": f"e1:{KEY}",
        "STORAGE_URL": "cassandra://ada:her-password@db.example.com/vectorshift",
        "CACHE_URL": "redis://:redis-password@cache.example.com/0",
    }
    shown = run("check-config", home=home, settings=settings)
    for secret in (STRONG, KEY, "a-secret-of-hubspot", "her-password", "redis-password"):
        assert secret not in shown
    lines = dict(line.partition("=")[::2] for line in shown.splitlines())
    assert lines["PORT"] == "8123  (.env)"
    assert lines["HUBSPOT_CLIENT_ID"] == "an-id  (.env)"
    assert lines["REFRESH_GRACE_SECONDS"] == "10  (default)"
    assert lines["JWT_KEYS"] == "***  (environment)"
    assert lines["HUBSPOT_CLIENT_SECRET"] == "***  (.env)"


def test_init_db_may_be_repeated(home: Path) -> None:
    for _ in range(2):
        run("init-db", home=home, settings={})


def test_two_may_init_a_file_at_once(home: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda _: attempt("init-db", home=home, settings={}), range(4)))
    assert [one.returncode for one in ended] == [0] * 4, [one.stderr for one in ended]


def test_init_db_makes_a_keyspace_twice_and_by_two_at_once(home: Path, cassandra_url: str) -> None:
    settings = {"STORAGE_URL": f"{cassandra_url}/vs_e2e_{uuid4().hex[:8]}", "CACHE_URL": "memory://"}
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda _: attempt("init-db", home=home, settings=settings), range(2)))
    assert [one.returncode for one in ended] == [0, 0], [one.stderr for one in ended]
    run("init-db", home=home, settings=settings)


def test_a_keyspace_without_its_schema_asks_for_init_db(home: Path, cassandra_url: str) -> None:
    url = f"{cassandra_url}/vs_e2e_{uuid4().hex[:8]}"
    assert "init-db" in refused(home, "serve", STORAGE_URL=url, CACHE_URL="memory://")


def test_a_foreign_keyspace_is_refused_and_left_as_it_is(home: Path, cassandra_url: str) -> None:
    host, _, port = cassandra_url.removeprefix("cassandra://").partition(",")[0].partition(":")
    keyspace = f"vs_e2e_{uuid4().hex[:8]}"
    cluster = Cluster([host], port=int(port), protocol_version=5)
    try:
        session = cluster.connect()
        replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
        session.execute(f"CREATE KEYSPACE {keyspace} WITH replication = {replication}")
        session.execute(f"CREATE TABLE {keyspace}.users (name text PRIMARY KEY, shoe_size int)")
        settings = {"STORAGE_URL": f"{cassandra_url}/{keyspace}", "CACHE_URL": "memory://"}
        for command in ("init-db", "serve"):
            assert keyspace in refused(home, command, **settings)
        cluster.refresh_keyspace_metadata(keyspace)
        tables = cluster.metadata.keyspaces[keyspace].tables
        assert {name: set(table.columns) for name, table in tables.items()} == {"users": {"name", "shoe_size"}}
    finally:
        cluster.shutdown()


def _answers(process: Process, port: int) -> None:
    await_ready(process.process, lambda: listening("127.0.0.1", port), seconds=30, log=process.log)
