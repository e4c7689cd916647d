"""The line between one device and its server: real bytes, cut, lost, doubled, late."""

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random

import httpx

from shared.kernel.errors import Rejected
from shared.sync.cursor import Cursor
from shared.sync.endpoint import PUSH_PATH, WAIT_PATH
from shared.sync.protocol.push import PushRequest
from sync_server.sync.wire import decode
from tests.faults.simulation.authority import ServerDied
from tests.faults.simulation.chronicle import Chronicle
from tests.faults.simulation.gateway import Answer, Ask, Gateway
from tests.faults.simulation.virtual_loop import pass_time
from tests.faults.simulation.weather import Weather

READ_SECONDS = 60.0
"""After so long without a byte the client gives up, as the product's own limits say."""
POLL_SECONDS = 25.0
_HEAD_BYTES = 200
"""About what request line, status line and headers take; a cut may fall into them too."""


class Line(httpx.AsyncBaseTransport):
    """What the device's HTTP client speaks through."""

    def __init__(
        self,
        name: str,
        gateway: Gateway,
        *,
        chance: Random,
        weather: Callable[[], Weather],
        chronicle: Chronicle,
        spawn: Callable[..., object],
    ) -> None:
        self._name = name
        self._gateway = gateway
        self._chance = chance
        self._weather = weather
        self._chronicle = chronicle
        self._spawn = spawn
        self.is_cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request over and its answer back, or fail on the way."""
        ask = await _as_ask(request)
        await pass_time(self._latency())
        if self.is_cut or not self._gateway.is_up:
            raise httpx.ConnectError("nobody there", request=request)
        self._lose(ask, request)
        if self._happens("request_doubled") and ask.path != WAIT_PATH:
            self._chronicle.fault("request_doubled", self._name, ask.path)
            self._spawn(self._arrive_later(ask, self._chance.uniform(0.0, 30.0)))
        if ask.path == WAIT_PATH and "after" not in ask.params:
            return self._listen(ask, request)
        if ask.path == WAIT_PATH:
            await self._hold(Cursor.parse(ask.params["after"]))
        answer = self._arrive(ask, request)
        await self._travel_back(ask, request)
        return self._response(ask, answer, request)

    def _happens(self, fault: str) -> bool:
        probability: float = getattr(self._weather(), fault)
        return probability > 0.0 and self._chance.random() < probability

    def _latency(self) -> float:
        if self._happens("slow"):
            return self._chance.uniform(0.5, 40.0)
        return self._chance.uniform(0.002, 0.1)

    # -- there -------------------------------------------------------------------------------

    def _lose(self, ask: Ask, request: httpx.Request) -> None:
        if self._happens("request_lost"):
            self._chronicle.fault("request_lost", self._name, ask.path)
            raise httpx.ConnectTimeout("lost", request=request)
        if self._happens("request_cut"):
            at = self._chance.randrange(_HEAD_BYTES + len(ask.body) + 1) - _HEAD_BYTES
            self._chronicle.fault("request_cut", self._name, f"{ask.path} at {at}")
            if ask.path == PUSH_PATH and 0 <= at < len(ask.body):
                self._check_unreadable(ask, at)
            raise httpx.WriteError("cut", request=request)

    @staticmethod
    def _check_unreadable(ask: Ask, size: int) -> None:
        """A part of a push must never be taken for a whole one."""
        try:
            decode(ask.body[:size], ask.encoding, PushRequest)
        except Rejected:
            return
        message = f"{size} of {len(ask.body)} bytes of a push were read as a whole one"
        raise AssertionError(message)

    def _arrive(self, ask: Ask, request: httpx.Request) -> Answer:
        try:
            return self._gateway.answer(ask)
        except ServerDied as death:
            raise httpx.ReadError("the server died", request=request) from death

    async def _arrive_later(self, ask: Ask, delay: float) -> None:
        """The same request once more, after others perhaps; nobody reads the answer."""
        await pass_time(delay)
        if self._gateway.is_up:
            self._chronicle.note(self._name, f"late double of {ask.path}")
            try:
                self._gateway.answer(ask)
            except ServerDied:
                return

    # -- and back ----------------------------------------------------------------------------

    async def _travel_back(self, ask: Ask, request: httpx.Request) -> None:
        if self._happens("half_open"):
            self._chronicle.fault("half_open", self._name, ask.path)
            await pass_time(READ_SECONDS)
            raise httpx.ReadTimeout("no answer", request=request)
        await pass_time(self._latency())
        if self.is_cut:
            raise httpx.ReadError("cable pulled", request=request)

    def _response(self, ask: Ask, answer: Answer, request: httpx.Request) -> httpx.Response:
        body, is_broken = answer.body, False
        if self._happens("answer_cut"):
            at = self._chance.randrange(_HEAD_BYTES + len(body) + 1) - _HEAD_BYTES
            self._chronicle.fault("answer_cut", self._name, f"{ask.path} at {at}")
            if at < 0:
                raise httpx.RemoteProtocolError("cut in the headers", request=request)
            body, is_broken = body[:at], True
        elif body and self._happens("answer_cut_short"):
            body = body[: self._chance.randrange(len(body))]
            self._chronicle.fault("answer_cut_short", self._name, f"{ask.path} at {len(body)}")
        self._chronicle.note(self._name, f"{ask.path} {answer.status} {len(answer.body)} bytes")
        stream = _Bytes(body, is_broken=is_broken)
        return httpx.Response(answer.status, headers=answer.headers, stream=stream, request=request)

    # -- nudges ------------------------------------------------------------------------------

    def _listen(self, ask: Ask, request: httpx.Request) -> httpx.Response:
        try:
            self._gateway.device_of(ask)
        except Rejected:
            return self._response(ask, self._gateway.answer(ask), request)
        return httpx.Response(200, stream=_Nudges(self._gateway, self._chance, lambda: self.is_cut))

    async def _hold(self, after: Cursor) -> None:
        """Wait as a long poll does: until there is something new, or for a while."""
        news = self._gateway.listen()
        try:
            async with asyncio.timeout(POLL_SECONDS):
                while self._gateway.authority.head == after and self._gateway.is_up:
                    news.clear()
                    await news.wait()
        except TimeoutError:
            return
        finally:
            self._gateway.unlisten(news)


async def _as_ask(request: httpx.Request) -> Ask:
    return Ask(
        method=request.method,
        path=request.url.path,
        params=dict(request.url.params),
        authorization=request.headers.get("authorization", ""),
        encoding=request.headers.get("content-encoding"),
        body=await request.aread(),
    )


class _Bytes(httpx.AsyncByteStream):
    """A body that may break off."""

    def __init__(self, body: bytes, *, is_broken: bool) -> None:
        self._body = body
        self._is_broken = is_broken

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """All bytes in one piece."""
        if self._body:
            yield self._body
        if self._is_broken:
            raise httpx.ReadError("cut in the body")


class _Nudges(httpx.AsyncByteStream):
    """The server's event stream; it ends after a while, with the server, or with the cable."""

    def __init__(self, gateway: Gateway, chance: Random, is_cut: Callable[[], bool]) -> None:
        self._gateway = gateway
        self._is_cut = is_cut
        self._lasts = chance.uniform(20.0, 600.0)
        self._is_dead = chance.random() < 0.1

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The head at once, and whenever it moves."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._lasts
        news = self._gateway.listen()
        try:
            while self._gateway.is_up and not self._is_cut():
                if not self._is_dead:
                    head = f'data: {{"head":"{self._gateway.authority.head}"}}\n\n'
                    yield head.encode()
                news.clear()
                try:
                    async with asyncio.timeout_at(ends):
                        await news.wait()
                except TimeoutError:
                    return
        finally:
            self._gateway.unlisten(news)
