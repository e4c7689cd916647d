"""TableView: keys, selection that stays, and what it shows while there are no rows."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from desktop.ui import picks, theme
from desktop.ui.binding import connect
from desktop.ui.columns import Sort
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from shared.kernel.errors import Unavailable
from tests.desktop.ui.rows import COLUMNS, Product, Shelf, products
from tests.support.qt_loop import UiLoop


class Screen(QObject):
    """Hears what a list says."""

    def __init__(self, view: TableView) -> None:
        super().__init__()
        self.opened: list[object] = []
        self.marked: list[object] = []
        self.acts = 0
        connect(view.activated_row, self.open)
        connect(view.current_row, self.mark)
        connect(view.empty_acted, self.act)

    def open(self, row: object) -> None:
        self.opened.append(row)

    def mark(self, row: object) -> None:
        self.marked.append(row)

    def act(self) -> None:
        self.acts += 1


def make(rows: list[Product], *, many: bool = False) -> tuple[TableModel, TableView]:
    model = TableModel(COLUMNS)
    model.set_rows(rows)
    view = TableView(model, name="Products", many=many)
    model.setParent(view)
    return model, view


def test_keys_move_and_enter_opens(ui: UiLoop) -> None:
    _, view = make(products(*"abcdef"))
    screen = Screen(view)

    async def story() -> None:
        ui.show(view)
        await ui.turn(2)
        for key in (Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Return):
            QTest.keyClick(view, key)
        QTest.keyClick(view, Qt.Key.Key_Home)

    ui.run(story())

    assert screen.opened == products("e")
    assert screen.marked[-1] == products("a")[0]


def test_letters_do_not_move_the_mark(ui: UiLoop) -> None:
    _, view = make([Product("1", "Apple"), Product("2", "Pear")])

    async def story() -> None:
        ui.show(view)
        await ui.turn(2)
        view.select_first()
        QTest.keyClicks(view, "P")

    ui.run(story())

    assert view.current() == Product("1", "Apple")


def test_selection_and_mark_stay_with_their_rows(ui: UiLoop) -> None:
    model, view = make(products(*"abcd"), many=True)
    view.select_key("c")
    view.selectionModel().select(
        model.index(1, 0),
        QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
    )

    model.set_rows(products("x", "d", "c", "b"))

    assert [row.id for row in view.selected() if isinstance(row, Product)] == ["c", "b"]
    assert view.current() == products("c")[0]


def test_place_and_mark_survive_a_list_laid_anew(ui: UiLoop) -> None:
    shelf = Shelf(20_000)
    model = TableModel(COLUMNS)
    view = TableView(model, name="Products")

    async def story() -> tuple[object, object]:
        model.set_source(shelf)
        ui.show(view)
        await ui.settle()
        view.select_key(10_000)
        await ui.settle()
        model.set_sort(Sort("name", is_descending=True))
        await ui.settle()
        return model.key_at(view.currentIndex().row()), model.key_at(view.rowAt(0))

    marked, top = ui.run(story())

    assert marked == 10_000
    assert isinstance(top, int)
    assert abs(top - 10_000) < 20


def test_any_number_of_selected_rows_stay_so_in_a_list_laid_anew(ui: UiLoop) -> None:
    shelf = Shelf(20_000)
    model = TableModel(COLUMNS)
    view = TableView(model, name="Products", many=True)
    rows = QItemSelectionModel.SelectionFlag.Rows | QItemSelectionModel.SelectionFlag.Select

    async def story() -> None:
        model.set_source(shelf)
        ui.show(view)
        await ui.settle()
        view.selectAll()
        view.selectionModel().select(
            QItemSelection(model.index(10, 0), model.index(19_000, 0)),
            QItemSelectionModel.SelectionFlag.Rows | QItemSelectionModel.SelectionFlag.Deselect,
        )
        view.selectionModel().select(model.index(500, 0), rows)
        model.set_sort(Sort("name", is_descending=True))
        await ui.settle()

    ui.run(story())

    picked = picks.keys(view.selectionModel(), model)
    assert picked == [*range(19_999, 19_000, -1), 500, *range(9, -1, -1)]
    assert picks.count(view.selectionModel()) == len(picked)


def test_click_on_a_sortable_header_sorts_and_sorts_back(ui: UiLoop) -> None:
    shelf = Shelf(10)
    model = TableModel(COLUMNS)
    view = TableView(model, name="Products")

    async def story() -> None:
        model.set_source(shelf)
        ui.show(view)
        await ui.settle()
        header = view.horizontalHeader()
        for section in (0, 0, 1):
            x = header.sectionViewportPosition(section) + 20
            QTest.mouseClick(
                header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, header.height() // 2)
            )
            await ui.settle()

    ui.run(story())

    assert shelf.sorts == [None, Sort("name"), Sort("name", is_descending=True)]


def test_empty_list_says_so_and_offers_an_action(ui: UiLoop) -> None:
    model, view = make([])
    screen = Screen(view)

    async def story() -> list[str]:
        view.set_empty("package", "No products yet", "Add one.", action="New")
        ui.show(view)
        await ui.turn(2)
        words = [label.text() for label in view.findChildren(QLabel) if label.isVisible()]
        view.findChildren(QPushButton)[0].click()
        model.set_rows(products("a"))
        await ui.turn(2)
        assert not any(label.isVisible() for label in view.findChildren(QLabel))
        return words

    assert ui.run(story()) == ["No products yet", "Add one."]
    assert screen.acts == 1


def test_failed_list_says_why_and_tries_again(ui: UiLoop) -> None:
    shelf = Shelf(5)
    shelf.problem = Unavailable("number_invalid")
    model = TableModel(COLUMNS)
    view = TableView(model, name="Products")

    async def story() -> list[str]:
        ui.show(view)
        model.set_source(shelf)
        await ui.settle()
        words = [label.text() for label in view.findChildren(QLabel) if label.isVisible()]
        shelf.problem = None
        next(button for button in view.findChildren(QPushButton) if button.isVisible()).click()
        await ui.settle()
        return words

    assert ui.run(story())[0] == "Not available right now"
    assert model.rowCount() == 5


@pytest.mark.parametrize("mode", list(theme.Mode))
def test_list_is_painted_in_every_state(ui: UiLoop, qapp: QApplication, mode: theme.Mode) -> None:
    theme.apply(qapp, theme.Theme(mode))
    _, view = make(products(*"abc"))

    async def story() -> set[str]:
        ui.show(view)
        view.select_first()
        await ui.turn(2)
        image = view.grab().toImage()
        return {
            QColor(image.pixel(x, y)).name()
            for x in range(0, image.width(), 2)
            for y in range(0, image.height(), 2)
        }

    colours = ui.run(story())

    assert {theme.current().colours.selected, theme.current().colours.surface} <= colours
    assert len(colours) > 20


def test_columns_fill_the_width_without_a_scroll_bar(ui: UiLoop) -> None:
    _, view = make(products(*"abc"))

    async def story() -> None:
        ui.show(view, width=1000)
        await ui.turn(2)

    ui.run(story())

    widths = sum(view.columnWidth(section) for section in range(4))
    assert widths == view.viewport().width()
    assert view.verticalHeader().defaultSectionSize() == theme.current().density.row


def test_coming_by_tab_marks_the_first_row(ui: UiLoop) -> None:
    _, view = make(products(*"ab"))

    async def story() -> list[object]:
        ui.show(view)
        await ui.until(view.isActiveWindow)
        view.clearFocus()
        before = view.selected()
        view.setFocus(Qt.FocusReason.TabFocusReason)
        return before

    assert ui.run(story()) == []
    assert view.selected() == products("a")


def test_columns_that_yield_go_first_where_there_is_no_room_for_all(ui: UiLoop) -> None:
    columns = (COLUMNS[0], replace(COLUMNS[1], yields=1), replace(COLUMNS[2], yields=2), COLUMNS[3])
    model = TableModel(columns)
    model.set_rows(products(*"abc"))
    view = TableView(model, name="Products")
    model.setParent(view)
    gone: list[list[int]] = []

    async def story() -> None:
        for width in (900, 480, 300, 900):
            ui.show(view, width, 300)
            await ui.turn(2)
            gone.append([at for at in range(4) if view.isColumnHidden(at)])
            assert sum(map(view.columnWidth, range(4))) <= view.viewport().width()

    ui.run(story())

    assert gone == [[], [2], [1, 2], []]


def test_columns_in_which_nothing_stands_leave_their_room_to_others(ui: UiLoop) -> None:
    _, view = make(products(*"abc"))

    async def story() -> None:
        ui.show(view, 900, 300)
        await ui.turn(2)
        before = view.columnWidth(0)
        view.hide_unused(["on_hand_qty"])
        assert view.isColumnHidden(2)
        assert view.columnWidth(0) > before
        view.hide_unused([])
        assert view.columnWidth(0) == before

    ui.run(story())
