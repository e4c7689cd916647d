"""TableView: every list on screen, with its empty, loading and failed states."""

from collections.abc import Collection, Hashable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QToolTip,
    QWidget,
)

from desktop.ui import fonts, picks, theme
from desktop.ui.binding import connect
from desktop.ui.cells import cell_text
from desktop.ui.columns import Sort, fixed
from desktop.ui.delegates import PAD, CellDelegate, is_cut
from desktop.ui.empty_state import EmptyState
from desktop.ui.error_state import ErrorState
from desktop.ui.images import Thumbnails
from desktop.ui.skeleton import paint_bar
from desktop.ui.table_header import TableHeader
from desktop.ui.table_model import ROW_ROLE, AnyIndex, State, TableModel

_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class TableView(QTableView):
    """A list of rows.

    Signals: `activated_row(row)` on Enter or double click, `current_row(row or None)` when the
    marked row changes, `retry`, `empty_acted`.
    """

    activated_row = Signal(object)
    current_row = Signal(object)
    retry = Signal()
    empty_acted = Signal()

    def __init__(
        self, model: TableModel, *, name: str, many: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = model
        self._cells = CellDelegate(self)
        self._unused: frozenset[str] = frozenset()
        self._empty: EmptyState | None = None
        self._error: ErrorState | None = None
        self._kept: tuple[Hashable | None, Hashable | None, set[Hashable]] = (None, None, set())
        self.setAccessibleName(name)
        self._set_up(many=many)
        self.setModel(model)
        self._join(model)
        self._fit_rows()
        self._show_state()

    def _set_up(self, *, many: bool) -> None:
        mode = QAbstractItemView.SelectionMode
        self.setHorizontalHeader(TableHeader(self))
        self.setItemDelegate(self._cells)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(mode.ExtendedSelection if many else mode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(16)

    def _join(self, model: TableModel) -> None:
        connect(model.state_changed, self._show_state)
        connect(model.about_to_relay, self._keep_place)
        connect(model.relaid, self._restore_place)
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            connect(signal, self._show_state)
        connect(self.doubleClicked, self._activate_index)
        connect(self.horizontalHeader().sectionClicked, self._sort_by)

    # -- what the screen asks

    def rows_model(self) -> TableModel:
        """Give the model."""
        return self._rows

    def set_empty(self, icon: str, title: str, text: str = "", *, action: str = "") -> None:
        """Say what stands here when there are no rows."""
        if self._empty is not None:
            self._empty.deleteLater()
        self._empty = EmptyState(icon, title, text, action=action, parent=self.viewport())
        connect(self._empty.acted, self._act_on_empty)
        self._show_state()

    def set_pictures(self, pictures: Thumbnails) -> None:
        """Paint the pictures of IMAGE columns; their cells' values are the keys."""
        self._cells.pictures = pictures
        connect(pictures.ready, self._redraw)

    def hide_unused(self, keys: Collection[str]) -> None:
        """Leave out the columns with these keys; all others are shown."""
        if frozenset(keys) != self._unused:
            self._unused = frozenset(keys)
            self._fit_columns()

    def current(self) -> object | None:
        """Give the marked row."""
        row: object | None = self._rows.row_at(self.currentIndex().row())
        return row

    def selected(self) -> list[object]:
        """Give the selected rows that are loaded, from top to bottom."""
        places = sorted({index.row() for index in self.selectionModel().selectedRows()})
        rows = (self._rows.row_at(place) for place in places)
        return [row for row in rows if row is not None]

    def select_key(self, key: Hashable) -> bool:
        """Mark the row of a key and bring it into sight; False when it is not in the list."""
        place = self._rows.place_of(key)
        if place >= 0:
            self._mark(place)
        return place >= 0

    def select_first(self) -> None:
        """Mark the first row."""
        if self._rows.rowCount():
            self._mark(0)

    # -- Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter activates, Home and End go to the first and last row."""
        key = event.key()
        if key in _ENTER and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._activate_index(self.currentIndex())
            return
        last = self._rows.rowCount() - 1
        if key in {Qt.Key.Key_Home, Qt.Key.Key_End} and last >= 0 and not event.modifiers():
            self._mark(0 if key == Qt.Key.Key_Home else last)
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Do nothing: letters belong to the search field and the scanner."""

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        """Tell the screen which row is marked."""
        super().currentChanged(current, previous)
        if current.row() != previous.row() or not current.isValid():
            self.current_row.emit(current.data(ROW_ROLE) if current.isValid() else None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark the first row when someone comes otherwise than by mouse and none is marked."""
        super().focusInEvent(event)
        by_keys = event.reason() in {
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.OtherFocusReason,
        }
        if by_keys and not self.selectionModel().hasSelection() and self._rows.rowCount():
            self._mark(max(0, self.currentIndex().row()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer."""
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(round(event.position().y())))

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the pointer any more."""
        super().leaveEvent(event)
        self._hover(-1)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the whole text of a shortened cell."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tip(event)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns."""
        super().resizeEvent(event)
        self._fit_columns()
        for state in (self._empty, self._error):
            if state is not None:
                state.setGeometry(self.viewport().rect())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._fit_rows()
            self._fit_columns()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint rows, or bars while the list is being loaded for the first time."""
        super().paintEvent(event)
        if self._rows.state is State.LOADING and self._rows.rowCount() == 0:
            painter = QPainter(self.viewport())
            self._paint_bars(painter)
            painter.end()

    # -- inside

    def _redraw(self) -> None:
        self.viewport().update()

    def _mark(self, place: int) -> None:
        index = self._rows.index(place, 0)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def _hover(self, row: int) -> None:
        before = self._cells.hovered_row
        if row != before:
            self._cells.hovered_row = row
            for place in (before, row):
                if place >= 0:
                    top = self.rowViewportPosition(place)
                    self.viewport().update(0, top, self.viewport().width(), self.rowHeight(place))

    def _activate_index(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        if row is not None:
            self.activated_row.emit(row)

    def _act_on_empty(self) -> None:
        self.empty_acted.emit()

    def _retry(self) -> None:
        self._rows.request_refresh()
        self.retry.emit()

    def _sort_by(self, section: int) -> None:
        column = self._rows.columns[section]
        if not column.sort:
            return
        before = self._rows.sort_order
        is_again = before is not None and before.by == column.sort and not before.is_descending
        order = Sort(column.sort, is_descending=is_again)
        self._rows.set_sort(order)
        self.horizontalHeader().viewport().update()

    def _keep_place(self) -> None:
        top = self._rows.key_at(self.rowAt(0))
        marked = self._rows.key_at(self.currentIndex().row())
        self._kept = (top, marked, set(picks.keys(self.selectionModel(), self._rows)))

    def _restore_place(self) -> None:
        top, marked, picked = self._kept
        selection = QItemSelection()
        last = self._rows.columnCount() - 1
        for run in self._rows.runs_of(picked):
            selection.select(self._rows.index(run.first, 0), self._rows.index(run.last, last))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flags.ClearAndSelect)
        place = self._rows.place_of(marked) if marked is not None else -1
        if place >= 0:
            self.selectionModel().setCurrentIndex(self._rows.index(place, 0), flags.NoUpdate)
        place = self._rows.place_of(top) if top is not None else -1
        if place >= 0:
            self.verticalScrollBar().setValue(place * self.verticalHeader().defaultSectionSize())

    def _show_state(self) -> None:
        has_rows = self._rows.rowCount() > 0
        has_failed = self._rows.state is State.FAILED and not has_rows
        if self._error is not None:
            self._error.deleteLater()
            self._error = None
        if has_failed and self._rows.error is not None:
            self._error = ErrorState(self._rows.error, parent=self.viewport())
            self._error.setGeometry(self.viewport().rect())
            connect(self._error.acted, self._retry)
            self._error.show()
        if self._empty is not None:
            self._empty.setGeometry(self.viewport().rect())
            self._empty.setVisible(not has_rows and self._rows.state is State.READY)
        self.viewport().update()

    def _tip(self, event: QHelpEvent) -> None:
        index = self.indexAt(event.pos())
        row = self._rows.row_at(index.row()) if index.isValid() else None
        if row is None:
            QToolTip.hideText()
            return
        column = self._rows.columns[index.column()]
        if is_cut(column, row, self.columnWidth(index.column())):
            QToolTip.showText(event.globalPos(), cell_text(column, row), self.viewport())
        else:
            QToolTip.hideText()

    def _fit_rows(self) -> None:
        header = self.verticalHeader()
        header.setDefaultSectionSize(theme.current().density.row)
        self.horizontalHeader().setFixedHeight(theme.current().density.control + 4)

    def _fit_columns(self) -> None:
        letter = QFontMetricsF(
            fonts.text_font(theme.current().density.type.base)
        ).averageCharWidth()
        rooms = [column.room for column in self._rows.columns]
        least = [
            max(round(room.chars * letter), self.least_width(section)) + 2 * PAD
            for section, room in enumerate(rooms)
        ]
        gone = self._without_room(least)
        for section in range(len(rooms)):
            self.setColumnHidden(section, section in gone)
            if section in gone:
                rooms[section], least[section] = fixed(0), 0
        shares = sum(room.share for room in rooms)
        free = max(0, self.viewport().width() - sum(least))
        for section, room in enumerate(rooms):
            extra = free * room.share // shares if shares else 0
            self.setColumnWidth(section, least[section] + extra)
        rest = self.viewport().width() - sum(map(self.columnWidth, range(len(rooms))))
        if shares and 0 < rest < len(rooms):
            last = max(at for at, room in enumerate(rooms) if room.share)
            self.setColumnWidth(last, self.columnWidth(last) + rest)

    def least_width(self, _section: int) -> int:
        """Give what a column needs beside its own `width`; lists that are all loaded know."""
        return 0

    def _without_room(self, least: Sequence[int]) -> set[int]:
        """Columns that are not shown: nothing stands in them, or others need their room."""
        columns = self._rows.columns
        gone = {at for at, column in enumerate(columns) if column.key in self._unused}
        yielding = sorted(
            (at for at, column in enumerate(columns) if column.yields and at not in gone),
            key=lambda at: columns[at].yields,
        )
        wanted = sum(width for at, width in enumerate(least) if at not in gone)
        while yielding and wanted > self.viewport().width():
            at = yielding.pop()
            gone.add(at)
            wanted -= least[at]
        return gone

    def _paint_bars(self, painter: QPainter) -> None:
        height = theme.current().density.row
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for place in range(self.viewport().height() // height + 1):
            for section in range(self._rows.columnCount()):
                left = self.columnViewportPosition(section)
                room = QRectF(
                    left + PAD, place * height, self.columnWidth(section) - 2 * PAD, height
                )
                paint_bar(painter, room, place + section * 3, at_end=is_mirrored)
            line = (place + 1) * height - 1
            painter.fillRect(0, line, self.viewport().width(), 1, theme.colour("line"))
