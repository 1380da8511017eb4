"""python -m bench [me] [logins] [sync] [tokens] [refresh]: all of them when none is named.

Ends with 1 when something was missed that no busy machine excuses.
"""

import os
import sys
from collections.abc import Callable

from bench import logins, me, refresh, sync, tokens

MEASUREMENTS: dict[str, Callable[[], bool | None]] = {
    "me": me.measure,
    "logins": logins.measure,
    "sync": sync.measure,
    "tokens": tokens.measure,
    "refresh": refresh.measure,
}
"""False: it does not do what it must do at any speed."""

_QUIET = 0.5


def main(names: list[str]) -> None:
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        sys.exit(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    load, cores = os.getloadavg()[0], os.cpu_count()
    if load > _QUIET:
        print(f"The machine does other work too: load average {load:.1f} on {cores} cores. Trust the ratios alone.")
    missed = [name for name in names or MEASUREMENTS if MEASUREMENTS[name]() is False]
    if missed:
        sys.exit(f"MISSED: {', '.join(missed)}")


main(sys.argv[1:])
