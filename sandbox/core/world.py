"""Everything that one played provider remembers."""

import time
from collections.abc import Callable, Iterator, Mapping

from msgspec import UNSET, Raw, Struct, UnsetType, structs

from sandbox.core.faults import Faults
from sandbox.core.grants import Grants, GrantsState
from sandbox.core.knobs import Knobs, KnobsPatch
from sandbox.core.limits import RollingWindow
from sandbox.core.provider import ACME, Account, Kind, Provider
from sandbox.core.records import Change, Records
from sandbox.core.request_log import RequestLog
from sandbox.settings import SandboxSettings


class WorldState(Struct):
    """A world in the state file."""

    knobs: Knobs
    grants: GrantsState
    counts: dict[str, int]
    """Kind to number of seeded records of ``acme``, where the knob was turned."""
    changes: dict[str, dict[str, list[Change]]]
    """By account and kind."""
    memory: Raw | UnsetType = UNSET
    """The provider's own, where it has one."""


class World:
    def __init__(self, provider: Provider, settings: SandboxSettings, now: Callable[[], float] = time.time) -> None:
        self.provider, self.settings, self.now = provider, settings, now
        self.knobs = structs.replace(provider.knobs)
        self.faults = Faults()
        self.requests = RequestLog()
        self.grants = Grants(lambda: self.knobs, now, provider.code_ttl_s, provider.token_rules)
        self._windows: dict[str, RollingWindow] = {}
        self._records = {(a.slug, k.name): Records(k.seed, _count(k, a)) for a, k in self._all_kinds()}

    def records(self, account: Account, kind: Kind) -> Records:
        return self._records[account.slug, kind.name]

    def window(self, name: str, *, calls: int, seconds: float) -> RollingWindow:
        return self._windows.setdefault(name, RollingWindow(calls, seconds))

    def counts(self) -> dict[str, int]:
        """Kind to number of seeded records of ``acme``."""
        return {kind.name: self._records[ACME, kind.name].count for kind in self.provider.kinds}

    def turn(self, patch: KnobsPatch, counts: Mapping[str, int]) -> None:
        """Turn knobs; ``counts`` as in `counts`, for the kinds that change."""
        turned = {n: v for n, v in structs.asdict(patch).items() if v is not UNSET and n != "records"}
        self.knobs = structs.replace(self.knobs, **turned)
        for kind, count in counts.items():
            self._records[ACME, kind].count = count

    def reset(self) -> None:
        """As started."""
        self.knobs = structs.replace(self.provider.knobs)
        self.faults.replace([])
        self.requests.clear()
        self.grants.clear()
        self._windows.clear()
        for account, kind in self._all_kinds():
            self.records(account, kind).clear()
            self.records(account, kind).count = _count(kind, account)
        if self.provider.memory:
            self.provider.memory.reset()

    def state(self) -> WorldState:
        changes: dict[str, dict[str, list[Change]]] = {}
        for account, kind in self._all_kinds():
            changes.setdefault(account.slug, {})[kind.name] = self.records(account, kind).changes()
        counts = self.counts()
        turned = {k.name: counts[k.name] for k in self.provider.kinds if counts[k.name] != k.counts.get(ACME, 0)}
        memory = Raw(self.provider.memory.state()) if self.provider.memory else UNSET
        return WorldState(self.knobs, self.grants.state(), turned, changes, memory)

    def restore(self, state: WorldState) -> None:
        """Raises InputUnreadable."""
        if self.provider.memory and state.memory is not UNSET:
            self.provider.memory.restore(bytes(state.memory))
        self.knobs = state.knobs
        self.grants.restore(state.grants)
        for account, kind in self._all_kinds():
            self.records(account, kind).restore(state.changes.get(account.slug, {}).get(kind.name, []))
        for kind in self.provider.kinds:
            self._records[ACME, kind.name].count = state.counts.get(kind.name, kind.counts.get(ACME, 0))

    def _all_kinds(self) -> Iterator[tuple[Account, Kind]]:
        return ((account, kind) for account in self.provider.accounts for kind in self.provider.kinds)


def _count(kind: Kind, account: Account) -> int:
    return kind.counts.get(account.slug, 0)
