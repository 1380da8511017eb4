"""The driver's cluster object, as every process of ours opens it: once, and never across a fork."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cassandra import ConsistencyLevel, ProtocolVersion
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import (
    ConstantReconnectionPolicy,
    DCAwareRoundRobinPolicy,
    RetryPolicy,
    TokenAwarePolicy,
)
from cassandra.query import tuple_factory

from adapters.outbound.cassandra.failures import FAILURES, in_a_word
from adapters.outbound.cassandra.location import Location
from domain.errors import StorageUnavailable

SERIAL = "serial"
"""The profile of reads that see, and bring to an end, whatever a conditional write has left undecided."""

REQUEST_SECONDS = 1.9
_CONNECT_SECONDS = 3.0
_RECONNECT_SECONDS = 1.0
_AGREEMENT_SECONDS = 30

# Where nobody has configured logging, it would write to standard error.
logging.getLogger("cassandra").addHandler(logging.NullHandler())


class RetryReads(RetryPolicy):  # type: ignore[misc]
    """A read may be asked again, of another node too. A write never is: the first one may have been carried out."""

    def on_read_timeout(self, query: Any, *args: Any, **info: Any) -> tuple[int, Any]:
        return super().on_read_timeout(query, *args, **info) if query.is_idempotent else (self.RETHROW, None)

    def on_write_timeout(self, query: Any, *args: Any, **info: Any) -> tuple[int, Any]:
        del query, args, info
        return self.RETHROW, None

    def on_unavailable(self, query: Any, *args: Any, **info: Any) -> tuple[int, Any]:
        return super().on_unavailable(query, *args, **info) if query.is_idempotent else (self.RETHROW, None)

    def on_request_error(self, query: Any, *args: Any, **info: Any) -> tuple[int, Any]:
        return super().on_request_error(query, *args, **info) if query.is_idempotent else (self.RETHROW, None)


def connect(location: Location) -> tuple[Cluster, Any]:
    """The cluster and a session of no keyspace; blocks. Raises StorageUnavailable."""
    cluster = None
    try:
        with _silenced():
            cluster = _cluster(location)
            session = cluster.connect()
    except FAILURES as error:
        if cluster is not None:
            cluster.shutdown()
        raise StorageUnavailable(f"Cassandra at {location} cannot be reached: {in_a_word(error)}") from error
    session.default_fetch_size = None  # whole results: what is long is read with a LIMIT
    return cluster, session


def _cluster(location: Location) -> Cluster:
    return Cluster(
        contact_points=location.nodes,
        port=location.nodes[0][1],
        auth_provider=PlainTextAuthProvider(location.user, location.password) if location.user else None,
        execution_profiles={
            EXEC_PROFILE_DEFAULT: _profile(location, ConsistencyLevel.LOCAL_QUORUM),
            SERIAL: _profile(location, ConsistencyLevel.LOCAL_SERIAL),
        },
        protocol_version=ProtocolVersion.V4,
        # A batch is sent in pieces of 4 kB; with Nagle's algorithm the last one waits 40 ms for an acknowledgement.
        sockopts=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        connect_timeout=_CONNECT_SECONDS,
        control_connection_timeout=_CONNECT_SECONDS,
        # The driver's own waits up to ten minutes for a node that has been away for long.
        reconnection_policy=ConstantReconnectionPolicy(_RECONNECT_SECONDS, max_attempts=None),
        max_schema_agreement_wait=_AGREEMENT_SECONDS,
    )


def _profile(location: Location, consistency_level: int) -> ExecutionProfile:
    return ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(location.local_dc or "")),
        retry_policy=RetryReads(),
        consistency_level=consistency_level,
        serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL,
        request_timeout=REQUEST_SECONDS,
        row_factory=tuple_factory,
    )


@contextmanager
def _silenced() -> Iterator[None]:
    """What fails now is raised in one line; the driver would write it too, with its whole stack, for every node."""
    log = logging.getLogger("cassandra.cluster")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
