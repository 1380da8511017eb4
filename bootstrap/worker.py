"""The worker's door."""

import asyncio
import signal
from contextlib import suppress

from bootstrap.container import Container
from bootstrap.resources import opened
from bootstrap.settings import Settings


async def work(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    async with opened(Container(settings=settings), settings) as container:
        task = asyncio.create_task(container.worker().run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task
