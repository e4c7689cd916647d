"""The socket on which a server process listens."""

import asyncio
import socket

from sync_server.serving import listening_at


def test_every_part_of_an_answer_is_sent_at_once() -> None:
    async def accepted() -> int:
        options: asyncio.Queue[int] = asyncio.Queue()

        async def look(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            line: socket.socket = writer.get_extra_info("socket")
            options.put_nowait(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listening_at("127.0.0.1", 0) as listening:
            server = await asyncio.start_server(look, sock=listening)
            async with server:
                _reader, writer = await asyncio.open_connection(*listening.getsockname())
                found = await options.get()
                writer.close()
        return found

    assert asyncio.run(accepted())
