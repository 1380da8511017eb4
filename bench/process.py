"""What Linux knows of a process (proc(5))."""

import os
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
