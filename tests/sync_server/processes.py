"""The server as a process of its own, to be started, asked and killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def server_process(url: str, *argv: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of the server's command line on that database; killed at the end if need be."""
    environment = os.environ | {"DATABASE_URL": url, "PYCOMMERCE_LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(
        [sys.executable, "-m", "sync_server", *argv],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address_of(process: "subprocess.Popen[str]") -> str:
    """Where a serving process answers; read from the line that it writes first."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def run(url: str, *argv: str, limit_s: float = 60) -> "subprocess.CompletedProcess[str]":
    """A finished run of the server's command line.

    Raises subprocess.TimeoutExpired after `limit_s`.
    """
    environment = os.environ | {"DATABASE_URL": url, "PYCOMMERCE_LOG_LEVEL": "WARNING"}
    return subprocess.run(
        [sys.executable, "-m", "sync_server", *argv],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=limit_s,
    )
