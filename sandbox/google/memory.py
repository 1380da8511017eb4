"""What the sandbox remembers for Google alone."""

from typing import Any

from sandbox.google.id_token import Difference
from sandbox.google.keys import Keys
from sandbox.google.people import People


class GoogleMemory:
    """People survive a restart. A reset leaves the keys: clients that know them need not be told."""

    def __init__(self) -> None:
        self.people, self.keys = People(), Keys()
        self.difference = Difference()
        """Of the next id_tokens."""
        self._userinfo: dict[str, dict[str, Any]] = {}

    def take_difference(self) -> Difference:
        """The one of the id_token that is being made."""
        difference = self.difference
        if difference.times is not None:
            difference.times -= 1
            if not difference.times:
                self.difference = Difference()
        return difference

    def remember_userinfo(self, access_token: str, difference: dict[str, Any]) -> None:
        if difference:
            self._userinfo[access_token] = difference

    def userinfo_difference(self, access_token: str) -> dict[str, Any]:
        return self._userinfo.get(access_token, {})

    def reset(self) -> None:
        self.people.reset()
        self.difference = Difference()
        self._userinfo.clear()

    def state(self) -> bytes:
        return self.people.state()

    def restore(self, state: bytes) -> None:
        """Raises InputUnreadable."""
        self.people.restore(state)
