"""Paper on screen: the lines of a receipt or report, in a strip and in a sheet."""

from collections.abc import Sequence
from pathlib import Path

import segno
from PySide6.QtCore import QMarginsF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPageSize,
    QPainter,
    QPaintEvent,
    QPdfWriter,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from desktop.ui import fonts, i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Label, Role
from desktop.ui.sheet import Sheet
from shared.kernel.errors import Unavailable
from shared.pos.layout import PaperLine, Style

_WIDTH, _EDGE, _QR_SIDE, _QR_QUIET = 380, 20, 108, 2
_PAPER_MM = 80.0
_SIZES = {Style.SMALL: 13, Style.TITLE: 22, Style.TOTAL: 20}
_PLAIN_SIZE = 15
_STRONG = frozenset({Style.STRONG, Style.TITLE, Style.TOTAL})


def _font(style: Style) -> QFont:
    weight = QFont.Weight.DemiBold if style in _STRONG else QFont.Weight.Normal
    return fonts.money_font(_SIZES.get(style, _PLAIN_SIZE), weight)


def paper_height(lines: Sequence[PaperLine]) -> int:
    """How tall a strip with these lines is; device-independent pixels."""
    return round(sum(_height(line) for line in lines)) + 2 * _EDGE


def draw_paper(painter: QPainter, lines: Sequence[PaperLine]) -> None:
    """Draw all lines from the painter's origin, black: it is paper in every theme."""
    painter.setPen(QColor(theme.LIGHT.text))
    top = float(_EDGE)
    for line in lines:
        height = _height(line)
        _draw(painter, line, QRectF(_EDGE, top, _WIDTH - 2 * _EDGE, height))
        top += height


def _height(line: PaperLine) -> float:
    if line.style is Style.RULE:
        return 13.0
    if line.style is Style.SPACE:
        return 10.0
    if line.style is Style.CODE:
        return _QR_SIDE + 16.0
    metrics = QFontMetricsF(_font(line.style))
    room = QRectF(0, 0, _room(line, metrics), 10_000)
    needed = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), line.left).height()
    rows = max(1, round(needed / metrics.lineSpacing()))
    return metrics.lineSpacing() * rows + 3


def _room(line: PaperLine, metrics: QFontMetricsF) -> float:
    taken = metrics.horizontalAdvance(line.right) + 12 if line.right else 0.0
    return _WIDTH - 2 * _EDGE - taken


def _draw(painter: QPainter, line: PaperLine, box: QRectF) -> None:
    if line.style is Style.RULE:
        stroke = QRectF(box.left(), box.center().y(), box.width(), 1)
        painter.fillRect(stroke, QColor(theme.LIGHT.line_strong))
        return
    if line.style is Style.CODE:
        _draw_code(painter, line.left, box)
        return
    font = _font(line.style)
    painter.setFont(font)
    side = Qt.AlignmentFlag.AlignHCenter if line.is_centred else Qt.AlignmentFlag.AlignLeft
    words = QRectF(box)
    if not line.is_centred:
        words.setWidth(_room(line, QFontMetricsF(font)))
    flags = side | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    painter.drawText(words, int(flags), line.left)
    if line.right:
        end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(box.adjusted(0, 0, 0, -3), int(end), line.right)


def save_paper(lines: Sequence[PaperLine], path: Path) -> None:
    """Write the lines as a PDF as long as they need. Raises Unavailable("folder_unusable")."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable("folder_unusable", folder=str(path.parent)) from error
    writer = QPdfWriter(str(path))
    length = _PAPER_MM * paper_height(lines) / _WIDTH
    writer.setPageSize(QPageSize(QSizeF(_PAPER_MM, length), QPageSize.Unit.Millimeter))
    writer.setPageMargins(QMarginsF())
    writer.setTitle(path.stem)
    painter = QPainter()
    if not painter.begin(writer):
        raise Unavailable("folder_unusable", folder=str(path.parent))
    scale = writer.width() / _WIDTH
    painter.scale(scale, scale)
    draw_paper(painter, lines)
    painter.end()


class PaperStrip(QWidget):
    """The lines from top to bottom."""

    def __init__(self, lines: Sequence[PaperLine] = (), *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[PaperLine, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_lines(lines)

    def set_lines(self, lines: Sequence[PaperLine]) -> None:
        """Show other lines."""
        self._lines = tuple(lines)
        words = (f"{line.left} {line.right}".strip() for line in self._lines)
        self.setAccessibleName("\n".join(word for word in words if word))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Give the width of paper and the height of all lines."""
        return QSize(_WIDTH, paper_height(self._lines))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw all lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(Qt.GlobalColor.white))
        draw_paper(painter, self._lines)
        painter.end()


def _draw_code(painter: QPainter, text: str, box: QRectF) -> None:
    matrix = [list(row) for row in segno.make(text, micro=False).matrix]
    cell = _QR_SIDE / (len(matrix) + 2 * _QR_QUIET)
    left = box.center().x() - cell * len(matrix) / 2
    top = box.top() + 8 + cell * _QR_QUIET
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    ink = QColor(Qt.GlobalColor.black)
    for y, row in enumerate(matrix):
        for x, is_dark in enumerate(row):
            if is_dark:
                painter.fillRect(QRectF(left + x * cell, top + y * cell, cell, cell), ink)
    painter.restore()


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
        print_text: str = "",
    ) -> None:
        super().__init__(anchor, width=_WIDTH + 2 * theme.S8 + 40)
        self.body.addWidget(Label(title, Role.HEADING))
        view = PaperView(lines)
        view.setMinimumHeight(min(480, view.strip.sizeHint().height() + 24))
        self.body.addWidget(view, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.S2)
        close = Button(i18n.tr("ui.close"))
        connect(close.clicked, self.cancel)
        row.addWidget(close)
        row.addStretch()
        if can_save:
            save = Button(i18n.tr("kiosk.paper.save"), "download")
            connect(save.clicked, self._save)
            row.addWidget(save)
        words = print_text or i18n.tr("kiosk.paper.print")
        self._go = Button(words, "printer", look=Look.PRIMARY)
        connect(self._go.clicked, self._print)
        row.addWidget(self._go)
        self.body.addLayout(row)
        self.setAccessibleName(title)
        self._go.setFocus(Qt.FocusReason.TabFocusReason)

    def _print(self) -> None:
        self.print_asked.emit()
        self.finish("printed")

    def _save(self) -> None:
        self.save_asked.emit()
