"""vectorshift: the commands, their options and their exit codes."""

import argparse
import sys
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class CommandRefused(Exception):
    """It cannot be done; the message says why, and what to do, in one line."""


class Commands(Protocol):
    """What the commands do. Each raises CommandRefused."""

    @abstractmethod
    def serve(self, *, sandbox: bool) -> None: ...

    @abstractmethod
    def worker(self) -> None: ...

    @abstractmethod
    def init_db(self) -> None: ...

    @abstractmethod
    def check_config(self) -> None: ...

    @abstractmethod
    def sandbox(self, *, port: int | None, contacts: int, state_file: Path | None, exit_with_stdin: bool) -> None: ...


def run(commands: Commands, arguments: Sequence[str]) -> int:
    """The exit code: 0 when it was done, 1 when it was refused (argparse ends with 2 for words it does not know)."""
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "serve":
                commands.serve(sandbox=options.sandbox)
            case "worker":
                commands.worker()
            case "init-db":
                commands.init_db()
            case "check-config":
                commands.check_config()
            case "sandbox":
                commands.sandbox(
                    port=options.port,
                    contacts=options.contacts,
                    state_file=options.state_file,
                    exit_with_stdin=options.exit_with_stdin,
                )
    except CommandRefused as refusal:
        print(f"vectorshift: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vectorshift", description="Connect accounts, sync their items, serve them.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the API and the web UI")
    serve.add_argument("--sandbox", action="store_true", help="with a sandbox that plays the providers")
    commands.add_parser("worker", help="run a worker: syncs, revocations")
    commands.add_parser("init-db", help="create or upgrade the storage's schema; may be repeated")
    commands.add_parser("check-config", help="print the settings in force and where they come from")
    sandbox = commands.add_parser("sandbox", help="run the provider sandbox alone")
    sandbox.add_argument("--port", type=int, help="on 127.0.0.1 (default: SANDBOX_PORT)")
    sandbox.add_argument("--contacts", type=int, default=1000, help="how many contacts acme has (default: 1000)")
    sandbox.add_argument("--state-file", type=Path, help="where it keeps what it granted (default: nowhere)")
    sandbox.add_argument("--exit-with-stdin", action="store_true", help="end when standard input is closed")
    return parser
