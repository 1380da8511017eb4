"""What survives a restart, in one JSON file."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.core.world import World, WorldState


class StateFileUnreadable(Exception):
    """The file is not one of ours."""


class StateFile:
    """Written whole, to a file beside it that then takes its place. Without a path nothing is kept.

    It stands against the death of a process, not of the machine: what the kernel has taken is kept, there is no fsync.
    """

    def __init__(self, path: Path | None, worlds: Mapping[str, World]) -> None:
        self._path, self._worlds = path, worlds
        self._wanted = self._written = 0
        self._writing = asyncio.Lock()

    def load(self) -> None:
        """Raises StateFileUnreadable."""
        if self._path is None or not self._path.exists():
            return
        try:
            states = read_json(self._path.read_bytes(), dict[str, WorldState])
            for slug in states.keys() & self._worlds.keys():
                self._worlds[slug].restore(states[slug])
        except (OSError, InputUnreadable) as error:
            raise StateFileUnreadable(f"{self._path} cannot be read ({error}); remove it to start afresh") from error

    async def save(self) -> None:
        """Return once everything as it is now is in the file. Callers that come during a write share the next one."""
        if self._path is None:
            return
        self._wanted += 1
        wanted = self._wanted
        async with self._writing:
            if self._written >= wanted:
                return
            covered = self._wanted
            states = {slug: world.state() for slug, world in self._worlds.items()}
            await asyncio.to_thread(_replace, self._path, msgspec.json.encode(states))
            self._written = covered


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    # Tokens of a sandbox open nothing, but they are tokens: readable by their owner alone.
    beside.touch(0o600)
    beside.write_bytes(content)
    beside.replace(path)
