"""The API's door."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from litestar import Litestar
from litestar.types import ASGIApp

from adapters.inbound.http.app import create_app
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.place import Place
from adapters.inbound.http.security import Security
from bootstrap.container import Container
from bootstrap.resources import opened
from bootstrap.settings import Settings, callback_path

_log = structlog.get_logger("security")
_WEB_ROOT = Path(__file__).resolve().parent.parent / "frontend" / "out"
_USES = (
    "authenticate",
    "cancel_run",
    "change_password",
    "change_profile",
    "check_readiness",
    "delete_account",
    "disconnect",
    "finish_connection",
    "finish_sign_in",
    "list_connections",
    "list_events",
    "list_integrations",
    "list_items",
    "list_sessions",
    "load_items",
    "log_in",
    "log_out",
    "log_out_everywhere",
    "register",
    "renew_session",
    "request_password_reset",
    "resend_verification",
    "reset_password",
    "revoke_session",
    "show_account",
    "show_connection",
    "show_credentials",
    "show_item",
    "show_run",
    "show_status",
    "start_connection",
    "start_sign_in",
    "start_sync",
    "unlink_identity",
    "verify_email",
)


def api(settings: Settings) -> tuple[ASGIApp, Litestar, Sequence[Exception]]:
    """The whole application, the part of it that knows its routes, and why it could not start, once it could not."""
    container, failures = Container(settings=settings), list[Exception]()
    place = Place(
        public_url=settings.public_url,
        web_url=settings.web_url,
        origins=settings.origins,
        secure=settings.secure,
        sandbox_url=settings.sandbox_url,
        expose_access_token=settings.expose_access_token,
        google=settings.sign_in is not None,
        google_sandbox=settings.sign_in is not None and settings.sign_in.played,
        verification_required=settings.verification_required,
        web_root=_WEB_ROOT,
    )
    cookies = Cookies(settings.secure, int(settings.session_ttl.total_seconds()))
    litestar = create_app(
        place=place,
        slugs=[provider.slug for provider in container.provider_clients().all()],
        callbacks=_callbacks(settings),
        uses={name: getattr(container, name) for name in _USES} | {"place": lambda: place, "jar": lambda: cookies},
        authenticate=container.authenticate,
        lifespan=_lifespan(container, settings, failures),
    )
    app = Security(
        litestar,
        public_url=settings.public_url,
        origins=settings.origins,
        trusted_proxies=settings.trusted_proxies,
        entropy=container.entropy(),
    )
    return app, litestar, failures


def _callbacks(settings: Settings) -> dict[str, str]:
    paths = {slug: urlsplit(one.redirect_uri).path for slug, one in settings.providers.items()}
    return {slug: path for slug, path in paths.items() if path != callback_path(slug)}


def _lifespan(
    container: Container, settings: Settings, failures: list[Exception]
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(opened(container, settings))
            except Exception as failure:
                failures.append(failure)
                raise
            # A rotation is seen here: by its keys' names, the first of each is the one in use.
            _log.info(
                "security",
                action="keys_in_force",
                outcome="success",
                signing=list(settings.jwt_keys),
                sealing=list(settings.encryption_keys),
            )
            worker = asyncio.create_task(container.worker().run()) if settings.worker else None
            try:
                yield
            finally:
                if worker:
                    worker.cancel()
                    with suppress(asyncio.CancelledError):
                        await worker

    return lifespan
