"""python -m bench [me] [logins] [sync]: all of them when none is named."""

import sys

from bench import logins, me, sync

MEASUREMENTS = {"me": me.measure, "logins": logins.measure, "sync": sync.measure}


def main(names: list[str]) -> None:
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        sys.exit(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    for name in names or MEASUREMENTS:
        MEASUREMENTS[name]()


main(sys.argv[1:])
