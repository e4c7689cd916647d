"""Databases and an application for the tests of the server."""

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from sync_server.app import create_app
from sync_server.serving import SyncServer, listening_at
from sync_server.settings import Settings
from tests.support.databases import (
    ServerDatabase,
    migrated_url,
    server_database,
    tenant,
    tenant_id,
)
from tests.sync_server.devices import Site

__all__ = ["migrated_url", "server_database", "tenant", "tenant_id"]


@pytest.fixture
def app(server_database: ServerDatabase, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application on the test's database and clock."""
    settings = Settings(
        data_folder=tmp_path_factory.getbasetemp(), database_url=server_database.url
    )
    return create_app(settings, clock=server_database.clock)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A listening socket on a free port."""
    with listening_at("127.0.0.1", 0) as made:
        yield made


@pytest.fixture
def served(app: FastAPI, listening: socket.socket) -> Iterator[SyncServer]:
    """The application, served in a thread as it is in a process."""
    server = SyncServer(app)
    thread = threading.Thread(target=server.run, args=([listening],), name="server")
    thread.start()
    yield server
    server.should_exit = True
    thread.join()


@pytest.fixture
def client(served: SyncServer, listening: socket.socket) -> Iterator[httpx.Client]:
    """A client of the served application."""
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with httpx.Client(base_url=address, timeout=30) as made:
        yield made


@pytest.fixture
def site(server_database: ServerDatabase, client: httpx.Client) -> Site:
    """A tenant with a store, two tills and staff, and the means to enrol devices."""
    return Site(server_database, client)
