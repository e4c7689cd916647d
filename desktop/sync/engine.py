"""The sync engine: a thread with an event loop of its own, told what to do from any other."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable

from desktop.sync.courier import BlobState
from desktop.sync.course import Course
from desktop.sync.sync_status import SyncStatus
from desktop.sync.tempo import Tempo
from desktop.work import Work
from shared.kernel.blobs import BlobRef
from shared.kernel.errors import Unavailable
from shared.sync.endpoint import SyncEndpoint

_log = logging.getLogger(__name__)

CLOSE_SECONDS = 0.5
"""What connections get for their end."""


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
        self._life: asyncio.Task[None] | None = None
        self._starting = threading.Lock()

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

    def _cancel(self) -> None:
        if self._life is not None:
            self._life.cancel()

    async def _live(self, has_begun: threading.Event) -> None:
        """Everything that happens between start and stop."""
        endpoint = self._endpoint()
        course = Course(
            self._work,
            endpoint,
            on_status=self._on_status,
            on_blob=self._on_blob,
            tempo=self._tempo,
            seed=self._seed,
        )
        self._course, self._loop = course, asyncio.get_running_loop()
        self._life = asyncio.current_task()
        has_begun.set()
        try:
            await course.run()
        except asyncio.CancelledError:
            _log.debug("the engine was told to stop")
        finally:
            self._loop = None
            course.stopped()
            await _within(endpoint.close(), CLOSE_SECONDS)


async def _within(last_act: Awaitable[None], seconds: float) -> None:
    """Give a last act some time, and no more."""
    try:
        await asyncio.wait_for(last_act, seconds)
    except (TimeoutError, Unavailable):
        _log.info("connections did not close in time")
