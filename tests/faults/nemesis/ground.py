"""The ground that stories stand on: a PostgreSQL that really writes, and a server process on it.

Both can be killed at any moment and started again; the server reaches the database by a wire.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

import sqlalchemy as sa

from shared.kernel.clock import SystemClock
from sync_server import embedded
from sync_server.database import Database, app_engine, owner_engine
from sync_server.serving import migrate
from tests.faults.nemesis.wire import Wire

_POOL = 4


class Ground:
    """One cluster with one server process; used by one thread, but for `kill_server`."""

    def __init__(self, folder: Path, chance: Random, *, bootstrap_rows: int) -> None:
        """With that many rows a device that joins gets them as a file."""
        self._bootstrap_rows = bootstrap_rows
        self._folder = folder
        self._cluster: embedded.Server | None = None
        self._process: subprocess.Popen[str] | None = None
        self._stack = contextlib.ExitStack()
        self.wire = Wire("database", chance)
        self.port = 0
        """Where the server listens; another one after each start."""
        self.said = folder / "server.log"
        self._log: IO[bytes] | None = None
        self._database: Database | None = None

    def __enter__(self) -> Self:
        self._stack.enter_context(self.wire)
        self.start_database()
        migrate(self.url)
        self._log = self._stack.enter_context(self.said.open("ab"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill_server()
        self.end_server()
        self.forget_connections()
        if self._cluster is not None:
            self._cluster.stop()
        self._stack.close()

    # -- the database ------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the database is, for the judge: not by the wire."""
        assert self._cluster is not None
        return self._cluster.url

    @property
    def database(self) -> Database:
        """The database as requests see it, for founding and for judging."""
        if self._database is None:
            engine = app_engine(self.url, is_app_login=False, pool_size=2)
            self._database = Database(engine, SystemClock())
        return self._database

    @property
    def owner(self) -> sa.Engine:
        """The database as its owner sees it."""
        return owner_engine(self.url)

    def forget_connections(self) -> None:
        """Close what the judge holds open."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def start_database(self) -> None:
        """Start the cluster; after a kill it recovers from its log first."""
        self._cluster = embedded.start(self._folder / "postgres")
        self.wire.target_port = urlsplit(self.url).port or 0

    def kill_database(self) -> None:
        """Kill the postmaster as a crash would: what it had not written to its log is gone."""
        self.forget_connections()
        assert self._cluster is not None
        self._cluster.kill()

    @property
    def postmaster(self) -> int:
        """The process that all others of PostgreSQL end with."""
        assert self._cluster is not None
        return self._cluster.pids[0]

    # -- the server --------------------------------------------------------------------------

    def begin_server(self) -> None:
        """Start a server process, without waiting for it."""
        where = urlsplit(self.url)
        wired = self.url.replace(f":{where.port}/", f":{self.wire.port}/")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sync_server", "serve", "--port", "0"],
            env=os.environ
            | {
                "DATABASE_URL": wired,
                "PYCOMMERCE_DATA": str(self._folder / "server"),
                "PYCOMMERCE_LOG_LEVEL": "WARNING",
                "PYCOMMERCE_POOL_SIZE": str(_POOL),
                "PYCOMMERCE_TOKEN_MINUTES": "1",
                "PYCOMMERCE_BOOTSTRAP_ROWS": str(self._bootstrap_rows),
            },
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def await_server(self) -> int:
        """The port on which the server that was begun answers."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        port = urlsplit(line).port
        assert port is not None, f"the server did not start: {self.said.read_text()[-2000:]}"
        self.port = port
        return port

    def kill_server(self) -> None:
        """Kill it with what it was doing; from any thread, and as often as one likes."""
        process = self._process
        if process is not None:
            process.kill()

    def end_server(self) -> None:
        """Wait for the end of a process that was killed or told to stop."""
        process, self._process = self._process, None
        if process is not None:
            process.communicate()

    def stop_server(self) -> None:
        """Tell it to stop in good order."""
        if self._process is not None:
            self._process.terminate()

    def pause_server(self) -> None:
        """Let it stand still in the middle of everything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume_server(self) -> None:
        """Let it go on as if nothing had been."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
