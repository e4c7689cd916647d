"""One line between two devices of a store: whole texts, in both directions."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from desktop.hub.tls import Neighbour, neighbour_of
from shared.kernel.errors import Unavailable
from shared.sync.protocol.hub import LENGTH_BYTES, MOST_FRAME_BYTES, HubMessage

_MOST_WAITING_BYTES = 4 << 20
BROKEN = "line_broken"
"""Unavailable: the neighbour is gone, or says what nobody understands."""


class Line:
    """Belongs to one event loop. Ends when either side goes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Raises Unavailable(BROKEN) where the other side has not shown who it is."""
        who = neighbour_of(writer.get_extra_info("peercert"))
        if who is None:
            raise Unavailable(BROKEN)
        self.neighbour: Neighbour = who
        self._reader = reader
        self._writer = writer
        self._one_at_a_time = asyncio.Lock()

    async def send(self, message: HubMessage) -> None:
        """Send a text, waiting while the other side is slow. Raises Unavailable(BROKEN)."""
        body = msgspec.json.encode(message)
        async with self._one_at_a_time:
            try:
                self._writer.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
                await self._writer.drain()
            except OSError as error:
                raise Unavailable(BROKEN) from error

    async def listen(self, heard: Callable[[HubMessage], Coroutine[Any, Any, None]]) -> None:
        """Hand each text on, in order, until the line ends. Raises Unavailable(BROKEN)."""
        while True:
            await heard(await self._next())

    async def _next(self) -> HubMessage:
        try:
            size = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
            if size > MOST_FRAME_BYTES:
                raise Unavailable(BROKEN)
            body = await self._reader.readexactly(size)
            return msgspec.json.decode(body, type=HubMessage)
        except (OSError, asyncio.IncompleteReadError, msgspec.DecodeError) as error:
            raise Unavailable(BROKEN) from error

    def close(self) -> None:
        """End it at once."""
        self._writer.transport.abort()
