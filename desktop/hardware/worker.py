"""The print queue: one thread, jobs kept in a folder until they are printed."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from desktop.hardware.ports import Printer
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id

_log = logging.getLogger(__name__)
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0


class PrinterState(StrEnum):
    """What the queue knows of its printer."""

    NONE = "none"
    READY = "ready"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How the printer is, and how many jobs wait."""

    state: PrinterState
    printer: str
    waiting: int


class PrintQueue:
    """Prints in order; a job that cannot be printed waits, also over a restart.

    `on_status` is called from the queue's thread whenever the status differs.
    """

    def __init__(
        self, printer: Printer | None, folder: Path, on_status: Callable[[QueueStatus], None]
    ) -> None:
        self._printer = printer
        self._folder = folder
        self._on_status = on_status
        self._wake = threading.Condition()
        self._is_closing = False
        folder.mkdir(parents=True, exist_ok=True)
        state = PrinterState.NONE if printer is None else PrinterState.READY
        self._status = QueueStatus(state, "" if printer is None else printer.name, 0)
        self._thread = threading.Thread(target=self._serve, name="printer", daemon=True)
        self._thread.start()

    def add(self, data: bytes) -> None:
        """Queue a job; it is on the disk when this returns.

        Without a printer it is dropped: there is nothing that could ever print it.
        """
        if self._printer is None:
            return
        job = self._folder / f"{new_id()}.job"
        part = job.with_suffix(".part")
        part.write_bytes(data)
        part.replace(job)
        with self._wake:
            self._wake.notify_all()

    @property
    def status(self) -> QueueStatus:
        """The status last told."""
        return self._status

    def close(self) -> None:
        """Stop; what waits stays in the folder."""
        with self._wake:
            self._is_closing = True
            self._wake.notify_all()
        self._thread.join()

    def _jobs(self) -> list[Path]:
        if self._printer is None:
            return []
        return sorted(self._folder.glob("*.job"))

    def _serve(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            with self._wake:
                if self._is_closing:
                    return
                jobs = self._jobs()
                if not jobs:
                    self._wake.wait()
                    continue
            if self._print(jobs[0]):
                pause = FIRST_PAUSE_S
                self._tell(PrinterState.READY, len(jobs) - 1)
                continue
            self._tell(PrinterState.UNREACHABLE, len(jobs))
            with self._wake:
                if not self._is_closing:
                    self._wake.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _print(self, job: Path) -> bool:
        if self._printer is None:
            return False
        try:
            self._printer.send(job.read_bytes())
        except Unavailable:
            return False
        except OSError:
            _log.exception("print job %s cannot be read and is set aside", job.name)
            job.rename(job.with_suffix(".unreadable"))
            return True
        job.unlink()
        return True

    def _tell(self, state: PrinterState, waiting: int) -> None:
        status = QueueStatus(state, self._status.printer, waiting)
        if status != self._status:
            self._status = status
            self._on_status(status)
