"""A device in a process of its own, as the story talks to it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from tests.scenarios.stage import ROOT, Digests


class Player:
    """Starts, tells and kills the process of one actor."""

    def __init__(self, module: str, folder: Path) -> None:
        self._module = module
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def power_on(self) -> None:
        """Start the process; the program in it starts when it is told to `switch_on`."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.scenarios.{self._module}", str(self._folder)],
            cwd=ROOT,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    async def tell(self, do: str, **told: object) -> dict[str, Any]:
        """Have something done, and give its answer. Raises RuntimeError with what went wrong."""
        return await asyncio.to_thread(self._tell, {"do": do} | told)

    def _tell(self, told: dict[str, object]) -> dict[str, Any]:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("there is no line to it")
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the device died over {told}")
        answer = cast("dict[str, Any]", json.loads(line))
        if not answer["ok"]:
            raise RuntimeError(f"{told['do']}: {answer['error']}")
        return answer

    def kill(self) -> None:
        """Take its power away."""
        process = self._running()
        process.send_signal(signal.SIGKILL)
        self._end(process)

    async def switch_off(self) -> None:
        """End in order."""
        if self._process is not None:
            await self.tell("switch_off")
            process = self._running()
            if process.stdin is not None:
                process.stdin.close()
            self._end(process)

    async def digests(self) -> Digests:
        """Counts and digests of all its rows."""
        found = (await self.tell("digests"))["digests"]
        return {(scope, table): (count, total) for scope, table, count, total in found}

    def close(self) -> None:
        """Leave nothing behind, however the story ended."""
        if self._process is not None:
            self.kill()

    def _end(self, process: "subprocess.Popen[str]") -> None:
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self._process = None

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            raise RuntimeError("the device is off")
        return self._process
