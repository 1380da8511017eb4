"""What is particular to SQLite: its file, and who may open it."""

import asyncio
import sqlite3
import stat
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.outbound.sqlite import schema
from adapters.outbound.sqlite.schema import init_schema
from adapters.outbound.sqlite.schema_steps import STEPS
from adapters.outbound.sqlite.storage import open_storage
from application.ports.storage import StorageRefused
from domain.connection import Account
from domain.user import Profile
from tests.contract.examples import A_TIME, a_connection, a_reset, a_session, a_user, an_event
from tests.contract.sqlite_files import opened, python, running

DOCUMENTED = {
    *("users", "user_profiles", "user_integrations", "user_credentials"),
    *("integration_items", "password_reset_tokens"),
}

OLD_ROWS = (
    """
    INSERT INTO users VALUES
        ('1', 'ann@example.org', 'a hash', '2026-02-03T04:05:06.789013+00:00', '2026-02-03T04:05:06.789013+00:00'),
        ('2', 'bob@example.org', NULL, '2026-02-03T04:05:06.789013+00:00', NULL)
    """,
    """
    INSERT INTO user_profiles VALUES
        ('1', 'Ann', NULL, NULL, NULL, NULL, NULL, '{}', '2026-02-03T04:05:06.789013+00:00')
    """,
    """
    INSERT INTO sessions VALUES
        ('1', 'of Ann', x'0a', NULL, '2026-02-03T04:05:06.789013+00:00', '2026-02-03T04:05:06.789013+00:00',
         '2026-02-03T04:05:06.789013+00:00', 'Firefox')
    """,
    """
    INSERT INTO user_integrations VALUES
        ('1', 'of Ann', 'hubspot', '551', 'Acme', 'active', '["oauth"]', '2026-02-03T04:05:06.789013+00:00',
         '2026-02-03T04:05:06.789013+00:00', NULL, NULL, NULL, 3)
    """,
)
"""As the first release wrote them."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "vectorshift.db"


def content(path: Path) -> bytes:
    return path.read_bytes()


def a_letter(path: Path) -> bytes:
    path.parent.mkdir()
    path.write_bytes(b"Dear aunt, " * 1000)
    return content(path)


def a_database(path: Path, *statements: str) -> bytes:
    """Make or change a file; return its content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path.read_bytes()


def columns(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]


async def test_three_slashes_name_a_file_relative_to_where_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await init_schema("sqlite:///var/vector%20shift.db")
    assert (tmp_path / "var" / "vector shift.db").exists()


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///", "sqlite://var/a.db", "sqlite:///var/", "sqlite:///a.db?b=c", "sqlite:///:memory:"],
)
async def test_an_address_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(StorageRefused, match="sqlite:///"):
        await open_storage(url, alone=False)


async def test_a_folder_that_cannot_be_made_is_refused(path: Path) -> None:
    path.parent.write_text("a file, not a folder")
    with pytest.raises(StorageRefused, match="cannot be opened"):
        await open_storage(f"sqlite:///{path}", alone=False)


async def test_a_lock_that_cannot_be_had_is_refused(path: Path) -> None:
    path.with_name(path.name + ".lock").mkdir(parents=True)
    with pytest.raises(StorageRefused, match="lock"):
        await open_storage(f"sqlite:///{path}", alone=False)


async def test_nobody_else_can_read_the_file_nor_its_folder(path: Path) -> None:
    async with opened(path) as storage:
        await storage.sessions.add(a_session())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert set(modes.values()) == {0o600}, modes
        assert {"vectorshift.db", "vectorshift.db-wal"} <= set(modes)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_the_tables_carry_the_documented_names(path: Path) -> None:
    await init_schema(f"sqlite:///{path}")
    assert all(columns(path, table) for table in DOCUMENTED)
    assert columns(path, "password_reset_tokens") == ["token_hash", "user_id", "created_at", "expires_at"]


async def test_what_was_stored_is_there_after_opening_again(path: Path) -> None:
    user = a_user()
    async with opened(path, alone=True) as storage:
        await storage.users.add(user)
    async with opened(path, alone=True) as storage:
        assert await storage.users.by_id(user.id) == user


async def test_the_schema_may_be_initialised_again(path: Path) -> None:
    user = a_user()
    async with opened(path) as storage:
        await storage.users.add(user)
        await init_schema(f"sqlite:///{path}")
        assert await storage.users.by_id(user.id) == user


async def test_processes_may_initialise_one_file_at_once(path: Path) -> None:
    program = """
async def main():
    await asyncio.sleep(float(sys.argv[2]) - time.time())
    storage = await open_storage(sys.argv[1], alone=False)
    await storage.ping()
    await storage.close()
asyncio.run(main())
print("opened")
"""
    soon = time.time() + 1.5
    processes = [python(program, f"sqlite:///{path}", soon) for _ in range(5)]
    answers = [await asyncio.to_thread(process.communicate) for process in processes]
    assert [out for out, _ in answers] == ["opened\n"] * len(processes)
    assert columns(path, "users")


async def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    before = a_letter(path)
    with pytest.raises(StorageRefused, match="not a SQLite database"):
        await open_storage(f"sqlite:///{path}", alone=False)
    assert content(path) == before


@pytest.mark.parametrize("table", sorted(DOCUMENTED | {"schema_steps"}))
async def test_another_products_tables_are_refused_and_left_alone(path: Path, table: str) -> None:
    before = a_database(path, f"CREATE TABLE {table} (email TEXT PRIMARY KEY, whatever TEXT)", "CREATE TABLE other (a)")
    with pytest.raises(StorageRefused, match=table):
        await open_storage(f"sqlite:///{path}", alone=False)
    assert content(path) == before


async def test_a_newer_versions_file_is_refused_and_left_alone(path: Path) -> None:
    await init_schema(f"sqlite:///{path}")
    before = a_database(path, "INSERT INTO schema_steps SELECT max(number) + 1, 'tomorrow' FROM schema_steps")
    with pytest.raises(StorageRefused, match="newer version"):
        await open_storage(f"sqlite:///{path}", alone=False)
    assert content(path) == before


async def test_a_file_of_the_first_release_keeps_all_that_is_in_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(schema, "STEPS", STEPS[:1])
        await init_schema(f"sqlite:///{path}")
    a_database(path, *OLD_ROWS)
    ann = a_user(id="1", email="ann@example.org", password_hash="a hash", email_verified_at=A_TIME)
    bob = a_user(id="2", email="bob@example.org", password_hash=None)
    signed_in = a_session(id="of Ann", user="1", refresh=b"\n", expires_at=A_TIME, device="Firefox")
    connected = a_connection(id="of Ann", user="1", account=Account("551", "Acme"), scopes=("oauth",), version=3)
    for _ in range(2):
        async with opened(path) as storage:
            assert list(await storage.users.page(after=None, limit=10)) == [ann, bob]
            assert await storage.users.by_email(bob.email) == bob
            told = await storage.profiles.of(ann.id)
            assert told == Profile(full_name="Ann", updated_at=A_TIME, version=1)
            assert await storage.profiles.of(bob.id) == Profile()
            assert list(await storage.sessions.of_user(ann.id)) == [signed_in]
            assert await storage.connections.of_user(ann.id) == (connected,)
    async with opened(path) as storage:
        changed = await storage.users.update(replace(ann, reset=a_reset(), disabled_at=A_TIME))
        assert await storage.users.by_id(ann.id) == changed == replace(changed, version=2)
        assert await storage.profiles.update(ann.id, replace(told, company="Acme")) == Profile(
            full_name="Ann", company="Acme", updated_at=A_TIME, version=2
        )
        await storage.security_events.add(an_event(ann.id))


async def test_after_a_refusal_the_file_can_be_opened_by_others(path: Path) -> None:
    a_database(path, "CREATE TABLE users (a)")
    with pytest.raises(StorageRefused):
        await open_storage(f"sqlite:///{path}", alone=True)
    a_database(path, "DROP TABLE users")
    async with opened(path, alone=True) as storage:
        await storage.ping()


@pytest.mark.parametrize(("first", "second"), [(True, True), (True, False), (False, True)])
async def test_who_must_be_alone_refuses_company(path: Path, *, first: bool, second: bool) -> None:
    async with opened(path, alone=first) as storage:
        with pytest.raises(StorageRefused, match="set CACHE_URL=redis"):
            await open_storage(f"sqlite:///{path}", alone=second)
        await storage.ping()
    async with opened(path, alone=second) as storage:
        await storage.ping()


async def test_many_may_share_a_file(path: Path) -> None:
    session = a_session()
    async with opened(path) as one, opened(path) as another:
        await one.sessions.add(session)
        assert await another.sessions.find(session.user, session.id) == session


async def test_a_child_process_does_not_inherit_the_lock(path: Path) -> None:
    storage = await open_storage(f"sqlite:///{path}", alone=True)
    with running("import time; time.sleep(60)"):
        await storage.close()
        async with opened(path, alone=True) as again:
            await again.ping()
