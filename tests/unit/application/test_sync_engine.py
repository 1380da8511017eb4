"""The sync engine under any order of steps of several workers that are cut off, held up and overtaken."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from itertools import cycle
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.outbound.memory.sync_states import MemorySyncStates
from domain.connection import ConnectionStatus
from domain.ids import ConnectionId, RunId
from domain.sync import ChangeKind, Run, RunStatus, SyncState
from tests.unit.application.house import House, everybody_waits
from tests.unit.application.power import Power, PowerCut
from tests.unit.patient_loop import PatientLoop
from tests.unit.played_hubspot import PlayedHubSpot

_WORKERS = 3
EVENTS = ["edit", "edit", "cancel", "request", "time", 429, 401, 503, 400]


class WhatRunsLeave(MemorySyncStates):
    """Remembers, of each run that goes on with what another has left, how many contacts were read by then."""

    def __init__(self) -> None:
        super().__init__()
        self.read_before: dict[RunId, int] = {}

    async def begin(self, connection: ConnectionId, run: RunId) -> SyncState:
        left = await self.find(connection)
        begun = await super().begin(connection, run)
        if left.run not in (None, run) and any(
            stream.resumed for stream in begun.streams if stream.listing == "contact"
        ):
            self.read_before[run] = left.counts.seen + self.read_before.get(left.run, 0)
        return begun


class SyncEngine(RuleBasedStateMachine):
    """Each rule is one thing that happens; in between every worker has come as far as it can."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = PatientLoop()
        self.workers: list[tuple[Power, asyncio.Task[None]]] = []
        self.powers: list[Power] = []
        self.runs: list[Run] = []
        self.edits = 0
        self.refusals = 0

    @initialize(contacts=st.integers(0, 6), page_sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4))
    def connect(self, contacts: int, page_sizes: list[int]) -> None:
        self.hubspot = PlayedHubSpot(contacts, cycle(page_sizes))
        self.house = House(self.hubspot)
        self.house.storage.sync_states = self.left = WhatRunsLeave()
        self.bearer = self._do(self.house.person())
        self.connection = self._do(self.house.connect(self.bearer))
        self._do(self._remember_run())

    @rule(steps=st.integers(4, 18), way=st.integers(0, 1))
    def a_worker_comes_and_gets_somewhere(self, steps: int, way: int) -> None:
        if len(self.workers) < _WORKERS:
            self.powers.append(power := Power(held=True))
            task = self.loop.create_task(self._work(self.house.another(power)))
            self.workers.append((power, task))
            self._settle()
            self._let_go(power, steps, way)

    @rule(worker=st.integers(0, _WORKERS - 1), steps=st.integers(1, 4), way=st.integers(0, 1))
    def a_worker_goes_on(self, worker: int, steps: int, way: int) -> None:
        waiting = [power for power, _ in self.workers if power.waiting]
        if waiting:
            self._let_go(waiting[worker % len(waiting)], steps, way)

    @rule(worker=st.integers(0, _WORKERS - 1), torn=st.integers(0, 3))
    def a_worker_is_cut_off(self, worker: int, torn: int) -> None:
        if self.workers:
            self.workers[worker % len(self.workers)][0].cut(torn)
            self._settle()

    @rule(
        contact=st.integers(0, 5),
        event=st.sampled_from(EVENTS),
    )
    def the_world_goes_on(self, contact: int, event: str | int) -> None:
        match event:
            case "edit" if self.hubspot.contacts:
                self.edits += 1
                self.hubspot.contacts[1 + contact % len(self.hubspot.contacts)] = f"Edit {self.edits}"
            case "cancel":
                self._do(self.house.uses.cancel_run()(self.connection.user, self.runs[-1].id))
            case "request":
                self._do(self.house.uses.request_sync()(self.connection))
                self._do(self._remember_run())
            case "time":
                self._do(asyncio.sleep(2))
            case int(status):
                self.refusals += status == 401
                self.hubspot.listing_faults.append(httpx.Response(status))

    @invariant()
    def what_is_published_is_whole(self) -> None:
        if not hasattr(self, "connection"):
            return
        state = self._do(self.house.state(self.connection))
        changes = self._do(self.house.published(self.connection))
        assert [change.number for change in changes] == list(range(1, state.sequence + 1))
        there: set[str] = set()
        for change in changes:
            key = change.item.source.external_id
            assert change.kind is (ChangeKind.UPDATED if key in there else ChangeKind.ADDED)
            there.add(key)
        assert state.totals.get("contact", 0) == len(there)

    def teardown(self) -> None:
        try:
            if hasattr(self, "connection"):
                self._do(self._end_well())
        finally:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self._do(everybody_waits())
            self.loop.close()

    async def _end_well(self) -> None:
        # Of those who have ended too: a renewal of tokens outlives a worker that has stopped waiting for it.
        for power in self.powers:
            power.release()
        await asyncio.sleep(300)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        self.hubspot.listing_faults.clear()
        await self.house.work()
        ended = [await self.house.run(run) for run in self.runs]
        assert all(run.status.is_final for run in ended)
        for run in ended:
            if run.status is RunStatus.SUCCEEDED:
                self._check_that_all_were_read(run)
        assert Counter(run.id for run in ended).most_common(1)[0][1] == 1
        connection = await self.house.connection(self.connection.user, self.connection.id)
        if connection.status is ConnectionStatus.NEEDS_REAUTH:
            assert self.refusals > 1
            connection = await self.house.connect(self.bearer)
            assert connection.id == self.connection.id
        assert connection.status is ConnectionStatus.ACTIVE
        if ended[-1].status is RunStatus.SUCCEEDED:
            await self._check_that_items_are_as_published()
        self._check_that_all_were_read(await self.house.synced(connection))
        last = await self.house.synced(connection)
        assert (last.status, last.counts.seen) == (RunStatus.SUCCEEDED, len(self.hubspot.contacts))
        stored = {item.source.external_id: item.source.name for item in await self.house.items(connection)}
        assert stored == {str(number): name for number, name in self.hubspot.contacts.items()}
        await self._check_that_items_are_as_published()

    def _check_that_all_were_read(self, run: Run) -> None:
        """By the run, each counted once, or by it and those it goes on for: of these two may have read one page."""
        assert run.status is RunStatus.SUCCEEDED
        there, read_before = len(self.hubspot.contacts), self.left.read_before.get(run.id)
        if read_before is None:
            assert run.counts.seen == there
        else:
            assert run.counts.seen <= there <= run.counts.seen + read_before

    async def _check_that_items_are_as_published(self) -> None:
        newest = {change.item.key: change.item for change in await self.house.published(self.connection)}
        assert [newest[key] for key in sorted(newest)] == await self.house.items(self.connection)

    async def _work(self, house: House) -> None:
        """Everything that is due, once."""
        try:
            for effect in await self.house.due():
                await house.settle(effect, await house.do(effect))
        except PowerCut:
            pass

    async def _remember_run(self) -> None:
        latest = await self.house.storage.runs.latest(self.connection.id)
        assert latest is not None
        if latest.id not in {run.id for run in self.runs}:
            self.runs.append(latest)

    def _let_go(self, power: Power, steps: int, way: int) -> None:
        """``way``: which of two waiting steps is taken first: the store's, or the page that is being read ahead."""
        for _ in range(steps):
            if power.waiting:
                power.let_go(way)
                self._settle()

    def _settle(self) -> None:
        self._do(everybody_waits())
        for power, task in list(self.workers):
            if task.done():
                task.result()
                self.workers.remove((power, task))

    def _do(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(story)


TestSyncEngine = SyncEngine.TestCase
# Shrinking takes minutes: add Phase.shrink to see a failure's core.
TestSyncEngine.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    report_multiple_bugs=False,
    phases=(Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
