"""One item model for all lists: frozen rows by windows, diff by id, never all rows at once."""

from collections import OrderedDict
from collections.abc import Collection, Hashable, MutableSequence, Sequence
from enum import StrEnum
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from desktop.ui import i18n, tasks
from desktop.ui.cells import cell_text
from desktop.ui.columns import Align, AnyRow, Column, Kind, Sort
from desktop.ui.row_diff import Diff, Run, diff
from shared.kernel.errors import CodedError

PAGE = 64
# Rows kept in memory; beyond that the least recently painted go.
CACHED_ROWS = 128 * PAGE
# Pages asked for at one time; while someone scrolls fast, only the newest requests count.
_PAGES_AT_ONCE = 2
_PAGES_WAITING = 4

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ALIGN = {
    Align.START: Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter,
    Align.CENTER: Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter,
    Align.END: Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter,
}


class RowSource(Protocol):
    """Where a long list comes from. Keys are what `rows` is asked with: ids or row numbers."""

    async def keys(self, sort: Sort | None) -> MutableSequence[Any]:
        """Give the key of every row in order: a list of ids or an array of integers."""

    async def rows(self, keys: Sequence[Any]) -> Sequence[AnyRow | None]:
        """Give the frozen rows of these keys, in this order; None for one that is gone."""


class State(StrEnum):
    """How far the list is."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class TableModel(QAbstractTableModel):
    """Rows of any frozen type. Short lists: `set_rows`. Long lists: `set_source`, `refresh`.

    Rows of short lists carry a unique `id`. `state_changed` tells loading, ready, failed.
    """

    state_changed = Signal()
    about_to_relay = Signal()
    relaid = Signal()

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.state = State.READY
        self.error: Exception | None = None
        self.sort_order: Sort | None = None
        self._source: RowSource | None = None
        self._keys: MutableSequence[Hashable] = []
        self._rows: OrderedDict[Hashable, AnyRow] = OrderedDict()
        self._stale: set[Hashable] = set()
        self._waiting: list[int] = []
        self._fetching: set[int] = set()
        self._generation = 0

    # -- filling

    def set_rows(self, rows: Sequence[AnyRow]) -> None:
        """Show these rows; selection and scroll place stay with their ids."""
        self._source = None
        fresh = {row.id: row for row in self._sorted(rows)}
        self._relay(list(fresh))
        self._take(fresh, 0)
        self._settle(State.READY, None)

    def set_source(self, source: RowSource) -> None:
        """Show the rows of a source; loads them at once."""
        self._source = source
        self.request_refresh()

    def request_refresh(self) -> None:
        """Begin a refresh; the latest one wins."""
        tasks.latest(self, "refresh", self.refresh())

    async def refresh(self) -> None:
        """Ask the source for its order anew; rows on screen stay until theirs have come."""
        if self._source is None:
            return
        if not self._keys:
            self._settle(State.LOADING, None)
        self._generation += 1
        generation = self._generation
        try:
            keys = await self._source.keys(self.sort_order)
        except CodedError as error:
            self._settle(State.FAILED, error)
            return
        if generation == self._generation:
            self._waiting.clear()
            self._fetching.clear()
            self._stale = set(self._rows)
            self._relay(keys)
            self._settle(State.READY, None)
            self._begin_fetch()

    def set_sort(self, sort: Sort | None) -> None:
        """Ask for another order: of the source, or of the short list by the column's values."""
        self.sort_order = sort
        if self._source is not None:
            self.request_refresh()
        else:
            self.set_rows([self._rows[key] for key in self._keys])

    # -- reading

    def row_at(self, place: int) -> AnyRow | None:
        """Give the row at a place, or None while it is being loaded."""
        if not 0 <= place < len(self._keys):
            return None
        key = self._keys[place]
        row = self._rows.get(key)
        if row is None or key in self._stale:
            self._want(place)
        if row is not None:
            self._rows.move_to_end(key)
        return row

    def key_at(self, place: int) -> Hashable | None:
        """Give the key of the row at a place."""
        return self._keys[place] if 0 <= place < len(self._keys) else None

    def place_of(self, key: Hashable) -> int:
        """Give the place of a key, or -1."""
        try:
            return self._keys.index(key)
        except ValueError:
            return -1

    def runs_of(self, keys: Collection[Hashable]) -> list[Run]:
        """Give the places of keys as runs of neighbours, from top to bottom."""
        runs: list[Run] = []
        for place in (at for at, key in enumerate(self._keys) if key in keys) if keys else ():
            if runs and runs[-1].last == place - 1:
                runs[-1] = Run(runs[-1].first, place)
            else:
                runs.append(Run(place, place))
        return runs

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        """Say how many rows there are."""
        return 0 if parent.isValid() else len(self._keys)

    def columnCount(self, parent: AnyIndex = _NOWHERE) -> int:
        """Say how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Answer for one cell; ROW_ROLE gives the frozen row."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGN[column.alignment]
        if role == ROW_ROLE:
            return self.row_at(index.row())
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            row = self.row_at(index.row())
            if row is None:
                return ""
            if column.kind in {Kind.ICON, Kind.IMAGE}:
                return str(column.read(row) or "")
            return cell_text(column, row)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Answer for a header."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return i18n.tr(column.title_key) if column.title_key else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGN[column.alignment]
        return None

    # -- order

    def _sorted(self, rows: Sequence[AnyRow]) -> Sequence[AnyRow]:
        """Put a short list into the order asked for; rows without a value come last."""
        order = self.sort_order
        column = next((c for c in self.columns if order is not None and c.sort == order.by), None)
        if order is None or column is None:
            return rows
        without = [row for row in rows if column.read(row) is None]
        have = [row for row in rows if column.read(row) is not None]
        return [*sorted(have, key=column.rank, reverse=order.is_descending), *without]

    def _relay(self, keys: MutableSequence[Hashable]) -> None:
        steps = diff(self._keys, keys)
        if steps is None:
            self.about_to_relay.emit()
            self.beginResetModel()
            self._keys = keys
            self.endResetModel()
            self.relaid.emit()
        elif not steps.is_empty:
            self._apply(steps, keys)

    def _apply(self, steps: Diff, keys: MutableSequence[Hashable]) -> None:
        self._keys = self._keys[:]
        for run in steps.removals:
            self.beginRemoveRows(_NOWHERE, run.first, run.last)
            del self._keys[run.first : run.last + 1]
            self.endRemoveRows()
        if steps.is_reordered:
            coming = {place for run in steps.insertions for place in range(run.first, run.last + 1)}
            self._reorder([key for place, key in enumerate(keys) if place not in coming])
        for run in steps.insertions:
            self.beginInsertRows(_NOWHERE, run.first, run.last)
            self._keys[run.first : run.first] = keys[run.first : run.last + 1]
            self.endInsertRows()
        self._keys = keys

    def _reorder(self, keys: list[Hashable]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = {self._keys[old.row()] for old in before}
        places = {key: place for place, key in enumerate(keys) if key in held}
        after = [self.index(places[self._keys[old.row()]], old.column()) for old in before]
        self._keys = keys
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # -- windows

    def _want(self, place: int) -> None:
        page = place // PAGE
        if self._source is None or page in self._fetching or page in self._waiting[-1:]:
            return
        if page in self._waiting:
            self._waiting.remove(page)
        if not self._waiting and len(self._fetching) < _PAGES_AT_ONCE:
            QTimer.singleShot(0, self, self._begin_fetch)
        self._waiting.append(page)
        del self._waiting[:-_PAGES_WAITING]

    def _begin_fetch(self) -> None:
        while self._waiting and len(self._fetching) < _PAGES_AT_ONCE:
            page = self._waiting.pop()
            self._fetching.add(page)
            tasks.spawn(self, self._fetch(page, self._generation))

    async def _fetch(self, page: int, generation: int) -> None:
        keys = list(self._keys[page * PAGE : (page + 1) * PAGE])
        source = self._source
        if source is None:
            return
        try:
            rows = await source.rows(keys)
        except CodedError as error:
            if generation == self._generation:
                self._fetching.discard(page)
                tasks.report(self, error)
            return
        if generation != self._generation:
            return
        self._fetching.discard(page)
        fresh = {key: row for key, row in zip(keys, rows, strict=True) if row is not None}
        self._take(fresh, page * PAGE)
        self._begin_fetch()

    def _take(self, fresh: dict[Hashable, AnyRow], first: int) -> None:
        """Keep rows that stand from place `first` on, and tell the view which of them differ."""
        changed = {key for key, row in fresh.items() if self._rows.get(key) != row}
        for key, row in fresh.items():
            self._rows[key] = row
            self._rows.move_to_end(key)
        self._stale.difference_update(fresh)
        limit = CACHED_ROWS if self._source is not None else len(self._keys)
        while len(self._rows) > limit:
            gone, _ = self._rows.popitem(last=False)
            self._stale.discard(gone)
        window = self._keys[first : first + len(fresh)]
        places = [first + at for at, key in enumerate(window) if key in changed]
        if places:
            last = self.index(places[-1], len(self.columns) - 1)
            self.dataChanged.emit(self.index(places[0], 0), last)

    def _settle(self, state: State, error: Exception | None) -> None:
        if (self.state, self.error) != (state, error):
            self.state, self.error = state, error
            self.state_changed.emit()
