"""What the engine does on its event loop: exchange with the server, listen, count, wait."""
# long: what an exchange does next follows from one state, which all its parts read and change

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from desktop.sync import bootstrap, exchange, unpacking
from desktop.sync.courier import Courier
from desktop.sync.mending import REPLICA_DAMAGED, Around, Mending
from desktop.sync.pace import Meter
from desktop.sync.sync_status import Repair, StoreShare, SyncStatus
from desktop.sync.tempo import Patience, Tempo
from desktop.work import BEHIND, SOON, Work
from desktop.workbench import Workbench
from shared.kernel.errors import CodedError, Rejected, Unavailable
from shared.sync.apply import Applied
from shared.sync.cursor import START, Cursor
from shared.sync.endpoint import (
    FORKED,
    OTHER_EPOCH,
    REVOKED,
    STORE_OUT_OF_REACH,
    STORE_REFUSED,
    TOO_OLD,
    SyncEndpoint,
)
from shared.sync.protocol.bootstrap import BootstrapState
from shared.sync.protocol.pull import PullPage, joined
from shared.sync.protocol.push import MAX_COMMANDS
from shared.sync.replica import ReplicaState
from shared.sync.state import SYNC_STATES, SyncState

T = TypeVar("T")
_log = logging.getLogger(__name__)

_TOO_LARGE = frozenset({"push_too_large", "body_too_large"})
_OWN_DISK = frozenset(
    {"disk_full", "disk_failed", "database_busy", "database_unreadable", "database_forbidden"}
)
_NEEDS_A_PERSON = {FORKED: SyncState.FORKED, REVOKED: SyncState.REVOKED}
_NO_FILES = frozenset({STORE_OUT_OF_REACH, STORE_REFUSED})
_PUSH_SHARE = 9.0
_LONG_QUEUE = 500
_LONGEST_WITHOUT_PULL = 60.0
_MOST_JOINED = 200_000
_SOON_AGAIN = 600.0
"""In seconds: a server that orders one refill after the other must not be obeyed at once."""
_AT_WORK = frozenset({SyncState.IDLE, SyncState.PUSHING, SyncState.PULLING})
_AT_REST = frozenset({SyncState.IDLE, SyncState.REFUSED})
_KEEPS_ERROR = frozenset({SyncState.CONNECTING, SyncState.PAUSED, SyncState.STOPPED})


class Course:
    """One run of the engine; everything happens on one event loop."""

    def __init__(
        self,
        work: Work,
        endpoint: SyncEndpoint,
        *,
        on_status: Callable[[SyncStatus], None],
        on_blob: Callable[[str], None],
        tempo: Tempo,
        seed: str,
    ) -> None:
        self.status = SyncStatus()
        self._work = work
        self._endpoint = endpoint
        self._on_status = on_status
        self._tempo = tempo
        self._seed = seed
        self._patience = Patience(tempo, seed)
        self._most = MAX_COMMANDS
        self._does_push = self._does_pull = True
        self._time = asyncio.get_running_loop().time
        self._meter = Meter(self._time, lambda: endpoint.carried_bytes)
        self._pulled_at = self._time()
        self._pull_rests_until = 0.0
        self._pushed_since_pull = 0
        self._with_neighbours = False
        self._pages_from: float | None = None
        self._started_over_at: float | None = None
        self._refills = Patience(tempo, f"{seed}/refills")
        self._runs, self._wake, self._hurry, self._grew = (asyncio.Event() for _ in range(4))
        self._rows = asyncio.Lock()
        self._runs.set()
        self._wake.set()
        self._is_damaged = False
        around = Around(
            self._rows, self._runs, self._pull_again, self._fill_again, self._show_repair
        )
        self._mending = Mending(work, endpoint, around, tempo=tempo, seed=seed)
        self.courier = Courier(
            work, endpoint, tempo=tempo, seed=seed, told=on_blob, sent=self._count
        )

    async def run(self) -> None:
        """Go on until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._exchange_for_ever())
            tasks.create_task(self._listen_for_ever())
            tasks.create_task(self._count_for_ever())
            tasks.create_task(self._mending.repair_for_ever())
            tasks.create_task(self._mending.recount_for_ever())
            tasks.create_task(self.courier.carry_for_ever())

    # -- what others ask for -----------------------------------------------------------------

    def wake_to_push(self) -> None:
        """There is something to send."""
        self._does_push = True
        self._grew.set()
        self._wake.set()
        self.courier.look()

    def hurry_up(self) -> None:
        """Try both ways at once, whatever is waited for."""
        self._does_push = self._does_pull = True
        self._wake.set()
        self._hurry.set()

    def pause(self) -> None:
        """Begin nothing more until `resume`."""
        self._runs.clear()
        self._set_state(SyncState.PAUSED)

    def resume(self) -> None:
        """Go on after `pause`."""
        if not self._runs.is_set():
            self._runs.set()
            self.hurry_up()

    def stopped(self) -> None:
        """Say that this run has ended."""
        self._show(replace(self.status, is_online=False))
        self._set_state(SyncState.STOPPED)

    # -- exchange ----------------------------------------------------------------------------

    async def _exchange_for_ever(self) -> None:
        while True:
            await self._runs.wait()
            await self._wake.wait()
            self._wake.clear()
            wait = await self._exchange_once()
            if wait is not None:
                await self._rest(wait)
                self._does_push = self._does_pull = True
                self._wake.set()

    async def _exchange_once(self) -> float | None:
        """Push and pull until both sides have everything; seconds to wait when that fails."""
        self._meter.begin()
        try:
            return await self._exchanged()
        except Exception:  # noqa: BLE001 - our own mistakes must not end all further attempts
            _log.exception("an exchange with the server crashed")
            crash = Unavailable("sync_crashed")
            return self._trouble(SyncState.REFUSED, crash, self._patience.slow_wait())
        finally:
            self._meter.end()
            self._show_speed()

    async def _exchanged(self) -> float | None:
        try:
            if self._runs.is_set() and self.status.state not in _AT_WORK:
                self._set_state(SyncState.CONNECTING)
            while self._runs.is_set() and (self._does_push or self._does_pull):
                await self._push_once()
                await self._pull_once()
        except (Rejected, Unavailable) as error:
            return await self._after(error)
        self._patience.forget()
        if self._runs.is_set():
            self._set_state(SyncState.IDLE)
        return None

    async def _push_once(self) -> None:
        """Send one batch, so that a pull gets its turn between two of them."""
        if not self._does_push or not self._runs.is_set():
            return
        self._does_push = False
        most = self._most
        request = await self._work.ask(lambda bench: exchange.next_push(bench, most=most))
        if request is None:
            return
        self._does_push = True
        self._set_state(SyncState.PUSHING)
        try:
            reply = await self._endpoint.push(request)
        except Rejected as error:
            if error.code not in _TOO_LARGE or len(request.commands) == 1:
                raise
            self._most = max(1, len(request.commands) // 2)
            return
        self._most = MAX_COMMANDS
        self._does_pull = True
        self._pushed_since_pull += len(reply.outcomes)
        self._answered()
        self._meter.count(commands=len(reply.outcomes))
        await self._counted(lambda bench: exchange.take_reply(bench, reply))
        self._show_speed()

    async def _pull_once(self) -> None:
        """Fetch pages up to the head, or one when there is something to send meanwhile."""
        if not (self._does_pull and self._runs.is_set() and self._is_turn_of_pull()):
            return
        if self._is_damaged:
            self._is_damaged = False
            raise Unavailable(REPLICA_DAMAGED)
        async with self._rows:
            await self._pull_pages()

    async def _pull_pages(self) -> None:
        self._does_pull = False
        began = self._time()
        standing, last_seq, self._with_neighbours = await self._work.ask(_standing)
        self._set_state(SyncState.PULLING)
        if standing.cursor == START and not self._is_ready_to_page():
            if not await self._begin_from_file():
                self._does_pull = True
                return
            standing, last_seq, self._with_neighbours = await self._work.ask(_standing)
        rows = self._page_rows(standing, last_seq)
        page = await self._fetch(standing.cursor, rows)
        while not page.is_last and self._runs.is_set():
            is_filled = self.status.is_filled
            if is_filled and self._does_push:
                self._does_pull = True
                break
            if rows == self._tempo.most_rows and page.row_count < _MOST_JOINED:
                page = joined(page, await self._fetch(Cursor.parse(page.to_cursor), rows))
                continue
            # The next page is on its way while this one is applied.
            applied, following = await asyncio.gather(
                self._take(page),
                self._fetch(Cursor.parse(page.to_cursor), rows),
                return_exceptions=True,
            )
            if isinstance(applied, BaseException):
                raise applied
            if isinstance(following, BaseException):
                raise following
            page = following
        await self._take(page)
        self._pulled_at = self._time()
        self._pull_rests_until = self._pulled_at + _PUSH_SHARE * (self._pulled_at - began)

    # -- the first fill ----------------------------------------------------------------------

    def _is_ready_to_page(self) -> bool:
        return self._pages_from is not None and self._time() >= self._pages_from

    async def _begin_from_file(self) -> bool:
        """Take the server's file of all rows; whether pulls may go on, from there or the start.

        A server that is still making one, or cannot get at it, is waited for only so long. What has
        come of a file is kept over a broken line, however long that takes.
        """
        try:
            offer = await bootstrap.begin_from_file(
                self._work, self._endpoint, progress=self._fetched
            )
        except Unavailable as error:
            if error.code in _NO_FILES:
                return await self._is_waited_for(self._patience.wait_after_failure())
            if error.code != unpacking.DAMAGED:
                raise
            _log.error("the server's file is not what it signed; the rows come in pages")
            self._pages_from = self._time()
            return True
        except Rejected as error:
            if error.code != "bootstrap_gone":
                raise
            return await self._is_waited_for(self._patience.wait_after_failure())
        if offer is not None and offer.state is BootstrapState.BUILDING:
            return await self._is_waited_for(self._patience.spread(offer.wait_seconds))
        return True

    async def _is_waited_for(self, seconds: float) -> bool:
        """Rest before the file is asked for again; True when it is waited for no more."""
        self._answered()
        if self._pages_from is None:
            self._pages_from = self._time() + self._tempo.longest_for_a_file
        await self._rest(seconds)
        return self._is_ready_to_page()

    def _fetched(self, here: int, size: int) -> None:
        self._show(replace(self.status, fetched_bytes=here, file_bytes=size))
        self._show_speed()

    def _is_turn_of_pull(self) -> bool:
        """Whether a pull may come between two pushes.

        A pull runs all commands again that it does not bring, so it takes a tenth of the time at
        most; while a long stay offline is being sent it waits until that is through.
        """
        now = self._time()
        if not self._does_push:
            return True
        if self.status.pending + self._pushed_since_pull > _LONG_QUEUE:
            return now >= self._pulled_at + _LONGEST_WITHOUT_PULL
        return now >= self._pull_rests_until

    def _answered(self) -> None:
        self._show(replace(self.status, is_online=True))

    def _page_rows(self, standing: ReplicaState, last_seq: int) -> int:
        """How many rows to ask for at once.

        Every page but the last has all later commands of this device run again on top of it. After
        a long stay offline as much as possible comes in one piece.
        """
        if not standing.is_filled:
            return self._tempo.fill_rows
        is_long = last_seq - standing.acked_seq > _LONG_QUEUE
        return self._tempo.most_rows if is_long else self._tempo.page_rows

    async def _fetch(self, cursor: Cursor, rows: int) -> PullPage:
        page = await self._endpoint.pull(cursor, limit=rows, with_neighbours=self._with_neighbours)
        self._answered()
        return page

    async def _take(self, page: PullPage) -> Applied | None:
        applied = await self._counted(lambda bench: exchange.take_page(bench, page), urgency=BEHIND)
        if applied is None:
            self._does_pull = True
            return None
        state, status = applied.state, self.status
        self._meter.count(rows=applied.row_count, commits=_commits(status.cursor, state.cursor))
        rows = 0 if state.is_filled else status.filled_rows + applied.row_count
        if page.is_last:
            if applied.mismatches and applied.mismatches != status.mismatches:
                _log.warning("rows differ from the server's: %s", applied.mismatches)
            self._pushed_since_pull = 0
            status = replace(status, head=state.cursor, mismatches=applied.mismatches)
            # The server may have forgotten commands; then they count as unsent again.
            self._does_push |= status.pending > 0
        self._show(
            replace(
                status,
                cursor=state.cursor,
                is_filled=state.is_filled,
                verified_at=state.verified_at,
                filled_rows=rows,
            )
        )
        self._show_speed()
        if page.is_last:
            self._mending.judged(page.server_time, applied.mismatches)
        return applied

    # -- failures ----------------------------------------------------------------------------

    async def _after(self, error: CodedError) -> float | None:
        """What follows a failure: another state, and a wait or an immediate next attempt."""
        if isinstance(error, Rejected):
            self._answered()
        if error.code in {OTHER_EPOCH, TOO_OLD, REPLICA_DAMAGED}:
            return await self._start_over(error)
        if error.code == "database_unreadable":
            self._mending.suspect()
        if error.code in _NEEDS_A_PERSON:
            state = _NEEDS_A_PERSON[error.code]
            return self._trouble(state, error, self._patience.slow_wait())
        if isinstance(error, Rejected):
            return self._trouble(SyncState.REFUSED, error, self._patience.slow_wait())
        state = SyncState.REFUSED if error.code in _OWN_DISK else SyncState.OFFLINE
        return self._trouble(state, error, self._patience.wait_after_failure())

    async def _start_over(self, error: CodedError) -> float | None:
        """Fill a replica anew; at once the first time, and ever later when that is asked again."""
        _log.warning("%s: the replica is filled again", error.code)
        try:
            await self._work.ask(Workbench.start_over)
        except Unavailable as obstacle:
            return await self._after(obstacle)
        self._show(replace(self.status, cursor=START, is_filled=False, filled_rows=0))
        self._pages_from = None
        now, before = self._time(), self._started_over_at
        self._started_over_at = now
        if before is not None and now - before < _SOON_AGAIN:
            _log.error("told to fill the replica again after %.0f s", now - before)
            return self._trouble(SyncState.REFUSED, error, self._refills.wait_after_failure())
        self._refills.forget()
        self._does_push = self._does_pull = True
        self._wake.set()
        return None

    def _trouble(self, state: SyncState, error: CodedError, wait: float) -> float:
        _log.info("%s: %s, next attempt in %.1f s", state, error, wait)
        if state is SyncState.OFFLINE:
            self._show(replace(self.status, is_online=False))
        if self._runs.is_set():
            self._set_state(state, error)
        return wait

    async def _rest(self, seconds: float) -> None:
        """Wait, unless somebody hurries."""
        self._hurry.clear()
        try:
            # Unlike `wait_for` before Python 3.12 it never loses the order to end.
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return

    # -- nudges ------------------------------------------------------------------------------

    async def _listen_for_ever(self) -> None:
        """Hold a line on which the server says that there is something."""
        patience = Patience(self._tempo, f"{self._seed}/nudges")
        while True:
            await self._runs.wait()
            try:
                async for head in self._endpoint.nudges():
                    patience.forget()
                    self._heard(head)
            except (Rejected, Unavailable) as error:
                _log.info("no nudges: %s", error)
                # Whoever hears nothing must ask, and a refusal shows only to who asks.
                self._pull_again()
            except Exception:  # noqa: BLE001 - our own mistakes must not end all further attempts
                _log.exception("waiting for nudges crashed")
            await asyncio.sleep(patience.wait_after_failure())

    def _heard(self, head: Cursor) -> None:
        """Take a nudge; the line is up, so resting after a failure makes no sense any more."""
        self._show(replace(self.status, head=head))
        if self.status.state is SyncState.OFFLINE:
            self.hurry_up()
        elif head != self.status.cursor:
            self._does_pull = True
            self._wake.set()

    # -- status ------------------------------------------------------------------------------

    async def _count_for_ever(self) -> None:
        """Keep the count of unsent commands true, also while nothing can be sent."""
        while True:
            await self._count()
            await self._grew.wait()
            self._grew.clear()

    async def _count(self) -> None:
        try:
            await self._counted(lambda _bench: None)
        except Unavailable as error:
            _log.info("unsent commands could not be counted: %s", error)

    async def _counted(self, call: Callable[[Workbench], T], *, urgency: int = SOON) -> T:
        """Do something with the workbench and count what is unsent, in one turn of its thread."""
        made, waiting = await self._work.ask(
            lambda bench: (call(bench), bench.journal.waiting()), urgency=urgency
        )
        self._show(
            replace(
                self.status,
                pending=waiting.count,
                oldest_at=waiting.oldest_at,
                unsent_blobs=waiting.blobs,
            )
        )
        return made

    def _fill_again(self) -> None:
        self._is_damaged = True
        self.hurry_up()

    def _pull_again(self) -> None:
        self._does_pull = True
        self._wake.set()

    def _show_repair(self, repair: Repair) -> None:
        self._show(replace(self.status, repair=repair))

    def _show_speed(self) -> None:
        self._show(replace(self.status, speed=self._meter.speed(self.status)))

    def show_store(self, share: StoreShare) -> None:
        """Sharing within the store stands differently."""
        self._show(replace(self.status, store=share))

    def _set_state(self, state: SyncState, error: CodedError | None = None) -> None:
        if state is not self.status.state:
            SYNC_STATES.check(self.status.state, state)
        kept = self.status.error if state in _KEEPS_ERROR else error
        self._show(replace(self.status, state=state, error=kept))

    def _show(self, status: SyncStatus) -> None:
        if status != self.status:
            self.status = status
            # Pictures never stand in the way of a sale: they wait for a line that is at rest.
            is_free = status.is_online and status.state in _AT_REST
            self.courier.set_line(is_free=is_free, is_online=status.is_online)
            self._on_status(status)


def _commits(before: Cursor, after: Cursor) -> int:
    """How many commits lie between two places of one epoch."""
    return max(after.seq - before.seq, 0) if after.epoch == before.epoch else after.seq


def _standing(bench: Workbench) -> tuple[ReplicaState, int, bool]:
    """Where the replica stands, the device's last command, and whether it shows neighbours'."""
    return bench.standing(), bench.head.seq, bench.shows_neighbours
