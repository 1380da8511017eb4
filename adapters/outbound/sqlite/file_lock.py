import fcntl
import os
from pathlib import Path

from application.ports.storage import StorageRefused


class FileLock:
    """Held until closed, or until the process ends however it ends; children do not inherit it."""

    def __init__(self, database: Path, *, alone: bool) -> None:
        """Raises StorageRefused when ``alone`` and another holds it, or another holds it alone."""
        self._descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            remedy = "several processes need Redis: set CACHE_URL=redis://… for each"
            raise StorageRefused(f"another process uses {database}; {remedy}") from error

    def close(self) -> None:
        os.close(self._descriptor)
