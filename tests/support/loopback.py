"""A network in memory between engines and a reference server; it can be cut and loses answers."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import msgspec

from desktop.sync.sync_status import SyncStatus
from desktop.sync.tempo import Tempo
from shared.kernel.blobs import BlobRef
from shared.kernel.errors import CodedError, Rejected, Unavailable
from shared.sync.cursor import Cursor
from shared.sync.endpoint import UNREACHABLE
from shared.sync.protocol.blob import BlobReceived
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer, BootstrapState
from shared.sync.protocol.certificate import CertificateReply
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import PushReply, PushRequest
from shared.sync.protocol.relay import RelayReply, RelayRequest
from shared.sync.protocol.verify import VerifyReply, VerifyRequest
from shared.sync.protocol.version import PROTOCOL_VERSION
from tests.support.reference_server import ReferenceServer, on_the_wire

T = TypeVar("T")
PATIENCE_SECONDS = 20.0
QUICK = Tempo(first_wait=0.01, longest_wait=0.05, slow_wait=0.05)


class Network:
    """Joins devices to a server; safe to use from any thread."""

    def __init__(self, server: ReferenceServer) -> None:
        self._server = server
        self._lock = threading.RLock()
        self._listeners: set[Listener] = set()
        self._is_cut = False
        self.answers_to_lose = 0
        self.refusals: list[CodedError] = []
        self.crashes: list[Exception] = []
        self.pushes: list[int] = []
        self.pulls = 0
        self.blobs: dict[str, bytes] = {}
        """As much as the server has of each."""
        self.verified: list[tuple[VerifyRequest, VerifyReply]] = []
        self.busy_verifies = 0
        self.does_lie = False
        """Whether the server says that nothing differs, whatever does."""

    @contextmanager
    def server(self) -> Iterator[ReferenceServer]:
        """Work on the server while no device is talking to it; devices are nudged afterwards."""
        with self._lock:
            before = self._server.head
            yield self._server
            if self._server.head != before:
                self._nudge()

    def cut(self) -> None:
        """Pull the cable: what is under way fails, so does everything until `mend`."""
        with self._lock:
            self._is_cut = True
            self._nudge()

    def mend(self) -> None:
        """Plug it in again."""
        with self._lock:
            self._is_cut = False

    def ask(self, call: Callable[[ReferenceServer], T]) -> T:
        """One request of a device; the answer may be lost after the server has done its work."""
        with self._lock:
            self._check()
            if self.crashes:
                raise self.crashes.pop(0)
            if self.refusals:
                raise self.refusals.pop(0)
            before = self._server.head
            answer = call(self._server)
            if self._server.head != before:
                self._nudge()
            if self.answers_to_lose:
                self.answers_to_lose -= 1
                raise Unavailable(UNREACHABLE)
            return answer

    @property
    def true_head(self) -> Cursor:
        """The server's head, as only a test can see it."""
        return self._server.head

    def head(self) -> Cursor:
        """The server's head, unless the cable is cut."""
        with self._lock:
            self._check()
            return self._server.head

    def _check(self) -> None:
        if self._is_cut:
            raise Unavailable(UNREACHABLE)

    def _nudge(self) -> None:
        for listener in self._listeners:
            listener.wake()

    def add(self, listener: "Listener") -> None:
        """Let a device hear of news."""
        with self._lock:
            self._listeners.add(listener)

    def remove(self, listener: "Listener") -> None:
        """Let it hear no more."""
        with self._lock:
            self._listeners.discard(listener)


class Listener:
    """One device that waits for nudges on its own loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.news = asyncio.Event()

    def wake(self) -> None:
        """There is news; from any thread."""
        self._loop.call_soon_threadsafe(self.news.set)


class LoopbackEndpoint:
    """The calls of one device over a network in memory."""

    def __init__(self, network: Network, device_id: str) -> None:
        self._network = network
        self._device_id = device_id
        self.carried_bytes = 0

    async def push(self, request: PushRequest) -> PushReply:
        """Hand commands over."""
        self._network.pushes.append(len(request.commands))
        self.carried_bytes += len(msgspec.json.encode(request))
        return self._network.ask(lambda server: server.push(self._device_id, request))

    async def pull(self, cursor: Cursor, *, limit: int, with_neighbours: bool = False) -> PullPage:
        """The changes after `cursor`."""
        self._network.pulls += 1
        page = self._network.ask(
            lambda server: server.pull(
                self._device_id, cursor, limit=limit, with_neighbours=with_neighbours
            )
        )
        self.carried_bytes += sum(len(put) for table in page.tables for put in table.puts)
        return on_the_wire(page)

    async def verify(self, request: VerifyRequest) -> VerifyReply:
        """Compare one table in one scope."""
        if self._network.busy_verifies:
            self._network.busy_verifies -= 1
            raise Unavailable("server_busy")
        asked = msgspec.json.decode(msgspec.json.encode(request), type=VerifyRequest)
        answer = self._network.ask(lambda server: server.verify(self._device_id, asked))
        reply = msgspec.json.decode(msgspec.json.encode(answer), type=VerifyReply)
        if self._network.does_lie:
            reply = replace(reply, differing=(), rows=())
        self._network.verified.append((request, reply))
        return reply

    async def nudges(self) -> AsyncIterator[Cursor]:
        """The head, whenever it moves."""
        listener = Listener()
        self._network.add(listener)
        try:
            while True:
                yield self._network.head()
                await listener.news.wait()
                listener.news.clear()
        finally:
            self._network.remove(listener)

    async def signing_key(self) -> str:
        return ""

    async def bootstrap(self, *, schema: str) -> BootstrapOffer:
        """A server with few rows makes no file."""
        del schema
        self._network.head()
        return BootstrapOffer(protocol=PROTOCOL_VERSION, state=BootstrapState.BY_PAGES)

    async def bootstrap_file(self, file: BootstrapFile, *, start: int) -> AsyncIterator[bytes]:
        """There is none."""
        del start
        raise Rejected("bootstrap_gone", cursor=file.cursor)
        yield b""

    async def certificate(self) -> CertificateReply:
        """What this device shows its neighbours."""
        return self._network.ask(lambda server: server.certificate(self._device_id))

    async def relay(self, request: RelayRequest) -> RelayReply:
        """Hand over what a neighbour could not."""
        return self._network.ask(lambda server: server.relay(self._device_id, request))

    async def send_blob(self, blob: BlobRef, piece: bytes, *, start: int) -> BlobReceived:
        """Hand over a piece of a blob."""

        def take(_server: ReferenceServer) -> BlobReceived:
            here = self._network.blobs.get(blob.sha256, b"")
            if start == len(here):
                here = self._network.blobs[blob.sha256] = here + piece
            return BlobReceived(
                protocol=PROTOCOL_VERSION,
                sha256=blob.sha256,
                received_bytes=len(here),
                is_complete=len(here) == blob.size_bytes,
            )

        return self._network.ask(take)

    async def fetch_blob(self, blob: BlobRef, *, start: int, end: int) -> AsyncIterator[bytes]:
        """Some bytes of a blob."""
        found = self._network.ask(lambda _server: self._network.blobs.get(blob.sha256, b""))
        if len(found) < blob.size_bytes:
            raise Rejected("blob_unknown")
        yield found[start:end]

    async def close(self) -> None:
        """Nothing is open."""


class Watcher:
    """Hears an engine's status and lets a test wait for what it expects."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self.seen: list[SyncStatus] = []

    def take(self, status: SyncStatus) -> None:
        """Remember a status."""
        with self._moved:
            self.seen.append(status)
            self._moved.notify_all()

    def until(self, holds: Callable[[SyncStatus], bool]) -> SyncStatus:
        """Wait until the latest status is as expected."""
        with self._moved:
            found = self._moved.wait_for(
                lambda: bool(self.seen) and holds(self.seen[-1]), PATIENCE_SECONDS
            )
            assert found, f"still {self.seen[-1] if self.seen else 'nothing'}"
            return self.seen[-1]
