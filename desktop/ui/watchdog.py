"""Watchdog: a thread that measures how long the UI thread does not answer, and where it was."""

import sys
import threading
import time
import traceback
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt

LIMIT_MS = 50.0
_PAUSE_S = 0.005
_BEAT = QEvent.Type(QEvent.registerEventType())


@dataclass(frozen=True, slots=True)
class Stall:
    """The UI thread did not answer for `ms`; `stack` is where it was when the limit passed."""

    ms: float
    stack: str


class _Answerer(QObject):
    """Lives on the UI thread and answers each beat."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self.answered = threading.Event()

    def event(self, event: QEvent) -> bool:
        if event.type() == _BEAT:
            self.answered.set()
            return True
        return super().event(event)


class Watchdog(QObject):
    """Start it on the UI thread; `stalls` holds every silence longer than `limit_ms`."""

    def __init__(self, *, limit_ms: float = LIMIT_MS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stalls: list[Stall] = []
        self._limit_s = limit_ms / 1000
        self._answerer = _Answerer(self)
        self._stopped = threading.Event()
        self._ui_thread = threading.get_ident()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to measure."""
        self._thread.start()

    def stop(self) -> list[Stall]:
        """End, and give what was seen."""
        self._stopped.set()
        self._thread.join()
        return self.stalls

    def _watch(self) -> None:
        while not self._stopped.wait(_PAUSE_S):
            self._answerer.answered.clear()
            asked = time.perf_counter()
            QCoreApplication.postEvent(
                self._answerer, QEvent(_BEAT), Qt.EventPriority.HighEventPriority.value
            )
            if self._answerer.answered.wait(self._limit_s):
                continue
            stack = self._where()
            while not self._answerer.answered.wait(self._limit_s):
                if self._stopped.is_set():
                    return
            self.stalls.append(Stall((time.perf_counter() - asked) * 1000, stack))

    def _where(self) -> str:
        frame = sys._current_frames().get(self._ui_thread)  # noqa: SLF001 - the documented way
        return "".join(traceback.format_stack(frame)) if frame is not None else ""
