"""Collects garbage on the UI thread only: a Qt object must not be destroyed by another thread."""

import gc

from PySide6.QtCore import QObject, QTimer

from desktop.ui.binding import connect

_EVERY_MS = 1000
_FULL_EVERY = 60


class GarbageTimer(QObject):
    """Takes the collector over for as long as it lives.

    Python's own collector runs in whichever thread allocates next; there it would destroy widgets
    that wait in a reference cycle. What is alive at the start is set aside, so that a collection on
    the UI thread stays short.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.collect()
        gc.freeze()
        gc.disable()
        self._turn = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        connect(self._timer.timeout, self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the young; now and then everything that was made since the start."""
        self._turn += 1
        generation = 2 if self._turn % _FULL_EVERY == 0 else int(gc.get_count()[1] > 0)
        gc.collect(generation)

    def stop(self) -> None:
        """Give the collector back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
