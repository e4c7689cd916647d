"""The sync engine: a thread with an event loop of its own, told what to do from any other."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Protocol

from desktop.sync.courier import BlobState
from desktop.sync.course import Course
from desktop.sync.sync_status import StoreShare, SyncStatus
from desktop.sync.tempo import Tempo
from desktop.work import Work
from shared.kernel.blobs import BlobRef
from shared.kernel.errors import Unavailable
from shared.sync.cursor import START
from shared.sync.endpoint import SyncEndpoint

_log = logging.getLogger(__name__)

CLOSE_SECONDS = 0.5
"""What connections get for their end."""


class Host(Protocol):
    """The exchange, for whoever works beside it."""

    def show_store(self, share: StoreShare) -> None:
        """Sharing within the store stands differently."""
        ...

    def hurry_up(self) -> None:
        """Try both ways at once, whatever is waited for."""
        ...


class Companion(Protocol):
    """Something that works beside the exchange, on the same loop."""

    async def run(self) -> None:
        """Go on until cancelled."""
        ...

    def journal_grew(self) -> None:
        """There is something to send."""
        ...

    def setting_changed(self) -> None:
        """The shop's settings, or its devices, may be other ones."""
        ...

    def shelf_changed(self) -> None:
        """Something was parked, or taken up, in the store."""
        ...

    def pulled(self) -> None:
        """The server's rows have come further."""
        ...


def _nobody_hears(_sha256: str) -> None:
    """Takes what is told of blobs where no screen shows any."""


class Engine:
    """Keeps one device in step with its server; all public methods may be called from any thread.

    `on_status` is called in the engine's thread and must return at once. Nothing is polled: the
    journal, the server's nudges and people wake it; a clock only ends the wait after a failure.
    """

    def __init__(
        self,
        work: Work,
        endpoint: Callable[[], SyncEndpoint],
        *,
        on_status: Callable[[SyncStatus], None],
        on_blob: Callable[[str], None] = _nobody_hears,
        tempo: Tempo | None = None,
        seed: str = "",
    ) -> None:
        """`endpoint` is called in the engine's thread, once per start.

        `on_blob` hears the hash of each blob that has come or whose state is another one.
        `seed` tells devices apart, so that they do not all come back at the same moment.
        """
        self._seed = seed
        self._work = work
        self._endpoint = endpoint
        self._on_status = on_status
        self._on_blob = on_blob
        self._tempo = tempo or Tempo()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._course: Course | None = None
        self._beside: Callable[[Host], Companion] | None = None
        self._companion: Companion | None = None
        self._cursor = START
        self._life: asyncio.Task[None] | None = None
        self._starting = threading.Lock()

    def work_beside(self, make: Callable[[Host], Companion]) -> None:
        """Let somebody work beside the exchange from the next start on.

        `make` is called in the engine's thread, once per start.
        """
        self._beside = make

    @property
    def status(self) -> SyncStatus:
        """How it stands now."""
        course = self._course
        return SyncStatus() if course is None else course.status

    def start(self) -> None:
        """Begin in a thread of its own; does nothing when it runs already."""
        with self._starting:
            if self._thread is None:
                has_begun = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(has_begun,), name="sync", daemon=True
                )
                self._thread.start()
                has_begun.wait()

    def stop(self) -> None:
        """End within a second, in the middle of whatever is under way; nothing is lost by it."""
        with self._starting:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._call(self._cancel)
                thread.join()

    def journal_grew(self) -> None:
        """There is something to send."""
        self._tell(Course.wake_to_push)
        companion = self._companion
        if companion is not None:
            self._call(companion.journal_grew)

    def setting_changed(self) -> None:
        """The shop's settings, or its devices, may be other ones."""
        companion = self._companion
        if companion is not None:
            self._call(companion.setting_changed)

    def shelf_changed(self) -> None:
        """Something was parked, or taken up, in the store."""
        companion = self._companion
        if companion is not None:
            self._call(companion.shelf_changed)

    def sync_now(self) -> None:
        """Try at once, whatever it is waiting for."""
        self._tell(Course.hurry_up)

    def pause(self) -> None:
        """Send and fetch nothing until `resume`; what is under way is finished."""
        self._tell(Course.pause)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._tell(Course.resume)

    # -- blobs -------------------------------------------------------------------------------

    def want_blob(self, blob: BlobRef) -> None:
        """Fetch a blob, before all others; `on_blob` hears when it has come."""
        self._tell(lambda course: course.courier.want(blob))

    def let_blob_be(self, sha256: str) -> None:
        """Nobody looks at a blob any more."""
        self._tell(lambda course: course.courier.let_be(sha256))

    def blob_state(self, sha256: str) -> BlobState | None:
        """How it stands with a blob that was asked for, or None."""
        course = self._course
        return None if course is None else course.courier.states.get(sha256)

    # -- inside ------------------------------------------------------------------------------

    def _tell(self, what: Callable[[Course], None]) -> None:
        course = self._course
        if course is not None:
            self._call(lambda: what(course))

    def _call(self, what: Callable[[], object]) -> None:
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(what)
        except RuntimeError:
            _log.debug("the engine has just ended")

    # -- in the engine's thread --------------------------------------------------------------

    def _run(self, has_begun: threading.Event) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._live(has_begun))
        finally:
            has_begun.set()

    def _told(self, status: SyncStatus) -> None:
        if self._companion is not None and status.cursor != self._cursor:
            self._companion.pulled()
        self._cursor = status.cursor
        self._on_status(status)

    def _cancel(self) -> None:
        if self._life is not None:
            self._life.cancel()

    async def _live(self, has_begun: threading.Event) -> None:
        """Everything that happens between start and stop."""
        endpoint = self._endpoint()
        course = Course(
            self._work,
            endpoint,
            on_status=self._told,
            on_blob=self._on_blob,
            tempo=self._tempo,
            seed=self._seed,
        )
        self._course, self._loop = course, asyncio.get_running_loop()
        self._life = asyncio.current_task()
        if self._beside is not None:
            self._companion = self._beside(course)
        has_begun.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(course.run())
                tasks.create_task(_run_beside(self._companion))
        except asyncio.CancelledError:
            _log.debug("the engine was told to stop")
        finally:
            self._loop = self._companion = None
            course.stopped()
            await _within(endpoint.close(), CLOSE_SECONDS)


async def _run_beside(companion: Companion | None) -> None:
    """Let somebody work beside the exchange, which no mistake there may end."""
    try:
        if companion is not None:
            await companion.run()
    except Exception:  # noqa: BLE001 - the exchange goes on
        _log.exception("what works beside the exchange has crashed")


async def _within(last_act: Awaitable[None], seconds: float) -> None:
    """Give a last act some time, and no more."""
    try:
        await asyncio.wait_for(last_act, seconds)
    except (TimeoutError, Unavailable):
        _log.info("connections did not close in time")
