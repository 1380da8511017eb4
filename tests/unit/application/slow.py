"""A process that takes its steps when it is told to."""

from dependency_injector import providers

from tests.unit.application.house import House, everybody_waits
from tests.unit.application.power import Power


class Slow:
    """Takes them as any other until it is held. Needs a patient loop."""

    def __init__(self, house: House, *, shares_cache: bool = False) -> None:
        self._power = Power()
        self.process = house.another(self._power)
        if shares_cache:
            self.process.uses.cache.override(providers.Object(house.cache))

    def hold(self) -> None:
        """From now on each step waits."""
        self._power._held = True

    async def go(self, steps: int) -> None:
        """Whatever it was told to do is done up to the step after ``steps``."""
        await everybody_waits()
        for _ in range(steps):
            if self._power.waiting:
                self._power.let_go(0)
                await everybody_waits()

    def release(self) -> None:
        """Hold nothing back any more."""
        self._power.release()
