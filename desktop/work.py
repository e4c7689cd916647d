"""The two doors to the business: submit a command, fetch a query; both off the UI thread."""

import asyncio
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

import sqlalchemy as sa

from desktop.blobs import BlobFolder
from desktop.breath import Breath
from desktop.database import fold_log, storage_errors
from desktop.files import Keys, ProfileFiles
from desktop.journal import Draft
from desktop.settings import Profile
from desktop.shelving import StoreShelves
from desktop.workbench import Listener, Receipt, Workbench
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.kernel.messages import Command
from shared.storage.reader import Reader
from shared.sync.protocol.hub import TakenCart

T = TypeVar("T")
P = ParamSpec("P")
_log = logging.getLogger(__name__)

READERS = 2
LOOK_CACHE_KIB = 4 * 1024
_BETWEEN_LOOKS_SECONDS = 0.5
"""A look at the log wakes a thread, and costs as much as a small write."""

FIRST = 0
"""A person waits: commands."""
SOON = 1
"""Small writes of the program itself: drafts, outcomes."""
BEHIND = 2
"""Pages of server rows; a sale goes before the next page."""


class Answer(Future[T]):
    """A future of either door: call `result()` in a thread, or await it on any asyncio loop."""

    def __init__(self, *, is_kept: bool) -> None:
        """`is_kept` work is done even when whoever awaits it goes away."""
        super().__init__()
        self._is_kept = is_kept

    def __await__(self) -> Generator[Any, None, T]:
        """Wait on the running loop; its thread stays free."""
        return asyncio.wrap_future(self).__await__()

    def cancel(self) -> bool:
        """Give up waiting work that may be given up, and say whether it was."""
        return False if self._is_kept else super().cancel()


@dataclass(order=True)
class _Job(Generic[T]):
    """One call for one of the threads; None ends the thread that takes it."""

    urgency: int
    turn: int
    call: Callable[[], T] | None = field(compare=False)
    answer: Answer[T] = field(compare=False)

    def run(self) -> None:
        """Do it and answer, with its result or its error."""
        if self.call is None or not self.answer.set_running_or_notify_cancel():
            return
        try:
            made = self.call()
        except BaseException as error:  # noqa: BLE001 - whoever asked gets it, whatever it is
            self.answer.set_exception(error)
        else:
            self.answer.set_result(made)


class _Line:
    """Jobs in the order of their urgency, and the threads that do them."""

    def __init__(self, name: str, threads: int) -> None:
        self._jobs: queue.PriorityQueue[_Job[Any]] = queue.PriorityQueue()
        self._turns = itertools.count()
        self._lock = threading.Lock()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def add(self, call: Callable[[], T], *, urgency: int, is_kept: bool) -> Answer[T]:
        """Queue a call. Raises Unavailable("closing") once the line is closed."""
        answer: Answer[T] = Answer(is_kept=is_kept)
        with self._lock:
            if self._is_closed:
                raise Unavailable("closing")
            self._jobs.put(_Job(urgency, next(self._turns), call, answer))
        return answer

    def _serve(self) -> None:
        while True:
            job = self._jobs.get()
            if job.call is None:
                return
            job.run()
            del job

    def close(self) -> None:
        """Do what is queued, take nothing more, and end the threads."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            for _ in self._threads:
                self._jobs.put(_Job(BEHIND + 1, next(self._turns), None, Answer(is_kept=True)))
        for thread in self._threads:
            thread.join()


class _ReadConnections:
    """One read-only connection per reading thread, all of which can be shut for a while."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._state = threading.Condition()
        self._open: dict[int, sa.Connection] = {}
        self._reading = 0
        self._is_shut = False
        self._may_look = True
        self._breath = Breath()

    def read(self, call: Callable[[Reader], T]) -> T:
        """Run one query on one consistent state of the replica."""
        with self._in_use() as connection, connection.begin():
            return call(Reader(connection))

    def look(self, call: Callable[[sa.Connection, Breath], T]) -> T:
        """Look long at one consistent state of the replica; ended when all are shut."""
        breath = Breath()
        with self._in_use() as connection:
            with self._state:
                self._breath = breath
                if self._is_shut or not self._may_look:
                    breath.end()
            # Each page is read once: there is no use in keeping many of them decrypted.
            driver = cast("Any", connection.connection.driver_connection)
            driver.execute(f"PRAGMA cache_size = -{LOOK_CACHE_KIB}")
            with connection.begin():
                return call(connection, breath)

    def fold_log(self) -> bool:
        """Put the replica's write-ahead log into its file where it has grown long."""
        with self._in_use() as connection:
            return fold_log(connection)

    @contextmanager
    def _in_use(self) -> Iterator[sa.Connection]:
        """This thread's connection, which is not shut meanwhile."""
        with self._state:
            self._state.wait_for(lambda: not self._is_shut)
            self._reading += 1
        try:
            with storage_errors():
                yield self._mine()
        finally:
            with self._state:
                self._reading -= 1
                self._state.notify_all()

    def _mine(self) -> sa.Connection:
        thread = threading.get_ident()
        found = self._open.get(thread)
        if found is None:
            found = self._open[thread] = self._engine.connect()
        return found

    @contextmanager
    def nobody(self) -> Iterator[None]:
        """Wait for running queries and let none run until the block ends."""
        self.shut()
        try:
            yield
        finally:
            self.unshut()

    def shut(self) -> None:
        """Wait for running queries, close all connections; further queries wait."""
        with self._state:
            self._is_shut = True
            self._breath.end()
            self._state.wait_for(lambda: self._reading == 0)
            for connection in self._open.values():
                connection.close()
            self._open.clear()

    def end_looks(self) -> None:
        """Let the look that is under way end, and none begin."""
        with self._state:
            self._may_look = False
            self._breath.end()

    def unshut(self) -> None:
        """Let queries run again."""
        with self._state:
            self._is_shut = False
            self._state.notify_all()


class Work:
    """Runs commands and queries of this device.

    One thread owns both write connections, a few others read, one looks at whole tables when they
    are to be proved, and one folds the replica's log into its file, so that no sale waits for that.
    Every public method may be called from any thread and returns at once.
    """

    def __init__(self, bench: Workbench, read_engine: sa.Engine) -> None:
        self._bench = bench
        self._connections = _ReadConnections(read_engine)
        bench.nobody_reads = self._connections.nobody
        self._writing = _Line("writer", 1)
        self._reading = _Line("reader", READERS)
        self._looking = _Line("looker", 1)
        self._folding = _Line("folder", 1)
        self._looks_at_log_from = 0.0
        self._ending = threading.Lock()
        self._is_closed = False

    @property
    def blobs(self) -> BlobFolder:
        """The files behind rows; slow, so never used on the UI thread."""
        return self._bench.files.blobs

    def submit(
        self,
        command: Command,
        *,
        actor_id: str | None,
        clears_draft: str | None = None,
    ) -> Answer[Receipt]:
        """Make a command true on this device; the answer comes when it is on the disk.

        A draft named by `clears_draft` is cleared in the same journal transaction. The answer
        raises Rejected or Unavailable; then nothing has changed. It is done even if nobody awaits
        it any more.
        """

        def call() -> Receipt:
            return self._bench.submit(command, actor_id=actor_id, clears_draft=clears_draft)

        return self._write(call, urgency=FIRST)

    def fetch(
        self, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Answer[T]:
        """Run a query on the replica as it is when its turn comes.

        Cancelling the await drops a query that has not started. The answer raises what the query
        raises, or Unavailable.
        """

        def call() -> T:
            return self._connections.read(lambda reader: query(reader, *args, **kwargs))

        return self._reading.add(call, urgency=FIRST, is_kept=False)

    def look(self, call: Callable[[sa.Connection, Breath], T]) -> Answer[T]:
        """Read whole tables of the replica as it is at one moment; people go first.

        Raises Unavailable("closing") when the replica's file is to be closed or changed over.
        """
        return self._looking.add(
            lambda: self._connections.look(call), urgency=BEHIND, is_kept=False
        )

    def ask(self, call: Callable[[Workbench], T], *, urgency: int = SOON) -> Answer[T]:
        """Do something with the workbench in the writer's thread; for parts of the program."""
        return self._write(lambda: call(self._bench), urgency=urgency)

    def _write(self, call: Callable[[], T], *, urgency: int) -> Answer[T]:
        answer = self._writing.add(call, urgency=urgency, is_kept=True)
        answer.add_done_callback(self._written)
        return answer

    def _written(self, _answer: Future[Any]) -> None:
        """Look after the log when a write has been answered, now and then."""
        now = time.monotonic()
        if now >= self._looks_at_log_from:
            self._looks_at_log_from = now + _BETWEEN_LOOKS_SECONDS
            self.fold_log().add_done_callback(_note_failure)

    def fold_log(self) -> Answer[bool]:
        """Put the replica's log into its file if it is long; answers whether it was."""
        return self._folding.add(self._connections.fold_log, urgency=BEHIND, is_kept=False)

    # -- drafts ------------------------------------------------------------------------------

    def save_draft(self, slot: str, content: bytes) -> Answer[None]:
        """Keep unfinished work of a screen over a crash, in place of what the slot held."""
        return self.ask(lambda bench: bench.save_draft(slot, content))

    def load_draft(self, slot: str) -> Answer[Draft | None]:
        """The unfinished work of a slot, or None."""
        return self.ask(lambda bench: bench.load_draft(slot), urgency=FIRST)

    def clear_draft(self, slot: str) -> Answer[None]:
        """Forget the unfinished work of a slot."""
        return self.ask(lambda bench: bench.save_draft(slot, None))

    # -- what is parked in the store ---------------------------------------------------------

    def shelves(self) -> Answer[StoreShelves]:
        """What is parked in the store; people are told of changes under `SHELF_KIND`."""
        return self.ask(lambda bench: bench.shelving.standing(), urgency=FIRST)

    def take_cart(self, taken: TakenCart) -> Answer[None]:
        """Let all know that a cart of another device goes on here."""
        return self.ask(lambda bench: bench.shelving.take((taken,)))

    # -- end ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Finish what was asked, back the journal up and close the files; waits for it."""
        with self._ending:
            if not self._is_closed:
                self._is_closed = True
                self._close()

    def _close(self) -> None:
        self._reading.close()
        self._writing.close()
        self._connections.end_looks()
        self._looking.close()
        self._folding.close()
        self._connections.shut()
        self._bench.close()


def _note_failure(answer: Future[bool]) -> None:
    error = None if answer.cancelled() else answer.exception()
    if error is not None:
        _log.warning("the replica's log could not be put into its file: %s", error)


def open_work(profile: Profile, keys: Keys, *, clock: Clock, listener: Listener) -> Work:
    """Open a profile and start its threads; blocks for as long as the disk takes.

    Raises Unavailable: profile_in_use, journal_missing, journal_unreadable, journal_damaged,
    journal_too_new, or what the disk says. None of these changes the journal.
    """
    files = ProfileFiles(profile, keys)
    bench = Workbench(files, clock=clock, listener=listener)
    if bench.is_enrolled:
        bench.catch_up()
    return Work(bench, files.read_engine())
