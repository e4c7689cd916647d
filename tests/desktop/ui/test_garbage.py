"""Garbage is collected on the UI thread only, while a program runs."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject

from desktop.ui.garbage import GarbageTimer
from tests.support.qt_loop import UiLoop


class Ring(QObject):
    """A Qt object in a cycle: only the collector can end it."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self


def test_another_thread_never_collects_a_qt_object(ui: UiLoop) -> None:
    del ui
    timer = GarbageTimer()
    ended_in: list[str] = []
    ring = Ring()
    weakref.finalize(ring, lambda: ended_in.append(threading.current_thread().name))
    del ring

    busy = threading.Thread(target=lambda: [[] for _ in range(200_000)], name="writer")
    busy.start()
    busy.join()
    assert ended_in == []
    for _ in range(3):
        timer.collect()
    timer.stop()
    gc.collect()

    assert ended_in == ["MainThread"]
    assert gc.isenabled()
