"""GET /auth/me, the session read included, beside a handler that only verifies the same token, and beside our peer."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import Load, Target, run
from bench.peer_server import peer
from bench.product import SECRET, Product, running, serving
from bench.report import judge_least, judge_most, line
from tests.services.process import free_port

GOAL, PEER_GOAL, SPREAD_GOAL = 0.70, 5.0, 2.5
_CONNECTIONS = 32
_ROUNDS, _ROUND_SECONDS, _WARM_UP_SECONDS = 9, 1.5, 0.5
_PEER_ROUNDS, _PEER_SECONDS = 5, 1.5
_BESIDE_SECONDS = 4.0
_CONTACTS = 100_000


def measure() -> None:
    print(f"\nGET /auth/me, embedded profile, {_CONNECTIONS} keep-alive connections, {_ROUNDS} alternating rounds")
    with running(contacts=_CONTACTS) as product:
        target = product.me()
        with _bare(product, target) as bare:
            ratio_to_floor(target, bare)
        with peer("database") as database, peer("jwt") as jwt:
            ratio_to_peer(target, database.me(), jwt.me())
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
    line("/auth/me", ours)
    line("bare handler, same JWT", floor)
    judge_least("ratio", ratios, goal=GOAL, form=".0%")
    cpu, cpu_of_floor = ours.cpu_microseconds, floor.cpu_microseconds
    print(f"  by CPU time of an answer {cpu_of_floor / cpu:.0%}: {cpu:.0f} against {cpu_of_floor:.0f} microseconds")


def ratio_to_peer(product: Target, database: Target, jwt: Target) -> None:
    """fastapi-users with both its strategies; only the database's tokens can be revoked, as ours."""
    targets = (product, database, jwt)
    loads, ratios, spreads = [Load() for _ in targets], list[float](), list[float]()
    for target in targets:
        run(target, connections=_CONNECTIONS, seconds=_WARM_UP_SECONDS)
    for _ in range(_PEER_ROUNDS):
        ours, revocable, signed = (run(target, connections=_CONNECTIONS, seconds=_PEER_SECONDS) for target in targets)
        ratios.append(ours.rate / revocable.rate)
        spreads.append(ours.percentile(99) / ours.percentile(50))
        loads = [load + seen for load, seen in zip(loads, (ours, revocable, signed), strict=True)]
    for name, load in zip(("/auth/me", "fastapi-users, revocable", "fastapi-users, JWT alone"), loads, strict=True):
        line(name, load)
    judge_least("times as many as fastapi-users, revocable:", ratios, goal=PEER_GOAL, form=".1f")
    cpu, cpu_of_peer = loads[0].cpu_microseconds, loads[1].cpu_microseconds
    print(f"  by CPU time of an answer {cpu_of_peer / cpu:.1f} times: {cpu:.0f} against {cpu_of_peer:.0f} microseconds")
    judge_most("p99 of /auth/me, times p50:", spreads, goal=SPREAD_GOAL, form=".1f")


def beside_a_sync(product: Product, target: Target) -> None:
    """Under full load, and with one caller: what a person feels at a quiet hour."""
    idle = [run(target, connections=connections, seconds=_BESIDE_SECONDS) for connections in (_CONNECTIONS, 1)]
    product.connect()
    during = [run(target, connections=connections, seconds=_BESIDE_SECONDS) for connections in (_CONNECTIONS, 1)]
    sync = product.run()
    for connections, before, beside in zip((_CONNECTIONS, 1), idle, during, strict=True):
        line(f"/auth/me, {connections} at once, idle", before)
        line(f"/auth/me, {connections} at once, during a sync", beside)
    if sync["ended_at"] is not None:
        print("  (the sync ended before the measurement did: its figures are too good)")
    print(f"  the sync meanwhile: {sync['counts']['seen'] / (2 * _BESIDE_SECONDS):.0f} items/s")


@contextmanager
def _bare(product: Product, like: Target) -> Iterator[Target]:
    port = free_port()
    settings = {"BENCH_SECRET": SECRET, "BENCH_ISSUER": f"http://localhost:{product.port}"}
    program = str(Path(__file__).with_name("bare.py"))
    with serving([sys.executable, program, str(port)], port, product.folder, settings) as process:
        yield Target(port, process.pid, "/auth/me", like.headers)
