"""Runs a measurement in a process of its own, so that its memory and its stalls are its own."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

import msgspec

from tests.benchmarks.result import BenchResult

QUIET_HOME = {
    "QT_QPA_PLATFORM": "offscreen",
    "QT_LOGGING_RULES": "default.warning=false",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
}
"""No screen is needed, and nobody's keyring is touched."""


def tell(results: Sequence[BenchResult]) -> None:
    """Hand the figures over to the process that started this one."""
    sys.stdout.buffer.write(msgspec.json.encode(results) + b"\n")


def heard(module: str, *arguments: str, limit_s: float = 900) -> list[BenchResult]:
    """The figures that a module tells; its messages go through to the terminal.

    Raises subprocess.CalledProcessError when it fails and subprocess.TimeoutExpired after limit_s.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        env=os.environ | QUIET_HOME,
        timeout=limit_s,
        check=True,
    )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=list[BenchResult])


def heard_all(parts: Sequence[str]) -> list[BenchResult]:
    """The figures of modules beside this one, one after the other."""
    results: list[BenchResult] = []
    for part in parts:
        say(part)
        try:
            results += heard(f"tests.benchmarks.{part}")
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            # The other figures are good all the same; what failed has told why.
            say(f"{part} gave no figures: {error}")
    return results


def say(what: str) -> None:
    """Tell a person who waits what goes on, apart from the table."""
    sys.stderr.write(f"  {time.strftime('%H:%M:%S')} {what}\n")
