"""Painting of table cells: text, money, badges, icons, pictures, and bars while loading."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.ui import faces, fonts, icons, theme
from desktop.ui.badge import badge_size, paint_badge
from desktop.ui.cells import cell_badge, cell_text
from desktop.ui.columns import Align, AnyRow, Column, Kind
from desktop.ui.faces import Face
from desktop.ui.images import Thumbnails
from desktop.ui.key_hint import hint_width, paint_hint
from desktop.ui.skeleton import paint_bar
from desktop.ui.table_model import TableModel

PAD = 12
_SIDES = {Align.START: 0.0, Align.CENTER: 0.5, Align.END: 1.0}
# As whole numbers: asking Qt's flags is slow, and this is asked for every cell.
_SELECTED = QStyle.StateFlag.State_Selected.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value
_ACTIVE = QStyle.StateFlag.State_Active.value
_FIGURES = frozenset(
    {
        Kind.MONEY,
        Kind.QTY,
        Kind.NUMBER,
        Kind.PERCENT,
        Kind.DATE,
        Kind.TIME,
        Kind.DATETIME,
        Kind.CODE,
    }
)


@dataclass(frozen=True, slots=True)
class _Inks:
    """Everything the delegate takes from the theme, taken once per theme."""

    theme: theme.Theme
    text: QColor
    muted: QColor
    subtle: QColor
    line: QColor
    selected: QColor
    hover: QColor
    focus: QColor
    words: Face
    strong: Face
    figures: Face
    small: Face


def _inks() -> _Inks:
    now = theme.current()
    size = now.density.type
    return _Inks(
        now,
        theme.colour("text"),
        theme.colour("text_muted"),
        theme.colour("text_subtle"),
        theme.colour("line"),
        theme.colour("selected"),
        theme.colour("hover"),
        theme.colour("focus"),
        faces.words(size.base),
        faces.words(size.base, fonts.MEDIUM),
        faces.figures(size.base),
        faces.words(size.small),
    )


class CellDelegate(QStyledItemDelegate):
    """Paints every cell of a TableModel; one per view."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held = _inks()
        self.hovered_row = -1
        self.pictures: Thumbnails | None = None

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Give the row height of the density; columns set their own width."""
        return QSize(40, theme.current().density.row)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint ground, line and content of one cell."""
        if self._held.theme is not theme.current():
            self._held = _inks()
        model = index.model()
        if not isinstance(model, TableModel):
            super().paint(painter, option, index)
            return
        box = option.rect
        self._paint_ground(painter, option, index)
        row = model.row_at(index.row())
        column = model.columns[index.column()]
        room = QRectF(box.adjusted(PAD, 0, -PAD, -1))
        is_mirrored = option.direction is Qt.LayoutDirection.RightToLeft
        side = _SIDES[column.alignment]
        side = 1 - side if is_mirrored else side
        if row is None:
            if column.kind not in {Kind.ICON, Kind.IMAGE}:
                paint_bar(
                    painter,
                    room,
                    index.row() + index.column() * 3,
                    at_end=side == _SIDES[Align.END],
                )
            return
        painter.setLayoutDirection(option.direction)
        if column.kind is Kind.BADGE:
            self._paint_badge(painter, room, column, row=row, side=side)
        elif column.kind is Kind.ICON:
            self._paint_icon(painter, room, str(column.read(row) or ""))
        elif column.kind is Kind.KEYS:
            self._paint_keys(painter, room, str(column.read(row) or ""), side=side)
        elif column.kind is Kind.IMAGE:
            self._paint_picture(painter, room, str(column.read(row) or ""))
        else:
            self._paint_text(painter, room, column, row=row, side=side)

    def _paint_ground(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        held = self._held
        box = option.rect
        state = option.state.value
        if state & _SELECTED:
            painter.fillRect(box, held.selected)
        elif index.row() == self.hovered_row:
            painter.fillRect(box, held.hover)
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, held.line)
        is_marked = state & _FOCUSED or (state & _SELECTED and state & _ACTIVE)
        if is_marked and index.column() == 0:
            is_mirrored = option.direction is Qt.LayoutDirection.RightToLeft
            left = box.right() - 2 if is_mirrored else box.left()
            painter.fillRect(left, box.top(), 3, box.height() - 1, held.focus)

    def _paint_text(
        self, painter: QPainter, room: QRectF, column: Column, *, row: AnyRow, side: float
    ) -> None:
        held = self._held
        face = held.words
        if column.kind in _FIGURES:
            face = held.figures
        elif column.strong:
            face = held.strong
        ink = held.muted if column.muted else held.text
        text = cell_text(column, row)
        detail = str(getattr(row, column.detail) or "") if column.detail else ""
        if detail and room.height() >= face.height + held.small.height:
            gap = (room.height() - face.height - held.small.height) / 2
            top = QRectF(room.left(), room.top() + gap, room.width(), face.height)
            low = QRectF(room.left(), top.bottom(), room.width(), held.small.height)
            _line(painter, top, text, face=face, ink=ink, side=side)
            _line(painter, low, detail, face=held.small, ink=held.subtle, side=side)
            return
        _line(painter, room, text, face=face, ink=ink, side=side)

    def _paint_badge(
        self, painter: QPainter, room: QRectF, column: Column, *, row: AnyRow, side: float
    ) -> None:
        badge = cell_badge(column, row)
        if badge is None:
            return
        text = cell_text(column, row)
        size = badge_size(text, has_icon=bool(badge.icon))
        width = min(float(size.width()), room.width())
        left = room.left() + (room.width() - width) * side
        box = QRectF(left, room.center().y() - size.height() / 2, width, size.height())
        paint_badge(painter, box, text, tone=badge.tone, icon=badge.icon)

    def _paint_icon(self, painter: QPainter, room: QRectF, name: str) -> None:
        if name:
            size = theme.current().density.icon
            at = room.center() - QPointF(size / 2, size / 2)
            icons.paint(painter, name, self._held.muted, at=QRectF(at.x(), at.y(), size, size))

    def _paint_keys(self, painter: QPainter, room: QRectF, keys: str, *, side: float) -> None:
        if keys:
            width = hint_width(keys)
            left = room.left() + (room.width() - width) * side
            paint_hint(painter, QRectF(left, room.top(), width, room.height()), keys)

    def _paint_picture(self, painter: QPainter, room: QRectF, key: str) -> None:
        side = min(room.height() - 8, 48.0)
        box = QRectF(room.center().x() - side / 2, room.center().y() - side / 2, side, side)
        picture = self.pictures.want(key) if key and self.pictures is not None else None
        if picture is not None:
            whole = picture.deviceIndependentSize()
            grown = whole.scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0, 0, grown.width(), grown.height())
            place.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, picture, QRectF(picture.rect()))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._held.line)
        painter.drawRoundedRect(box, 4, 4)
        size = round(side / 2)
        mark = QRectF(box.center().x() - size / 2, box.center().y() - size / 2, size, size)
        icons.paint(painter, "image", self._held.subtle, at=mark)


def _line(
    painter: QPainter, room: QRectF, text: str, *, face: Face, ink: QColor, side: float
) -> None:
    """Paint one line of text, shortened in the middle when it does not fit."""
    text = face.fit(text, room.width(), Qt.TextElideMode.ElideMiddle)
    left = room.left() + (room.width() - face.width(text)) * side
    base = room.top() + (room.height() - face.height) / 2 + face.ascent
    painter.setFont(face.font)
    painter.setPen(ink)
    painter.drawText(QPointF(left, base), text)


def is_cut(column: Column, row: AnyRow, width: int) -> bool:
    """Say whether a cell's text does not fit into `width` pixels."""
    size = theme.current().density.type.base
    face = faces.figures(size) if column.kind in _FIGURES else faces.words(size)
    return face.width(cell_text(column, row)) > width - 2 * PAD
