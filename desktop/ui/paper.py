"""Paper lines drawn by Qt: a receipt roll as PDF and as a picture for the screen."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import segno
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextOption,
)

from desktop.ui import i18n
from desktop.ui.fonts import money_font
from shared.pos.layout import PaperLine, Style

ROLL_MM = 80.0
MARGIN_MM = 5.0
PDF_DPI = 300
_MM_PER_INCH = 25.4
_POINTS_PER_INCH = 72.0
_INK = QColor("#111111")
_QR_MM = 22.0


@dataclass(frozen=True, slots=True)
class _Face:
    """Size in points and weight of one style."""

    points: float
    weight: QFont.Weight


_FACES = {
    Style.PLAIN: _Face(8.5, QFont.Weight.Normal),
    Style.STRONG: _Face(8.5, QFont.Weight.DemiBold),
    Style.TITLE: _Face(13.0, QFont.Weight.Bold),
    Style.SMALL: _Face(7.0, QFont.Weight.Normal),
    Style.TOTAL: _Face(12.0, QFont.Weight.Bold),
}


class Roll:
    """Lays lines out on a roll of paper at one resolution; dots are the painter's units."""

    def __init__(
        self, lines: Sequence[PaperLine], *, dpi: float, width_mm: float = ROLL_MM
    ) -> None:
        self._lines = lines
        self._is_rtl = _is_right_to_left(lines)
        self._dpi = dpi
        self.width = width_mm / _MM_PER_INCH * dpi
        self._margin = MARGIN_MM / _MM_PER_INCH * dpi
        self.height = self._margin * 2 + sum(self._height_of(line) for line in lines)

    def paint(self, painter: QPainter) -> None:
        """Draw all lines from the top left corner on."""
        painter.setPen(_INK)
        y = self._margin
        for line in self._lines:
            height = self._height_of(line)
            self._paint(painter, line, y)
            y += height

    def _font(self, style: Style) -> QFont:
        face = _FACES[style]
        return money_font(max(1, round(face.points / _POINTS_PER_INCH * self._dpi)), face.weight)

    @property
    def _room(self) -> float:
        return self.width - 2 * self._margin

    def _height_of(self, line: PaperLine) -> float:
        if line.style is Style.RULE:
            return 0.12 * self._dpi
        if line.style is Style.SPACE:
            return 0.1 * self._dpi
        if line.style is Style.CODE:
            return (_QR_MM + 4) / _MM_PER_INCH * self._dpi
        metrics = QFontMetricsF(self._font(line.style))
        flags = int(Qt.TextFlag.TextWordWrap)
        bounds = metrics.boundingRect(
            QRectF(0, 0, self._left_room(line, metrics), 1e6), flags, line.left or " "
        )
        return max(bounds.height(), metrics.height()) * 1.12

    def _left_room(self, line: PaperLine, metrics: QFontMetricsF) -> float:
        if not line.right:
            return self._room
        gap = metrics.horizontalAdvance("  ")
        return max(self._room * 0.3, self._room - metrics.horizontalAdvance(line.right) - gap)

    def _paint(self, painter: QPainter, line: PaperLine, y: float) -> None:
        if line.style is Style.SPACE:
            return
        if line.style is Style.RULE:
            middle = y + 0.06 * self._dpi
            line_height = max(1.0, self._dpi / 150)
            painter.fillRect(QRectF(self._margin, middle, self._room, line_height), _INK)
            return
        if line.style is Style.CODE:
            self._paint_code(painter, line.left, y)
            return
        font = self._font(line.style)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        is_rtl = self._is_rtl
        left_room = self._left_room(line, metrics)
        height = self._height_of(line)
        start = self._margin + (self._room - left_room if is_rtl else 0.0)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        direction = Qt.LayoutDirection.RightToLeft if is_rtl else Qt.LayoutDirection.LeftToRight
        option.setTextDirection(direction)
        centre = Qt.AlignmentFlag.AlignHCenter
        option.setAlignment(centre if line.is_centred else Qt.AlignmentFlag.AlignLeading)
        painter.drawText(QRectF(start, y, left_room, height), line.left, option)
        if line.right:
            option.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignBottom)
            option.setWrapMode(QTextOption.WrapMode.NoWrap)
            bottom = metrics.height() * 0.12
            whole = QRectF(self._margin, y, self._room, height - bottom)
            painter.drawText(whole, line.right, option)

    def _paint_code(self, painter: QPainter, content: str, y: float) -> None:
        side = _QR_MM / _MM_PER_INCH * self._dpi
        top = y + 2 / _MM_PER_INCH * self._dpi
        paint_qr(painter, content, QRectF((self.width - side) / 2, top, side, side))


def _is_right_to_left(lines: Sequence[PaperLine]) -> bool:
    """Whether paper reads from the right: its words are the store's, not this reader's.

    The word before the total tells it, for goods may bear names in any script; paper without
    a total goes by most of its words, paper without any by the reader.
    """
    totals = [line.left for line in lines if line.style is Style.TOTAL]
    words = totals or [line.left for line in lines if line.right]
    turns = [turn for turn in map(_turn, words) if turn is not None]
    if not turns:
        return i18n.language().is_right_to_left
    return sum(turns) * 2 > len(turns)


def _turn(words: str) -> bool | None:
    """Whether the first letter belongs to a script from the right; None without letters."""
    ways = (unicodedata.bidirectional(letter) for letter in words)
    return next((way != "L" for way in ways if way in {"L", "R", "AL"}), None)


def paint_qr(painter: QPainter, content: str, place: QRectF) -> None:
    """Draw a QR code (never a Micro QR) into a square, without quiet zone."""
    matrix = segno.make(content, micro=False, error="m").matrix
    side = place.width() / len(matrix)
    for row, bits in enumerate(matrix):
        for column, bit in enumerate(bits):
            if bit:
                dot = QRectF(place.x() + column * side, place.y() + row * side, side, side)
                painter.fillRect(dot.adjusted(0, 0, side * 0.02, side * 0.02), _INK)


def roll_pdf(lines: Sequence[PaperLine], *, title: str) -> bytes:
    """A PDF as wide as the roll and as long as the lines."""
    roll = Roll(lines, dpi=PDF_DPI)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setResolution(PDF_DPI)
    size = QSizeF(ROLL_MM, roll.height / PDF_DPI * _MM_PER_INCH)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(
                size, QPageSize.Unit.Millimeter, matchPolicy=QPageSize.SizeMatchPolicy.ExactMatch
            ),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    painter = QPainter(writer)
    roll.paint(painter)
    painter.end()
    buffer.close()
    return _bytes(buffer.data())


def roll_image(lines: Sequence[PaperLine], *, width_px: int, ratio: float) -> QImage:
    """A picture of the paper for the screen, `width_px` wide at a device pixel ratio."""
    dpi = width_px * ratio / ROLL_MM * _MM_PER_INCH
    roll = Roll(lines, dpi=dpi)
    image = QImage(round(roll.width), round(roll.height), QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    roll.paint(painter)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


def _bytes(data: QByteArray) -> bytes:
    return bytes(data.data())
