"""Where the product runs, as far as its answers depend on it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    public_url: str
    web_url: str
    origins: tuple[str, ...]
    secure: bool
    sandbox_url: str | None
    expose_access_token: bool
    google: bool
    google_sandbox: bool
    verification_required: bool
    web_root: Path
    """Where the built web UI lies."""
