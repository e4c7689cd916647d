"""Skeletons: grey bars where words will stand, while they are being loaded."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui import theme

_SHARES = (0.72, 0.48, 0.63, 0.55, 0.8, 0.42)


def paint_bar(painter: QPainter, room: QRectF, seed: int, *, at_end: bool = False) -> None:
    """Paint one bar in `room`; `seed` varies its length."""
    height = min(10.0, room.height() / 2)
    width = max(16.0, room.width() * _SHARES[seed % len(_SHARES)])
    left = room.right() - width if at_end else room.left()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("line"))
    painter.drawRoundedRect(QRectF(left, room.center().y() - height / 2, width, height), 5, 5)
    painter.restore()


class Skeleton(QWidget):
    """A block of bars for a card or a form that is being loaded."""

    def __init__(self, lines: int = 4, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setMinimumHeight(lines * 28)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bars, each line a little different."""
        painter = QPainter(self)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for line in range(self._lines):
            room = QRectF(0, line * 28, self.width(), 28)
            paint_bar(painter, room, line, at_end=is_mirrored)
        painter.end()
