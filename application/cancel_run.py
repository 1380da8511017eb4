from dataclasses import dataclass

from application.show_run import ShowRun
from application.stop_run import StopRun
from domain.ids import RunId, UserId
from domain.sync import Run


@dataclass(frozen=True, slots=True)
class CancelRun:
    """A person has a run stopped."""

    show_run: ShowRun
    stop_run: StopRun

    async def __call__(self, user: UserId, run: RunId) -> Run:
        """The run as it is then. Raises NotFound."""
        await self.stop_run(await self.show_run(user, run))
        return await self.show_run(user, run)
