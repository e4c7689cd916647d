"""Timeline: what happened to an order or a device, newest first, as a thread of dots."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui import icons, theme
from desktop.ui.label import Label, Role
from desktop.ui.theme import Tone


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened. Texts are already translated; `when` is written for people."""

    title: str
    when: str
    text: str = ""
    icon: str = "circle"
    tone: Tone = Tone.NEUTRAL


class _Dot(QWidget):
    def __init__(self, moment: Moment, *, is_last: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._moment, self._is_last = moment, is_last
        side = theme.current().density.icon + 12
        self.setFixedWidth(side)
        self.setMinimumHeight(side)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def paintEvent(self, _event: QPaintEvent) -> None:
        side = float(self.width())
        colours = theme.tone_colours(self._moment.tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._is_last:
            painter.setPen(theme.pen("line_strong", 1.5))
            top, low = QPointF(side / 2, side + 3), QPointF(side / 2, self.height() - 3)
            painter.drawLine(top, low)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.soft))
        painter.drawEllipse(QRectF(0, 0, side, side))
        size = theme.current().density.icon - 2
        at = (side - size) / 2
        icons.paint(painter, self._moment.icon, colours.text, at=QRectF(at, at, size, size))
        painter.end()


class Timeline(QWidget):
    """A list of moments."""

    def __init__(self, moments: Sequence[Moment] = (), *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch()
        self.set_moments(moments)

    def set_moments(self, moments: Sequence[Moment]) -> None:
        """Show these moments, in this order."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for place, moment in enumerate(moments):
            row = self._row(moment, is_last=place == len(moments) - 1)
            self._rows.append(row)
            self._column.insertWidget(place, row)
            row.show()

    def _row(self, moment: Moment, *, is_last: bool) -> QWidget:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.S3)
        line.addWidget(_Dot(moment, is_last=is_last, parent=row))
        words = QVBoxLayout()
        words.setContentsMargins(0, 4, 0, 0 if is_last else theme.S6)
        words.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(theme.S2)
        head.addWidget(Label(moment.title, Role.LABEL, wraps=True), 1)
        head.addWidget(Label(moment.when, Role.SMALL), 0, Qt.AlignmentFlag.AlignTop)
        words.addLayout(head)
        if moment.text:
            words.addWidget(Label(moment.text, Role.MUTED, wraps=True))
        words.addStretch()
        line.addLayout(words, 1)
        row.setAccessibleName(f"{moment.when}: {moment.title}")
        return row
