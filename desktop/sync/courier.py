"""Carries blobs up and down, one at a time, whenever the line is not wanted for anything else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

from desktop.blobs import DAMAGED
from desktop.database import storage_errors
from desktop.sync.tempo import Patience, Tempo
from desktop.work import BEHIND, Work
from desktop.workbench import Workbench
from shared.kernel.blobs import BlobRef
from shared.kernel.errors import CodedError, Rejected, Unavailable
from shared.sync.endpoint import UNREACHABLE, SyncEndpoint

_log = logging.getLogger(__name__)

PIECE_BYTES = 1 << 20
"""So much goes between two looks at whether a sale wants the line."""
GONE = "blob_gone"
"""Unavailable: a blob is to be sent and lies here no more, or damaged."""
MOST_KEPT_BYTES = 512 << 20
"""Of blobs that the server has as well; those not looked at for longest go first."""


_OF_ONE = frozenset({DAMAGED, GONE})
"""Obstacles that concern one blob, not the line."""


class BlobState(StrEnum):
    """How it stands with a blob that a screen wants to show."""

    WANTED = "wanted"
    """It is fetched as soon as there is a connection that nothing else needs."""
    OFFLINE = "offline"
    """There is no connection; it is fetched as soon as there is one."""
    COMING = "coming"
    """It is being fetched."""
    MISSING = "missing"
    """The server does not have it: the device on which it was added has not sent it yet."""
    FAILED = "failed"
    """It did not arrive whole, or this device could not keep it; tried again."""


class Courier:
    """Fetches what screens want, newest wish first, then sends what waits; one blob at a time.

    What goes wrong with one blob holds up no other, and what goes wrong with the line is tried
    again after a wait that differs from device to device. `told` hears of each blob whose state
    changed, `sent` when one fewer waits.
    """

    def __init__(
        self,
        work: Work,
        endpoint: SyncEndpoint,
        *,
        tempo: Tempo,
        seed: str,
        told: Callable[[str], None],
        sent: Callable[[], Awaitable[None]],
    ) -> None:
        self._work = work
        self._endpoint = endpoint
        self._tempo, self._seed = tempo, f"{seed}/blobs"
        self._told, self._sent = told, sent
        self._patience = Patience(tempo, self._seed)
        self._time = asyncio.get_running_loop().time
        self._wanted: dict[str, BlobRef] = {}
        self._rests: dict[str, tuple[float, Patience]] = {}
        """By blob: from when on it is tried again, and how patient one has become."""
        self._is_due, self._line_is_free = asyncio.Event(), asyncio.Event()
        self._is_due.set()
        self.states: dict[str, BlobState] = {}
        self._is_online = False

    # -- what others ask for -----------------------------------------------------------------

    def set_line(self, *, is_free: bool, is_online: bool) -> None:
        """Say whether the line may be used; a piece that is under way is finished."""
        if is_online is not self._is_online:
            self._is_online = is_online
            for sha256 in tuple(self._wanted):
                self._told(sha256)
        if is_free:
            self._line_is_free.set()
        else:
            self._line_is_free.clear()

    def look(self) -> None:
        """There may be something to send."""
        self._is_due.set()

    def want(self, blob: BlobRef) -> None:
        """Fetch a blob before all others."""
        is_new = blob.sha256 not in self._wanted
        self._wanted.pop(blob.sha256, None)
        self._wanted[blob.sha256] = blob
        if is_new:
            self._rests.pop(blob.sha256, None)
            self._set_state(blob.sha256, BlobState.WANTED)
        self._is_due.set()

    def let_be(self, sha256: str) -> None:
        """Nobody looks at a blob any more; what has come of it is kept for another time."""
        self._wanted.pop(sha256, None)
        self.states.pop(sha256, None)

    # -- one after the other -----------------------------------------------------------------

    async def carry_for_ever(self) -> None:
        """Go on until cancelled."""
        while True:
            await self._is_due.wait()
            await self._line_is_free.wait()
            self._is_due.clear()
            wait = await self._carry_all()
            if wait is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._is_due.wait()
                self._is_due.set()

    async def _carry_all(self) -> float | None:
        """Carry all that can be carried now; seconds until more can be, or None."""
        try:
            while (errand := await self._next()) is not None:
                blob, carry = errand
                try:
                    await carry(blob)
                except (Rejected, Unavailable) as error:
                    if isinstance(error, Unavailable) and error.code not in _OF_ONE:
                        raise
                    self._put_off(blob, error)
                else:
                    self._rests.pop(blob.sha256, None)
                    self._patience.forget()
        except Unavailable as error:
            wait = self._patience.wait_after_failure()
            _log.info("no blobs: %s, next attempt in %.1f s", error, wait)
            return wait
        except Exception:  # noqa: BLE001 - our own mistakes must not end all further attempts
            _log.exception("carrying blobs crashed")
            return self._patience.slow_wait()
        return self._until_next()

    def _until_next(self) -> float | None:
        """Seconds until a blob that rests is tried again; None when there is none."""
        now = self._time()
        # One whose time has come and that was not carried is not wanted any more.
        self._rests = {name: rest for name, rest in self._rests.items() if rest[0] > now}
        return min((until - now for until, _patience in self._rests.values()), default=None)

    async def _next(self) -> tuple[BlobRef, Callable[[BlobRef], Awaitable[None]]] | None:
        """What to carry next, and which way."""
        for blob in reversed(self._wanted.values()):
            if self._may(blob):
                return blob, self._fetch
        for blob in await self._work.ask(unsent_blobs, urgency=BEHIND):
            if self._may(blob):
                return blob, self._send
        return None

    def _may(self, blob: BlobRef) -> bool:
        until, _patience = self._rests.get(blob.sha256, (0.0, None))
        return self._time() >= until

    def _put_off(self, blob: BlobRef, error: CodedError) -> None:
        """Try one blob again later, and go on with the others."""
        known = self._rests.get(blob.sha256)
        patience = (
            Patience(self._tempo, f"{self._seed}/{blob.sha256}") if known is None else known[1]
        )
        wait = patience.wait_after_failure()
        self._rests[blob.sha256] = self._time() + wait, patience
        _log.info("blob %s: %s, next attempt in %.1f s", blob.sha256[:12], error, wait)
        if blob.sha256 in self._wanted:
            is_missing = error.code == "blob_unknown"
            self._set_state(blob.sha256, BlobState.MISSING if is_missing else BlobState.FAILED)

    # -- down --------------------------------------------------------------------------------

    async def _fetch(self, blob: BlobRef) -> None:
        """Bring a blob, going on where an earlier attempt ended."""
        folder = self._work.blobs
        if not await asyncio.to_thread(folder.has, blob.sha256):
            arriving = await asyncio.to_thread(folder.arriving, blob)
            try:
                while arriving.here < blob.size_bytes:
                    await self._line_is_free.wait()
                    if blob.sha256 not in self._wanted:
                        return
                    self._set_state(blob.sha256, BlobState.COMING)
                    before, end = arriving.here, min(arriving.here + PIECE_BYTES, blob.size_bytes)
                    async for block in self._endpoint.fetch_blob(blob, start=before, end=end):
                        await asyncio.to_thread(arriving.add, block)
                    if arriving.here < end:
                        raise Unavailable(UNREACHABLE)
                await asyncio.to_thread(arriving.finish)
            finally:
                arriving.close()
            await self._make_room()
        self._wanted.pop(blob.sha256, None)
        self.states.pop(blob.sha256, None)
        self._told(blob.sha256)

    async def _make_room(self) -> None:
        unsent = await self._work.ask(unsent_blobs, urgency=BEHIND)
        kept = {blob.sha256 for blob in unsent}
        await asyncio.to_thread(self._work.blobs.trim, MOST_KEPT_BYTES, kept=kept)

    def _set_state(self, sha256: str, state: BlobState) -> None:
        if self.states.get(sha256) is not state:
            self.states[sha256] = state
            self._told(sha256)

    # -- up ----------------------------------------------------------------------------------

    async def _send(self, blob: BlobRef) -> None:
        """Hand a blob over, going on where the server says."""
        reply = await self._endpoint.send_blob(blob, b"", start=0)
        while not reply.is_complete:
            await self._line_is_free.wait()
            before = reply.received_bytes
            piece = await asyncio.to_thread(self._work.blobs.piece, blob, before, PIECE_BYTES)
            if not piece:
                _log.error("a blob is to be sent, but it is not here: %s", blob.sha256)
                raise Unavailable(GONE)
            reply = await self._endpoint.send_blob(blob, piece, start=before)
            if reply.received_bytes <= before and not reply.is_complete:
                raise Unavailable(UNREACHABLE)
        await self._work.ask(lambda bench: _note_sent(bench, blob), urgency=BEHIND)
        await self._sent()
        await self._make_room()


def unsent_blobs(bench: Workbench) -> tuple[BlobRef, ...]:
    """The blobs that the server does not have yet, in the order in which they were added."""
    with storage_errors():
        return bench.journal.uploads.waiting()


def _note_sent(bench: Workbench, blob: BlobRef) -> None:
    with storage_errors(), bench.journal.writing():
        bench.journal.uploads.sent(blob.sha256)
