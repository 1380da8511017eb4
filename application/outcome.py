"""How an effect came out, for the worker to write down."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is left of it."""


@dataclass(frozen=True, slots=True)
class Again:
    """To be tried again."""

    seconds: float
    progressed: bool = False
    """Whether this attempt got further than the one before: then attempts count from the start."""


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody else is at it."""


Outcome = Done | Again | Left
DONE, LEFT = Done(), Left()
