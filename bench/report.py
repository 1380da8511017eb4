"""How figures are printed."""

from bench.load import Load


def line(name: str, load: Load) -> None:
    p50, p99 = load.percentile(50), load.percentile(99)
    answers = f"p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   of {len(load.latencies)}"
    print(f"  {name:38} {load.rate:6.0f} requests/s   {answers}")


def verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"
