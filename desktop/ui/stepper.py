"""Stepper: the steps of a wizard in its header: done, now, to come."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui import fonts, i18n, icons, theme

_GAP = 8


class Stepper(QWidget):
    """Names of steps (already translated); `set_step` says which one is now."""

    def __init__(self, steps: Sequence[str], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = list(steps)
        self._now = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_step(0)

    def set_step(self, place: int) -> None:
        """Say which step is now, from 0; the number of steps means all are done."""
        self._now = place
        shown = min(place, len(self._steps) - 1)
        self.setAccessibleName(
            i18n.tr("ui.step", at=shown + 1, of=len(self._steps), name=self._steps[shown])
        )
        self.update()

    def step(self) -> int:
        """Give the step that is now."""
        return self._now

    def sizeHint(self) -> QSize:
        """Give one line's room."""
        return QSize(400, self._side() + 8)

    def minimumSizeHint(self) -> QSize:
        """Give the room of the marks alone."""
        return QSize(len(self._steps) * (self._side() + _GAP), self._side() + 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint marks, names and the lines between."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = fonts.text_font(theme.current().density.type.base, fonts.MEDIUM)
        metrics = QFontMetricsF(font)
        names = [metrics.horizontalAdvance(name) for name in self._steps]
        side = self._side()
        fixed = sum(names) + len(names) * (side + _GAP)
        gaps = max(1, len(names) - 1)
        line = max(16.0, min(96.0, (self.width() - fixed) / gaps - 2 * _GAP))
        left = 0.0
        for place, name in enumerate(self._steps):
            self._paint_mark(painter, left, place)
            painter.setFont(font)
            painter.setPen(theme.colour("text" if place <= self._now else "text_subtle"))
            room = self._at(left + side + _GAP, names[place] + 2)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)
            left += side + _GAP + names[place] + _GAP
            if place < len(self._steps) - 1:
                token = "accent" if place < self._now else "line_strong"
                painter.setPen(theme.pen(token, 1.5))
                stroke = self._at(left, line)
                middle = self.height() / 2
                painter.drawLine(QPointF(stroke.left(), middle), QPointF(stroke.right(), middle))
                left += line + _GAP
        painter.end()

    def _paint_mark(self, painter: QPainter, left: float, place: int) -> None:
        side = self._side()
        box = self._at(left, side)
        box = QRectF(box.left(), (self.height() - side) / 2, side, side).adjusted(1, 1, -1, -1)
        is_done, is_now = place < self._now, place == self._now
        painter.setPen(theme.pen("accent" if is_done or is_now else "control_line", 1.5))
        painter.setBrush(theme.colour("accent" if is_done or is_now else "surface"))
        painter.drawEllipse(box)
        if is_done:
            size = side * 0.6
            mark = QRectF(0, 0, size, size)
            mark.moveCenter(box.center())
            icons.paint(painter, "check", theme.colour("on_accent"), at=mark)
            return
        painter.setFont(fonts.money_font(theme.current().density.type.small, fonts.MEDIUM))
        painter.setPen(theme.colour("on_accent" if is_now else "text_muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, i18n.format_number(place + 1))

    def _at(self, left: float, width: float) -> QRectF:
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            left = self.width() - left - width
        return QRectF(left, 0, width, self.height())

    @staticmethod
    def _side() -> int:
        return theme.current().density.icon + 8
