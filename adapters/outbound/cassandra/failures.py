"""What the driver raises, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from cassandra import DriverException, RequestValidationException
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionBusy, ConnectionException
from cassandra.pool import NoConnectionsAvailable
from cassandra.protocol import ErrorMessage, SyntaxException

from domain.errors import StorageUnavailable

MISTAKES = (RequestValidationException, SyntaxException)
"""Statements that Cassandra does not understand: nothing that would pass."""

FAILURES = (
    DriverException,  # timeouts, too few replicas, failed replicas
    NoHostAvailable,
    NoConnectionsAvailable,
    ConnectionException,
    ConnectionBusy,
    ErrorMessage,  # overloaded, bootstrapping and the like: these come as the messages themselves
)


@contextmanager
def unavailable_on_failure() -> Iterator[None]:
    """Whatever may pass raises StorageUnavailable; our own mistakes stay as they are."""
    try:
        yield
    except MISTAKES:
        raise
    except FAILURES as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> StorageUnavailable:
    return StorageUnavailable(f"Cassandra does not answer as it should: {in_a_word(error)}")


def in_a_word(error: Exception) -> str:
    """Its name, or the names of what the nodes answered; their texts run over many lines."""
    answers = getattr(error, "errors", None)
    causes = [cause for cause in answers.values() if isinstance(cause, Exception)] if isinstance(answers, dict) else []
    return ", ".join(sorted({type(cause).__name__ for cause in causes or [error]}))
