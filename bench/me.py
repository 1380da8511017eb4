"""GET /auth/me, the session read included, beside a handler that only verifies the same token."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import load
from bench.load import Load
from bench.product import SECRET, Product, running, serving
from tests.services.process import free_port

GOAL = 0.70
_CONNECTIONS = 32
_ROUNDS, _ROUND_SECONDS = 6, 3.0
_CONTACTS = 100_000


def measure() -> None:
    print(f"\nGET /auth/me, embedded profile, {_CONNECTIONS} keep-alive connections, {_ROUNDS} alternating rounds")
    with running(contacts=_CONTACTS) as product:
        token = product.sign_in()
        with _bare(product) as bare_port:
            ratio_to_floor(product.port, bare_port, token)
        beside_a_sync(product, token)


def ratio_to_floor(product_port: int, bare_port: int, token: str) -> None:
    product, bare, ratios = Load(), Load(), list[float]()
    for _ in range(_ROUNDS):
        ours, floor = _load(product_port, token), _load(bare_port, token)
        ratios.append(ours.rate / floor.rate)
        product += ours
        bare += floor
    ratio = product.rate / bare.rate
    _print("/auth/me", product)
    _print("bare handler, same JWT", bare)
    verdict = "reached" if ratio >= GOAL else "MISSED"
    spread = f"rounds {min(ratios):.0%} to {max(ratios):.0%}"
    print(f"  ratio {ratio:.0%} ({spread}); goal {GOAL:.0%}: {verdict}")


def beside_a_sync(product: Product, token: str) -> None:
    """Both under full load, and with one caller: what a person at a quiet hour feels."""
    idle = [_load(product.port, token, connections) for connections in (_CONNECTIONS, 1)]
    product.connect()
    during = [_load(product.port, token, connections) for connections in (_CONNECTIONS, 1)]
    run = product.run()
    for connections, before, beside in zip((_CONNECTIONS, 1), idle, during, strict=True):
        _print(f"/auth/me, {connections} at once, idle", before)
        _print(f"/auth/me, {connections} at once, during a sync", beside)
    if run["ended_at"] is not None:
        print("  (the sync ended before the measurement did: its figures are too good)")
    print(f"  the sync meanwhile: {run['status']}, {run['counts']['seen']} items")


def _load(port: int, token: str, connections: int = _CONNECTIONS) -> Load:
    headers = [f"Authorization: Bearer {token}"]
    return load.run(port, "/auth/me", headers, connections=connections, seconds=_ROUND_SECONDS)


def _print(name: str, load: Load) -> None:
    p50, p99 = load.percentile(50), load.percentile(99)
    print(f"  {name:40} {load.rate:7.0f} requests/s   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")


@contextmanager
def _bare(product: Product) -> Iterator[int]:
    port = free_port()
    settings = {"BENCH_SECRET": SECRET, "BENCH_ISSUER": f"http://localhost:{product.port}"}
    program = str(Path(__file__).with_name("bare.py"))
    with serving([sys.executable, program, str(port)], port, product.folder, settings):
        yield port
