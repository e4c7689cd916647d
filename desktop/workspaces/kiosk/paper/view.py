"""Receipts and reports on screen, drawn as they stand on paper."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Label, Role
from desktop.ui.paper import ROLL_MM, Roll
from desktop.ui.sheet import Sheet
from shared.pos.layout import PaperLine

_WIDTH = 380
_DPI = _WIDTH / ROLL_MM * 25.4
_TALLEST = 480


class PaperStrip(QWidget):
    """The lines from top to bottom, black on white in every theme: it is paper."""

    def __init__(self, lines: Sequence[PaperLine] = (), *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._roll = Roll((), dpi=_DPI)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_lines(lines)

    def set_lines(self, lines: Sequence[PaperLine]) -> None:
        """Show other lines."""
        self._roll = Roll(tuple(lines), dpi=_DPI)
        words = (f"{line.left} {line.right}".strip() for line in lines)
        self.setAccessibleName("\n".join(word for word in words if word))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Give the width of paper and the height of all lines."""
        return QSize(_WIDTH, round(self._roll.height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw all lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(Qt.GlobalColor.white))
        self._roll.paint(painter)
        painter.end()


class PaperView(QScrollArea):
    """A strip of paper that scrolls."""

    def __init__(self, lines: Sequence[PaperLine] = (), *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = PaperStrip(lines)
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        row = QHBoxLayout(inner)
        row.setContentsMargins(0, theme.S3, 0, theme.S3)
        row.addStretch()
        row.addWidget(self.strip, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inner)
        self.setMinimumWidth(_WIDTH + 2 * theme.S4)
        self.setAccessibleName(i18n.tr("kiosk.paper"))

    def set_lines(self, lines: Sequence[PaperLine]) -> None:
        """Show other lines."""
        self.strip.set_lines(lines)
        self.verticalScrollBar().setValue(0)


class PaperSheet(Sheet):
    """Paper in a sheet. Signals: `print_asked`, `save_asked`."""

    print_asked = Signal()
    save_asked = Signal()

    def __init__(
        self,
        anchor: QWidget,
        title: str,
        lines: Sequence[PaperLine],
        *,
        can_save: bool = False,
    ) -> None:
        super().__init__(anchor, width=_WIDTH + 2 * theme.S8 + 40)
        self.body.addWidget(Label(title, Role.HEADING))
        self.body.addWidget(self._paper(lines), 1)
        row = QHBoxLayout()
        row.setSpacing(theme.S2)
        close = Button(i18n.tr("ui.close"))
        connect(close.clicked, self.cancel)
        row.addWidget(close)
        row.addStretch()
        if can_save:
            save = Button(i18n.tr("kiosk.paper.pdf"), "download", name=i18n.tr("kiosk.paper.save"))
            connect(save.clicked, self._save)
            row.addWidget(save)
        self._go = Button(i18n.tr("kiosk.paper.print"), "printer", look=Look.PRIMARY)
        connect(self._go.clicked, self._print)
        row.addWidget(self._go)
        self.body.addLayout(row)
        self.setAccessibleName(title)
        self._go.setFocus(Qt.FocusReason.TabFocusReason)

    @staticmethod
    def _paper(lines: Sequence[PaperLine]) -> QFrame:
        view = PaperView(lines)
        view.setMinimumHeight(min(_TALLEST, view.strip.sizeHint().height() + 2 * theme.S3))
        desk = QFrame()
        desk.setProperty("role", "desk")
        column = QVBoxLayout(desk)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(view)
        desk.setStyleSheet(
            f'QFrame[role="desk"] {{ background: {theme.current().colours.sunken}; }}'
        )
        return desk

    def _print(self) -> None:
        self.print_asked.emit()
        self.finish("printed")

    def _save(self) -> None:
        self.save_asked.emit()
