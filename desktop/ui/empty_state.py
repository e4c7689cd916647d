"""Empty states: what a list says when there is nothing in it, and what to do about it."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui import icons, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Label, Role
from desktop.ui.theme import Tone


class RoundIcon(QWidget):
    """An icon on a soft round ground."""

    def __init__(
        self, name: str, tone: Tone = Tone.NEUTRAL, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._tone = name, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Give three icons' room."""
        side = theme.current().density.icon * 3
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground and icon."""
        colours = theme.tone_colours(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.soft))
        painter.drawEllipse(QRectF(self.rect()))
        size = round(self.width() * 0.46)
        at = (self.width() - size) / 2
        icons.paint(painter, self._name, colours.text, at=QRectF(at, at, size, size))
        painter.end()


class EmptyState(QWidget):
    """Icon, one line, one sentence, at most one button. Signal: `acted`."""

    acted = Signal()

    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        *,
        action: str = "",
        tone: Tone = Tone.NEUTRAL,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S6, theme.S6, theme.S6, theme.S6)
        column.setSpacing(theme.S1)
        column.addStretch(2)
        column.addWidget(RoundIcon(icon, tone), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(theme.S3)
        for words, role in ((title, Role.HEADING), (text, Role.MUTED)):
            if words:
                column.addLayout(_centred(words, role))
        if action:
            button = Button(action, look=Look.PLAIN)
            connect(button.clicked, self._act)
            column.addSpacing(theme.S3)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def _act(self) -> None:
        self.acted.emit()


def _centred(words: str, role: Role) -> QHBoxLayout:
    label = Label(words, role, wraps=True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setMaximumWidth(theme.current().density.type.base * 34)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    row = QHBoxLayout()
    row.addStretch()
    row.addWidget(label, 100)
    row.addStretch()
    return row
