import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from application.ports.storage import StorageRefused


def database_path(url: str) -> Path:
    """The file that ``sqlite:///relative/path.db`` or ``sqlite:////absolute/path.db`` names. Raises StorageRefused."""
    parts = urlsplit(url)
    name = unquote(parts.path).removeprefix("/")
    if parts.netloc or parts.query or parts.fragment or not name or name.endswith("/") or name == ":memory:":
        raise StorageRefused("a SQLite address looks like sqlite:///var/vectorshift.db, with four slashes if absolute")
    return Path(name)


def make_file(path: Path) -> None:
    """Make the file, and its folder, for nobody but this user; what is there already stays as it is."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageRefused(f"{path} cannot be opened for writing: {error.strerror}") from error
