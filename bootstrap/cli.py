"""The command line's door."""

import sys
from pathlib import Path

from adapters.inbound.cli import Commands, run
from bootstrap.commands import CommandsHere


def main() -> None:
    commands: Commands = CommandsHere(Path.cwd())
    sys.exit(run(commands, sys.argv[1:]))


if __name__ == "__main__":
    main()
