import asyncio
from collections.abc import Awaitable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from application.amend_connection import AmendConnection
from application.commit_page import CommitPage, as_listed
from application.hold_lease import HoldLease
from application.outcome import DONE, LEFT, Again, Outcome
from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.providers import Providers
from application.ports.runs import Runs
from application.ports.source_pages import ListingRefused, SourcePage
from application.ports.sync_states import SyncStates
from application.read_ahead import ReadAhead
from application.read_source import ReadSource
from application.request_sync import RequestSync
from domain.connection import Connection, SyncError
from domain.effect import Effect
from domain.errors import (
    CacheUnavailable,
    ClientRefused,
    EpochSuperseded,
    NeedsReauth,
    ProviderNotConfigured,
    ProviderThrottled,
    ProviderUnavailable,
)
from domain.ids import RunId
from domain.item import SourceItem
from domain.sync import Run, RunCounts, RunStatus, Stream, SyncState

_ORPHAN_AFTER = timedelta(minutes=1)
_ATTEMPTS = 6
"""How often in a row a provider may be away before a run is given up."""
_FAULTS = 12
"""How often in a row something unforeseen may stop it."""
_LONGEST_RUN = timedelta(hours=24)
_LONGEST_WAIT_SECONDS = 900.0
_TURN = timedelta(minutes=5)
"""How long a run reads before others that wait for a worker get their turn."""
_LOOK_EVERY_SECONDS = 3.0
"""How long a silent provider keeps a run from noticing that it is cancelled."""

_T = TypeVar("_T")


class _Cancelled(Exception):
    """Nobody wants the run any more."""


class _TurnEnded(Exception):
    """The run goes on behind those that are waiting; its checkpoint says where."""


@dataclass(frozen=True, slots=True)
class RunSync:
    """A worker does a sync that was asked for, or goes on where another one stopped."""

    runs: Runs
    connections: Connections
    providers: Providers
    sync_states: SyncStates
    hold_lease: HoldLease
    commit_page: CommitPage
    read_ahead: ReadAhead
    read_source: ReadSource
    amend_connection: AmendConnection
    request_sync: RequestSync
    clock: Clock

    async def __call__(self, effect: Effect) -> Outcome:
        run = await self.runs.find(RunId(effect.subject["run"]))
        if run is None:
            # Its effect is stored before a run is; without one for so long, nobody waits for it any more.
            return DONE if self.clock.now() > effect.created_at + _ORPHAN_AFTER else Again(1, 0)
        if run.status.is_final:
            if run.status is RunStatus.SUCCEEDED:
                # Whoever ended it may have been stopped right then.
                await self._follow_up(run)
            return DONE
        try:
            async with self.hold_lease(f"sync|{run.connection}") as held:
                return await self._go_on(run, effect) if held else LEFT
        except CacheUnavailable:
            return Again(5, effect.attempts)
        except EpochSuperseded:
            return LEFT

    async def _go_on(self, run: Run, effect: Effect) -> Outcome:
        connection = await self.connections.find(run.user, run.connection)
        if connection is None or not connection.is_live:
            return await self._end(run, RunStatus.CANCELLED, "disconnected")
        if effect.attempts >= _FAULTS:
            return await self._fail(connection, run, "internal_error")
        return await self._read(connection, run, effect)

    async def _read(self, connection: Connection, run: Run, effect: Effect) -> Outcome:
        if run.cancel_requested:
            return await self._end(run, RunStatus.CANCELLED)
        await self.runs.mark(run.id, RunStatus.RUNNING, at=self.clock.now())
        state = await self.commit_page.take_up(run.connection, run.id)
        try:
            return await self._read_all(connection, run, state)
        except _Cancelled:
            return await self._end(run, RunStatus.CANCELLED)
        except _TurnEnded:
            return Again(0, 0)
        except (NeedsReauth, ProviderNotConfigured, ClientRefused) as refusal:
            return await self._fail(connection, run, refusal.code)
        except ProviderUnavailable as failure:
            now = await self.sync_states.find(run.connection)
            progressed = (now.counts, now.streams) != (state.counts, state.streams)
            return await self._wait(connection, run, failure, attempts=0 if progressed else effect.attempts)

    async def _read_all(self, connection: Connection, run: Run, state: SyncState) -> Outcome:
        streams = self._streams(connection)
        if not state.streams:
            state = replace(state, streams=streams)
        elif [stream.listing for stream in state.streams] != [stream.listing for stream in streams]:
            # Another version of the product has begun it.
            state = replace(state, streams=streams, counts=RunCounts(), run_sequence=state.sequence)
        turn_ends = self.clock.now() + _TURN
        for stream in state.streams:
            if not stream.done:
                state = await self._read_one(connection, run, state, stream, turn_ends)
        if refused := next((stream.refused for stream in state.streams if stream.refused), None):
            return await self._fail(connection, run, refused)
        await self._note(connection, None)
        outcome = await self._end(run, RunStatus.SUCCEEDED)
        await self._follow_up(run)
        return outcome

    async def _follow_up(self, run: Run) -> None:
        """A run that went on where another had stopped is followed by a whole one: what was read before that may have
        changed since."""
        state = await self.sync_states.find(run.connection)
        continued = state.run == run.id and any(stream.continued for stream in state.streams)
        connection = await self.connections.find(run.user, run.connection) if continued else None
        if connection is not None and connection.is_live:
            await self.request_sync(connection)

    async def _read_one(
        self, connection: Connection, run: Run, state: SyncState, stream: Stream, turn_ends: datetime
    ) -> SyncState:
        async def complete(item: SourceItem) -> SourceItem | None:
            await self._go_on_only_if_wanted(run)
            completing = self.read_source.complete(connection, stream.listing, item)
            return await self._while_wanted(run, completing)

        detailed = self.providers.get(connection.provider).listing(stream.listing).detailed
        try:
            async with aclosing(self.read_ahead(connection, stream)) as pages:
                while (found := await self._while_wanted(run, anext(pages, None))) is not None:
                    await self._go_on_only_if_wanted(run)
                    page, behind = found
                    state = await self.commit_page(state, page, behind, complete if detailed else as_listed)
                    stream = behind
                    if self.clock.now() > turn_ends:
                        raise _TurnEnded
        except ListingRefused as refusal:
            # The others may well be readable.
            return await self.commit_page(state, SourcePage(), stream.at_end(str(refusal)))
        return state

    def _streams(self, connection: Connection) -> tuple[Stream, ...]:
        return tuple(Stream(listing.name) for listing in self.providers.get(connection.provider).listings)

    async def _while_wanted(self, run: Run, reading: Awaitable[_T]) -> _T:
        """What ``reading`` brings; it is broken off when the run is cancelled."""
        task = asyncio.ensure_future(reading)
        try:
            while not (await asyncio.wait({task}, timeout=_LOOK_EVERY_SECONDS))[0]:
                await self._go_on_only_if_wanted(run)
            return task.result()
        finally:
            # Also when it is done: whoever is cancelled in that moment has not seen what came of it.
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _go_on_only_if_wanted(self, run: Run) -> None:
        if await self._is_cancelled(run):
            raise _Cancelled

    async def _is_cancelled(self, run: Run) -> bool:
        now = await self.runs.find(run.id)
        return now is None or now.cancel_requested or now.status.is_final

    async def _wait(self, connection: Connection, run: Run, failure: ProviderUnavailable, *, attempts: int) -> Outcome:
        if await self._is_cancelled(run):
            return await self._end(run, RunStatus.CANCELLED)
        throttled = isinstance(failure, ProviderThrottled)
        if attempts >= _ATTEMPTS or self.clock.now() > run.requested_at + _LONGEST_RUN:
            return await self._fail(connection, run, failure.code)
        await self.runs.mark(run.id, RunStatus.WAITING, at=self.clock.now(), error=failure.code)
        if await self._connected_anew(connection):
            # With tokens of its own there may be nothing to wait for. Whoever reconnects it after this look finds the
            # run waiting.
            return Again(0, 0)
        seconds = failure.retry_after if throttled else failure.retry_after * 2**attempts
        # Who is asked to wait has not failed: only an absence counts.
        return Again(min(seconds, _LONGEST_WAIT_SECONDS), attempts if throttled else attempts + 1)

    async def _fail(self, connection: Connection, run: Run, code: str) -> Outcome:
        if await self._is_cancelled(run):
            return await self._end(run, RunStatus.CANCELLED)
        await self._note(connection, SyncError(code, self.clock.now()))
        state = await self.sync_states.find(run.connection)
        some = state.run == run.id and state.counts.seen > 0
        outcome = await self._end(run, RunStatus.PARTIAL if some else RunStatus.FAILED, code)
        if now := await self._connected_anew(connection):
            # Who reconnected it was given this run for the first one, as it had not ended yet.
            await self.request_sync(now)
        return outcome

    async def _connected_anew(self, connection: Connection) -> Connection | None:
        """As it is now, if somebody has connected the account once more meanwhile."""
        now = await self.connections.find(connection.user, connection.id)
        return now if now and now.is_live and now.connected_at != connection.connected_at else None

    async def _end(self, run: Run, status: RunStatus, error: str | None = None) -> Outcome:
        state = await self.sync_states.find(run.connection)
        counts = state.counts if state.run == run.id else run.counts
        await self.runs.finish(run.id, status, at=self.clock.now(), counts=counts, error=error)
        return DONE

    async def _note(self, connection: Connection, error: SyncError | None) -> None:
        def change(before: Connection) -> Connection:
            if error is None:
                return replace(before, last_error=None, last_sync_at=self.clock.now())
            # What was wrong with the grant of then says nothing about the one of now.
            is_same_grant = before.is_live and before.connected_at == connection.connected_at
            return replace(before, last_error=error) if is_same_grant else before

        await self.amend_connection(connection.user, connection.id, change)
