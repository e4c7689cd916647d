"""The lines of the cart: names on up to two lines, rows that are never cut at the top."""

import re
from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView

from desktop.ui import faces, fonts, i18n, theme
from desktop.ui.columns import AnyRow, Column
from desktop.ui.delegates import PAD, CellDelegate
from desktop.ui.faces import Face
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.workspaces.kiosk.sale.rows import CartRow, own_way

_QTY, _NAME, _AMOUNT = range(3)
# Columns grow in steps, so that they stand still from one scan to the next.
_STEP = 16
_BREAKS = re.compile(r"\s+|(?<=\w)[-/](?=\w)")
_ISOLATES = "\u2068\u2069"


def split_name(text: str, face: Face, room: float) -> tuple[str, ...]:
    """Break a name into at most two lines; what is too long for both loses its end."""
    if face.width(text) <= room:
        return (text,)
    breaks = [found.end() for found in _BREAKS.finditer(text)]
    fitting = [at for at in breaks if face.width(text[:at].rstrip()) <= room]
    # One word that fills the line goes on in the next.
    letters = (at for at in range(len(text) - 1, 0, -1) if face.width(text[:at]) <= room)
    cut = fitting[-1] if fitting else next(letters, 1)
    first, rest = text[:cut].rstrip(), text[cut:]
    return (first, face.fit(rest, room, Qt.TextElideMode.ElideRight))


@lru_cache(maxsize=2000)
def _name_lines(name: str, size: int, room: int) -> tuple[str, ...]:
    plain = name.strip(_ISOLATES)
    face = faces.words(size, fonts.MEDIUM)
    return tuple(own_way(part) for part in split_name(plain, face, room))


class _NameCells(CellDelegate):
    """Paints names on two lines where one is too short."""

    def _paint_text(
        self, painter: QPainter, room: QRectF, column: Column, *, row: AnyRow, side: float
    ) -> None:
        if column.key != "name" or not isinstance(row, CartRow):
            super()._paint_text(painter, room, column, row=row, side=side)
            return
        held = self._held
        size = theme.current().density.type.base
        names = _name_lines(row.name, size, round(room.width()))
        detail = held.small.fit(row.detail, room.width(), Qt.TextElideMode.ElideRight)
        height = len(names) * held.strong.height + held.small.height
        top = room.top() + (room.height() - height) / 2
        for name in names:
            _draw(painter, room, name, face=held.strong, ink=held.text, place=(top, side))
            top += held.strong.height
        _draw(painter, room, detail, face=held.small, ink=held.subtle, place=(top, side))


def _draw(
    painter: QPainter,
    room: QRectF,
    text: str,
    *,
    face: Face,
    ink: QColor,
    place: tuple[float, float],
) -> None:
    """Paint one line of text; `place` is its top and how far it stands to the right, 0 to 1."""
    top, side = place
    left = room.left() + (room.width() - face.width(text)) * side
    painter.setFont(face.font)
    painter.setPen(ink)
    painter.drawText(QPointF(left, top + face.ascent), text)


class CartLines(TableView):
    """The lines; the marked one stays in sight, and the first in sight is whole."""

    def __init__(self, model: TableModel) -> None:
        self._wants = (0, 0)
        super().__init__(model, name=i18n.tr("kiosk.cart"))
        self._cells = _NameCells(self)
        self.setItemDelegate(self._cells)

    def show_rows(self, rows: tuple[CartRow, ...]) -> None:
        """Show these rows, each as high as its name needs."""
        self.rows_model().set_rows(rows)
        face = faces.figures(theme.current().density.type.base)
        qty = max((face.width(row.qty_text) for row in rows), default=0)
        amount = max((self._amount_width(row, face) for row in rows), default=0)
        wants = (_stepped(qty), _stepped(amount))
        if wants != self._wants:
            self._wants = wants
            self._fit_columns()
        self._fit_heights()

    def least_width(self, section: int) -> int:
        """Give figures the room that the widest of them needs."""
        return {_QTY: self._wants[0], _AMOUNT: self._wants[1]}.get(section, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bring the marked line back into sight."""
        super().resizeEvent(event)
        self._fit_heights()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def updateGeometries(self) -> None:
        """Let the end of the list scroll so far that the first row in sight is whole."""
        bar = self.verticalScrollBar()
        before = bar.value()
        super().updateGeometries()
        if bar.maximum() > 0:
            bar.setMaximum(self._next_edge(bar.maximum()))
            bar.setValue(before)

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        _hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a row into sight with a whole row at the top."""
        if not index.isValid():
            return
        bar = self.verticalScrollBar()
        top = self.verticalHeader().sectionPosition(index.row())
        bottom = top + self.rowHeight(index.row())
        least = bottom - self.viewport().height()
        if top < bar.value():
            bar.setValue(top)
            return
        edge = self._next_edge(max(bar.value(), least))
        bar.setMaximum(max(bar.maximum(), min(edge, top)))
        bar.setValue(min(edge, top))

    def _next_edge(self, offset: int) -> int:
        """Where the first row begins that begins no earlier than this."""
        header = self.verticalHeader()
        row = header.visualIndexAt(offset - header.offset())
        if row < 0:
            return offset
        start = header.sectionPosition(row)
        return start if start == offset else start + header.sectionSize(row)

    def _fit_heights(self) -> None:
        density = theme.current().density
        face = faces.words(density.type.base, fonts.MEDIUM)
        room = self.columnWidth(_NAME) - 2 * PAD
        for place in range(self.rows_model().rowCount()):
            row = self.rows_model().row_at(place)
            if not isinstance(row, CartRow):
                continue
            more = len(_name_lines(row.name, density.type.base, room)) - 1
            height = density.row + round(more * face.height)
            if self.rowHeight(place) != height:
                self.setRowHeight(place, height)

    @staticmethod
    def _amount_width(row: CartRow, face: Face) -> float:
        return face.width(i18n.format_money(row.amount, row.currency))


def _stepped(width: float) -> int:
    return -(-round(width) // _STEP) * _STEP
