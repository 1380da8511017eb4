"""How often something may be tried."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds, for each key."""

    name: str
    calls: int
    seconds: int
    refundable: bool = False
    """Whether a call that turns out harmless is given back."""

    def scaled(self, scale: int) -> "Rate":
        return replace(self, calls=self.calls * scale)

    def halved(self) -> "Rate":
        """For a process that cannot ask what the others have let through."""
        return replace(self, calls=max(1, self.calls // 2))


@dataclass(frozen=True, slots=True)
class GrowingDelay:
    """After so many wrong guesses each further one costs a wait, twice as long as the one before; never a lock."""

    free: int
    """Guesses before the first wait."""
    within_seconds: float
    """So long the first of these counts."""
    first_seconds: float
    longest_seconds: float
    remembered_seconds: float = 3600.0
    """After so long without a guess all is forgotten."""

    def wait_after(self, guesses: int) -> float:
        """Seconds before the next guess, when there were so many wrong ones."""
        if guesses < self.free:
            return 0.0
        return min(self.first_seconds * 2.0 ** min(guesses - self.free, 30), self.longest_seconds)

    def kept_seconds(self, guesses: int) -> float:
        return self.within_seconds if guesses < self.free else self.remembered_seconds

    def scaled(self, scale: int) -> "GrowingDelay":
        return replace(
            self,
            free=self.free * scale,
            first_seconds=self.first_seconds / scale,
            longest_seconds=self.longest_seconds / scale,
        )

    def halved(self) -> "GrowingDelay":
        """For a process that cannot ask what the others have let through."""
        return replace(self, free=max(1, self.free // 2))
