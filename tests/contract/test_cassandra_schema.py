"""How a Cassandra keyspace becomes ours, and when it does not."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from cassandra import InvalidRequest

from adapters.outbound.cassandra import schema
from adapters.outbound.cassandra.cluster import connect
from adapters.outbound.cassandra.location import cassandra_location
from adapters.outbound.cassandra.schema import init_schema
from adapters.outbound.cassandra.schema_lock import SchemaLock
from adapters.outbound.cassandra.schema_steps import STEPS
from adapters.outbound.cassandra.storage import open_storage
from application.ports.storage import StorageRefused
from domain.user import Profile
from tests.contract.examples import A_TIME, a_reset, a_session, a_user

Cql = Callable[..., list[Any]]

SMALL = (("CREATE TABLE IF NOT EXISTS users (\n    email text PRIMARY KEY,\n    user_id text\n)",),)
"""A schema that is made in a moment."""

WIDENED = (*SMALL, ("ALTER TABLE users ADD IF NOT EXISTS last_login text",))
ALL_STEPS = list(range(1, len(STEPS) + 1))
BROKEN = ((*SMALL[0], "CREATE TABLE IF NOT EXISTS broken (no_key text)"),)

MADE_BEFORE = "CREATE KEYSPACE $keyspace WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"


@pytest.fixture(scope="module")
def operator(cassandra_url: str) -> Iterator[Any]:
    cluster, session = connect(cassandra_location(cassandra_url))
    yield session
    cluster.shutdown()


@pytest.fixture
def keyspace(operator: Any) -> Iterator[str]:
    name = f"vectorshift_{uuid4().hex[:12]}"
    yield name
    operator.execute(f"DROP KEYSPACE IF EXISTS {name}", timeout=30)


@pytest.fixture
def cql(operator: Any, keyspace: str) -> Cql:
    """A statement of somebody who looks from outside; ``$keyspace`` stands for ours."""
    return lambda statement, *values: list(
        operator.execute(statement.replace("$keyspace", keyspace), values, timeout=30)
    )


@pytest.fixture
def url(cassandra_url: str, keyspace: str) -> str:
    return f"{cassandra_url}/{keyspace}"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "STEPS", SMALL)


def tables(cql: Cql, keyspace: str) -> set[str]:
    rows = cql("SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s", keyspace)
    return {name for (name,) in rows}


def columns(cql: Cql, keyspace: str, table: str) -> set[str]:
    asked = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
    return {name for (name,) in cql(asked, keyspace, table)}


def steps(cql: Cql) -> list[int]:
    return sorted(number for (number,) in cql("SELECT number FROM $keyspace.schema_steps"))


async def test_many_make_it_at_once_and_it_is_made_once(url: str, keyspace: str, cql: Cql) -> None:
    await asyncio.gather(*(init_schema(url) for _ in range(3)))
    assert steps(cql) == ALL_STEPS
    assert {"users", "user_profiles", "user_integrations", "user_credentials"} <= tables(cql, keyspace)
    assert {"integration_items", "password_reset_tokens"} <= tables(cql, keyspace)
    assert cql("SELECT name FROM $keyspace.schema_locks") == []
    storage = await open_storage(url, alone=False)
    await storage.ping()
    await storage.close()


@pytest.mark.usefixtures("small")
async def test_it_is_replicated_in_the_data_centre_of_the_node_that_answered(url: str, keyspace: str, cql: Cql) -> None:
    await init_schema(url)
    ((here, nodes),) = cql("SELECT data_center, count(*) FROM system.local")
    ((replication,),) = cql("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = %s", keyspace)
    assert replication["class"].endswith("NetworkTopologyStrategy")
    assert replication[here] == str(nodes)


@pytest.mark.usefixtures("small")
async def test_a_keyspace_that_was_made_before_keeps_its_replication(url: str, keyspace: str, cql: Cql) -> None:
    cql(MADE_BEFORE)
    await init_schema(url)
    ((replication,),) = cql("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = %s", keyspace)
    assert replication["class"].endswith("SimpleStrategy")


@pytest.mark.usefixtures("small")
async def test_repeating_it_is_harmless(url: str, keyspace: str, cql: Cql) -> None:
    await init_schema(url)
    before = cql("SELECT * FROM $keyspace.schema_steps")
    await init_schema(url)
    assert cql("SELECT * FROM $keyspace.schema_steps") == before


async def test_a_keyspace_of_the_first_release_keeps_all_that_is_in_it(
    url: str, cql: Cql, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(schema, "STEPS", STEPS[:1])
        await init_schema(url)
    time = "2026-02-03T04:05:06.789013+00:00"
    account = "INSERT INTO $keyspace.users (email, user_id, password_hash, created_at, email_verified_at)"
    for id_, email, hash_, proven in (("1", "ann@example.org", "a hash", time), ("2", "bob@example.org", None, None)):
        cql("INSERT INTO $keyspace.user_ids (user_id, email) VALUES (%s, %s)", id_, email)
        cql(f"{account} VALUES (%s, %s, %s, %s, %s) IF NOT EXISTS", email, id_, hash_, time, proven)
    profile = "UPDATE $keyspace.user_profiles SET full_name = 'Ann', preferences = {}, updated_at = %s, write_id = 'a'"
    cql(f"{profile} WHERE user_id = '1' IF write_id = null", time)
    ann = a_user(id="1", email="ann@example.org", password_hash="a hash", email_verified_at=A_TIME)
    bob = a_user(id="2", email="bob@example.org", password_hash=None)
    with pytest.raises(StorageRefused, match="outdated: run `vectorshift init-db`"):
        await open_storage(url, alone=False)
    for _ in range(2):
        await init_schema(url)
    assert steps(cql) == ALL_STEPS

    storage = await open_storage(url, alone=False)
    assert await storage.users.by_id(ann.id) == await storage.users.by_email(ann.email) == ann
    assert {user.id: user for user in await storage.users.page(after=None, limit=10)} == {"1": ann, "2": bob}
    told = await storage.profiles.of(ann.id)
    assert told == Profile(full_name="Ann", updated_at=A_TIME, version=1)
    changed = await storage.users.update(replace(bob, reset=a_reset(), disabled_at=A_TIME))
    assert await storage.users.by_id(bob.id) == changed == replace(changed, version=2)
    after = await storage.profiles.update(ann.id, replace(told, company="Acme"))
    assert await storage.profiles.of(ann.id) == after == replace(told, company="Acme", version=2)
    session = a_session(user=ann.id)
    await storage.sessions.add(session)
    assert list(await storage.sessions.of_user(ann.id)) == [session]
    await storage.close()


async def test_an_upgrade_that_was_stopped_in_the_middle_is_no_foreign_keyspace(
    url: str, keyspace: str, cql: Cql, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = STEPS
    of_users = tuple(sql for sql in first if "EXISTS users (" in sql)
    amendments = tuple(sql for sql in second if "TABLE users " in sql)
    monkeypatch.setattr(schema, "STEPS", (of_users, (*amendments[:2], "CREATE TABLE IF NOT EXISTS broken (a text)")))
    with pytest.raises(InvalidRequest):
        await init_schema(url)
    assert "disabled_at" in columns(cql, keyspace, "users")
    monkeypatch.setattr(schema, "STEPS", (of_users, amendments))
    await init_schema(url)
    assert {"disabled_at", "reset_token", "version", "write_id"} < columns(cql, keyspace, "users")
    assert steps(cql) == [1, 2]


async def test_a_step_that_was_stopped_in_the_middle_begins_again(
    url: str, keyspace: str, cql: Cql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "STEPS", BROKEN)
    with pytest.raises(InvalidRequest):
        await init_schema(url)
    assert "users" in tables(cql, keyspace)
    assert steps(cql) == []
    monkeypatch.setattr(schema, "STEPS", SMALL)
    await init_schema(url)
    assert steps(cql) == [1]


async def test_a_later_step_amends_and_an_older_version_is_refused(
    url: str, keyspace: str, cql: Cql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "STEPS", SMALL)
    await init_schema(url)
    monkeypatch.setattr(schema, "STEPS", WIDENED)
    with pytest.raises(StorageRefused, match="outdated: run `vectorshift init-db`"):
        await open_storage(url, alone=False)
    await init_schema(url)
    await init_schema(url)
    assert columns(cql, keyspace, "users") == {"email", "user_id", "last_login"}
    assert steps(cql) == [1, 2]
    monkeypatch.setattr(schema, "STEPS", SMALL)
    cql("ALTER TABLE $keyspace.users DROP last_login")  # else its column would be the first thing to be refused
    with pytest.raises(StorageRefused, match="newer version"):
        await init_schema(url)


@pytest.mark.usefixtures("small")
async def test_whoever_died_with_the_lock_is_outlived(url: str, keyspace: str, cql: Cql) -> None:
    await init_schema(url)
    cql("INSERT INTO $keyspace.schema_locks (name, owner) VALUES ('schema', 'dead') IF NOT EXISTS USING TTL 2")
    async with asyncio.timeout(15):
        await init_schema(url)
    assert cql("SELECT owner FROM $keyspace.schema_locks") == []


async def test_a_keyspace_of_another_product_is_refused_and_stays_as_it_is(url: str, keyspace: str, cql: Cql) -> None:
    cql(MADE_BEFORE)
    cql("CREATE TABLE $keyspace.users (email text PRIMARY KEY, password_hash text, google_id text)")
    cql("CREATE TABLE $keyspace.user_profiles (email text PRIMARY KEY, full_name text)")
    with pytest.raises(StorageRefused, match=r"users \(.*google_id.*\), user_profiles \(.*email") as refusal:
        await init_schema(url)
    assert "password_hash" not in str(refusal.value)
    assert tables(cql, keyspace) == {"users", "user_profiles"}
    assert columns(cql, keyspace, "user_profiles") == {"email", "full_name"}


async def test_without_a_schema_it_does_not_open(url: str, keyspace: str, cql: Cql) -> None:
    with pytest.raises(StorageRefused, match=f"keyspace {keyspace} has no schema yet: run `vectorshift init-db`"):
        await open_storage(url, alone=False)
    cql(MADE_BEFORE)
    with pytest.raises(StorageRefused, match="no schema yet"):
        await open_storage(url, alone=False)


def test_the_lock_table_has_one_id_whoever_makes_it() -> None:
    assert SchemaLock.table("one") == SchemaLock.table("one") != SchemaLock.table("two")


@pytest.mark.parametrize(
    "url",
    [
        "cassandra://",
        "cassandra://user:canary/@host",
        "cassandra://host:port/keyspace",
        "cassandra://host/key-space",
        "cassandra://host,/keyspace",
        "cassandra://host/keyspace?canary=1",
    ],
)
async def test_an_address_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(StorageRefused, match="looks like cassandra://") as refusal:
        await init_schema(url)
    assert "canary" not in str(refusal.value)


def test_an_address_names_nodes_keyspace_and_login() -> None:
    location = cassandra_location("cassandra://us%40er:pass%2Fword@one,[::1]:9043/Mine?local_dc=dc2")
    assert location.nodes == (("one", 9042), ("::1", 9043))
    assert (location.keyspace, location.local_dc) == ("mine", "dc2")
    assert (location.user, location.password) == ("us@er", "pass/word")
    assert "pass" not in repr(location) + str(location)
    assert cassandra_location("cassandra://one").keyspace == "vectorshift"
