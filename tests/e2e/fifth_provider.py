"""One more provider: the file that declares it, the service that plays it, and a product that has that file."""

import secrets
import shutil
import socket
import threading
import tomllib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import uvicorn
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath

from tests.e2e.product import SQLITE, Process, Product
from tests.e2e.sandbox_server import Sandbox
from tests.services.process import free_port

ROOT = Path(__file__).parents[2]

SLUG, NAME = "corkboard", "Corkboard"
AUTHORIZE_URL = "https://corkboard.example/oauth/authorize"
SCOPES = "boards:read pins:read"

DECLARATION = '''"""Corkboard: https://corkboard.example/developers"""

from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.outbound.providers._declaration import (
    Client,
    ClientAuth,
    Declaration,
    Listing,
    Place,
    ProviderRequest,
    TokenAnswer,
)
from adapters.outbound.providers._reading import read_entries, read_page, scope_list, write_properties
from application.ports.source_pages import SourcePage
from domain.connection import Account
from domain.item import SourceItem, item_place

_SITE = "https://corkboard.example"
_API = f"{_SITE}/v1"
_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#8a5a2b" stroke-width="2">'
    '<rect x="3" y="4" width="18" height="16" rx="2"/><circle cx="12" cy="10" r="2"/><path d="M12 12v5"/></svg>'
)


class _Entry(msgspec.Struct):
    id: str
    title: str


class _Page(msgspec.Struct):
    entries: list[msgspec.Raw]
    next: str | None = None


class _Me(msgspec.Struct):
    id: str
    name: str


_pages = msgspec.json.Decoder(_Page)


def _boards(place: Place) -> ProviderRequest:
    return ProviderRequest("GET", f"{_API}/boards", {"cursor": place.cursor} if place.cursor else {})


def _pins(place: Place) -> ProviderRequest:
    board = place.parent.external_id if place.parent else ""
    return ProviderRequest("GET", f"{_API}/boards/{board}/pins", {"cursor": place.cursor} if place.cursor else {})


def _read(place: Place, body: bytes) -> SourcePage:
    page = read_page(_pages, body, "entries")
    items, skipped = read_entries(page.entries, lambda entry: _item(place.parent, entry))
    return SourcePage(items, page.next, skipped)


def _item(board: SourceItem | None, entry: msgspec.Raw) -> SourceItem:
    found, said = msgspec.json.decode(entry, type=_Entry), msgspec.json.decode(entry, type=dict[str, Any])
    kind = "pin" if board else "board"
    return SourceItem(
        kind=kind,
        external_id=found.id,
        name=found.title,
        type=kind,
        directory=board is None,
        parent_id=item_place(board.kind, board.external_id) if board else None,
        parent_path_or_name=board.name if board else None,
        properties=write_properties(said).decode(),
    )


def _tokens(answer: Mapping[str, object]) -> TokenAnswer:
    return TokenAnswer(
        access_token=answer.get("access_token"),
        refresh_token=answer.get("refresh_token"),
        expires_in=answer.get("expires_in"),
        token_type=answer.get("token_type"),
        scopes=scope_list(answer.get("scope"), " "),
    )


def _me(client: Client, access_token: str) -> ProviderRequest:
    del client
    return ProviderRequest("GET", f"{_API}/me", headers={"Authorization": f"Bearer {access_token}"})


def _account(body: bytes) -> Account:
    found = msgspec.json.decode(body, type=_Me)
    return Account(found.id, found.name)


def _revocation(client: Client, access_token: str, refresh_token: str | None) -> ProviderRequest:
    form = {"client_id": client.id, "client_secret": client.secret, "token": refresh_token or access_token}
    return ProviderRequest("POST", f"{_SITE}/oauth/revoke", form=form)


PROVIDER = Declaration(
    slug="corkboard",
    name="Corkboard",
    logo=_LOGO,
    authorize_url=f"{_SITE}/oauth/authorize",
    token_url=f"{_SITE}/oauth/token",
    scopes=("boards:read", "pins:read"),
    client_auth=ClientAuth.BASIC,
    pkce=True,
    read_tokens=_tokens,
    account_request=_me,
    read_account=_account,
    revoke_request=_revocation,
    throttle_seconds=10,
    listings=(Listing("board", "board", _boards, _read), Listing("pin", "pin", _pins, _read, under="board")),
)
'''

BOARDS: dict[str, dict[str, tuple[str, ...]]] = {
    "acme": {"Garden": ("Seeds", "Fence", "Pond"), "Kitchen": ("Shelf",), "Roof": ()},
    "globex": {"Harbour": ("Crane",)},
}
"""Account -> title of a board -> titles of what is pinned to it. The titles are the ids, too."""
PAGE = 2
"""Entries on a page of a listing."""


@dataclass(slots=True)
class Corkboard:
    """What the played service has granted, and what it was asked."""

    url: str
    codes: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    """Account, and what the client asked with."""
    access: dict[str, str] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    """Method and path of all requests, whatever became of them."""

    def consent(self, asked: dict[str, str], form: dict[str, str]) -> str:
        """Where the person is sent back to."""
        if form["decision"] == "deny":
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe()
        self.codes[code] = form["account"], asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """None for a code or a refresh token that is not taken; each is taken once."""
        if form["grant_type"] == "refresh_token":
            account = self.refresh.pop(form["refresh_token"], None)
        else:
            account, asked = self.codes.pop(form["code"], (None, {}))
            proof = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            due = {"redirect_uri": form["redirect_uri"], "code_challenge": proof, "code_challenge_method": "S256"}
            if not due.items() <= asked.items():
                return None
        return self._granted(account) if account else None

    def account(self, request: "_Asked") -> str:
        """Whose access token it comes with."""
        account = self.access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if account is None:
            raise NotAuthorizedException
        return account

    def _granted(self, account: str) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(), secrets.token_urlsafe()
        self.access[access] = self.refresh[refresh] = account
        tokens = {"access_token": access, "refresh_token": refresh}
        return {**tokens, "token_type": "Bearer", "expires_in": 3600, "scope": SCOPES}


_Asked = Request[Any, Any, State]


def _app(service: Corkboard) -> Litestar:
    @get("/oauth/authorize", media_type=MediaType.HTML)
    async def ask() -> Response[str]:
        return Response(_consent_page(), headers={"Cross-Origin-Opener-Policy": "same-origin"})

    @post("/oauth/authorize", status_code=302)
    async def decide(request: _Asked) -> Response[None]:
        return Response(None, headers={"Location": service.consent(dict(request.query_params), await _form(request))})

    @post("/oauth/token", status_code=200)
    async def token(request: _Asked) -> Response[dict[str, Any]]:
        client = b64decode(request.headers.get("authorization", "").removeprefix("Basic "))
        if client != f"sandbox-{SLUG}:sandbox-secret".encode():
            return Response({"error": "invalid_client"}, status_code=401)
        granted = service.token(await _form(request))
        return Response(granted) if granted else Response({"error": "invalid_grant"}, status_code=400)

    @post("/oauth/revoke", status_code=200)
    async def revoke(request: _Asked) -> None:
        service.refresh.pop((await _form(request))["token"])

    @get("/v1/me")
    async def me(request: _Asked) -> dict[str, str]:
        return {"id": service.account(request), "name": f"{service.account(request)}.example.com"}

    @get("/v1/boards")
    async def boards(request: _Asked) -> dict[str, Any]:
        return _page(list(BOARDS[service.account(request)]), request)

    @get("/v1/boards/{board:str}/pins")
    async def pins(request: _Asked, board: FromPath[str]) -> dict[str, Any]:
        return _page(list(BOARDS[service.account(request)][board]), request)

    async def note(request: _Asked) -> None:
        service.calls.append(f"{request.method} {request.scope['path']}")

    handlers = [ask, decide, token, revoke, me, boards, pins]
    return Litestar(handlers, path=f"/{SLUG}", before_request=note, openapi_config=None, logging_config=None)


def _consent_page() -> str:
    radios = "".join(
        f'<label><input type="radio" name="account" value="{one}">{one.capitalize()}</label>' for one in BOARDS
    )
    buttons = "".join(f'<button name="decision" value="{word.lower()}">{word}</button>' for word in ("Approve", "Deny"))
    head = f'<!doctype html><html lang="en"><title>{NAME}</title><link rel="icon" href="data:,">'
    return f'{head}<h1>{NAME}</h1><form method="post">{radios}{buttons}</form></html>'


async def _form(request: _Asked) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode()))


def _page(titles: list[str], request: _Asked) -> dict[str, Any]:
    start = int(request.query_params.get("cursor", "0"))
    entries = [{"id": title, "title": title, "colour": "yellow"} for title in titles[start : start + PAGE]]
    return {"entries": entries, "next": str(start + PAGE) if len(titles) > start + PAGE else None}


@contextmanager
def played() -> Iterator[Corkboard]:
    """The service, on a port of its own, as the sandbox plays a provider: below a folder that is called like it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        service = Corkboard(f"http://127.0.0.1:{taken.getsockname()[1]}")
        config = uvicorn.Config(_app(service), loop="asyncio", ws="none", log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield service
        finally:
            server.should_exit = True
            thread.join(20)


def copy_of_the_product(folder: Path) -> Path:
    """What a wheel holds, without what only this folder's interpreter made."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for part in wheel["only-include"]:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def add_provider(tree: Path, text: str = DECLARATION, slug: str = SLUG) -> Path:
    file = tree / "adapters" / "outbound" / "providers" / f"{slug}.py"
    file.write_text(text)
    return file


class _WithoutTheFour(Sandbox):
    """What stands in the place of the sandbox: it plays the fifth provider alone."""

    def given_back(self) -> int:
        return 0


@contextmanager
def running(tree: Path, service: Corkboard, home: Path) -> Iterator[Product]:
    """The product from ``tree``, with ``service`` in the place of the sandbox."""
    home.mkdir()
    port = free_port()
    settings = {
        "PYTHONPATH": str(tree),
        "STORAGE_URL": SQLITE,
        "PUBLIC_URL": f"http://localhost:{port}",
        "RATE_LIMIT_SCALE": "1000",
        "SANDBOX_URL": service.url,
    }
    with httpx.Client(timeout=10) as http:
        product = Product(
            profile="embedded",
            home=home,
            settings=settings,
            ports=(port,),
            sandbox=_WithoutTheFour(service.url, http),
            redis=None,
            apis=(Process("api1", home, "serve"),),
            worker=None,
            beside=None,
        )
        try:
            product.start()
            yield product
        finally:
            product.stop()
