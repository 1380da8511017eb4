import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from cassandra.query import SimpleStatement

from adapters.outbound.cassandra.cluster import connect
from adapters.outbound.cassandra.database import qualified
from adapters.outbound.cassandra.failures import unavailable_on_failure
from adapters.outbound.cassandra.location import Location, cassandra_location
from adapters.outbound.cassandra.schema_lock import SchemaLock
from adapters.outbound.cassandra.schema_steps import STEPS
from adapters.outbound.cassandra.times import to_text
from application.ports.storage import StorageRefused
from domain.errors import StorageUnavailable

_DOCUMENTED = (
    "users",
    "user_profiles",
    "user_integrations",
    "user_credentials",
    "integration_items",
    "password_reset_tokens",
)
_MOST_REPLICAS = 3
_PATIENCE_SECONDS = 30.0
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+) \(")
_COLUMN = re.compile(r"^ +(\w+) (\w+(?:<.+>)?)(?: STATIC| PRIMARY KEY)?,?$", re.MULTILINE)
_ADDED = re.compile(r"ALTER TABLE (\w+) ADD IF NOT EXISTS (\w+) (\S+)")

Columns = set[tuple[str, str]]
"""Names and types."""


async def init_schema(url: str) -> None:
    """Create or upgrade the keyspace that ``url`` names. Repeating it, also by several processes at once, is harmless.
    Raises StorageUnavailable, and StorageRefused, having changed nothing, for a keyspace with tables of another product
    or of a newer version."""
    await asyncio.to_thread(_init, cassandra_location(url))


def check_schema(session: Any, keyspace: str) -> None:
    """Blocks. Raises StorageRefused unless every step that this version knows has been made. More steps are no harm:
    while a cluster is being upgraded old and new processes run beside each other."""
    table = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s AND table_name = 'schema_steps'"
    if session.execute(table, (keyspace,)).one() is None:
        raise StorageRefused(f"keyspace {keyspace} has no schema yet: run `vectorshift init-db`")
    last = qualified("SELECT number FROM schema_steps WHERE number = %s", keyspace)
    if session.execute(last, (len(STEPS),)).one() is None:
        raise StorageRefused(f"the schema of keyspace {keyspace} is outdated: run `vectorshift init-db`")


def _init(location: Location) -> None:
    with unavailable_on_failure(), _connected(location) as session:
        keyspace = location.keyspace
        _refuse_foreign(session, keyspace)
        _change(session, _keyspace(session, location))
        session.set_keyspace(keyspace)
        _change(session, SchemaLock.table(keyspace))
        with SchemaLock(session) as lock:
            _change(session, "CREATE TABLE IF NOT EXISTS schema_steps (number int PRIMARY KEY, applied_at text)")
            _upgrade(session, keyspace, lock)


def _upgrade(session: Any, keyspace: str, lock: SchemaLock) -> None:
    done = max((number for (number,) in session.execute("SELECT number FROM schema_steps")), default=0)
    if done > len(STEPS):
        raise StorageRefused(f"keyspace {keyspace} is of a newer version (schema {done}; this one knows {len(STEPS)})")
    for number, statements in enumerate(STEPS[done:], start=done + 1):
        for statement in statements:
            lock.renew()
            _change(session, statement)
        applied = (number, to_text(datetime.now(UTC)))
        session.execute("INSERT INTO schema_steps (number, applied_at) VALUES (%s, %s)", applied)


@contextmanager
def _connected(location: Location) -> Iterator[Any]:
    cluster, session = connect(location)
    try:
        yield session
    finally:
        cluster.shutdown()


def _keyspace(session: Any, location: Location) -> str:
    here = location.local_dc or session.execute("SELECT data_center FROM system.local").one()[0]
    nodes = sum(host.datacenter == here for host in session.cluster.metadata.all_hosts())
    replicas = f"{{'class': 'NetworkTopologyStrategy', '{here}': {min(_MOST_REPLICAS, nodes)}}}"
    return f"CREATE KEYSPACE IF NOT EXISTS {location.keyspace} WITH replication = {replicas}"


def _change(session: Any, statement: str) -> None:
    # By the node that is then asked whether all agree: another one may not have heard of the change, and say yes. It is
    # asked even if there was nothing to do, for somebody else may have done it a moment ago.
    cluster = session.cluster
    session.execute(SimpleStatement(statement), timeout=_PATIENCE_SECONDS, host=cluster.get_control_connection_host())
    if not cluster.control_connection.wait_for_schema_agreement(wait_time=_PATIENCE_SECONDS):
        raise StorageUnavailable("the nodes of Cassandra do not agree on the schema: is one of them away?")


def _refuse_foreign(session: Any, keyspace: str) -> None:
    there: dict[str, Columns] = {}
    columns = "SELECT table_name, column_name, type FROM system_schema.columns WHERE keyspace_name = %s"
    for table, column, kind in session.execute(columns, (keyspace,)):
        there.setdefault(table, set()).add((column, kind))
    foreign = {table: _foreign(table, there[table]) for table in _DOCUMENTED if table in there}
    if named := [f"{table} ({', '.join(sorted(names))})" for table, names in foreign.items() if names]:
        raise StorageRefused(f"keyspace {keyspace} holds tables with other columns: {', '.join(named)}")


def _foreign(table: str, there: Columns) -> set[str]:
    """The columns that are not ours, and those of ours that are missing (an upgrade may not have added all yet)."""
    statements = [statement for step in STEPS for statement in step]
    created = {column for sql in statements if _TABLE.findall(sql) == [table] for column in _COLUMN.findall(sql)}
    added = {(name, kind) for sql in statements for of, name, kind in _ADDED.findall(sql) if of == table}
    return {name for name, _ in (there - created - added) | (created - there)}
