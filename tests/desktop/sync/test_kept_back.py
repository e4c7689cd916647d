"""A network that keeps events back costs no nudge: the device asks for each head instead."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from desktop.sync.http_endpoint import HttpEndpoint
from shared.sync.cursor import Cursor
from sync_server.serving import SyncServer
from tests.desktop.sync.machine import Machine, server_seq
from tests.support.cable import Cable
from tests.sync_server.conftest import (
    app,
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Site, customer

__all__ = ["app", "client", "listening", "migrated_url", "served", "server_database", "site"]


class _Nothing(httpx.AsyncByteStream):
    """An answer of which nothing ever arrives."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""


class Buffering(httpx.AsyncHTTPTransport):
    """A proxy that hands an answer on only when it is complete."""

    events_kept_back = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("accept") == "text/event-stream":
            self.events_kept_back += 1
            return httpx.Response(200, stream=_Nothing())
        return await super().handle_async_request(request)


def test_heads_are_asked_for_where_events_are_kept_back(
    site: Site, served: SyncServer, listening: socket.socket, *, tmp_path: Path
) -> None:
    assert served is not None
    with Cable(listening.getsockname()[1]) as cable:
        machine = Machine(site, tmp_path / "machine", cable)
        machine.pair(site.code())
        before = server_seq(site)
        proxy = Buffering()

        async def story() -> list[Cursor]:
            endpoint = HttpEndpoint(
                machine.identity, machine.key, machine.clock, transport=proxy, first_event_s=0.05
            )
            nudges = endpoint.nudges()
            first = await anext(nudges)
            later, _ = await asyncio.gather(
                anext(nudges), asyncio.to_thread(site.run, customer("Ada"))
            )
            await endpoint.close()
            return [first, later]

        heads = asyncio.run(story())
        machine.work.close()

    assert [head.seq for head in heads] == [before, before + 1]
    assert proxy.events_kept_back == 1
