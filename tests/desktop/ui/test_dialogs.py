"""Questions are awaited, take the focus, give it back, and leave nothing behind."""

import gc
import weakref
from collections.abc import Awaitable, Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.ui import tasks
from desktop.ui.dialogs import (
    Buttons,
    FormSheet,
    Option,
    Values,
    ask,
    confirm,
    show_form,
    show_message,
)
from desktop.ui.fields import FieldSpec
from desktop.ui.sheet import Sheet, present, top_sheet
from shared.kernel.errors import Rejected
from tests.support.qt_loop import UiLoop

NAME = FieldSpec(key="name", label_key="gallery.product", is_required=True)


class Window(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        QVBoxLayout(self).addWidget(self.line)
        self.answers: list[object] = []

    async def keep(self, question: Awaitable[object]) -> None:
        self.answers.append(await question)

    def sheet(self) -> Sheet:
        sheet = top_sheet(self)
        assert sheet is not None
        return sheet


async def opened(ui: UiLoop, window: Window, question: Awaitable[object]) -> None:
    if not window.isVisible():
        ui.show(window)
        await ui.until(window.isActiveWindow)
        window.line.setFocus()
    tasks.spawn(window, window.keep(question))
    await ui.until(lambda: top_sheet(window) is not None)
    await ui.turn(2)


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


@pytest.mark.parametrize(
    ("danger", "key", "answer"),
    [
        (False, Qt.Key.Key_Return, True),
        (False, Qt.Key.Key_Escape, False),
        (True, Qt.Key.Key_Return, False),
        (True, Qt.Key.Key_Escape, False),
    ],
)
def test_enter_and_escape_answer_and_enter_is_never_dangerous(
    ui: UiLoop, *, danger: bool, key: Qt.Key, answer: bool
) -> None:
    window = Window()

    async def story() -> None:
        await opened(ui, window, confirm(window, "Delete?", "For good.", danger=danger))
        press(key)
        await ui.settle()

    ui.run(story())

    assert window.answers == [answer]
    assert QApplication.focusWidget() is window.line


def test_chosen_option_is_the_answer(ui: UiLoop) -> None:
    window = Window()
    options = [Option("keep", "Keep"), Option("drop", "Drop")]

    async def story() -> None:
        await opened(ui, window, ask(window, "Which?", options=options))
        keep = next(b for b in window.sheet().findChildren(QPushButton) if b.text() == "Keep")
        QTest.mouseClick(keep, Qt.MouseButton.LeftButton)
        await ui.settle()
        await opened(ui, window, ask(window, "Which?", options=options))
        press(Qt.Key.Key_Escape)
        await ui.settle()

    ui.run(story())

    assert window.answers == ["keep", None]


def test_tab_stays_inside_the_sheet(ui: UiLoop) -> None:
    window = Window()

    async def story() -> set[str]:
        await opened(ui, window, confirm(window, "Go?"))
        seen: set[str] = set()
        for _ in range(5):
            press(Qt.Key.Key_Tab)
            focused = QApplication.focusWidget()
            assert focused is not None
            assert window.sheet().isAncestorOf(focused)
            seen.add(focused.accessibleName())
        press(Qt.Key.Key_Backtab)
        press(Qt.Key.Key_Escape)
        await ui.settle()
        return seen

    assert ui.run(story()) == {"Cancel", "OK"}


def test_other_tasks_run_while_a_question_is_open(ui: UiLoop) -> None:
    window = Window()

    async def story() -> None:
        await opened(ui, window, show_message(window, "Done"))
        await opened(ui, window, show_message(window, "Also done"))
        assert window.answers == []
        press(Qt.Key.Key_Return)
        press(Qt.Key.Key_Return)
        await ui.settle()

    ui.run(story())

    assert window.answers == [None, None]


def test_form_stays_open_with_the_error_while_it_is_rejected(ui: UiLoop) -> None:
    window = Window()
    tried: list[Values] = []

    async def submit(values: Values) -> None:
        tried.append(values)
        if len(tried) == 1:
            raise Rejected("number_too_large", field="name")

    async def story() -> str:
        await opened(ui, window, show_form(window, "New", [NAME], submit=submit))
        sheet = window.sheet()
        assert isinstance(sheet, FormSheet)
        QTest.keyClicks(sheet.form.field("name").editor, "Tea")
        press(Qt.Key.Key_Return)
        await ui.until(sheet.form.field("name").error)
        error = sheet.form.field("name").error()
        QTest.keyClicks(sheet.form.field("name").editor, "s")
        press(Qt.Key.Key_Return)
        await ui.settle()
        return error

    assert ui.run(story()) == "This number is too large."
    assert tried == [{"name": "Tea"}, {"name": "Teas"}]
    assert window.answers == [{"name": "Teas"}]


def test_form_with_a_wrong_field_is_not_submitted(ui: UiLoop) -> None:
    window = Window()

    async def story() -> str:
        await opened(ui, window, show_form(window, "New", [NAME], values={"name": ""}))
        sheet = window.sheet()
        assert isinstance(sheet, FormSheet)
        press(Qt.Key.Key_Return)
        await ui.turn(2)
        error = sheet.form.field("name").error()
        press(Qt.Key.Key_Escape)
        await ui.settle()
        return error

    assert ui.run(story()) == "This is needed."
    assert window.answers == [None]


def test_the_way_back_has_its_own_word_where_cancel_could_be_misunderstood(ui: UiLoop) -> None:
    window = Window()

    async def story() -> None:
        buttons = Buttons("Cancel order", "Keep order")
        await opened(ui, window, show_form(window, "Cancel order", [NAME], action=buttons))
        found = {button.text(): button for button in window.sheet().findChildren(QPushButton)}
        assert list(found) == ["Keep order", "Cancel order"]
        found["Keep order"].click()
        await ui.settle()

    ui.run(story())

    assert window.answers == [None]


def test_a_form_grows_with_what_it_says(ui: UiLoop) -> None:
    window = Window()

    async def story() -> None:
        ui.show(window, 900, 700)
        await opened(ui, window, show_form(window, "New", [NAME], values={"name": ""}))
        before = window.sheet().card.height()
        press(Qt.Key.Key_Return)
        await ui.turn(2)
        assert window.sheet().card.height() > before
        window.sheet().cancel()
        await ui.settle()

    ui.run(story())

    assert window.answers == [None]


def test_sheet_goes_when_whoever_waits_for_it_is_cancelled(ui: UiLoop) -> None:
    window = Window()

    async def story() -> None:
        await opened(ui, window, confirm(window, "Go?"))
        tasks.cancel(window)
        await ui.settle()
        assert top_sheet(window) is None

    ui.run(story())

    assert window.answers == []


def test_waiting_ends_when_the_window_is_destroyed(ui: UiLoop) -> None:
    outer = Window()

    async def story() -> None:
        window = Window()
        ui.show(window)
        await ui.turn(2)
        spawned = tasks.spawn(outer, outer.keep(confirm(window, "Go?")))
        await ui.turn(2)
        window.deleteLater()
        await ui.until(spawned.done)

    ui.run(story())

    assert outer.answers == []
    outer.deleteLater()


@pytest.mark.parametrize("kind", ["question", "form", "own"])
def test_fifty_sheets_leave_nothing_behind(ui: UiLoop, kind: str) -> None:
    window = Window()
    questions: dict[str, Callable[[], Awaitable[object]]] = {
        "question": lambda: confirm(window, "Go?", danger=True),
        "form": lambda: show_form(window, "New", [NAME]),
        "own": lambda: present(Sheet(window)),
    }
    ghosts: list[weakref.ref[Sheet]] = []

    async def story() -> None:
        for _ in range(50):
            await opened(ui, window, questions[kind]())
            ghosts.append(weakref.ref(window.sheet()))
            window.sheet().cancel()
            await ui.settle()

    ui.run(story())
    gc.collect()

    assert len(ghosts) == 50
    assert [ghost for ghost in ghosts if ghost() is not None] == []
    assert window.findChildren(Sheet) == []
