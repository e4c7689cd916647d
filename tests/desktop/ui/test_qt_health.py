"""Guards against a Qt build that loses references, and against slow painting."""

import sys
import time
from statistics import median

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.binding import connect
from desktop.ui.search_field import SearchField
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from tests.desktop.ui.rows import COLUMNS, Product
from tests.support.qt_loop import UiLoop

# The bounds below leave room for a busy machine; a quiet one needs a quarter of them.
RESET_AND_PAINT_MS = 60
KEY_TO_PAINT_MS = 100


class Bell(QObject):
    rung = Signal(bool)

    def hear(self, *_loud: bool) -> None:
        """Listen."""


class Painted(QWidget):
    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint nothing."""


def test_repaints_and_signals_keep_the_counts_of_singletons(ui: UiLoop) -> None:
    bell, widget = Bell(), Painted()
    connect(bell.rung, bell.hear)

    async def story() -> None:
        ui.show(widget, 100, 100)
        await ui.turn(2)

    ui.run(story())
    before = [sys.getrefcount(each) for each in (None, True, False)]
    for _ in range(1_000):
        widget.repaint()
        bell.rung.emit(True)
    after = [sys.getrefcount(each) for each in (None, True, False)]

    moved = [abs(a - b) for a, b in zip(after, before, strict=True)]
    assert max(moved) < 50


class Search(QWidget):
    """Search as you type over 50 rows, as screens do it."""

    def __init__(self) -> None:
        super().__init__()
        self.field = SearchField()
        self.model = TableModel(COLUMNS, self)
        self.list = TableView(self.model, name="Products")
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.list)
        connect(self.field.searched, self.search)

    def search(self, text: str, generation: int) -> None:
        self.model.set_rows(rows(generation, text))


def rows(seed: int, text: str = "") -> list[Product]:
    return [
        Product(f"{seed}-{at}", f"Product {text} {at * seed}", at * 317 + seed) for at in range(50)
    ]


@pytest.mark.timing
def test_fifty_new_rows_are_painted_in_time(ui: UiLoop) -> None:
    screen = Search()

    async def story() -> list[float]:
        ui.show(screen, 1200, 800)
        await ui.turn(3)
        taken = []
        for seed in range(1, 31):
            start = time.perf_counter()
            screen.model.set_rows(rows(seed))
            screen.list.viewport().repaint()
            taken.append((time.perf_counter() - start) * 1000)
        return taken

    assert median(ui.run(story())) < RESET_AND_PAINT_MS


@pytest.mark.timing
def test_key_press_is_painted_in_time(ui: UiLoop) -> None:
    screen = Search()

    async def story() -> list[float]:
        ui.show(screen, 1200, 800)
        await ui.turn(3)
        taken = []
        for at in range(30):
            start = time.perf_counter()
            QTest.keyClick(screen.field, Qt.Key(Qt.Key.Key_A.value + at % 26))
            screen.list.viewport().repaint()
            screen.field.repaint()
            taken.append((time.perf_counter() - start) * 1000)
        return taken

    assert median(ui.run(story())) < KEY_TO_PAINT_MS
