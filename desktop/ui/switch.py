"""A switch: on or off, at once visible and large enough to touch."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.ui import theme


class Switch(QAbstractButton):
    """On or off; `toggled(bool)` as with any Qt button."""

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        """Give the track with room for the focus ring and for fingers."""
        density = theme.current().density
        height = round(density.control * 0.62)
        return QSize(round(height * 1.75) + 8, density.control)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint track, knob and focus ring."""
        height = round(theme.current().density.control * 0.62)
        track = QRectF(4, (self.height() - height) / 2, height * 1.75, height)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent" if self.isChecked() else "control_line"))
        if not self.isEnabled():
            painter.setBrush(theme.colour("line_strong"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        knob = height - 6
        at_right = self.isChecked() != is_mirrored
        left = track.right() - knob - 3 if at_right else track.left() + 3
        painter.setBrush(theme.colour("on_accent"))
        painter.drawEllipse(QRectF(left, track.top() + 3, knob, knob))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen("focus", 2))
            ring = track.adjusted(-2.5, -2.5, 2.5, 2.5)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.end()
