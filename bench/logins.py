"""Logins beside the hashing that they consist of, and what other people feel of them, here and at our peer."""

from dataclasses import dataclass

from bench.load import Load, Target, run, run_together
from bench.peer_server import peer
from bench.product import PASSWORD, running
from bench.raw_argon2 import verify
from bench.report import line, verdict

GOAL, GOAL_TO_IDLE, GOAL_TO_PEER = 0.90, 5.0, 0.02
_LOGINS = 8
_ROUNDS, _ROUND_SECONDS, _WARM_UP_SECONDS = 6, 1.5, 0.5
_BESIDE_ROUNDS, _BESIDE_SECONDS, _PEER_SECONDS = 4, 1.0, 2.0


@dataclass(frozen=True, slots=True)
class _Service:
    me: Target
    logins: Target


def measure() -> None:
    print(f"\nPOST /auth/token, embedded profile, {_LOGINS} keep-alive connections, {_ROUNDS} alternating rounds")
    with running(contacts=0) as product, peer("database") as other:
        ours, theirs = (_Service(one.me(), one.logins(_LOGINS)) for one in (product, other))
        ratio_to_raw(ours.logins)
        print(f"  GET /auth/me while {_LOGINS} log in again and again, {_BESIDE_ROUNDS} alternating rounds")
        _goals(*beside_logins(ours, theirs, callers=1))
        beside_logins(ours, theirs, callers=32)


def ratio_to_raw(logins: Target) -> None:
    ours, floor, ratios = Load(), Load(), list[float]()
    run(logins, connections=_LOGINS, seconds=_WARM_UP_SECONDS)
    for _ in range(_ROUNDS):
        one = run(logins, connections=_LOGINS, seconds=_ROUND_SECONDS)
        other = verify(PASSWORD, seconds=_ROUND_SECONDS)
        ratios.append(one.rate / other.rate)
        ours += one
        floor += other
    line("/auth/token", ours)
    line("raw argon2id, a thread per core", floor)
    ratio = ours.rate / floor.rate
    reached = verdict(ratio >= GOAL)
    print(f"  ratio {ratio:.0%} (rounds {min(ratios):.0%} to {max(ratios):.0%}); goal {GOAL:.0%}: {reached}")
    cpu, cpu_of_floor = ours.cpu_microseconds / 1000, floor.cpu_microseconds / 1000
    print(f"  by CPU time of a login {cpu_of_floor / cpu:.0%}: {cpu:.1f} against {cpu_of_floor:.1f} milliseconds")


def beside_logins(ours: _Service, theirs: _Service, *, callers: int) -> tuple[Load, Load, Load]:
    """GET /auth/me of so many callers: while nobody logs in, while people do, and while people do at our peer."""
    idle, during, at_peer, logins, peer_logins = (Load() for _ in range(5))
    for service in (ours, theirs):
        run(service.me, connections=callers, seconds=_WARM_UP_SECONDS)
    for _ in range(_BESIDE_ROUNDS):
        idle += run(ours.me, connections=callers, seconds=_BESIDE_SECONDS)
        one, other = (
            run_together((service.me, callers), (service.logins, _LOGINS), seconds=seconds)
            for service, seconds in ((ours, _BESIDE_SECONDS), (theirs, _PEER_SECONDS))
        )
        during += one[0]
        logins += one[1]
        at_peer += other[0]
        peer_logins += other[1]
    line(f"/auth/me, {callers} at once, idle", idle)
    line(f"/auth/me, {callers} at once, during logins", during)
    line(f"fastapi-users, {callers} at once, logins", at_peer)
    print(f"  the logins meanwhile: {logins.rate:.0f}/s here, {peer_logins.rate:.0f}/s there")
    return idle, during, at_peer


def _goals(idle: Load, during: Load, at_peer: Load) -> None:
    to_idle, to_peer = (during.percentile(99) / other.percentile(99) for other in (idle, at_peer))
    print(f"  p99 during logins {to_idle:.1f} times the idle one; goal at most {GOAL_TO_IDLE:.0f}", end=": ")
    print(verdict(to_idle <= GOAL_TO_IDLE))
    print(f"  p99 during logins {to_peer:.1%} of fastapi-users'; goal at most {GOAL_TO_PEER:.0%}", end=": ")
    print(verdict(to_peer <= GOAL_TO_PEER))
