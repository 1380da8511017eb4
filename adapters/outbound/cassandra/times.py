"""Times are text: Cassandra's own type knows milliseconds, the domain microseconds."""

from datetime import UTC, datetime, timedelta

_LONGEST_TTL = timedelta(days=5 * 365)


def to_text(moment: datetime) -> str:
    """In UTC and of one width, so that texts sort as the moments follow each other."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")


def to_text_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else to_text(moment)


def to_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def to_moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def ttl_seconds(kept: timedelta) -> int:
    """Five years at most: Cassandra refuses what ends after 2038 (CASSANDRA-14092)."""
    return int(min(kept, _LONGEST_TTL).total_seconds())
