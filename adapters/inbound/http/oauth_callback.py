"""GET /integrations/{provider}/oauth2callback: where a provider sends a person back to. Every answer is a page."""

from typing import Any

from litestar import Request, Response, get
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from adapters.inbound.http.body import Use
from adapters.inbound.http.caller import caller_of
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.errors import STATUS, report, status_of
from adapters.inbound.http.pages import callback_page
from adapters.inbound.http.place import Place
from application.finish_connection import Callback, FinishConnection
from domain.errors import AuthorizationRefused, AuthorizationUnknown, InvalidInput, NotFound, Refused

_PARAMETERS = ("state", "code", "error", "iss")
_LONGEST = 4096
_TEXTS = {
    "authorization_unknown": "This attempt is not known: it was used already, or it took too long. Please try again.",
    "wrong_browser": "This attempt was started in another browser. Please connect the account from here.",
    "wrong_user": "Somebody else is logged in here. Log in as the person who started, and try again.",
    "session_ended": "You have logged out meanwhile. Log in, and try again.",
    "consent_denied": "You did not give access, so nothing was connected.",
    "grant_refused": "The provider did not complete the connection. Please try again.",
    "provider_unavailable": "The provider cannot be reached right now. Please try again in a while.",
    "not_found": "There is no such provider.",
    "invalid_input": "This address is not valid.",
    "internal_error": "Something went wrong here, and nothing was connected. Please try again.",
}
_OTHERWISE = "Something is out of reach right now. Please try again in a while."
_PAGE = ResponseSpec(str, media_type=MediaType.HTML, generate_examples=False, description="A page for the person")


class _Fault(Refused):
    """One of ours, whatever it was."""

    code = "internal_error"


_STATUS = {**STATUS, NotFound: 400, _Fault: 500}


@get(
    "/integrations/{provider:str}/oauth2callback",
    exclude_from_auth=True,
    security=[{}],
    media_type=MediaType.HTML,
    responses={400: _PAGE, 409: _PAGE, 503: _PAGE},
)
async def oauth_callback(
    request: Request[Any, Any, Any],
    provider: FromPath[str],
    finish_connection: Use[FinishConnection],
    jar: Use[Cookies],
    place: Use[Place],
) -> Response[str]:
    """The person comes back from the provider's consent page."""
    return await _finished(request, provider, finish_connection, jar, place)


def callback_at(path: str, slug: str) -> HTTPRouteHandler:
    """The same at another path, which an app at the provider has registered."""

    @get(path, exclude_from_auth=True, include_in_schema=False, media_type=MediaType.HTML)
    async def registered_callback(
        request: Request[Any, Any, Any],
        finish_connection: Use[FinishConnection],
        jar: Use[Cookies],
        place: Use[Place],
    ) -> Response[str]:
        return await _finished(request, slug, finish_connection, jar, place)

    return registered_callback


async def _finished(
    request: Request[Any, Any, Any], provider: str, finish_connection: FinishConnection, jar: Cookies, place: Place
) -> Response[str]:
    try:
        finished = await finish_connection(_callback(request, provider, jar), caller_of(request))
    except Refused as refusal:
        return _refusal(refusal, provider, place.web_url, jar)
    except Exception as fault:  # noqa: BLE001 - a person is waiting here, not a program: even this has to be a page
        report(request, fault)
        return _refusal(_Fault(), provider, place.web_url, jar)
    return callback_page(
        title="Connected",
        text=f"{finished.provider_name} is connected. You can close this window.",
        link=_link(finished.origin),
        code="connected",
        status=200,
        message=_message(provider, finished.flow, None),
        origin=finished.origin,
        cookies=[jar.no_flow(finished.flow)],
    )


def _callback(request: Request[Any, Any, Any], provider: str, jar: Cookies) -> Callback:
    """Raises InvalidInput for parameters that are doubled or too long: nobody could say which one is meant."""
    values: dict[str, str | None] = {}
    for parameter in _PARAMETERS:
        given = request.query_params.getall(parameter, [])
        if len(given) > 1 or any(len(value) > _LONGEST for value in given):
            raise InvalidInput(parameter, "Once, please.")
        values[parameter] = given[0] if given else None
    state = values["state"]
    if not state:
        raise AuthorizationUnknown
    return Callback(
        provider=provider,
        state=state,
        code=values["code"],
        error=values["error"],
        issuer=values["iss"],
        flows=jar.flows(request),
        refresh=jar.presented(request),
    )


def _refusal(refusal: Refused, provider: str, web_url: str, jar: Cookies) -> Response[str]:
    flow, origin = (refusal.flow, refusal.origin) if isinstance(refusal, AuthorizationRefused) else (None, None)
    return callback_page(
        title="Not connected",
        text=_TEXTS.get(refusal.code, _OTHERWISE),
        link=_link(origin or web_url),
        code=refusal.code,
        status=status_of(refusal, _STATUS),
        message=_message(provider, flow, refusal.code),
        origin=origin,
        cookies=[jar.no_flow(flow)] if flow else [],
    )


def _link(origin: str) -> str:
    return f"{origin}/app/"


def _message(provider: str, flow: str | None, error: str | None) -> dict[str, object]:
    message: dict[str, object] = {"type": f"{provider}-oauth-callback", "flow_id": flow, "success": error is None}
    return message | ({"error": error} if error else {})
