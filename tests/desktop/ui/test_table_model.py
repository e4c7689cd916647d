"""TableModel: windows of rows, diff by id, nothing read twice, nothing read for nothing."""

import asyncio

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.ui.binding import connect
from desktop.ui.columns import Sort
from desktop.ui.table_model import CACHED_ROWS, PAGE, ROW_ROLE, State, TableModel
from shared.kernel.errors import Bug, Unavailable
from tests.desktop.ui.rows import COLUMNS, Product, Shelf, products
from tests.support.qt_loop import UiLoop


class Watcher(QObject):
    """Counts the signals of a model."""

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__()
        self.log: list[str] = []
        connect(model.modelReset, self.on_reset)
        connect(model.rowsInserted, self.on_inserted)
        connect(model.rowsRemoved, self.on_removed)
        connect(model.layoutChanged, self.on_layout)
        connect(model.dataChanged, self.on_changed)

    def on_reset(self) -> None:
        self.log.append("reset")

    def on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.log.append(f"+{first}-{last}")

    def on_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.log.append(f"-{first}-{last}")

    def on_layout(self) -> None:
        self.log.append("layout")

    def on_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        self.log.append(f"~{first.row()}-{last.row()}")


def checked(model: TableModel) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )


def names(model: TableModel) -> list[str]:
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_cells_speak_for_people(ui: UiLoop) -> None:
    model = TableModel(COLUMNS)
    checked(model)
    model.set_rows([Product("a", "Tea", 123456, "EUR", 12)])

    shown = [model.index(0, column).data() for column in range(4)]

    assert shown == ["Tea", "Active", "12", "€1,234.56"]
    assert model.headerData(3, Qt.Orientation.Horizontal) == "Price"
    assert model.index(0, 0).data(ROW_ROLE) == Product("a", "Tea", 123456, "EUR", 12)
    assert model.index(0, 3).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


def test_money_that_is_not_whole_minor_units_is_a_bug(ui: UiLoop) -> None:
    model = TableModel(COLUMNS)
    model.set_rows([Product("a", "Tea", 12.5)])  # type: ignore[arg-type] # the point of the test

    with pytest.raises(Bug, match="minor units"):
        model.data(model.index(0, 3))


def test_the_same_rows_again_say_nothing(ui: UiLoop) -> None:
    model = TableModel(COLUMNS)
    model.set_rows(products("a", "b"))
    watcher = Watcher(model)

    model.set_rows(products("a", "b"))

    assert watcher.log == []


def test_changes_are_told_row_by_row_and_never_as_a_reset(ui: UiLoop) -> None:
    model = TableModel(COLUMNS)
    checked(model)
    model.set_rows(products("a", "b", "c", "d"))
    watcher = Watcher(model)

    model.set_rows([*products("a", "x", "c"), Product("d", "Product d", 5)])

    assert watcher.log == ["-1-1", "+1-1", "~1-3"]
    assert names(model) == ["Product a", "Product x", "Product c", "Product d"]


def test_held_places_follow_their_rows_when_the_order_changes(ui: UiLoop) -> None:
    model = TableModel(COLUMNS)
    checked(model)
    model.set_rows(products("a", "b", "c"))
    held = QPersistentModelIndex(model.index(0, 0))

    model.set_rows(products("c", "b", "new", "a"))

    assert held.row() == 3
    assert names(model) == ["Product c", "Product b", "Product new", "Product a"]


def test_a_million_rows_are_read_by_windows_only(ui: UiLoop) -> None:
    shelf = Shelf(1_000_000)
    model = TableModel(COLUMNS)

    async def story() -> None:
        model.set_source(shelf)
        await ui.settle()
        for place in (0, 500_000, 999_999):
            assert model.index(place, 0).data() == ""
            await ui.settle()
            assert model.index(place, 0).data() == f"Product {place}"

    ui.run(story())

    assert model.rowCount() == 1_000_000
    assert [len(keys) for keys in shelf.asked] == [PAGE, PAGE, PAGE]


def test_a_window_is_read_once_however_often_it_is_painted(ui: UiLoop) -> None:
    shelf = Shelf(1000)
    model = TableModel(COLUMNS)
    checked(model)

    async def story() -> None:
        model.set_source(shelf)
        await ui.settle()
        shelf.asked.clear()
        for _ in range(3):
            for place in range(200, 230):
                model.row_at(place)
            await ui.settle()

    ui.run(story())

    assert shelf.asked == [list(range(192, 256))]


def test_while_someone_scrolls_fast_only_the_newest_windows_are_read(ui: UiLoop) -> None:
    shelf = Shelf(1_000_000)
    model = TableModel(COLUMNS)

    async def story() -> None:
        model.set_source(shelf)
        await ui.settle()
        shelf.asked.clear()
        for place in range(0, 1_000_000, 10_000):
            model.row_at(place)
        await ui.settle()

    ui.run(story())

    assert len(shelf.asked) <= 6
    assert model.row_at(990_000) is not None


def test_memory_is_bounded_while_everything_is_looked_at(ui: UiLoop) -> None:
    shelf = Shelf(CACHED_ROWS * 3)
    model = TableModel(COLUMNS)

    async def story() -> None:
        model.set_source(shelf)
        await ui.settle()
        for place in range(0, CACHED_ROWS * 3, PAGE):
            model.row_at(place)
            await ui.turn()
        await ui.settle()

    ui.run(story())

    assert model.row_at(CACHED_ROWS * 3 - 1) is not None
    assert model.row_at(0) is None


def test_refresh_keeps_old_rows_in_sight_until_the_new_ones_have_come(ui: UiLoop) -> None:
    shelf = Shelf(100)
    model = TableModel(COLUMNS)

    async def story() -> str:
        model.set_source(shelf)
        await ui.settle()
        model.row_at(0)
        await ui.settle()
        shelf.suffix = " new"
        await model.refresh()
        before = str(model.index(0, 0).data())
        await ui.settle()
        return before

    assert ui.run(story()) == "Product 0"
    assert model.index(0, 0).data() == "Product 0 new"


def test_answer_that_comes_after_a_newer_refresh_is_dropped(ui: UiLoop) -> None:
    slow, quick = Shelf(10), Shelf(3)
    model = TableModel(COLUMNS)

    async def story() -> None:
        slow.gate = asyncio.Event()
        model.set_source(slow)
        await ui.turn(2)
        model.set_source(quick)
        await ui.turn(2)
        slow.gate.set()
        await ui.settle()

    ui.run(story())

    assert model.rowCount() == 3


def test_sorting_asks_the_source(ui: UiLoop) -> None:
    shelf = Shelf(10)
    model = TableModel(COLUMNS)

    async def story() -> None:
        model.set_source(shelf)
        await ui.settle()
        model.set_sort(Sort("name", is_descending=True))
        await ui.settle()
        model.row_at(0)
        await ui.settle()

    ui.run(story())

    assert shelf.sorts == [None, Sort("name", is_descending=True)]
    assert model.index(0, 0).data() == "Product 9"


def test_source_that_fails_is_a_state_and_can_be_tried_again(ui: UiLoop) -> None:
    shelf = Shelf(10)
    shelf.problem = Unavailable("database_locked")
    model = TableModel(COLUMNS)

    async def story() -> None:
        model.set_source(shelf)
        await ui.until(lambda: model.state is State.FAILED)
        shelf.problem = None
        model.request_refresh()
        await ui.until(lambda: model.state is State.READY)

    ui.run(story())

    assert model.rowCount() == 10
    assert model.error is None


def test_window_that_fails_is_reported_and_read_again_when_painted_again(ui: UiLoop) -> None:
    shelf = Shelf(10)
    model = TableModel(COLUMNS)

    async def story() -> None:
        model.set_source(shelf)
        await ui.settle()
        shelf.problem = Unavailable("database_locked")
        model.row_at(0)
        await ui.until(lambda: ui.reporter.unavailable)
        shelf.problem = None
        model.row_at(0)
        await ui.settle()

    ui.run(story())

    assert model.row_at(0) is not None


def test_large_lists_that_change_wholly_are_laid_anew(ui: UiLoop) -> None:
    shelf = Shelf(20_000)
    model = TableModel(COLUMNS)

    async def story() -> list[str]:
        model.set_source(shelf)
        await ui.settle()
        watcher = Watcher(model)
        model.set_sort(Sort("name", is_descending=True))
        await ui.settle()
        return watcher.log

    assert "reset" in ui.run(story())


def test_one_row_more_in_a_large_list_is_one_insertion(ui: UiLoop) -> None:
    shelf = Shelf(200_000)
    model = TableModel(COLUMNS)

    async def story() -> list[str]:
        model.set_source(shelf)
        await ui.settle()
        watcher = Watcher(model)
        shelf.numbers.insert(100_000, -1)
        await model.refresh()
        await ui.settle()
        return watcher.log

    assert ui.run(story()) == ["+100000-100000"]


def test_short_lists_are_sorted_by_the_values_of_a_column_and_stay_so(ui: UiLoop) -> None:
    model = TableModel(COLUMNS)
    checked(model)
    rows = [Product("1", "pear", 300), Product("2", "Apple", 100), Product("3", "fig", 200)]
    model.set_rows(rows)

    model.set_sort(Sort("name"))
    by_name = names(model)
    model.set_sort(Sort("price", is_descending=True))
    model.set_rows([*rows, Product("4", "kiwi", 250)])

    assert by_name == ["Apple", "fig", "pear"]
    assert names(model) == ["pear", "kiwi", "fig", "Apple"]
