"""vectorshift: the commands, their options and their exit codes."""

import argparse
import sys
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from getpass import getpass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NewUser:
    """What an operator says of an account to make."""

    email: str
    password: str | None = field(repr=False)
    """None where the hash is given."""
    password_hash: str | None = field(repr=False)
    full_name: str | None
    verified: bool


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
    def create_user(self, user: NewUser) -> None: ...

    @abstractmethod
    def list_users(self) -> None: ...

    @abstractmethod
    def enable_user(self, email: str, *, enabled: bool) -> None: ...

    @abstractmethod
    def sandbox(self, *, port: int | None, contacts: int, state_file: Path | None, exit_with_stdin: bool) -> None: ...


def run(commands: Commands, arguments: Sequence[str]) -> int:
    """The exit code: 0 when it was done, 1 when it was refused (argparse ends with 2 for words it does not know)."""
    options = _parser().parse_args(arguments)
    try:
        _do(commands, options)
    except CommandRefused as refusal:
        print(f"vectorshift: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _do(commands: Commands, options: argparse.Namespace) -> None:
    match options.command:
        case "serve":
            commands.serve(sandbox=options.sandbox)
        case "worker":
            commands.worker()
        case "init-db":
            commands.init_db()
        case "check-config":
            commands.check_config()
        case "users":
            _do_users(commands, options)
        case "sandbox":
            commands.sandbox(
                port=options.port,
                contacts=options.contacts,
                state_file=options.state_file,
                exit_with_stdin=options.exit_with_stdin,
            )


def _do_users(commands: Commands, options: argparse.Namespace) -> None:
    match options.users_command:
        case "create":
            commands.create_user(
                NewUser(
                    email=options.email,
                    password=None if options.password_hash else _password(),
                    password_hash=options.password_hash,
                    full_name=options.full_name,
                    verified=not options.unverified,
                )
            )
        case "list":
            commands.list_users()
        case "enable" | "disable":
            commands.enable_user(options.email, enabled=options.users_command == "enable")


def _password() -> str:
    """Asked for at a terminal, else a line of standard input: an argument could be read by all on the machine."""
    return getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vectorshift", description="Connect accounts, sync their items, serve them.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the API and the web UI")
    serve.add_argument("--sandbox", action="store_true", help="with a sandbox that plays the providers")
    commands.add_parser("worker", help="run a worker: syncs, revocations, mails")
    commands.add_parser("init-db", help="create or upgrade the storage's schema; may be repeated")
    commands.add_parser("check-config", help="print the settings in force and where they come from")
    _add_users(commands.add_parser("users", help="make, list, enable and disable accounts"))
    sandbox = commands.add_parser("sandbox", help="run the provider sandbox alone")
    sandbox.add_argument("--port", type=int, help="on 127.0.0.1 (default: SANDBOX_PORT)")
    sandbox.add_argument("--contacts", type=int, default=1000, help="how many contacts acme has (default: 1000)")
    sandbox.add_argument("--state-file", type=Path, help="where it keeps what it granted (default: nowhere)")
    sandbox.add_argument("--exit-with-stdin", action="store_true", help="end when standard input is closed")
    return parser


def _add_users(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="users_command", required=True, metavar="COMMAND")
    text = "make an account; the password is asked for, or read from standard input"
    create = commands.add_parser("create", help=text)
    create.add_argument("email")
    create.add_argument("--password-hash", help="instead of a password: its hash by argon2 or bcrypt, kept elsewhere")
    create.add_argument("--full-name")
    create.add_argument("--unverified", action="store_true", help="nobody here answers for the address")
    commands.add_parser("list", help="id, address, verified, enabled, made at; a line each, parted by tabs")
    enable = commands.add_parser("enable", help="let an account in again")
    disable = commands.add_parser("disable", help="shut an account out; its sessions end at once")
    for command in (enable, disable):
        command.add_argument("email")
