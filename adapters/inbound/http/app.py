"""The inbound side as one ASGI application."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.logging.config import LoggingConfig
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from adapters.inbound.http import (
    accounts,
    connections,
    events,
    google,
    health,
    integrations,
    items,
    oauth_callback,
    passwords,
    runs,
    sessions,
    sign_in_methods,
    verification,
    web_ui,
)
from adapters.inbound.http.authentication import BearerAuthentication
from adapters.inbound.http.errors import HANDLERS
from adapters.inbound.http.place import Place
from adapters.inbound.http.strict_request import StrictRequest
from application.authenticate import Authenticate

_LARGEST_BODY = 64 * 1024
_ROUTES = (
    accounts.register,
    accounts.me,
    accounts.change_me,
    accounts.delete_me,
    verification.verify_email,
    verification.resend_verification,
    passwords.forgot_password,
    passwords.reset_password,
    passwords.change_password,
    sign_in_methods.sign_in_methods,
    google.start_google,
    google.google_url,
    google.finish_google,
    google.unlink_google,
    events.all_events,
    sessions.log_in,
    sessions.refresh,
    sessions.log_out,
    sessions.log_out_everywhere,
    sessions.all_sessions,
    sessions.end_session,
    connections.all_connections,
    connections.one_connection,
    integrations.all_integrations,
    integrations.authorize,
    integrations.credentials,
    integrations.status,
    integrations.sync,
    integrations.disconnect,
    oauth_callback.oauth_callback,
    runs.one_run,
    runs.cancel_run,
    items.all_items,
    items.one_item,
    items.load,
    health.health,
    health.ready,
    web_ui.root,
    web_ui.web_ui,
)


def create_app(
    *,
    place: Place,
    slugs: Sequence[str],
    callbacks: Mapping[str, str],
    uses: Mapping[str, Callable[[], object]],
    authenticate: Callable[[], Authenticate],
    lifespan: Callable[[Litestar], Any],
) -> Litestar:
    """``callbacks``: where else a provider sends people back to, by slug. ``uses``: what handlers ask for by name;
    called once each, at the first request that needs it, so that the lifespan may open first what they are made of."""
    return Litestar(
        route_handlers=[
            *_ROUTES,
            *(items.documented_route(slug) for slug in slugs),
            *(oauth_callback.callback_at(path, slug) for slug, path in callbacks.items()),
        ],
        dependencies={name: _provide(use) for name, use in uses.items()},
        middleware=[DefineMiddleware(BearerAuthentication, authenticate=authenticate)],
        exception_handlers=HANDLERS,
        cors_config=CORSConfig(
            allow_origins=list(place.origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["authorization", "content-type", "x-request-id"],
            expose_headers=["x-request-id", "retry-after"],
            allow_credentials=True,
            max_age=600,
        ),
        openapi_config=OpenAPIConfig(
            title="VectorShift",
            version="0.1.0",
            openapi_router=Router(
                "/schema",
                route_handlers=[],
                include_in_schema=False,
                opt={"exclude_from_auth": True},
                before_request=_only_the_document,
            ),
            render_plugins=[JsonRenderPlugin()],
            components=Components(
                security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
            ),
            security=[{"bearer": []}],
            use_handler_docstrings=True,
            operation_id_creator=_operation_id,
        ),
        request_class=StrictRequest,
        request_max_body_size=_LARGEST_BODY,
        logging_config=LoggingConfig(configure_root_logger=False, log_exceptions="never"),
        lifespan=[lifespan],
        state=State(),
        debug=False,
    )


def _provide(use: Callable[[], object]) -> Provide:
    async def resolve() -> Any:
        return use()

    return Provide(resolve, use_cache=True)


def _only_the_document(request: Request[Any, Any, Any]) -> None:
    """Litestar adds a page of its own for what is missing below /schema; here unknown paths answer all the same."""
    if request.scope["path"] != "/schema/openapi.json":
        raise NotFoundException


def _operation_id(handler: HTTPRouteHandler, _method: object, _path: object) -> str:
    return handler.fn.__name__
