"""Idle: notices that nobody has touched, typed or scanned for a while."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal

from desktop.ui.binding import connect

_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.TouchBegin,
        QEvent.Type.Wheel,
    }
)


class Idle(QObject):
    """Emits `idled` once after `after_ms` without a sign of life; counts while it is on."""

    idled = Signal()

    def __init__(self, app: QCoreApplication, after_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(after_ms)
        connect(self._timer.timeout, self._end)
        app.installEventFilter(self)

    def turn_on(self) -> None:
        """Begin to count."""
        self._timer.start()

    def turn_off(self) -> None:
        """Count no more."""
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begin anew at each sign of life; take nothing away from anybody."""
        if event.type() in _SIGNS_OF_LIFE and self._timer.isActive():
            self._timer.start()
        return False

    def _end(self) -> None:
        self.idled.emit()
