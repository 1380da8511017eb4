"""The documented command: the same as `vectorshift init-db`."""

import sys

from bootstrap.cli import main

if __name__ == "__main__":
    sys.argv[1:] = ["init-db"]
    main()
