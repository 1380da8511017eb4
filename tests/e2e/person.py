"""A person with a browser: one cookie jar, the access token that the page holds, and every API process in turn."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from tests.e2e.product import Product
from tests.e2e.sandbox_server import SHARED_BY_ACCOUNT

PASSWORD = "correct horse battery staple"
FINAL = ("succeeded", "partial", "failed", "cancelled")


@dataclass(slots=True)
class Person:
    product: Product
    http: httpx.AsyncClient
    email: str
    token: str = ""
    password: str = PASSWORD

    @classmethod
    async def registered(cls, product: Product, http: httpx.AsyncClient) -> Self:
        """A new account, logged in."""
        person = cls(product, http, f"{uuid4().hex}@example.com")
        registered = await person.register()
        assert registered.status_code == 201, registered.text
        await person.log_in()
        return person

    async def register(self, password: str | None = None, **given: Any) -> httpx.Response:
        return await self.post("/auth/register", email=self.email, password=password or self.password, **given)

    async def log_in(self) -> None:
        answer = await self.try_to_log_in()
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    async def try_to_log_in(self, password: str | None = None, **given: Any) -> httpx.Response:
        """What comes back for the own password, or for another one."""
        body = {"email": self.email, "password": self.password if password is None else password}
        return await self.call("POST", "/auth/token", json=body, bearer="", **given)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        """As somebody who is not logged in."""
        return await self.call("POST", path, json=body, bearer="")

    async def call(
        self,
        method: str,
        path: str,
        *,
        bearer: str | None = None,
        headers: dict[str, str] | None = None,
        base: str | None = None,
        **given: Any,
    ) -> httpx.Response:
        """As this person, at the next API process; ``bearer`` replaces the own token, "" sends none."""
        token = self.token if bearer is None else bearer
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        url = (base or self.product.next_url()) + path
        return await self.http.request(method, url, headers={**authorization, **(headers or {})}, **given)

    async def get(self, path: str, **given: Any) -> Any:
        """What a call that must succeed answers."""
        answer = await self.call("GET", path, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def by_cookie(self, path: str, **given: Any) -> httpx.Response:
        """A POST that acts by the refresh cookie, from our own page."""
        return await self.call("POST", path, bearer="", headers={"Origin": self.product.public_url}, **given)

    async def authorize(self, provider: str = "hubspot", **given: Any) -> dict[str, Any]:
        answer = await self.call("POST", f"/integrations/{provider}/authorize", **given)
        assert answer.status_code == 200, answer.text
        started: dict[str, Any] = answer.json()
        return started

    async def consent(self, url: str, *, account: str = "acme", decision: str = "approve") -> str:
        """Press a button of the provider's page; path and query of where it sends the browser."""
        answer = await self.http.post(url, data={"decision": decision, "account": account})
        assert answer.status_code == 302, answer.text
        location = urlsplit(answer.headers["location"])
        assert f"{location.scheme}://{location.netloc}" == self.product.public_url
        return f"{location.path}?{location.query}"

    async def approved(self, account: str = "acme", provider: str = "hubspot") -> str:
        """An attempt to connect, up to the callback that is still to be visited."""
        return await self.consent((await self.authorize(provider))["url"], account=account)

    async def visit(self, path: str, **given: Any) -> httpx.Response:
        """As a browser goes to an address: cookies, and no bearer."""
        return await self.call("GET", path, bearer="", **given)

    async def connect(self, account: str = "acme", provider: str = "hubspot") -> str:
        """The connection's id. Its first sync is on its way."""
        page = await self.visit(await self.approved(account, provider))
        assert page.status_code == 200, page.text
        connection: str = (await self.status(provider))["connection_id"]
        return connection

    async def status(self, provider: str = "hubspot", **query: str) -> Any:
        return await self.get(f"/integrations/{provider}/status", params=query)

    async def connections(self) -> list[dict[str, Any]]:
        return [one for provider in (await self.get("/integrations"))["items"] for one in provider["connections"]]

    async def sync(self, provider: str = "hubspot", **body: Any) -> dict[str, Any]:
        """The run, as it was accepted."""
        answer = await self.call("POST", f"/integrations/{provider}/sync", json=body)
        assert answer.status_code == 202, answer.text
        run: dict[str, Any] = answer.json()
        return run

    async def synced(self, provider: str = "hubspot", **body: Any) -> dict[str, Any]:
        """The run of a new sync, at its end."""
        return await self.end_of((await self.sync(provider, **body))["id"])

    async def end_of(self, run: str, seconds: float = 120) -> dict[str, Any]:
        return await self.until(run, *FINAL, seconds=seconds)

    async def until(self, run: str, *statuses: str, seconds: float = 30) -> dict[str, Any]:
        """The run, as soon as it has one of these statuses."""
        deadline = time.monotonic() + seconds
        while True:
            found: dict[str, Any] = await self.get(f"/runs/{run}")
            if found["status"] in statuses:
                return found
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.1)

    async def under_way(self, run: str) -> None:
        """Return when something has been stored, and something not."""
        deadline = time.monotonic() + 30
        while (found := await self.get(f"/runs/{run}"))["counts"]["seen"] == 0:
            assert found["status"] not in FINAL, found
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.05)

    async def first_sync(self, provider: str = "hubspot") -> dict[str, Any]:
        """The end of the newest run."""
        return await self.end_of((await self.status(provider))["run"]["id"])

    async def pages(self, limit: int = 1000, **query: str) -> AsyncIterator[dict[str, Any]]:
        """All pages of the own items."""
        more: dict[str, Any] = {"limit": limit, **query}
        while True:
            page = await self.get("/items", params=more)
            yield page
            if page["next_cursor"] is None:
                return
            more["cursor"] = page["next_cursor"]

    async def items(self, limit: int = 1000, **query: str) -> list[dict[str, Any]]:
        return [item async for page in self.pages(limit, **query) for item in page["items"]]

    async def settle(self) -> set[tuple[str, str]]:
        """Leave nothing behind: a run would eat the answers that are scripted for the next test, and a grant that
        somebody still holds is not given back by the next who shares it. Provider, and grant, of what was connected;
        nothing of somebody who has left."""
        answer = await self.try_to_log_in()
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        elif (await self.call("GET", "/auth/me")).status_code != 200:
            return set()
        held = set()
        for connection in await self.connections():
            run = connection["run"]
            if run and run["status"] not in FINAL:
                await self.call("POST", f"/runs/{run['id']}/cancel")
                await self.end_of(run["id"])
            if connection["status"] != "disconnected":
                shared = connection["provider"] in SHARED_BY_ACCOUNT
                held.add((connection["provider"], connection["account"]["id"] if shared else connection["id"]))
            purged = {"connection_id": connection["id"], "purge": True}
            await self.call("POST", f"/integrations/{connection['provider']}/disconnect", json=purged)
        return held
