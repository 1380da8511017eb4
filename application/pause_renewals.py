from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.ports.clock import Clock
from domain.errors import ProviderThrottled, ProviderUnavailable

_LONGEST_SECONDS = 900.0
_SHORT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PauseRenewals:
    """What a provider could not renew is left alone for a while: of many who wait for the same tokens only the first
    learns it from the provider. Tokens that a person was granted since are another matter. Each process has pauses of
    its own, which is enough for that."""

    clock: Clock
    _pauses: dict[str, tuple[datetime, datetime, ProviderUnavailable]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def begin(self, grant: str, obtained_at: datetime, failure: ProviderUnavailable) -> None:
        """For tokens obtained at that time or before: as long as the provider wants, where it says so; else for a
        moment."""
        now = self.clock.now()
        for name in [name for name, (end, _, _) in self._pauses.items() if end <= now]:
            del self._pauses[name]
        longest = _LONGEST_SECONDS if isinstance(failure, ProviderThrottled) else _SHORT_SECONDS
        end = now + timedelta(seconds=min(failure.retry_after, longest))
        self._pauses[grant] = end, obtained_at, failure

    def check(self, grant: str, obtained_at: datetime) -> None:
        """Raises what ended the last try, as long as the pause lasts and is for these tokens too."""
        if (pause := self._pauses.get(grant)) is None:
            return
        end, newest, failure = pause
        if obtained_at > newest:
            return
        if (left := (end - self.clock.now()).total_seconds()) > 0:
            # A throttle is over by then; an absence would be looked at again too soon.
            told = left if isinstance(failure, ProviderThrottled) else max(left, failure.retry_after)
            raise type(failure)(failure.detail, retry_after=told)
