import fcntl
import os
from pathlib import Path

from application.ports.storage import StorageRefused


class FileLock:
    """Held until closed, or until the process ends however it ends; children do not inherit it."""

    def __init__(self, database: Path, *, alone: bool) -> None:
        """Raises StorageRefused when ``alone`` and another holds it, or another holds it alone."""
        try:
            self._descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageRefused(f"{database}.lock cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            remedy = "several processes need Redis: set CACHE_URL=redis://… for each"
            raise StorageRefused(f"another process uses {database}; {remedy}") from error
        except OSError as error:
            self.close()
            raise StorageRefused(f"{database}.lock cannot be locked: {error.strerror}") from error

    def close(self) -> None:
        os.close(self._descriptor)
