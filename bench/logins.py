"""Logins beside the hashing that they consist of, and what other people feel of them, here and at our peer."""

from dataclasses import dataclass

from bench.load import Load, Target, run, run_together
from bench.peer_server import peer
from bench.product import PASSWORD, running
from bench.raw_argon2 import verify
from bench.report import judge_least, judge_most, line

GOAL, GOAL_TO_IDLE, GOAL_TO_PEER = 0.90, 5.0, 0.02
_LOGINS = 8
_ROUNDS, _ROUND_SECONDS, _WARM_UP_SECONDS = 7, 1.2, 0.5
_BESIDE_ROUNDS, _BESIDE_SECONDS, _PEER_SECONDS = 4, 1.0, 2.0


@dataclass(frozen=True, slots=True)
class _Service:
    me: Target
    logins: Target

    def during_logins(self, callers: int, seconds: float) -> tuple[Load, Load]:
        """What those who ask saw, and what those who log in."""
        asked, logged_in = run_together((self.me, callers), (self.logins, _LOGINS), seconds=seconds)
        return asked, logged_in


def measure() -> None:
    print(f"\nPOST /auth/token, embedded profile, {_LOGINS} keep-alive connections, {_ROUNDS} alternating rounds")
    with running(contacts=0) as product, peer("database") as other:
        ours, theirs = (_Service(one.me(), one.logins(_LOGINS)) for one in (product, other))
        ratio_to_raw(ours.logins)
        print(f"  GET /auth/me while {_LOGINS} log in again and again, {_BESIDE_ROUNDS} alternating rounds")
        to_idle, to_peer = beside_logins(ours, theirs, callers=1)
        judge_most("p99 during logins, times the idle one:", to_idle, goal=GOAL_TO_IDLE, form=".1f")
        judge_most("p99 during logins, of fastapi-users':", to_peer, goal=GOAL_TO_PEER, form=".1%")
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
    line("argon2id alone, a thread per core", floor)
    judge_least("ratio", ratios, goal=GOAL, form=".0%")
    cpu, cpu_of_floor = ours.cpu_microseconds / 1000, floor.cpu_microseconds / 1000
    print(f"  by CPU time of a login {cpu_of_floor / cpu:.0%}: {cpu:.1f} against {cpu_of_floor:.1f} milliseconds")


def beside_logins(ours: _Service, theirs: _Service, *, callers: int) -> tuple[list[float], list[float]]:
    """So many callers of GET /auth/me while people log in: the rounds' p99 by that while nobody does, and by our peer's
    while people log in there."""
    idle, during, at_peer, logins, peer_logins = (Load() for _ in range(5))
    to_idle, to_peer = list[float](), list[float]()
    for service in (ours, theirs):
        run(service.me, connections=callers, seconds=_WARM_UP_SECONDS)
    for _ in range(_BESIDE_ROUNDS):
        quiet = run(ours.me, connections=callers, seconds=_BESIDE_SECONDS)
        asked, logged_in = ours.during_logins(callers, _BESIDE_SECONDS)
        peer_asked, peer_logged_in = theirs.during_logins(callers, _PEER_SECONDS)
        to_idle.append(asked.percentile(99) / quiet.percentile(99))
        to_peer.append(asked.percentile(99) / peer_asked.percentile(99))
        idle, during, at_peer = idle + quiet, during + asked, at_peer + peer_asked
        logins, peer_logins = logins + logged_in, peer_logins + peer_logged_in
    line(f"/auth/me, {callers} at once, idle", idle)
    line(f"/auth/me, {callers} at once, during logins", during)
    line(f"fastapi-users, {callers} at once, logins", at_peer)
    print(f"  the logins meanwhile: {logins.rate:.0f}/s here, {peer_logins.rate:.0f}/s there")
    return to_idle, to_peer
