"""A real OpenID provider on a free loopback port: npm's oidc-provider, which is certified for the standard."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL

from tests.services import Unavailable
from tests.services.process import Guard, await_ready, end, free_port, listening, start

SOURCE = Path(__file__).parents[1] / "e2e" / "oidc_provider"
REMEDY = "install Node.js 20.9 or newer, with npm"


def installed(folder: Path) -> Path:
    """``folder``, with all that ``running`` needs (10 s). Raises Unavailable."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Unavailable(f"no node or npm on PATH: {REMEDY}")
    for file in ("package.json", "package-lock.json", "server.js"):
        shutil.copy(SOURCE / file, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"npm could not fetch oidc-provider:\n{done.stderr[-2000:]}")
    return folder


@contextmanager
def running(folder: Path, configuration: Mapping[str, object]) -> Iterator[str]:
    """Its issuer, for the length of the block; ``folder`` is ``installed``, ``configuration`` oidc-provider's own."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="vectorshift-openid-", ignore_cleanup_errors=True) as logs:
        log = Path(logs) / "node.log"
        process = start(["node", "server.js", str(port), json.dumps(configuration)], folder=folder, log=log)
        guard = Guard(process, Path(logs))
        try:
            await_ready(process, lambda: listening("127.0.0.1", port), seconds=30, log=log)
            yield f"http://127.0.0.1:{port}"
        finally:
            end(process, SIGKILL)
            guard.dismiss()
