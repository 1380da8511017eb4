"""The web UI's own development server."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.e2e.product import clean_environment
from tests.services.process import await_ready, end, listening

FRONTEND = Path(__file__).parents[3] / "frontend"
PORT = 3000
"""``http://localhost:3000`` is what the API takes for the web UI's origin in development."""
URL = f"http://localhost:{PORT}"
LONGEST_SECONDS = "600"


@contextmanager
def running(backend_url: str, folder: Path) -> Iterator[str]:
    """Its address. Raises RuntimeError where it cannot start, or where the port is not free."""
    if listening("localhost", PORT):
        raise RuntimeError(f"port {PORT}, the one of `npm run dev`, is busy: end what listens there")
    if not (FRONTEND / "node_modules").is_dir():
        raise RuntimeError("the packages of the web UI are not installed: make web")
    log = folder / "next-dev.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            # `timeout` leads a group of all that npm starts: it hands the end on to them, and sets one itself.
            ["timeout", LONGEST_SECONDS, "npm", "run", "dev"],
            cwd=FRONTEND,
            env=clean_environment(
                folder, {"NEXT_PUBLIC_BACKEND_URL": backend_url, "npm_config_update_notifier": "false"}
            ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        await_ready(process, _ready, seconds=180, log=log)
        yield URL
    finally:
        end(process, seconds=20)


def _ready() -> bool:
    if not listening("localhost", PORT):
        return False
    # The pages are compiled meanwhile.
    try:
        answers = [
            httpx.get(f"{URL}/app/{page}/", timeout=60) for page in ("register", "login", "integrations", "items")
        ]
    except httpx.TransportError:
        return False
    return all(answer.status_code == 200 for answer in answers)
