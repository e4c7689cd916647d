"""Scans are taken wherever the focus is; typing reaches its field untouched."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.ui.binding import connect
from desktop.ui.scan_detector import ScanTiming
from desktop.ui.scanner import Scanner
from desktop.ui.sheet import Sheet
from desktop.ui.sounds import Sounds
from tests.support.qt_loop import UiLoop

CODE = "4006381333931"


class Till(QWidget):
    """A screen with a field and a button that Enter presses."""

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.button = QPushButton("Pay")
        column = QVBoxLayout(self)
        column.addWidget(self.line)
        column.addWidget(self.button)
        self.codes: list[str] = []
        self.refused: list[str] = []
        self.entered = 0
        self.acted: list[str] = []
        connect(self.line.returnPressed, self.enter)

    def take(self, code: str) -> None:
        self.codes.append(code)

    def refuse(self, code: str) -> None:
        self.refused.append(code)

    def enter(self) -> None:
        self.entered += 1

    def act(self) -> None:
        """An action: what stood in the field when it came."""
        self.acted.append(self.line.text())


class Hand:
    """Presses keys at times of its own clock."""

    def __init__(self) -> None:
        self.now = 1_000
        self.scanner: Scanner | None = None

    def clock(self) -> int:
        return self.now

    def press(self, key: str | Qt.Key, gap: int) -> None:
        """Wait `gap` ms, during which what is held may fall due, then press a key."""
        self.now += gap
        if self.scanner is not None and gap > 100:
            self.scanner.expire()
        focused = QApplication.focusWidget()
        assert focused is not None
        if isinstance(key, str):
            QTest.keyClicks(focused, key)
        else:
            QTest.keyClick(focused, key)

    def scan(self, code: str, gap: int = 5, end: Qt.Key = Qt.Key.Key_Return) -> None:
        for at, letter in enumerate(code):
            self.press(letter, gap if at else 500)
        self.press(end, gap)

    def rest(self) -> None:
        """Wait long enough for everything held to be decided."""
        self.now += 500
        assert self.scanner is not None
        self.scanner.expire()
        self.scanner.expire()


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def till(ui: UiLoop, qapp: QApplication, hand: Hand) -> Iterator[Till]:
    made = Till()
    scanner = Scanner(qapp, ScanTiming(), sounds=Sounds(is_on=False), now_ms=hand.clock)
    hand.scanner = scanner
    scanner.route(made, made.take)
    connect(scanner.refused, made.refuse)

    async def story() -> None:
        ui.show(made)
        await ui.until(made.isActiveWindow)
        made.line.setFocus()

    ui.run(story())
    yield made
    scanner.close()
    scanner.setParent(None)
    scanner.deleteLater()


@pytest.mark.parametrize("gap", [1, 2, 5, 10, 20, 30])
def test_scan_is_taken_and_leaks_nothing_into_the_field(till: Till, hand: Hand, gap: int) -> None:
    hand.scan(CODE, gap)

    assert till.codes == [CODE]
    assert till.line.text() == ""
    assert till.entered == 0


def test_scan_is_taken_while_a_button_has_the_focus_without_pressing_it(
    till: Till, hand: Hand
) -> None:
    pressed: list[bool] = []
    till.button.setFocus()
    till.button.clicked.connect(pressed.append)

    hand.scan("123 456", 5)

    assert till.codes == ["123 456"]
    assert pressed == []


def test_typing_reaches_the_field_in_order(till: Till, hand: Hand) -> None:
    for letter in "green tea":
        hand.press(letter, 150)
    hand.press(Qt.Key.Key_Return, 200)
    hand.rest()

    assert till.line.text() == "green tea"
    assert till.entered == 1
    assert till.codes == []


def test_quick_fingers_are_not_a_scan(till: Till, hand: Hand) -> None:
    for letter, gap in zip("teapot", [500, 30, 90, 20, 120, 60], strict=True):
        hand.press(letter, gap)
    hand.rest()

    assert till.line.text() == "teapot"
    assert till.codes == []


def test_keys_that_edit_come_after_the_letters_before_them(till: Till, hand: Hand) -> None:
    hand.press("a", 500)
    hand.press("b", 20)
    hand.press(Qt.Key.Key_Backspace, 20)
    hand.press("c", 20)
    hand.press(Qt.Key.Key_Left, 10)
    hand.press("x", 10)
    hand.rest()

    assert till.line.text() == "axc"


def test_letters_typed_before_a_scan_stay_and_the_scan_is_whole(till: Till, hand: Hand) -> None:
    hand.press("t", 500)
    hand.scan(CODE)
    hand.press("e", 500)
    hand.rest()

    assert till.line.text() == "te"
    assert till.codes == [CODE]


def test_second_end_key_of_a_scanner_is_swallowed(till: Till, hand: Hand) -> None:
    hand.scan(CODE)
    hand.press(Qt.Key.Key_Enter, 2)
    hand.press(Qt.Key.Key_Return, 500)

    assert till.codes == [CODE]
    assert till.entered == 1


def test_tab_ends_a_scan_and_keeps_the_focus(till: Till, hand: Hand) -> None:
    hand.scan(CODE, end=Qt.Key.Key_Tab)

    assert till.codes == [CODE]
    assert till.line.hasFocus()


def test_figures_of_the_number_block_pass_at_once(till: Till, hand: Hand) -> None:
    for at, digit in enumerate("1250"):
        hand.now += 5 if at else 500
        key = Qt.Key(Qt.Key.Key_0.value + int(digit))
        QTest.keyClick(till.line, key, Qt.KeyboardModifier.KeypadModifier)

    assert till.line.text() == "1250"


def test_capitals_with_their_shift_key_are_part_of_the_scan(till: Till, hand: Hand) -> None:
    for letter in "AB-c1":
        if letter.isupper():
            QTest.keyPress(till.line, Qt.Key.Key_Shift)
        hand.press(letter, 4 if letter != "A" else 500)
        if letter.isupper():
            QTest.keyRelease(till.line, Qt.Key.Key_Shift)
    hand.press(Qt.Key.Key_Return, 4)

    assert till.codes == ["AB-c1"]


def test_scan_while_a_sheet_is_open_is_refused_and_not_typed_into_it(
    ui: UiLoop, till: Till, hand: Hand
) -> None:
    field = QLineEdit()

    async def story() -> None:
        sheet = Sheet(till)
        sheet.body.addWidget(field)
        sheet.open()
        field.setFocus()
        await ui.turn(2)
        hand.scan(CODE)
        assert field.text() == ""
        hand.press("q", 500)
        hand.rest()
        assert field.text() == "q"
        sheet.finish()
        hand.scan("after")

    ui.run(story())

    assert till.refused == [CODE]
    assert till.codes == ["after"]


def test_sheet_that_asks_for_codes_gets_them(ui: UiLoop, till: Till, hand: Hand) -> None:
    class Asking(Sheet):
        def __init__(self, anchor: QWidget) -> None:
            super().__init__(anchor)
            self.codes: list[str] = []

        def take(self, code: str) -> None:
            self.codes.append(code)

    async def story() -> list[str]:
        sheet = Asking(till)
        assert hand.scanner is not None
        hand.scanner.route(sheet, sheet.take)
        sheet.open()
        await ui.turn(2)
        hand.scan(CODE)
        codes = list(sheet.codes)
        sheet.finish()
        await ui.turn(2)
        hand.scan("after")
        return codes

    assert ui.run(story()) == [CODE]
    assert till.codes == ["after"]


def test_codes_go_to_the_newest_screen_in_sight(till: Till, hand: Hand) -> None:
    inner = Till()
    layout = till.layout()
    assert layout is not None
    layout.addWidget(inner)
    assert hand.scanner is not None
    hand.scanner.route(inner, inner.take)
    inner.show()

    hand.scan("first")
    inner.hide()
    till.line.setFocus()
    hand.scan("second")
    hand.scanner.unroute(till)
    hand.scan("third")

    assert inner.codes == ["first"]
    assert till.codes == ["second"]
    assert till.refused == ["third"]


def test_code_from_elsewhere_takes_the_same_way(till: Till, hand: Hand) -> None:
    assert hand.scanner is not None

    assert hand.scanner.deliver("serial-port")

    assert till.codes == ["serial-port"]


def test_held_letter_is_typed_by_itself_after_a_moment(ui: UiLoop, qapp: QApplication) -> None:
    till = Till()
    scanner = Scanner(qapp, sounds=Sounds(is_on=False))

    async def story() -> None:
        ui.show(till)
        await ui.until(till.isActiveWindow)
        till.line.setFocus()
        QTest.keyClicks(till.line, "a")
        assert till.line.text() == ""
        await ui.until(lambda: till.line.text() == "a")

    try:
        ui.run(story())
    finally:
        scanner.close()
        scanner.setParent(None)

    assert isinstance(scanner, QObject)


def window_keys(till: Till, letters: str) -> None:
    """Press keys as the platform does: through the window, where shortcuts are looked up first."""
    handle = till.windowHandle()
    for letter in letters:
        QTest.keyClick(handle, Qt.Key(ord(letter.upper())))


def test_scan_through_the_window_triggers_no_shortcut_and_reaches_no_field(
    till: Till, hand: Hand
) -> None:
    shortcut = QAction("x", till)
    shortcut.setShortcuts([QKeySequence("5"), QKeySequence("Return")])
    connect(shortcut.triggered, till.act)
    till.addAction(shortcut)

    for letter in "4512":
        hand.now += 5
        window_keys(till, letter)
    hand.now += 5
    QTest.keyClick(till.windowHandle(), Qt.Key.Key_Return)

    assert till.codes == ["4512"]
    assert (till.line.text(), till.acted) == ("", [])


def test_function_keys_through_the_window_still_work_beside_a_scanner(
    till: Till, hand: Hand
) -> None:
    shortcut = QAction("x", till)
    shortcut.setShortcut(QKeySequence("F12"))
    connect(shortcut.triggered, till.act)
    till.addAction(shortcut)

    hand.now += 500
    window_keys(till, "4")
    QTest.keyClick(till.windowHandle(), Qt.Key.Key_F12)
    hand.rest()

    assert till.acted == ["4"]


def test_line_feed_ends_a_scan_too(till: Till, hand: Hand) -> None:
    for at, letter in enumerate(CODE):
        hand.press(letter, 5 if at else 500)
    hand.now += 5
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        plain = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(till.line, QKeyEvent(kind, ord("\n"), plain, "\n"))

    assert till.codes == [CODE]
    assert till.line.text() == ""
