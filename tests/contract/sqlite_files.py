"""SQLite files, and other processes that use them."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from adapters.outbound.sqlite.storage import SqliteStorage, open_storage


@asynccontextmanager
async def opened(path: Path, *, alone: bool = False) -> AsyncGenerator[SqliteStorage]:
    storage = await open_storage(f"sqlite:///{path}", alone=alone)
    try:
        yield storage
    finally:
        await storage.close()


def python(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Run ``program`` in a process of its own, which inherits what can be inherited."""
    prelude = "import asyncio, sys, time\nfrom adapters.outbound.sqlite.storage import open_storage\n"
    command = [sys.executable, "-c", prelude + program, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2], close_fds=False)


@contextmanager
def running(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    with python(program, *arguments) as process:
        try:
            yield process
        finally:
            process.kill()


async def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return (await asyncio.to_thread(process.stdout.readline)).strip()
