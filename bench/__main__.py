"""python -m bench [me] [logins] [sync]: all of them when none is named."""

import os
import sys

from bench import logins, me, sync

MEASUREMENTS = {"me": me.measure, "logins": logins.measure, "sync": sync.measure}

_QUIET = 0.5


def main(names: list[str]) -> None:
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        sys.exit(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    load, cores = os.getloadavg()[0], os.cpu_count()
    if load > _QUIET:
        print(f"The machine does other work too: load average {load:.1f} on {cores} cores. Trust the ratios alone.")
    for name in names or MEASUREMENTS:
        MEASUREMENTS[name]()


main(sys.argv[1:])
