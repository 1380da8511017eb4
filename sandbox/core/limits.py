"""A provider's own rate limits."""

from collections import deque


class RollingWindow:
    """At most ``calls`` per ``seconds`` and key, counted back from now."""

    def __init__(self, calls: int, seconds: float) -> None:
        self.calls, self.seconds = calls, seconds
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str, now: float) -> int | None:
        """Take one call and return how many are left, or None when there was none to take."""
        taken = self._taken.setdefault(key, deque())
        while taken and taken[0] <= now - self.seconds:
            taken.popleft()
        if len(taken) >= self.calls:
            return None
        taken.append(now)
        return self.calls - len(taken)

    def clear(self) -> None:
        self._taken.clear()
