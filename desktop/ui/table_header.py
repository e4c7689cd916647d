"""The header of a table: quiet words, an arrow at the sorted column."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from desktop.ui import fonts, i18n, icons, theme
from desktop.ui.columns import Align
from desktop.ui.table_model import TableModel

_PAD, _ARROW, _GAP = 12, 12, 4


class TableHeader(QHeaderView):
    """Paints titles where their cells stand, and shows which way the list is sorted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(24)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's name
        """Paint one title."""
        model = self.model()
        if not isinstance(model, TableModel):
            super().paintSection(painter, rect, logicalIndex)
            return
        column = model.columns[logicalIndex]
        painter.fillRect(rect, theme.colour("surface"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour("line"))
        if not column.title_key:
            return
        order = model.sort_order
        is_sorted = order is not None and bool(column.sort) and order.by == column.sort
        font = fonts.text_font(theme.current().density.type.small, fonts.MEDIUM)
        metrics = QFontMetricsF(font)
        room = QRectF(rect.adjusted(_PAD, 0, -_PAD, -1))
        taken = _ARROW + _GAP if is_sorted else 0
        text = metrics.elidedText(
            i18n.tr(column.title_key), Qt.TextElideMode.ElideRight, room.width() - taken
        )
        width = metrics.horizontalAdvance(text) + taken
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = room.left()
        if column.alignment is Align.CENTER:
            left = room.center().x() - width / 2
        elif (column.alignment is Align.END) != is_mirrored:
            left = room.right() - width
        words_left = left + taken if is_mirrored else left
        painter.setFont(font)
        painter.setPen(theme.colour("text" if is_sorted else "text_muted"))
        words = QRectF(words_left, room.top(), width - taken + 1, room.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if is_sorted and order is not None:
            arrow_left = left if is_mirrored else left + width - _ARROW
            mark = QRectF(arrow_left, room.center().y() - _ARROW / 2, _ARROW, _ARROW)
            name = "arrow-down" if order.is_descending else "arrow-up"
            icons.paint(painter, name, theme.colour("text"), at=mark)
