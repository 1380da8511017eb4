"""The state file: whole or not at all."""

import asyncio
from pathlib import Path

import pytest

from sandbox.core import state_file as module
from sandbox.core.state_file import StateFile, StateFileUnreadable
from sandbox.core.world import World
from sandbox.hubspot.app import hubspot
from sandbox.settings import SandboxSettings

SETTINGS = SandboxSettings(contacts=3)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def make(path: Path | None) -> tuple[StateFile, World]:
    world = World(hubspot(SETTINGS), SETTINGS)
    return StateFile(path, {"hubspot": world}), world


async def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    file, world = make(tmp_path / "deep" / "state.json")
    world.knobs.latency_ms = 7
    await file.save()
    again, restored = make(tmp_path / "deep" / "state.json")
    again.load()
    assert restored.knobs.latency_ms == 7


async def test_a_count_that_nobody_turned_follows_the_next_start(tmp_path: Path) -> None:
    file, _ = make(tmp_path / "state.json")
    await file.save()
    more = SandboxSettings(contacts=50)
    world = World(hubspot(more), more)
    StateFile(tmp_path / "state.json", {"hubspot": world}).load()
    assert world.counts()["contact"] == 50


async def test_without_a_path_nothing_is_written() -> None:
    file, _ = make(None)
    file.load()
    await file.save()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(StateFileUnreadable, match=r"state\.json"):
        make(tmp_path / "state.json")[0].load()


async def test_a_crash_while_writing_leaves_the_last_state(tmp_path: Path) -> None:
    file, world = make(tmp_path / "state.json")
    world.knobs.latency_ms = 7
    await file.save()
    (tmp_path / "state.json.new").write_text("half of it")
    again, restored = make(tmp_path / "state.json")
    again.load()
    assert restored.knobs.latency_ms == 7
    await again.save()
    assert names(tmp_path) == ["state.json"]


async def test_many_savers_share_writes_and_each_finds_its_change_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, world = make(tmp_path / "state.json")
    writes, write = list[bytes](), module._replace

    def counted(path: Path, content: bytes) -> None:
        write(path, content)
        writes.append(content)

    monkeypatch.setattr(module, "_replace", counted)

    async def change(n: int) -> bool:
        code = world.grants.issue_code(client_id=f"c{n}", redirect_uri="", account="acme", scopes=[], challenge=None)
        await file.save()
        return code.encode() in writes[-1]

    assert all(await asyncio.gather(*(change(n) for n in range(40))))
    assert len(writes) <= 3
