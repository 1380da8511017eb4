"""Who may talk to the sandbox: programs and browsers of this machine, and no foreign page inside such a browser."""

from ipaddress import ip_address

from sandbox.core.asgi import App, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class Guard:
    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None if scope["type"] == "lifespan" else _refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        body = f"{refusal}\n".encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _refusal(scope: Scope) -> str | None:
    client, server = scope["client"], scope["server"]
    if client is None or server is None or not ip_address(client[0]).is_loopback:
        return "The sandbox answers this machine only."
    # A name that resolves to 127.0.0.1 would make its owner's page same-origin with us (DNS rebinding).
    hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1 or hosts[0] not in {f"{name}:{server[1]}" for name in LOOPBACK_NAMES}:
        return f"The sandbox is called {LOOPBACK_NAMES[0]}:{server[1]}, and by no other Host."
    if scope["path"].startswith("/_control") and _from_foreign_page(scope, f"http://{hosts[0]}"):
        return "No other site's page may control the sandbox."
    return None


def _from_foreign_page(scope: Scope, own_origin: str) -> bool:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", own_origin.encode()).decode("latin-1")
    return origin != own_origin or headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin")
