"""The window: screens made when opened, keys for all, notes, banners, closing."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop.ui import tasks, theme
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.frame import Frame, FrameSpec
from desktop.ui.help_overlay import HelpSheet
from desktop.ui.key_hint import KeyHint
from desktop.ui.navigation import ScreenSpec
from desktop.ui.palette import PaletteRow, PaletteSheet, matching
from desktop.ui.sheet import top_sheet
from desktop.ui.status_strip import Chip, Severity, StatusStrip, widest_of
from shared.kernel.errors import Bug, Rejected, Unavailable
from tests.support.qt_loop import UiLoop


class Screen(QWidget):
    """A screen with an action, a header part, and a memory."""

    made = 0

    def __init__(self, keys: str = "Ctrl+N") -> None:
        super().__init__()
        type(self).made += 1
        self.log: list[str] = []
        self.line = QLineEdit()
        QVBoxLayout(self).addWidget(self.line)
        action = Action(id="new", text_key="gallery.new", intent="make", keys=(keys,))
        self.actions_set = ActionSet([action], target=self, widget=self)
        self.part = QLabel("part")

    def make(self) -> None:
        self.log.append("make")

    def opened(self) -> None:
        self.log.append("opened")

    def left(self) -> None:
        self.log.append("left")

    def header_parts(self) -> list[QWidget]:
        return [self.part]


class Clashing(Screen):
    def __init__(self) -> None:
        super().__init__("Ctrl+K")


class Listener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    def take(self, *heard: object) -> None:
        self.heard.append(heard[0] if heard else "asked")


def spec(screen_id: str, factory: type[QWidget] = Screen, permission: str = "") -> ScreenSpec:
    return ScreenSpec(
        id=screen_id,
        title_key=f"gallery.{screen_id}",
        icon="package",
        factory=factory,
        permission=permission,
        keys={"products": "Alt+1", "orders": "Alt+2"}.get(screen_id, ""),
    )


def make(*more: ScreenSpec) -> Frame:
    Screen.made = 0
    screens = [spec("products"), spec("orders"), *more]

    def allowed(permission: str) -> bool:
        return permission != "secret"

    return Frame(FrameSpec(brand="PyCommerce", screens=screens, allowed=allowed))


def shown(ui: UiLoop, frame: Frame) -> None:
    async def story() -> None:
        ui.show(frame, 1200, 760)
        await ui.until(frame.isActiveWindow)
        await ui.turn(2)

    ui.run(story())


def press(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, held)


def test_screens_are_made_when_they_are_first_opened(ui: UiLoop) -> None:
    frame = make()
    before = Screen.made

    first = frame.open_screen("products")
    frame.open_screen("orders")
    again = frame.open_screen("products")

    assert (before, Screen.made) == (0, 2)
    assert again is first
    assert isinstance(first, Screen)
    assert first.log == ["opened", "left", "opened"]
    assert frame.windowTitle() == "Products"


def test_screens_the_person_may_not_see_are_not_there(ui: UiLoop) -> None:
    frame = make(spec("reports", permission="secret"))

    with pytest.raises(Bug, match="reports"):
        frame.open_screen("reports")


def test_header_shows_the_parts_of_the_open_screen_only(ui: UiLoop) -> None:
    frame = make()
    first, second = frame.open_screen("products"), frame.open_screen("orders")
    shown(ui, frame)

    assert isinstance(first, Screen)
    assert isinstance(second, Screen)
    assert (first.part.isVisible(), second.part.isVisible()) == (False, True)


def test_keys_open_screens_and_do_actions_of_the_open_one_only(ui: UiLoop) -> None:
    frame = make()
    first = frame.open_screen("products")
    second = frame.open_screen("orders")
    shown(ui, frame)
    assert isinstance(first, Screen)
    assert isinstance(second, Screen)
    second.line.setFocus()

    press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    press(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)

    assert "make" in second.log
    assert "make" not in first.log
    assert frame.current_screen() is first


def test_screen_whose_keys_clash_with_the_window_is_a_bug(ui: UiLoop) -> None:
    frame = make(spec("stock", Clashing))

    with pytest.raises(Bug, match=r"Ctrl\+K is both"):
        frame.open_screen("stock")


def test_palette_finds_and_does_any_action(ui: UiLoop) -> None:
    frame = make()
    screen = frame.open_screen("products")
    shown(ui, frame)
    assert isinstance(screen, Screen)
    screen.line.setFocus()

    press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = top_sheet(frame)
    assert isinstance(palette, PaletteSheet)
    everything = len(palette.rows())
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClicks(focused, "neW prod")
    found = [row.id for row in palette.rows()]
    press(Qt.Key.Key_Return)

    assert everything >= 6
    assert found == ["new"]
    assert screen.log[-1] == "make"
    assert screen.line.hasFocus()


def test_palette_ignores_accents_and_prefers_beginnings() -> None:
    rows = [
        PaletteRow("a", "", "Export orders", "", ""),
        PaletteRow("b", "", "Öffne Kasse", "", ""),
        PaletteRow("c", "", "Reports", "", ""),
    ]

    assert [row.id for row in matching(rows, "offne")] == ["b"]
    assert [row.id for row in matching(rows, "port")] == ["a", "c"]
    assert [row.id for row in matching(rows, "re")] == ["c"]
    assert [row.id for row in matching(rows, "")] == ["a", "b", "c"]


def test_help_lists_every_key(ui: UiLoop) -> None:
    frame = make()
    frame.open_screen("products")
    shown(ui, frame)

    press(Qt.Key.Key_F1)
    sheet = top_sheet(frame)
    assert isinstance(sheet, HelpSheet)
    keys = {hint.accessibleName() for hint in sheet.findChildren(KeyHint)}
    press(Qt.Key.Key_Escape)

    assert {"Ctrl+N", "Alt+1", "Alt+2", "Ctrl+K", "F1"} <= keys
    assert top_sheet(frame) is None


def test_errors_that_no_screen_shows_reach_the_person(ui: UiLoop) -> None:
    frame, listener = make(), Listener()
    connect(frame.failure_reported, listener.take)
    shown(ui, frame)
    problem = ZeroDivisionError("x")

    async def fail(error: Exception) -> None:
        raise error

    async def story() -> None:
        tasks.use_reporter(frame)
        errors = (Rejected("number_invalid"), Unavailable("number_invalid"), problem)
        for error in errors:
            tasks.spawn(listener, fail(error))
        await ui.settle()

    ui.run(story())

    assert frame.toasts.texts()[0] == "This is not a number."
    assert frame.banner.text() == "This is not a number."
    assert listener.heard == [problem]


def test_light_and_dark_are_switched_at_once(ui: UiLoop) -> None:
    frame = make()
    frame.open_screen("products")
    shown(ui, frame)
    light = frame.grab().toImage().pixelColor(300, 400).lightness()

    frame.switch_mode()

    assert theme.current().mode is theme.Mode.DARK
    assert frame.grab().toImage().pixelColor(300, 400).lightness() < light / 2


def test_window_closes_only_after_the_program_has_put_everything_away(ui: UiLoop) -> None:
    frame, listener = make(), Listener()
    connect(frame.close_asked, listener.take)
    shown(ui, frame)

    frame.close()
    still_open = frame.isVisible()
    frame.allow_close()

    assert still_open
    assert listener.heard == ["asked"]
    assert not frame.isVisible()


def test_chips_without_room_give_way_the_longest_first() -> None:
    assert widest_of([40, 300, 60], 500) == 300
    assert widest_of([40, 300, 60], 200) == 100
    assert widest_of([200, 300, 40], 240) == 100
    assert widest_of([], 10) == 0


def test_a_long_name_in_the_strip_does_not_widen_the_window(ui: UiLoop) -> None:
    strip = StatusStrip()
    name = Chip("who", "user", "Bartholomäus-Maximilian von und zu Hohenlohe-Langenburg")
    strip.set_chips(
        [name, Chip("net", "wifi", "Online"), Chip("cases", "inbox", "Open", count="3")]
    )
    window = QWidget()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(strip)
    ui.show(window, 900, 40)
    window.resize(260, 40)
    chips = {each.objectName(): each for each in strip.findChildren(QAbstractButton)}
    assert sum(each.width() for each in chips.values()) <= 260
    assert chips["net"].width() == chips["net"].sizeHint().width()
    assert strip.minimumSizeHint().width() == 0
    assert name.text in strip.words()
    assert name.text in chips["who"].toolTip()


def test_strip_shows_states_in_words_and_says_which_was_pressed(ui: UiLoop) -> None:
    frame, listener = make(), Listener()
    connect(frame.strip.chosen, listener.take)
    shown(ui, frame)

    frame.strip.set_chips(
        [Chip("net", "wifi", "Online"), Chip("out", "cloud-upload", "Waiting", count="3")]
    )
    frame.strip.set_chip(Chip("net", "wifi-off", "Offline", Severity.DANGER, tip="since 09:12"))
    button = frame.strip.findChild(QWidget, "net")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert frame.strip.words() == ["Offline", "Waiting  3"]
    assert button.toolTip() == "since 09:12"
    assert listener.heard == ["net"]


class Watcher(QObject):
    """Remembers what was shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt
        """Look on."""
        is_shown = event.type() is QEvent.Type.Show
        if is_shown and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(watched)
        return False


@pytest.mark.parametrize("is_full", [True, False])
def test_no_part_of_the_window_flashes_up_as_a_window_of_its_own(
    ui: UiLoop,
    qapp: QApplication,
    is_full: bool,  # noqa: FBT001 - a case
) -> None:
    async def story() -> None:
        watcher = Watcher()
        qapp.installEventFilter(watcher)
        screens = [spec("products"), spec("orders")]
        frame = Frame(
            FrameSpec(brand="Shop", screens=screens, has_rail=is_full, has_header=is_full)
        )
        ui.show(frame)
        frame.open_screen("products")
        await ui.turn(2)
        qapp.removeEventFilter(watcher)
        assert watcher.windows == [frame]
        assert frame.rail.isVisible() is is_full

    ui.run(story())
