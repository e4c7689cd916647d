"""Nudges: one listening connection per process, fanned out to all waiting devices."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec
import psycopg

from shared.sync.cursor import Cursor
from shared.sync.protocol.wait import Nudge
from sync_server.database import HEAD_CHANNEL

_log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 20.0
LONG_POLL_SECONDS = 25.0
_HEARTBEAT = b": alive\n\n"
_LISTEN_SECONDS = 5.0
"""How often the listener looks whether it is told to stop, should the wake-up call get lost."""
_WAKE_UP = "wake up"
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0


class Waiter:
    """One waiting device, on the event loop."""

    def __init__(self) -> None:
        self._news: asyncio.Queue[Cursor | None] = asyncio.Queue()

    def put(self, head: Cursor | None) -> None:
        """Hand over a new head; None means that the server stops."""
        self._news.put_nowait(head)

    async def next(self, seconds: float) -> Cursor | None:
        """The latest head, as soon as there is one.

        Raises TimeoutError after `seconds` without any.
        """
        latest = await asyncio.wait_for(self._news.get(), seconds)
        while latest is not None and not self._news.empty():
            latest = self._news.get_nowait()
        return latest


class Hub:
    """Knows who waits for which tenant; all but `announce` happens on the event loop."""

    def __init__(self) -> None:
        self._waiters: dict[str, set[Waiter]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, on the loop on which devices will wait."""
        self._loop = loop

    @contextlib.contextmanager
    def waiting(self, tenant_id: str) -> Iterator[Waiter]:
        """A waiter for as long as the block lasts."""
        waiter = Waiter()
        if self._is_closed:
            waiter.put(None)
        self._waiters.setdefault(tenant_id, set()).add(waiter)
        try:
            yield waiter
        finally:
            self._waiters[tenant_id].discard(waiter)
            if not self._waiters[tenant_id]:
                del self._waiters[tenant_id]

    def announce(self, tenant_id: str, head: Cursor) -> None:
        """Tell those who wait for a tenant; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, tenant_id, head)

    def tell_all_to_come_back(self) -> None:
        """End all waits, after news may have been missed; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end_waits)

    def close(self) -> None:
        """End all waits, those that come later too."""
        self._is_closed = True
        self._end_waits()

    def _end_waits(self) -> None:
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.put(None)

    def _tell(self, tenant_id: str, head: Cursor) -> None:
        for waiter in self._waiters.get(tenant_id, ()):
            waiter.put(head)


async def nudges(
    waiter: Waiter, first: Cursor, *, seconds: float, heartbeat: float = HEARTBEAT_SECONDS
) -> AsyncIterator[bytes]:
    """Server-sent events for one device: the head now, each later one, and signs of life between.

    Ends after `seconds`, when the token that was checked runs out.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    sent = first
    yield _event(first)
    while (left := ends - loop.time()) > 0:
        try:
            head = await waiter.next(min(left, heartbeat))
        except TimeoutError:
            yield _HEARTBEAT
            continue
        if head is None:
            return
        if head > sent:
            sent = head
            yield _event(head)


async def next_nudge(
    waiter: Waiter, head: Cursor, *, after: Cursor, seconds: float = LONG_POLL_SECONDS
) -> Nudge:
    """The head once it is another one than `after`, or as it is after so many seconds."""
    if head == after:
        try:
            head = await waiter.next(seconds) or head
        except TimeoutError:
            return Nudge(head=str(head))
    return Nudge(head=str(head))


def _event(head: Cursor) -> bytes:
    return b"data: " + msgspec.json.encode(Nudge(head=str(head))) + b"\n\n"


class Listener:
    """Hears the heads that any server process announces, in a thread of its own."""

    def __init__(
        self, connect: Callable[[], "psycopg.Connection[tuple[object, ...]]"], hub: Hub
    ) -> None:
        self._connect = connect
        self._hub = hub
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="head-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the connection is closed."""
        self._stop.set()
        with contextlib.suppress(psycopg.OperationalError), self._connect() as connection:
            connection.execute("SELECT pg_notify(%s, %s)", (HEAD_CHANNEL, _WAKE_UP))
        self._thread.join()

    def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {HEAD_CHANNEL}")
                    self._hub.tell_all_to_come_back()
                    pause = _FIRST_PAUSE_SECONDS
                    self._listen(connection)
            except psycopg.OperationalError:
                _log.warning("no longer hear of new heads; trying again", exc_info=True)
                self._stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _listen(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        while not self._stop.is_set():
            for notice in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                if notice.payload != _WAKE_UP:
                    tenant_id, _, head = notice.payload.partition(" ")
                    self._hub.announce(tenant_id, Cursor.parse(head))
