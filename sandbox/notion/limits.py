"""Notion's rate limit: a fixed window for each connection (developers.notion.com/reference/request-limits)."""

CALLS, SECONDS = 180, 60


class ConnectionWindows:
    """A window opens with a connection's first call. A restart forgets them."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[float, int]] = {}
        """Grant to when its window opened and how many calls it has taken."""

    def take(self, grant: str, now: float) -> float | None:
        """Take one call; when there is none left, return the seconds until there are again."""
        opened, taken = self._open.get(grant, (now, 0))
        if now >= opened + SECONDS:
            opened, taken = now, 0
        if taken >= CALLS:
            return opened + SECONDS - now
        self._open[grant] = opened, taken + 1
        return None

    def reset(self) -> None:
        self._open.clear()

    def state(self) -> bytes:
        return b"{}"

    def restore(self, state: bytes) -> None:
        """Nothing was kept."""
