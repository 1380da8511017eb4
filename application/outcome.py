"""How an effect came out, for the worker to write down."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is left of it."""

    regret: str = ""
    """What could not be done, where that is for the operator to know."""


@dataclass(frozen=True, slots=True)
class Again:
    """To be tried again."""

    seconds: float
    attempts: int
    """How many attempts without success are behind it then."""


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody else is at it."""


Outcome = Done | Again | Left
DONE, LEFT = Done(), Left()
