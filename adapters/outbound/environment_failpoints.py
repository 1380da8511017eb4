import asyncio
import os
from collections.abc import Mapping

from application.ports.failpoints import Failpoints

EXIT_CODE = 70


class EnvironmentFailpoints(Failpoints):
    """Failpoints as the setting FAILPOINTS names them."""

    def __init__(self, actions: Mapping[str, float | None]) -> None:
        """Name -> seconds to sleep, or None to end the process there and then, as a power cut would."""
        self._actions = actions

    async def reach(self, name: str) -> None:
        if name not in self._actions:
            return
        seconds = self._actions[name]
        if seconds is None:
            os._exit(EXIT_CODE)
        await asyncio.sleep(seconds)
