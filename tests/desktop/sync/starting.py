"""A server that makes files of however few rows, and devices that start from them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import pytest
from fastapi import FastAPI

from desktop.sync.bootstrap import begin_from_file
from desktop.sync.http_endpoint import HttpEndpoint
from shared.kernel.errors import Unavailable
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer
from shared.sync.scopes import shareable
from sync_server.app import create_app
from sync_server.jobs.bootstrap import build
from sync_server.objects import FolderStore
from sync_server.serving import SyncServer
from sync_server.settings import Settings, objects_folder
from tests.desktop.sync.machine import Machine
from tests.support.cable import Cable
from tests.support.databases import ServerDatabase


@pytest.fixture
def settings(server_database: ServerDatabase, tmp_path: Path) -> Settings:
    """A server that makes a file of however few rows."""
    return Settings(
        data_folder=tmp_path / "server", database_url=server_database.url, bootstrap_rows=1
    )


@pytest.fixture
def app(settings: Settings, server_database: ServerDatabase) -> FastAPI:
    return create_app(settings, clock=server_database.clock)


@pytest.fixture
def cable(served: SyncServer, listening: socket.socket) -> Iterator[Cable]:
    assert served is not None
    with Cable(listening.getsockname()[1]) as made:
        yield made


def objects_of(settings: Settings) -> FolderStore:
    return FolderStore(objects_folder(settings))


Share = Callable[[Sequence[str]], tuple[str, ...]]


def make_file(machine: Machine, settings: Settings, share: Share = shareable) -> BootstrapFile:
    """Have the server make the file, as its own process does."""
    server, identity = machine.site.server, machine.identity
    made = build(
        server.database,
        objects_of(settings),
        server.clock,
        tenant_id=identity.tenant_id,
        scopes=share(identity.scopes),
    )
    assert made is not None
    return made


def ask(machine: Machine, file: "Line | None" = None) -> BootstrapOffer | None:
    """What comes of beginning from the file, by the real line or by another one."""

    async def begin() -> BootstrapOffer | None:
        endpoint = HttpEndpoint(machine.identity, machine.key, machine.clock)
        line = file or Line(endpoint)
        line.endpoint = endpoint
        try:
            return await begin_from_file(machine.work, line, progress=line.hear)
        finally:
            await endpoint.close()

    return asyncio.run(begin())


class Line(HttpEndpoint):
    """A line that may break in the middle of a file."""

    def __init__(self, endpoint: HttpEndpoint) -> None:
        self.endpoint = endpoint
        self.breaks_after: int | None = None
        self.starts: list[int] = []
        self.heard: list[tuple[int, int]] = []
        self.offer: BootstrapOffer | None = None

    def hear(self, here: int, size: int) -> None:
        self.heard.append((here, size))

    async def signing_key(self) -> str:
        """The server's key."""
        return await self.endpoint.signing_key()

    async def bootstrap(self, *, schema: str) -> BootstrapOffer:
        if self.offer is not None:
            return self.offer
        return await self.endpoint.bootstrap(schema=schema)

    async def bootstrap_file(self, file: BootstrapFile, *, start: int) -> AsyncIterator[bytes]:
        self.starts.append(start)
        async for block in self.endpoint.bootstrap_file(file, start=start):
            if self.breaks_after is not None:
                yield block[: self.breaks_after]
                raise Unavailable("server_unreachable")
            yield block
