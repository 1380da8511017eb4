"""What the commands of the command line do here."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from adapters.inbound.cli import CommandRefused, Commands, NewUser
from adapters.outbound.providers import DeclarationRefused, declarations
from application.ports.storage import StorageRefused
from bootstrap import logging, resources, serve
from bootstrap.container import Container
from bootstrap.environment import Environment, SettingsRefused
from bootstrap.settings import Settings, load, sandbox_port
from bootstrap.worker import work
from domain.errors import Refused, Unavailable
from domain.secret import Secret

_REFUSALS = {"email_taken": "this address has an account already", "not_found": "no account has this address"}


class CommandsHere(Commands):
    """In ``directory``: its ``.env``, its ``var/``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def serve(self, *, sandbox: bool) -> None:
        with _refusals():
            environment = Environment.here(self._directory)
            if not sandbox:
                self._serve(environment)
                return
            port = sandbox_port(environment)
            environment.variables = {**environment.variables, "SANDBOX_URL": f"http://127.0.0.1:{port}"}
            with serve.sandbox_beside(port, self._directory / "var" / "sandbox.json") as up:
                self._serve(environment, up)

    def _serve(self, environment: Environment, neighbour: Callable[[], None] = lambda: None) -> None:
        settings = self._settings(environment)
        logging.configure(settings)
        serve.serve(settings, neighbour)

    def worker(self) -> None:
        with _refusals():
            settings = self._settings(Environment.here(self._directory))
            logging.configure(settings)
            if settings.alone:
                raise CommandRefused("a worker beside the API needs Redis: set CACHE_URL=redis://…")
            asyncio.run(work(settings))

    def init_db(self) -> None:
        with _refusals():
            settings = self._settings(Environment.here(self._directory))
            logging.configure(settings)
            asyncio.run(resources.init_schema(settings))
            print("The schema is up to date.")

    def check_config(self) -> None:
        with _refusals():
            environment = Environment.here(self._directory)
            self._settings(environment, keep_keys=False)
            for name, found in sorted(environment.asked.items()):
                print(f"{name}={'***' if found.secret else found.value}  ({found.source})")

    def create_user(self, user: NewUser) -> None:
        async def create(house: Container) -> None:
            made = await house.create_user()(
                email=user.email,
                password=Secret(user.password) if user.password is not None else None,
                password_hash=user.password_hash,
                full_name=user.full_name,
                verified=user.verified,
            )
            print(made.id)

        self._visit(create)

    def list_users(self) -> None:
        async def show(house: Container) -> None:
            async for user in house.list_users()():
                verified = "verified" if user.email_verified_at else "unverified"
                enabled = "disabled" if user.disabled_at else "enabled"
                print(user.id, user.email, verified, enabled, user.created_at.isoformat(), sep="\t")

        self._visit(show)

    def enable_user(self, email: str, *, enabled: bool) -> None:
        async def change(house: Container) -> None:
            await house.enable_user()(email, enabled=enabled)

        self._visit(change)

    def _visit(self, work: Callable[[Container], Awaitable[None]]) -> None:
        """Do something at the store, beside the processes that serve it."""

        async def visit(settings: Settings) -> None:
            async with resources.opened(Container(settings=settings), settings, visiting=True) as house:
                await work(house)

        with _refusals():
            settings = self._settings(Environment.here(self._directory))
            logging.configure(settings)
            try:
                asyncio.run(visit(settings))
            except Refused as refusal:
                words = refusal.detail or _REFUSALS.get(refusal.code, refusal.code)
                raise CommandRefused(words) from refusal

    def sandbox(self, *, port: int | None, contacts: int, state_file: Path | None, exit_with_stdin: bool) -> None:
        from sandbox.server import run  # noqa: PLC0415 - the product runs without it
        from sandbox.settings import SandboxSettings  # noqa: PLC0415

        with _refusals():
            chosen = port or sandbox_port(Environment.here(self._directory))
        run(SandboxSettings(port=chosen, contacts=contacts, state_file=state_file, exit_with_stdin=exit_with_stdin))

    def _settings(self, environment: Environment, *, keep_keys: bool = True) -> Settings:
        slugs = tuple(declared.slug for declared in declarations())
        settings = load(environment, slugs=slugs, directory=self._directory, keep_keys=keep_keys)
        resources.check(settings)
        return settings


@contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except (DeclarationRefused, SettingsRefused, StorageRefused, Unavailable) as refusal:
        raise CommandRefused(str(refusal)) from refusal
