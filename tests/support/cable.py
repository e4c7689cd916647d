"""A network cable that can be pulled: a TCP relay on loopback in a thread of its own."""

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Self

_LAST_WORDS_S = 5.0


class Cable:
    """Relays connections to a port on loopback until it is cut; cut ones break at once."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self.relayed_bytes = 0
        self._is_cut = False
        self._bytes_left: int | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="cable", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def url(self) -> str:
        """Where a device reaches the server by this cable."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Pull the cable: open connections break, new ones are refused."""
        self._is_cut = True
        done = threading.Event()
        self._loop.call_soon_threadsafe(self._break_all, done)
        done.wait()

    @property
    def is_cut(self) -> bool:
        """Whether nothing comes through."""
        return self._is_cut

    def cut_after(self, count: int) -> None:
        """Pull the cable by itself after so many more bytes, both ways together."""
        self._bytes_left = count

    def mend(self) -> None:
        """Plug it in again."""
        self._bytes_left = None
        self._is_cut = False

    def _break_all(self, done: threading.Event) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()
        done.set()

    def _count_down(self, count: int) -> None:
        if self._bytes_left is None:
            return
        self._bytes_left -= count
        if self._bytes_left <= 0:
            self._bytes_left = None
            self._is_cut = True
            for writer in tuple(self._open):
                writer.transport.abort()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._relay, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        # A relay ends with its cut connections; a cancelled one would be reported as an error.
        relays = asyncio.all_tasks(self._loop)
        if relays:
            self._loop.run_until_complete(asyncio.wait(relays, timeout=_LAST_WORDS_S))
        self._loop.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            writer.transport.abort()
            return
        if self._is_cut:
            # The cable was cut while this end was looking for the other one.
            for end in (writer, far_writer):
                end.transport.abort()
            return
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))
        finally:
            # An end closes when all is written; until then the cable can still be cut.
            for end in (writer, far_writer):
                end.close()
            await asyncio.gather(
                writer.wait_closed(), far_writer.wait_closed(), return_exceptions=True
            )
            self._open -= {writer, far_writer}

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while came := await source.read(65_536):
                part = came[: self._bytes_left]
                self.relayed_bytes += len(part)
                target.write(part)
                await target.drain()
                self._count_down(len(part))
        with contextlib.suppress(OSError, RuntimeError):
            if target.can_write_eof():
                target.write_eof()
