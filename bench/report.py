"""How figures are printed."""

from collections.abc import Sequence
from statistics import median

from bench.load import Load


def line(name: str, load: Load) -> None:
    p50, p99 = load.percentile(50), load.percentile(99)
    answers = f"p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   of {len(load.latencies)}"
    print(f"  {name:38} {load.rate:6.0f} requests/s   {answers}")


def judge_least(what: str, rounds: Sequence[float], *, goal: float, form: str) -> None:
    """By the median of the rounds, for some of them are spoilt by what else the machine does."""
    print(f"  {what} {_spread(rounds, form)}; goal at least {goal:{form}}: {verdict(median(rounds) >= goal)}")


def judge_most(what: str, rounds: Sequence[float], *, goal: float, form: str) -> None:
    """By the median too."""
    print(f"  {what} {_spread(rounds, form)}; goal at most {goal:{form}}: {verdict(median(rounds) <= goal)}")


def verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def _spread(rounds: Sequence[float], form: str) -> str:
    return f"{median(rounds):{form}} (rounds {min(rounds):{form}} to {max(rounds):{form}})"
