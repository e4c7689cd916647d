"""A sheet of office paper: heading, blocks of text and one table over as many pages as it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextOption,
)

from desktop.ui import i18n
from desktop.ui.fonts import money_font
from desktop.ui.paper import paint_qr

DPI = 300
_MM = DPI / 25.4
_POINT = DPI / 72.0
_INK = QColor("#111111")
_FAINT = QColor("#666666")
_LINE = QColor("#cccccc")
_MARGIN = 18 * _MM
_QR = 24 * _MM


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of the table; `share` of the width, figures at the end."""

    title: str
    share: float
    is_figure: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the paper; every row has as many cells as there are columns.

    `language` is that of its words, where it is not the one on screen.
    """

    title: str
    subtitle: str
    code: str
    sender: tuple[str, ...]
    address_title: str
    address: tuple[str, ...]
    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    page_key: str = "paper.slip.page"
    language: i18n.Language | None = None


def sheet_pdf(sheet: Sheet) -> bytes:
    """The sheet as an A4 PDF."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(f"{sheet.title} {sheet.code}")
    writer.setResolution(DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    painter = QPainter(writer)
    _SheetPainter(sheet, writer, painter).paint()
    painter.end()
    buffer.close()
    return bytes(buffer.data().data())


class _SheetPainter:
    """Draws one sheet from top to bottom, turning pages."""

    def __init__(self, sheet: Sheet, writer: QPdfWriter, painter: QPainter) -> None:
        self._sheet = sheet
        self._writer = writer
        self._painter = painter
        self._width = float(writer.width()) - 2 * _MARGIN
        self._bottom = float(writer.height()) - _MARGIN - 8 * _MM
        self._language = sheet.language or i18n.language()
        self._is_rtl = self._language.is_right_to_left
        self._y = _MARGIN
        self._page = 1

    def paint(self) -> None:
        """Draw everything."""
        self._heading()
        self._table_head()
        for row in self._sheet.rows:
            self._row(row)
        self._y += 6 * _MM
        for note in self._sheet.notes:
            self._text(note, QRectF(_MARGIN, self._y, self._width, 0), points=9.5)
            self._y += 6 * _MM
        self._page_number()

    def _heading(self) -> None:
        sheet = self._sheet
        code_x = _MARGIN if self._is_rtl else _MARGIN + self._width - _QR
        paint_qr(self._painter, sheet.code, QRectF(code_x, self._y, _QR, _QR))
        text_x = _MARGIN + (_QR + 6 * _MM if self._is_rtl else 0)
        room = self._width - _QR - 6 * _MM
        place = QRectF(text_x, self._y, room, 0)
        y = self._y + self._text(sheet.title, place, points=20, weight=QFont.Weight.Bold)
        y += 1.5 * _MM
        y += self._text(sheet.subtitle, QRectF(text_x, y, room, 0), points=10.5, colour=_FAINT)
        self._y += _QR + 9 * _MM
        half = self._width / 2 - 5 * _MM
        first, second = _MARGIN, _MARGIN + self._width / 2 + 5 * _MM
        if self._is_rtl:
            first, second = second, first
        left = self._block(QRectF(first, self._y, half, 0), sheet.address_title, sheet.address)
        right = self._block(QRectF(second, self._y, half, 0), "", sheet.sender)
        self._y += max(left, right) + 10 * _MM

    def _block(self, place: QRectF, title: str, lines: Sequence[str]) -> float:
        height = 0.0
        if title:
            height += self._text(title, place, points=8.5, colour=_FAINT) + 1 * _MM
        for line in lines:
            place.moveTop(self._y + height)
            # An address keeps its own direction whatever the language around it.
            height += self._text(f"\u2068{line}\u2069", place, points=10.5)
        return height

    def _table_head(self) -> None:
        titles = tuple(column.title for column in self._sheet.columns)
        self._y += self._cells(titles, points=8.5, colour=_FAINT) + 2 * _MM
        self._painter.fillRect(QRectF(_MARGIN, self._y, self._width, 0.3 * _MM), _INK)
        self._y += 2.5 * _MM

    def _row(self, row: tuple[str, ...]) -> None:
        height = self._row_height(row)
        if self._y + height > self._bottom:
            self._page_number()
            self._writer.newPage()
            self._page += 1
            self._y = _MARGIN
            self._table_head()
        self._cells(row, points=10.5)
        self._y += height + 2 * _MM
        self._painter.fillRect(QRectF(_MARGIN, self._y, self._width, 0.15 * _MM), _LINE)
        self._y += 2 * _MM

    def _row_height(self, row: tuple[str, ...]) -> float:
        metrics = QFontMetricsF(self._font(10.5))
        flags = int(Qt.TextFlag.TextWordWrap)
        return max(
            metrics.boundingRect(
                QRectF(0, 0, column.share * self._width - 3 * _MM, 1e6), flags, cell or " "
            ).height()
            for column, cell in zip(self._sheet.columns, row, strict=True)
        )

    def _cells(self, cells: tuple[str, ...], *, points: float, colour: QColor = _INK) -> float:
        x, height = 0.0, 0.0
        for column, cell in zip(self._sheet.columns, cells, strict=True):
            width = column.share * self._width
            start = self._width - x - width if self._is_rtl else x
            is_last = column is self._sheet.columns[-1]
            gap = 0.0 if is_last else 3 * _MM
            place = QRectF(_MARGIN + start + (gap if self._is_rtl else 0), self._y, width - gap, 0)
            drawn = self._text(
                cell, place, points=points, colour=colour, is_figure=column.is_figure
            )
            height = max(height, drawn)
            x += width
        return height

    def _text(
        self,
        text: str,
        place: QRectF,
        *,
        points: float,
        weight: QFont.Weight = QFont.Weight.Normal,
        colour: QColor = _INK,
        is_figure: bool = False,
    ) -> float:
        font = self._font(points, weight)
        metrics = QFontMetricsF(font)
        flags = int(Qt.TextFlag.TextWordWrap)
        height = metrics.boundingRect(QRectF(0, 0, place.width(), 1e6), flags, text or " ").height()
        option = QTextOption()
        option.setTextDirection(
            Qt.LayoutDirection.RightToLeft if self._is_rtl else Qt.LayoutDirection.LeftToRight
        )
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        end = Qt.AlignmentFlag.AlignTrailing
        option.setAlignment(end if is_figure else Qt.AlignmentFlag.AlignLeading)
        self._painter.setFont(font)
        self._painter.setPen(colour)
        room = QRectF(place.x(), place.y(), place.width(), height * 1.2)
        self._painter.drawText(room, text, option)
        return height

    def _font(self, points: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        return money_font(max(1, round(points * _POINT)), weight)

    def _page_number(self) -> None:
        text = self._language.texts[self._sheet.page_key].format(number=self._page)
        bottom = float(self._writer.height()) - _MARGIN
        place = QRectF(_MARGIN, bottom, self._width, 0)
        self._text(text, place, points=8.5, colour=_FAINT, is_figure=True)
