"""A real S3 server on loopback, which checks every signature; a process of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.kernel.ids import new_id

ACCESS_KEY = "AKPYCOMMERCETESTS"
SECRET = "not-to-be-seen-in-any-log"
_QUIET_S = 5.0


@dataclass(frozen=True, slots=True)
class BucketHost:
    """Where the server answers, and the folder that has a folder for each bucket."""

    port: int
    folder: Path

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def new_bucket(self) -> str:
        """The name of a new bucket."""
        name = f"shop-{new_id()}"
        (self.folder / name).mkdir()
        return name


@contextmanager
def bucket_host(folder: Path) -> Iterator[BucketHost]:
    """The server for as long as the block lasts."""
    environment = os.environ | {
        "NANIO_ACCESS_KEY": ACCESS_KEY,
        "NANIO_SECRET_KEY": SECRET,
        "NANIO_DATA_DIR": str(folder),
    }
    argv = ["-m", "uvicorn", "nanio.app:build_app", "--factory", "--log-level", "error"]
    # It listens before the process runs, so the first request simply waits for it.
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        process = subprocess.Popen(
            [sys.executable, *argv, "--fd", str(listening.fileno())],
            env=environment,
            pass_fds=[listening.fileno()],
        )
        port = listening.getsockname()[1]
    try:
        yield BucketHost(port, folder)
    finally:
        process.terminate()
        try:
            process.wait(_QUIET_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def bucket_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketHost | None]:
    """One S3 server for all tests of a process; None on Windows, where it does not run."""
    if sys.platform == "win32":
        yield None
        return
    with bucket_host(tmp_path_factory.mktemp("buckets")) as running:
        yield running


@pytest.fixture
def buckets(bucket_server: BucketHost | None) -> BucketHost:
    """That server."""
    if bucket_server is None:
        pytest.skip("the S3 server of the tests does not run on Windows")
    return bucket_server


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The keys to the store in the environment, which is the only place for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return monkeypatch
