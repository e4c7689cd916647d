"""Brings this copy and the server's rows together where they differ, while people keep working."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desktop import diagnostics
from desktop.database import is_sound, storage_errors
from desktop.diagnostics import CommandNamed, RangeFound, Report, TableFound, Tally
from desktop.sync.sync_status import Repair, RepairState
from desktop.sync.tempo import Patience, Tempo
from desktop.work import BEHIND, Work
from desktop.workbench import Workbench
from shared.kernel.errors import Rejected, Unavailable
from shared.storage.types import time_from_text, time_to_text
from shared.sync.apply import Applied
from shared.sync.confirmed import ScopeTable, Sum, correct_kept, kept_errors
from shared.sync.digest import MODULUS
from shared.sync.endpoint import SyncEndpoint
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.verify import DEFAULT_ROWS, MOST_UNSETTLED, RANGES, VerifyReply
from shared.sync.repair import (
    MOVED_ON,
    Counted,
    Difference,
    compare_rows,
    count_place,
    repair_pages,
    still_to_fetch,
)
from shared.sync.replica import ReplicaState

_log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""A difference that comes back so often is no accident; it is told, and left until tomorrow."""
REPLICA_DAMAGED = "replica_damaged"
"""Unavailable: a disk has damaged the replica's file; another one is filled beside it."""
RECOUNT_EVERY = timedelta(days=1)
RECOUNTED_AT = "recounted_at"
"""Names the note of when all rows were counted anew, by the server's clock."""
_COMMANDS_TOLD = 10
_UNREADABLE = "database_unreadable"
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Around:
    """What goes on around: the exchange of which this is a part.

    `rows` is held by whoever changes confirmed rows; `runs` is set unless a person paused it.
    `pull_again` fetches once more: the digests that come then say whether both sides agree.
    `fill_again` has a new replica made beside one that the disk has damaged.
    """

    rows: asyncio.Lock
    runs: asyncio.Event
    pull_again: Callable[[], None]
    fill_again: Callable[[], None]
    show: Callable[[Repair], None]


@dataclass(slots=True)
class _Finding:
    """What is found out about one place while it is put right."""

    counted: Counted
    first_reply: VerifyReply | None = None
    differences: list[Difference] = field(default_factory=list)

    @property
    def replaced_rows(self) -> int:
        """How many rows were put right or taken away."""
        return sum(len(each.puts) + len(each.deletes) for each in self.differences)

    @property
    def is_of_note(self) -> bool:
        """Whether the two sides differed, or what was kept differed from the rows."""
        reply = self.first_reply
        has_ranges = reply is not None and bool(reply.differing)
        return has_ranges or self.counted.kept != self.counted.total

    @property
    def is_unsettled(self) -> bool:
        """Whether others wrote so much meanwhile that a part could not be compared."""
        reply = self.first_reply
        return reply is not None and len(reply.unsettled) > MOST_UNSETTLED

    def _theirs(self) -> Sum:
        """What the server's rows come to: ours, but for the ranges that differ."""
        ours = {each.range: each for each in self.counted.ranges}
        count, total = self.counted.total
        for each in () if self.first_reply is None else self.first_reply.differing:
            count += each.row_count - ours[each.range].row_count
            total += each.digest_sum - ours[each.range].digest_sum
        return count, total % MODULUS

    def told(self) -> TableFound:
        """What a report says of it."""
        scope, table = self.counted.place
        ours = {each.range: each for each in self.counted.ranges}
        reply, found = self.first_reply, self.differences
        return TableFound(
            table=table,
            scope=scope,
            kept=_tally(self.counted.kept),
            counted=_tally(self.counted.total),
            theirs=_tally(self._theirs()),
            unsettled_ranges=0 if reply is None else len(reply.unsettled),
            ranges=tuple(
                RangeFound(
                    range=each.range,
                    ours=_tally((ours[each.range].row_count, ours[each.range].digest_sum)),
                    theirs=_tally((each.row_count, each.digest_sum)),
                )
                for each in (() if reply is None else reply.differing)
            ),
            changed=sum(each.changed for each in found),
            missing=sum(each.missing for each in found),
            surplus=sum(len(each.deletes) for each in found),
            columns=tuple(sorted({name for each in found for name in each.columns})),
            key_hashes=tuple(found[0].key_hashes) if found else (),
        )


def _tally(total: Sum) -> Tally:
    return Tally(row_count=total[0], digest_sum=total[1])


class Mending:
    """Repairs what the digests show, and counts all rows anew once a day.

    Whether a repair helped is for the next page's digests to say: `judged` is called with what they
    say. Nothing here waits for a person, and no person waits for anything here.
    """

    def __init__(
        self, work: Work, endpoint: SyncEndpoint, around: Around, *, tempo: Tempo, seed: str
    ) -> None:
        self._work = work
        self._endpoint = endpoint
        self._around = around
        self._tempo = tempo
        self._patience = Patience(tempo, f"{seed}/repair")
        self._places: tuple[ScopeTable, ...] = ()
        self._at = _LONG_AGO
        self._attempts = 0
        self._is_told = self._is_suspect = self._has_suspected = False
        self._repair = Repair()
        self._wanted, self._judged = asyncio.Event(), asyncio.Event()

    def judged(self, at: datetime, mismatches: tuple[ScopeTable, ...]) -> None:
        """Hear what the digests of a last page said; `at` is the server's time."""
        self._at, self._places, self._has_suspected = at, mismatches, False
        self._judged.set()
        if not mismatches:
            self._attempts = 0
            self._patience.forget()
            self._show(RepairState.NOT_NEEDED)
        elif self._attempts < MOST_ATTEMPTS:
            self._wanted.set()
        elif not self._is_told:
            self._is_told = True
            _log.error(
                "rows still differ from the server's after %d repairs: %s; told in %s",
                self._attempts,
                mismatches,
                self._repair.report,
            )
            self._show(RepairState.FAILED)

    def suspect(self) -> None:
        """Look at all rows at once: something could not be read; once until it could again."""
        if not self._has_suspected:
            self._has_suspected = self._is_suspect = True
            self._judged.set()

    def _show(self, state: RepairState) -> None:
        self._repair = replace(self._repair, state=state)
        self._around.show(self._repair)

    # -- repair ------------------------------------------------------------------------------

    async def repair_for_ever(self) -> None:
        """Put right what differs, whenever something does."""
        while True:
            await self._wanted.wait()
            if self._attempts:
                await asyncio.sleep(self._patience.slow_wait())
            await self._around.runs.wait()
            if self._places:
                await self._try_to_repair()
            self._wanted.clear()

    async def _try_to_repair(self) -> None:
        """Make one attempt, and ask for the digests that say whether it helped."""
        if self._repair.state is not RepairState.FAILED:
            self._show(RepairState.UNDER_WAY)
        # Counted before: the digests may say that all is well before the report is written.
        self._attempts += 1
        try:
            is_settled = await self._repair_all(self._places)
        except Unavailable as error:
            _log.info("a repair was put off: %s", error)
            if error.code == _UNREADABLE:
                self.suspect()
            is_settled = False
        except Rejected as error:
            _log.warning("the server takes no part in a repair: %s", error)
            is_settled = True
        except Exception:  # noqa: BLE001 - our own mistakes must not end the exchange
            _log.exception("a repair crashed")
            is_settled = True
        if not is_settled:
            self._attempts = max(0, self._attempts - 1)
            await asyncio.sleep(self._patience.wait_after_failure())
        self._around.pull_again()

    async def _repair_all(self, places: Iterable[ScopeTable]) -> bool:
        """Repair all places; whether all their ranges could be compared."""
        findings: list[_Finding] = []
        attempt = self._attempts
        try:
            for place in places:
                async with self._around.rows:
                    await self._repair_place(place, findings)
        finally:
            await self._tell(findings, attempt)
        return not any(each.is_unsettled for each in findings)

    async def _repair_place(self, place: ScopeTable, findings: list[_Finding]) -> None:
        """Compare one table in one scope and replace exactly the rows that differ."""
        state = await self._work.ask(Workbench.standing)
        if not state.is_filled:
            raise Unavailable("first_fill_running")
        counted = await self._work.look(lambda look, breath: count_place(look, place, breath))
        if counted.cursor != state.cursor:
            raise Unavailable(MOVED_ON)
        findings.append(_Finding(counted))
        ranges = frozenset(range(RANGES))
        while ranges:
            request = counted.request(ranges, limit=DEFAULT_ROWS)
            reply = await self._endpoint.verify(request)
            if findings[-1].first_reply is None:
                findings[-1].first_reply = reply
            found = await self._replace_rows(counted, reply, state)
            findings[-1].differences.append(found)
            ranges = still_to_fetch(reply) if reply.rows else frozenset()
        await self._put_digests_right([place[1]])

    async def _replace_rows(
        self, counted: Counted, reply: VerifyReply, state: ReplicaState
    ) -> Difference:
        found = await self._work.look(
            lambda look, breath: compare_rows(look, counted, reply, breathe=breath)
        )
        for page in repair_pages(found, state, at=self._at, limit=self._tempo.page_rows):
            applied = await self._work.ask(_applying(page), urgency=BEHIND)
            if applied is None:
                raise Unavailable(MOVED_ON)
        return found

    # -- kept digests ------------------------------------------------------------------------

    async def _put_digests_right(self, names: Iterable[str] | None) -> Mapping[ScopeTable, Sum]:
        """Let kept digests say what the rows come to; gives where they did not."""
        errors = await self._work.look(lambda look, breath: kept_errors(look, names, breath))
        if errors:
            await self._work.ask(lambda bench: _correct(bench, errors), urgency=BEHIND)
        return errors

    async def recount_for_ever(self) -> None:
        """Count all rows anew once a day, after an exchange: a disk may change them silently."""
        while True:
            await self._judged.wait()
            self._judged.clear()
            try:
                await self._recount_when_due()
            except Unavailable as error:
                _log.info("the daily count was put off: %s", error)
            except Exception:  # noqa: BLE001 - our own mistakes must not end the exchange
                _log.exception("the daily count crashed")

    async def _recount_when_due(self) -> None:
        last = await self._work.ask(lambda bench: bench.note(RECOUNTED_AT))
        is_suspect, self._is_suspect = self._is_suspect, False
        is_due = last is not None and self._at - time_from_text(last) >= RECOUNT_EVERY
        if is_due or is_suspect:
            await self._recount()
        if is_due or (last is None and self._at != _LONG_AGO):
            text = time_to_text(self._at)
            await self._work.ask(lambda bench: bench.set_note(RECOUNTED_AT, text))

    async def _recount(self) -> None:
        errors: Mapping[ScopeTable, Sum] = {}
        try:
            errors = await self._put_digests_right(None)
            is_whole = bool(errors) or await self._work.look(lambda look, _breath: is_sound(look))
        except Unavailable as error:
            if error.code != _UNREADABLE:
                raise
            is_whole = False
        # What could not be repaired yesterday is tried again today.
        self._attempts, self._is_told = 0, False
        if not is_whole:
            _log.error("the replica cannot be read as a whole; another one is filled beside it")
            self._around.fill_again()
        if errors:
            _log.error("kept digests did not say what the rows come to: %s", sorted(errors))
        if errors or self._places:
            self._around.pull_again()

    # -- telling -----------------------------------------------------------------------------

    async def _tell(self, findings: Iterable[_Finding], attempt: int) -> None:
        """Write down what differed, and let people see where."""
        told = [each for each in findings if each.is_of_note]
        if not told:
            return
        folder, standing = await self._work.ask(_folder_and_standing)
        report = Report(
            made_at=self._at,
            release=diagnostics.release(),
            device_id=standing.device_id,
            cursor=str(standing.cursor),
            attempt=attempt,
            tables=tuple(each.told() for each in told),
            last_commands=await self._work.ask(_last_commands),
        )
        kept = await asyncio.to_thread(diagnostics.keep, folder, report)
        rows = sum(each.replaced_rows for each in told)
        _log.warning("%d rows that differed from the server's were replaced: %s", rows, kept)
        self._repair = replace(
            self._repair,
            replaced_rows=self._repair.replaced_rows + rows,
            report="" if kept is None else str(kept),
        )


def _applying(page: PullPage) -> Callable[[Workbench], Applied | None]:
    return lambda bench: bench.apply(page)


def _correct(bench: Workbench, errors: Mapping[ScopeTable, Sum]) -> None:
    replica = bench.files.replica
    with storage_errors(), replica.begin():
        correct_kept(replica, errors)


def _folder_and_standing(bench: Workbench) -> tuple[Path, ReplicaState]:
    return bench.files.profile.diagnostics, bench.standing()


def _last_commands(bench: Workbench) -> tuple[CommandNamed, ...]:
    entries = bench.journal.entries(after=max(bench.head.seq - _COMMANDS_TOLD, 0))
    return tuple(CommandNamed(seq=each.envelope.seq, name=each.envelope.name) for each in entries)
