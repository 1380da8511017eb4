"""GET /auth/me, the session read included, beside a handler that only verifies the same token."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import Load, Target, run
from bench.product import SECRET, Product, running, serving
from tests.services.process import free_port

GOAL = 0.70
_CONNECTIONS = 32
_ROUNDS, _ROUND_SECONDS, _WARM_UP_SECONDS = 10, 2.0, 0.5
_BESIDE_SECONDS = 4.0
_CONTACTS = 100_000


def measure() -> None:
    print(f"\nGET /auth/me, embedded profile, {_CONNECTIONS} keep-alive connections, {_ROUNDS} alternating rounds")
    with running(contacts=_CONTACTS) as product:
        headers = [f"Authorization: Bearer {product.sign_in()}"]
        target = Target(product.port, product.process, "/auth/me", headers)
        with _bare(product, headers) as bare:
            ratio_to_floor(target, bare)
        beside_a_sync(product, target)


def ratio_to_floor(product: Target, bare: Target) -> None:
    ours, floor, ratios = Load(), Load(), list[float]()
    for target in (product, bare):
        run(target, connections=_CONNECTIONS, seconds=_WARM_UP_SECONDS)
    for _ in range(_ROUNDS):
        one, other = (run(target, connections=_CONNECTIONS, seconds=_ROUND_SECONDS) for target in (product, bare))
        ratios.append(one.rate / other.rate)
        ours += one
        floor += other
    _print("/auth/me", ours)
    _print("bare handler, same JWT", floor)
    ratio = ours.rate / floor.rate
    verdict = "reached" if ratio >= GOAL else "MISSED"
    print(f"  ratio {ratio:.0%} (rounds {min(ratios):.0%} to {max(ratios):.0%}); goal {GOAL:.0%}: {verdict}")
    cpu, cpu_of_floor = ours.cpu_microseconds, floor.cpu_microseconds
    print(f"  by CPU time of an answer {cpu_of_floor / cpu:.0%}: {cpu:.0f} against {cpu_of_floor:.0f} microseconds")


def beside_a_sync(product: Product, target: Target) -> None:
    """Under full load, and with one caller: what a person feels at a quiet hour."""
    idle = [run(target, connections=connections, seconds=_BESIDE_SECONDS) for connections in (_CONNECTIONS, 1)]
    product.connect()
    during = [run(target, connections=connections, seconds=_BESIDE_SECONDS) for connections in (_CONNECTIONS, 1)]
    sync = product.run()
    for connections, before, beside in zip((_CONNECTIONS, 1), idle, during, strict=True):
        _print(f"/auth/me, {connections} at once, idle", before)
        _print(f"/auth/me, {connections} at once, during a sync", beside)
    if sync["ended_at"] is not None:
        print("  (the sync ended before the measurement did: its figures are too good)")
    print(f"  the sync meanwhile: {sync['counts']['seen'] / (2 * _BESIDE_SECONDS):.0f} items/s")


def _print(name: str, load: Load) -> None:
    p50, p99 = load.percentile(50), load.percentile(99)
    print(f"  {name:38} {load.rate:6.0f} requests/s   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")


@contextmanager
def _bare(product: Product, headers: list[str]) -> Iterator[Target]:
    port = free_port()
    settings = {"BENCH_SECRET": SECRET, "BENCH_ISSUER": f"http://localhost:{product.port}"}
    program = str(Path(__file__).with_name("bare.py"))
    with serving([sys.executable, program, str(port)], port, product.folder, settings) as process:
        yield Target(port, process.pid, "/auth/me", headers)
