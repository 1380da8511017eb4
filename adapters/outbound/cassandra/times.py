"""Times are text: Cassandra's own type knows milliseconds, the domain microseconds."""

from datetime import UTC, datetime


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
