"""What Linux knows of a process (proc(5))."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(process: int) -> float:
    """User and system time of all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def forget_peak(process: int) -> None:
    """From now on ``peak_mebibytes`` counts anew."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def peak_mebibytes(process: int) -> float:
    """The largest resident size."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@dataclass(slots=True)
class Looks:
    """How often a process was seen in which state."""

    working: int = 0
    """One of its threads was on a processor, or waited for one."""
    on_disk: int = 0
    """None was, and one waited for the disk."""
    waiting: int = 0
    """All slept: nothing to do until something comes from outside."""

    def share(self, looks: int) -> float:
        return looks / (self.working + self.on_disk + self.waiting)


@contextmanager
def watching(process: int) -> Iterator[Looks]:
    """Looks at ``process`` every ten milliseconds while the block lasts."""
    looks, ended = Looks(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            states = {_state(thread) for thread in Path(f"/proc/{process}/task").iterdir()}
            if "R" in states:
                looks.working += 1
            elif "D" in states:
                looks.on_disk += 1
            else:
                looks.waiting += 1

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield looks
    finally:
        ended.set()
        watcher.join()


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "gone"
