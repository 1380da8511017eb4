"""How a sandbox is started."""

from dataclasses import dataclass
from pathlib import Path

CALLBACK = "/integrations/{provider}/oauth2callback"


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    port: int = 8100
    """Where it listens, on 127.0.0.1 only."""
    state_file: Path | None = None
    """Where it keeps what it granted and what was changed in it; None forgets both at the end."""
    contacts: int = 1000
    """How many contacts the HubSpot account ``acme`` starts with."""
    seed: int = 1
    """The same seed makes the same records."""
    redirect_uris: tuple[str, ...] = (f"http://localhost:*{CALLBACK}", f"http://127.0.0.1:*{CALLBACK}")
    """Registered for the clients ``sandbox-<provider>``; ``*`` stands for any port, ``{provider}`` for the slug."""
    exit_with_stdin: bool = False
    """End as soon as standard input is closed: a parent that holds the other end may then die in any way."""
