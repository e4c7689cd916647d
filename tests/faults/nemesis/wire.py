"""A network line that fails: a TCP relay that cuts, freezes, holds back and repeats what passes."""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from types import TracebackType
from typing import Self

LAST_WORDS_S = 5.0
_LONGEST_HOLD_S = 3.0
_KEPT_BYTES = 1 << 20
"""Of one connection, to be sent once more; longer ones are not repeated."""
_BLOCK = 1 << 16


class Way(StrEnum):
    """Which way bytes go."""

    THERE = "there"
    BACK = "back"


class Doom(StrEnum):
    """What becomes of a connection when its byte has come."""

    CUT = "cut"
    """It breaks in both directions at once."""
    HALF_OPEN = "half_open"
    """Nothing passes any more and nobody is told."""
    HELD = "held"
    """Nothing passes for a while."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """The chances of each doom per connection, of a repetition, and after how many bytes at most.

    The byte is as likely between 10 and 100 as between 1,000 and 10,000.
    """

    cut: float = 0.0
    half_open: float = 0.0
    held: float = 0.0
    repeated: float = 0.0
    most_bytes: int = 30_000


CALM = Weather()


@dataclass(eq=False)
class _Pair:
    """One connection with both its ends, and what is to become of it."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    doom: Doom | None
    way: Way
    at_byte: int
    is_repeated: bool
    said: bytearray = field(default_factory=bytearray)
    passed: Counter[Way] = field(default_factory=Counter)
    moves: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, way: Way) -> asyncio.StreamWriter:
        """Where bytes that go this way are to arrive."""
        return self.far if way is Way.THERE else self.near

    def abort(self) -> None:
        """Break both ends."""
        for end in (self.near, self.far):
            end.transport.abort()


class Wire:
    """Relays connections to a port on loopback that may change, by the weather of the day."""

    def __init__(self, name: str, chance: Random) -> None:
        self.name = name
        self.port = 0
        self.target_port = 0
        self.weather = CALM
        self.faults: Counter[str] = Counter()
        self._chance = chance
        self._is_cut = False
        self._relayed = 0
        self._mark: tuple[int, Callable[[], None]] | None = None
        self._pairs: set[_Pair] = set()
        self._repeating: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"wire {name}", daemon=True)

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
        """Where a device reaches the server by this wire."""
        return f"http://127.0.0.1:{self.port}"

    # -- from any thread ---------------------------------------------------------------------

    def cut(self) -> None:
        """Pull the cable: open connections break, new ones are refused."""
        self._is_cut = True
        self._in_loop(self._break_all)

    def mend(self) -> None:
        """Plug it in again."""
        self._is_cut = False

    def become_calm(self) -> None:
        """Do no more harm, and let go of whatever was frozen or held."""
        self.weather, self._is_cut = CALM, False
        self._in_loop(self._break_all)

    def when_passed(self, count: int, then: Callable[[], None]) -> None:
        """Call `then` in the relay's thread as soon as `count` further bytes have passed."""
        self._in_loop(lambda: self._set_mark(count, then))

    def forget_mark(self) -> None:
        """Call nobody."""
        self._in_loop(self._forget_mark)

    def _in_loop(self, what: Callable[[], None]) -> None:
        done = threading.Event()

        def call() -> None:
            what()
            done.set()

        self._loop.call_soon_threadsafe(call)
        done.wait()

    # -- in the relay's thread ---------------------------------------------------------------

    def _set_mark(self, count: int, then: Callable[[], None]) -> None:
        self._mark = (self._relayed + count, then)

    def _forget_mark(self) -> None:
        self._mark = None

    def _break_all(self) -> None:
        for pair in tuple(self._pairs):
            pair.abort()
            pair.moves.set()
        for task in self._repeating:
            task.cancel()

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
            self._loop.run_until_complete(asyncio.wait(relays, timeout=LAST_WORDS_S))
        self._loop.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far = None if self._is_cut else await self._connected()
        if far is None or self._is_cut:
            writer.transport.abort()
            if far is not None:
                far[1].transport.abort()
            return
        pair = self._paired(writer, far[1])
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._copy(reader, pair, Way.THERE), self._copy(far[0], pair, Way.BACK)
            )
        finally:
            # An end closes when all is written; until then the wire can still be cut.
            for end in (writer, far[1]):
                end.close()
            self._repeat(pair)
            await asyncio.gather(writer.wait_closed(), far[1].wait_closed(), return_exceptions=True)
            self._pairs.discard(pair)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        try:
            return await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            return None

    def _paired(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> _Pair:
        weather, chance = self.weather, self._chance
        roll, doom = chance.random(), None
        for each, share in (
            (Doom.CUT, weather.cut),
            (Doom.HALF_OPEN, weather.half_open),
            (Doom.HELD, weather.held),
        ):
            if doom is None and roll < share:
                doom = each
            roll -= share
        at_byte = int(weather.most_bytes ** chance.random())
        is_repeated = chance.random() < weather.repeated
        return _Pair(near, far, doom, chance.choice(list(Way)), at_byte, is_repeated)

    async def _copy(
        self,
        source: asyncio.StreamReader,
        pair: _Pair,
        way: Way,
    ) -> None:
        target = pair.end(way)
        with contextlib.suppress(OSError):
            while part := await source.read(_BLOCK):
                if way is Way.THERE and len(pair.said) <= _KEPT_BYTES:
                    pair.said += part
                await self._pass(part, pair, way)
        with contextlib.suppress(OSError, RuntimeError):
            if target.can_write_eof():
                target.write_eof()

    async def _pass(self, part: bytes, pair: _Pair, way: Way) -> None:
        before, target = pair.passed[way], pair.end(way)
        pair.passed[way] += len(part)
        if pair.doom is not None and way is pair.way and pair.passed[way] >= pair.at_byte:
            first = part[: max(0, pair.at_byte - before)]
            target.write(first)
            await target.drain()
            self._count(len(first))
            await self._befall(pair)
            part = part[len(first) :]
        elif pair.doom is Doom.HALF_OPEN and pair.passed[pair.way] >= pair.at_byte:
            await pair.moves.wait()
        target.write(part)
        self._count(len(part))
        await target.drain()

    async def _befall(self, pair: _Pair) -> None:
        doom = pair.doom
        assert doom is not None
        self.faults[f"{self.name}: {doom} on the way {pair.way}"] += 1
        if doom is Doom.CUT:
            pair.abort()
        elif doom is Doom.HALF_OPEN:
            await pair.moves.wait()
        else:
            pair.doom = None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._chance.uniform(0.05, _LONGEST_HOLD_S)):
                    await pair.moves.wait()

    def _count(self, size: int) -> None:
        self._relayed += size
        if self._mark is not None and self._relayed >= self._mark[0]:
            (_, then), self._mark = self._mark, None
            then()

    # -- what is said twice ------------------------------------------------------------------

    def _repeat(self, pair: _Pair) -> None:
        if not pair.is_repeated or len(pair.said) > _KEPT_BYTES or self._is_cut:
            return
        self.faults[f"{self.name}: repeated"] += 1
        task = self._loop.create_task(self._say_again(bytes(pair.said)))
        self._repeating.add(task)
        task.add_done_callback(self._repeating.discard)

    async def _say_again(self, said: bytes) -> None:
        """All that a connection asked for, once more and late; nobody hears the answers."""
        far = await self._connected()
        if far is None:
            return
        reader, writer = far
        try:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(_LONGEST_HOLD_S):
                    writer.write(said)
                    await writer.drain()
                    while await reader.read(_BLOCK):
                        continue
        finally:
            writer.transport.abort()
