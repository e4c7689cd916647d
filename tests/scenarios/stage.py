"""The stage of shop stories: a real PostgreSQL, a real server process, and cables to pull."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from sync_server import embedded

ROOT = Path(__file__).resolve().parents[2]
TENANT = "Lark & Linen"


@dataclass
class Server:
    """The sync server as a process of its own, which can be killed and started again."""

    database_url: str
    folder: Path
    port: int = 0
    codes: Mapping[str, str] = field(default_factory=dict)
    _process: "subprocess.Popen[str] | None" = None

    def open_shop(self) -> None:
        """Start with the demo's shop; pairing codes are in `codes` afterwards."""
        self.call("migrate")
        process = self._start("demo", "--port", str(self.port))
        self.codes = json.loads(self._line(process))["codes"]
        self._take_address(process)

    def start(self) -> None:
        """Start again at the same address, on the same database."""
        self._take_address(self._start("serve", "--port", str(self.port)))

    def kill(self) -> None:
        """Stop it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it as an operator would."""
        self._end(signal.SIGTERM)

    def call(self, *words: str) -> str:
        """Run a command of the server's command line and give what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "sync_server", *words],
            env=self._environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            message = f"sync_server {words[0]} failed:\n{done.stderr}"
            raise RuntimeError(message)
        return done.stdout

    def digests(self) -> "Digests":
        """Counts and digests of the tenant's rows, recomputed from the rows themselves."""
        found = json.loads(self.call("digest", "--tenant", TENANT))
        if not found["is_kept_right"]:
            message = "the server's kept digests differ from its rows"
            raise RuntimeError(message)
        return {
            (row["scope"], row["table"]): (row["row_count"], row["digest_sum"])
            for row in found["digests"]
        }

    def head(self) -> str:
        """The tenant's last commit, as `epoch.seq`."""
        return str(json.loads(self.call("digest", "--tenant", TENANT))["cursor"])

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.database_url,
            "PYCOMMERCE_DATA": str(self.folder),
            "PYCOMMERCE_LOG_LEVEL": "WARNING",
        }

    def _start(self, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "sync_server", *words],
            env=self._environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._process = process
        return process

    def _take_address(self, process: "subprocess.Popen[str]") -> None:
        self.port = cast("int", urlsplit(self._line(process)).port)

    @staticmethod
    def _line(process: "subprocess.Popen[str]") -> str:
        if process.stdout is None:
            message = "the server's output is not read"
            raise RuntimeError(message)
        line = process.stdout.readline().strip()
        if not line:
            message = "the server did not start"
            raise RuntimeError(message)
        return line

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


Digests = dict[tuple[str, str], tuple[int, int]]
"""(scope, table) to (row count, sum of row digests)."""


@contextmanager
def stage() -> Iterator[Server]:
    """A server on a throw-away PostgreSQL, in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="pycommerce-story-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        given = os.environ.get("DATABASE_URL")
        if given:
            yield from _on(given, folder)
            return
        with embedded.running(folder / "postgres", durable=False) as database:
            yield from _on(database.url, folder)


def _on(url: str, folder: Path) -> Iterator[Server]:
    server = Server(url, folder / "server")
    try:
        yield server
    finally:
        server.stop()


def as_digests(rows: Any) -> Digests:  # noqa: ANN401 - rows of either end
    """Digests as both ends print them, to be compared."""
    return {(row.scope, row.table): (row.row_count, row.digest_sum) for row in rows}
