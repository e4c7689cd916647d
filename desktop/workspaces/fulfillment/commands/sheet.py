"""The sheet of command barcodes as a page to print and pin up beside the packing table."""

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextOption,
)

from desktop.ui import fonts, i18n
from desktop.ui.i18n import tr
from desktop.workspaces.fulfillment.commands.code128 import bar_widths
from desktop.workspaces.fulfillment.verify import Word

_DPI = 300
_MM = _DPI / 25.4
_POINT = _DPI / 72.0
_INK = QColor("#111111")
_FAINT = QColor("#555555")
_LINE = QColor("#cccccc")
_MARGIN = 18 * _MM
_ROW = 44 * _MM
_BAR = 0.5 * _MM
_BAR_HEIGHT = 18 * _MM
_QUIET = 10 * _BAR


@dataclass(frozen=True, slots=True)
class _Face:
    """Size in points, weight and colour of words."""

    points: float
    weight: QFont.Weight
    colour: QColor


_TITLE = _Face(20, QFont.Weight.Bold, _INK)
_NAME = _Face(17, QFont.Weight.DemiBold, _INK)
_TEXT = _Face(10, QFont.Weight.Normal, _FAINT)
_CODE = _Face(9, QFont.Weight.Normal, _FAINT)


def command_sheet_pdf() -> bytes:
    """One A4 page with a barcode and its meaning for each command."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(tr("fulfillment.commands"))
    writer.setResolution(_DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    painter = QPainter(writer)
    width = float(writer.width()) - 2 * _MARGIN
    top = _MARGIN
    heading = QRectF(_MARGIN, top, width, 12 * _MM)
    _write(painter, tr("fulfillment.commands"), heading, face=_TITLE)
    intro = QRectF(_MARGIN, top + 12 * _MM, width, 12 * _MM)
    _write(painter, tr("fulfillment.commands.text"), intro, face=_TEXT)
    top += 28 * _MM
    for word in Word:
        _paint_row(painter, word, QRectF(_MARGIN, top, width, _ROW))
        top += _ROW
    painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def _paint_row(painter: QPainter, word: Word, room: QRectF) -> None:
    painter.fillRect(QRectF(room.left(), room.top(), room.width(), 0.2 * _MM), _LINE)
    widths = bar_widths(word.code)
    code_width = sum(widths) * _BAR
    is_rtl = i18n.language().is_right_to_left
    at = room.left() + _QUIET if is_rtl else room.right() - _QUIET - code_width
    top = room.top() + 7 * _MM
    caption = QRectF(at, top + _BAR_HEIGHT + 1.5 * _MM, code_width, 8 * _MM)
    is_bar = True
    for width in widths:
        if is_bar:
            painter.fillRect(QRectF(at, top, width * _BAR, _BAR_HEIGHT), _INK)
        at += width * _BAR
        is_bar = not is_bar
    _write(painter, word.code, caption, face=_CODE, is_centred=True)
    taken = code_width + 2 * _QUIET
    gap = 4 * _MM
    left = room.left() + taken + gap if is_rtl else room.left()
    words = QRectF(left, top, room.width() - taken - gap, 12 * _MM)
    key = f"fulfillment.command.{word.value.lower()}"
    _write(painter, tr(key), words, face=_NAME)
    below = words.translated(0, 9 * _MM)
    below.setHeight(20 * _MM)
    _write(painter, tr(f"{key}.text"), below, face=_TEXT)


def _write(
    painter: QPainter, text: str, room: QRectF, *, face: _Face, is_centred: bool = False
) -> None:
    option = QTextOption(
        Qt.AlignmentFlag.AlignHCenter if is_centred else Qt.AlignmentFlag.AlignLeading
    )
    is_rtl = i18n.language().is_right_to_left
    option.setTextDirection(
        Qt.LayoutDirection.RightToLeft if is_rtl else Qt.LayoutDirection.LeftToRight
    )
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    painter.setFont(fonts.text_font(round(face.points * _POINT), face.weight))
    painter.setPen(face.colour)
    painter.drawText(room, text, option)
