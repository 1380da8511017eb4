"""Points in time as providers write them: UTC, milliseconds, ``Z``. Strings of this form sort as the times do."""

from datetime import UTC, datetime


def moment(seconds: float) -> str:
    """Unix seconds to ``2026-01-10T10:00:00.000Z``."""
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def parse_moment(text: str) -> str:
    """The same moment in our form, from ISO 8601 or Unix milliseconds. Raises ValueError."""
    if text.lstrip("-").isdecimal():
        return moment(int(text) / 1000)
    parsed = datetime.fromisoformat(text)
    return moment((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())
