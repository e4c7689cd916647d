"""Runs the server process: its own PostgreSQL where none is given, uvicorn, and a clean stop."""

import logging
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from fastapi import FastAPI

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import Rejected
from sync_server import embedded
from sync_server.app import create_app
from sync_server.database import Database, app_engine, owner_engine
from sync_server.settings import Settings
from sync_server.sync.hub import Hub
from sync_server.tenancy import migrate_all

_log = logging.getLogger(__name__)
_STOP_SECONDS = 10


class SyncServer(uvicorn.Server):
    """Uvicorn, which sends waiting devices away before it waits for open answers to end."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                # Named, or uvicorn takes whatever else happens to be installed.
                loop="asyncio",
                http="h11",
                ws="none",
                log_config=None,
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=_STOP_SECONDS,
            )
        )
        self._hub: Hub = app.state.hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all waits, then stop as usual."""
        self._hub.close()
        await super().shutdown(sockets)


@contextmanager
def database_ready(settings: Settings, clock: Clock | None = None) -> Iterator[Settings]:
    """Settings with a database: the one that is set, else one of our own for as long as the block.

    Our own is migrated at once; one that is set is migrated only by the `migrate` command.
    Raises Unavailable when it does not start.
    """
    if settings.database_url is not None or settings.app_database_url is not None:
        yield settings
        return
    with embedded.running(settings.data_folder / "postgres") as server:
        migrate(server.url, clock)
        yield replace(settings, database_url=server.url)


def owner_url(settings: Settings) -> str:
    """Where somebody who may act as the owner logs in. Raises Rejected("setting_missing")."""
    if settings.database_url is None:
        raise Rejected("setting_missing", setting="DATABASE_URL")
    return settings.database_url


def database_of(settings: Settings) -> Database:
    """A small pool for the command line."""
    url = settings.app_database_url or owner_url(settings)
    is_app_login = settings.app_database_url is not None
    return Database(app_engine(url, is_app_login=is_app_login, pool_size=2), SystemClock())


def migrate(url: str, clock: Clock | None = None) -> int:
    """Bring a database to the newest schema; gives the number of tenants."""
    owner = owner_engine(url)
    return migrate_all(owner, now=(clock or SystemClock()).now())


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Answer requests until told to stop; port 0 takes a free one.

    Writes its address to standard output once it is listening.
    """
    app = create_app(settings)
    with listening_at(host, port) as listening:
        where = _address(listening.getsockname())
        sys.stdout.write(f"{where}\n")
        sys.stdout.flush()
        _log.info("listening at %s", where)
        SyncServer(app).run([listening])


@contextmanager
def listening_at(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket for as long as the block lasts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends each part at once (TCP_NODELAY): otherwise the second
    # part of an answer waits 40 ms for the other side to acknowledge the first.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
        yield listening


def _address(name: Sequence[object]) -> str:
    host = f"[{name[0]}]" if ":" in str(name[0]) else name[0]
    return f"http://{host}:{name[1]}"
