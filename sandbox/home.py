"""The page at ``/``: what is played here, and how to steer it."""

import shlex
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency

from sandbox.core.page import page
from sandbox.core.provider import ACME, CLIENT_SECRET, Account, Provider
from sandbox.core.request_log import KEPT_BODY_BYTES, KEPT_REQUESTS
from sandbox.core.world import World
from sandbox.mail import home_card

INK = "#1f2d3d"
KEPT_BODY = KEPT_BODY_BYTES // 1024


@get("/")
async def home(request: Request[Any, Any, State], worlds: NamedDependency[Mapping[str, World]]) -> Response[str]:
    address = str(request.base_url).rstrip("/")
    names = ", ".join(escape(world.provider.title) for world in worlds.values())
    intro = (
        f'<div class="card"><h1>Provider sandbox</h1><p>This plays {names} on your own machine: the people, the tokens '
        f"and the data are made up, the paths, shapes, limits and errors are the provider's. Point an app at the "
        f"address below, with the id and secret that are shown. Nothing leaves this machine.</p>"
        f'<p class="quiet">The control calls make it slow, make tokens expire, change records and break answers. '
        f"They answer programs on this machine only. Click a line to select it.</p></div>"
    )
    cards = "".join(_card(world, address) for world in worlds.values())
    colours = "".join(f".{slug}{{--accent:{world.provider.accent}}}" for slug, world in worlds.items())
    return page(title="Provider sandbox", accent=INK, body=intro + home_card(address) + cards, wide=True, rules=colours)


def _card(world: World, address: str) -> str:
    provider = world.provider
    of_account = "Seeded records" if provider.kinds else "Address"
    accounts = "".join(
        f"<tr><td>{escape(account.title)} (<code>{escape(account.slug)}</code>)</td><td>{escape(account.id)}</td>"
        f"<td>{_counts(world, account) if provider.kinds else escape(account.user_email)}</td></tr>"
        for account in provider.accounts
    )
    calls = _calls(address, provider)
    lines = "".join(f"<h2>{escape(what)}</h2><pre>{escape(call)}</pre>" for what, call in calls)
    return (
        f'<div class="card {provider.slug}">'
        f'<div class="brand"><span class="dot"></span>{escape(provider.title)}</div><dl>'
        f"<dt>Address</dt><dd><code>{address}/{provider.slug}</code></dd>"
        f"<dt>Client id</dt><dd><code>{provider.client_id}</code></dd>"
        f"<dt>Client secret</dt><dd><code>{CLIENT_SECRET}</code></dd></dl>"
        f"<table><thead><tr><th>Account</th><th>Id</th><th>{of_account}</th></tr></thead>"
        f"<tbody>{accounts}</tbody></table>{lines}</div>"
    )


def _counts(world: World, account: Account) -> str:
    return ", ".join(f"{world.records(account, kind).count} {kind.names[1]}" for kind in world.provider.kinds)


def _calls(address: str, provider: Provider) -> list[tuple[str, str]]:
    """What each control call does, and a line that does it."""

    def curl(path: str = "", method: str = "", body: Any = None) -> str:
        parts = ["curl", "-s", *(["-X", method] if method else []), f"{address}/_control/{provider.slug}{path}"]
        if body is not None:
            parts += ["-H", "Content-Type: application/json", "-d", msgspec.json.encode(body).decode()]
        return shlex.join(parts)

    account = {"account": next(iter(provider.accounts)).slug}
    knobs = {"latency_ms": 200, "access_token_ttl_s": 60, "refresh_reuse": "revoke_family", "limits": False}
    faults = [{"path": "/", "after": 2, "times": 3, "status": 503, "json": {"message": "try later"}}]
    broken = [{"path": "/", "cut_after_bytes": 100}, {"path": "/", "reset": True}, {"path": "/", "delay_ms": 5000}]
    return [
        ("Show the knobs", curl()),
        ("Turn knobs: latency, token lifetime, refresh tokens, rate limits", curl(method="PATCH", body=knobs)),
        ("Script answers: after two requests, three of 503", curl("/faults", body=faults)),
        ("Break answers: one cut short, one connection reset, one late", curl("/faults", body=broken)),
        ("Script nothing any more", curl("/faults", body=[])),
        *(_record_calls(provider, curl) if provider.kinds else ()),
        *((own.what, curl(own.path, "POST" if own.body is None else "", own.body)) for own in provider.own_calls),
        ("Let the access tokens of an account expire (of all accounts: without a body)",
         curl("/expire", body=account)),
        ("Take the grants of an account back (of all accounts: without a body)",
         curl("/revoke", body=account)),
        (f"Show the last {KEPT_REQUESTS:,} requests that were received, of each body the first {KEPT_BODY} KiB",
         curl("/requests")),
        ("Forget what was received", curl("/requests", method="DELETE")),
        ("Begin again as started", curl("/reset", method="POST")),
    ]  # fmt: skip


def _record_calls(provider: Provider, curl: Callable[..., str]) -> list[tuple[str, str]]:
    kind = provider.kinds[0]
    first = kind.seed.columns[kind.seed.id_name](0)
    change = {"account": ACME, "kind": kind.name, "upsert": [provider.example], "delete": [first]}
    return [
        ("Say how many records acme starts with", curl(method="PATCH", body={"records": {kind.name: 250}})),
        ("Add, change and delete records, in the provider's own shape", curl("/records", body=change)),
    ]
