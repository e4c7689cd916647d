"""Ticker: says that time has passed, for texts such as "offline for 3 min"; never asks anything."""

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.ui.binding import connect


class Ticker(QObject):
    """Emits `ticked` at a steady pace while it runs."""

    ticked = Signal()

    def __init__(self, every_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(every_ms)
        connect(self._timer.timeout, self._tick)

    @property
    def is_running(self) -> bool:
        """Say whether it ticks."""
        return self._timer.isActive()

    def start(self) -> None:
        """Begin to tick, or go on."""
        if not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def _tick(self) -> None:
        self.ticked.emit()
