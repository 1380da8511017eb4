"""How the processes end, and start again where they were."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.e2e.conftest import EMBEDDED, NewPerson, products_of
from tests.e2e.connecting import token_calls
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.provider_listings import eventually
from tests.services.process import listening


async def test_every_process_ends_cleanly_when_it_is_asked_to(product: Product) -> None:
    with closing(socket.create_connection(("127.0.0.1", product.ports[0]))):
        for process in reversed(product.processes):
            process.send(signal.SIGTERM)
            assert process.ended(20) == 0, process.name


@EMBEDDED
async def test_a_client_that_never_comes_to_an_end_is_not_waited_for(product: Product) -> None:
    head = (
        b"POST /auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    )
    with closing(socket.create_connection(("127.0.0.1", product.ports[0]))) as slow:
        slow.sendall(head)
        await asyncio.sleep(0.2)
        product.apis[0].send(signal.SIGTERM)
        assert product.apis[0].ended(20) == 0


@pytest.fixture
def with_sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """As ``serve --sandbox`` starts it."""
    with products_of(request, "embedded", tmp_path_factory) as products:
        yield products.start(sandbox_inside=True)


async def test_ctrl_c_ends_the_product_and_its_sandbox(with_sandbox: Product) -> None:
    (serve,) = with_sandbox.apis
    serve.send(signal.SIGINT)
    assert serve.ended(20) == 0
    for port in (with_sandbox.ports[0], int(with_sandbox.settings["SANDBOX_PORT"])):
        assert not listening("127.0.0.1", port)


async def test_serve_with_the_sandbox_starts_again_at_once_after_a_kill(
    with_sandbox: Product, new_person: NewPerson
) -> None:
    """The old sandbox may still be going down on its port."""
    person = await new_person(with_sandbox)
    await person.connect("globex")
    await person.first_sync()
    for _ in range(3):
        with_sandbox.apis[0].kill()
        with_sandbox.start()
        assert (await person.synced())["status"] == "succeeded"


async def test_what_is_being_answered_is_answered(product: Product, person: Person) -> None:
    product.sandbox.control("PATCH", body={"latency_ms": 700})
    callback = await person.approved("globex")
    url = product.urls[0]
    asked = asyncio.create_task(person.visit(callback, base=url))
    await eventually(lambda: bool(token_calls(product.sandbox)), "the code is redeemed")
    product.apis[0].send(signal.SIGTERM)
    assert (await asked).status_code == 200
    product.apis[0].ended(20)
    product.start()
    product.sandbox.control("PATCH", body={"latency_ms": 0})
    assert (await person.first_sync())["counts"]["added"] == 10


async def test_everything_is_there_after_a_power_cut(product: Product, person: Person) -> None:
    await person.connect("globex")
    await person.first_sync()
    for process in product.processes:
        process.kill()
    product.start()
    assert (await person.get("/auth/me"))["email"] == person.email
    assert (await person.by_cookie("/auth/refresh")).status_code == 200
    assert len(await person.items()) == 10
    assert (await person.call("POST", "/integrations/hubspot/credentials")).status_code == 200
    run = await person.synced()
    assert (run["status"], run["counts"]["unchanged"]) == ("succeeded", 10)


async def test_two_processes_that_start_at_once_share_their_keys(product: Product, person: Person) -> None:
    for url in product.urls:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            answer = await http.post(f"{url}/auth/token", json={"email": person.email, "password": PASSWORD})
        for other in product.urls:
            assert (await person.call("GET", "/auth/me", bearer=answer.json()["access_token"], base=other)).is_success
