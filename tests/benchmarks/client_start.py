"""From the start of the process to a window with everything in it, for each workspace."""

import asyncio
import json
import os
import subprocess
import sys
import time

import qasync
from PySide6.QtWidgets import QApplication

from desktop.app import Options, Program
from desktop.settings import FOLDER_VARIABLE, profile_named
from shared.organization.commands import Workspace
from tests.benchmarks.child import QUIET_HOME, tell
from tests.benchmarks.client_kiosk import open_shift
from tests.benchmarks.client_program import OWNER, PaintWatch, settle
from tests.benchmarks.client_shop import Device, device
from tests.benchmarks.result import BenchResult, measured, peak_memory_mib

RUNS = 5
TARGET_S = 2.0
LIMIT_S = 60
BOTH = 2
"""A start and a workspace are named on the command line of the process that is measured."""


def figures() -> list[BenchResult]:
    """Five starts of each workspace on the same files, after one that warms the disk's cache."""
    results: list[BenchResult] = []
    for workspace in Workspace:
        with device(workspace) as made:
            if workspace is Workspace.KIOSK:
                open_shift(made)
            _start(made, workspace)
            starts = [_start(made, workspace) for _ in range(RUNS)]
        name = workspace.value
        seconds, work, memory = (list(each) for each in zip(*starts, strict=True))
        results += [
            measured(
                f"{name}: process start to full window",
                "s",
                seconds,
                better="lower",
                target=TARGET_S,
            ),
            measured(f"{name}: processor time of that", "s", work, better="lower"),
            measured(f"{name}: memory after start", "MiB", memory, better="lower"),
        ]
    return results


def _start(made: Device, workspace: Workspace) -> tuple[float, float, float]:
    """Seconds until the window is full, those the processor worked, and peak memory in MiB."""
    place = {FOLDER_VARIABLE: str(made.profile.folder)}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.client_start", workspace.value],
        stdout=subprocess.PIPE,
        env=os.environ | QUIET_HOME | place,
        timeout=LIMIT_S,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return told["painted_at"] - began, told["processor"], told["memory"]


def _show(workspace: Workspace) -> None:
    """What `python -m desktop --workspace NAME` does, until the window is painted with its rows."""
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(_painted(app, workspace))


async def _painted(app: QApplication, workspace: Workspace) -> None:
    options = Options(profile=profile_named(), workspace=workspace, mode="light", sign_in_as=OWNER)
    program = Program(options, app)
    try:
        await program.start()
        await settle()
        window = program.window
        assert window is not None
        watch = PaintWatch(window)
        await watch.ms_after(watch.refresh, window.isVisible)
        told = {
            "painted_at": time.monotonic(),
            "processor": time.process_time(),
            "memory": peak_memory_mib(),
        }
    finally:
        await program.stop()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == BOTH:
        _show(Workspace(sys.argv[1]))
    else:
        tell(figures())
