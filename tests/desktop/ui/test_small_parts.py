"""Buttons, search field, number pad, toasts, banner, steps, history, tiles."""

import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop.ui import i18n, theme
from desktop.ui.banner import Banner
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import StatTile, Trend
from desktop.ui.flow_layout import FlowLayout
from desktop.ui.key_hint import key_words
from desktop.ui.label import ElidedLabel, MoneyLabel
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.search_field import SearchField
from desktop.ui.split import Split
from desktop.ui.stepper import Stepper
from desktop.ui.switch import Switch
from desktop.ui.theme import Tone
from desktop.ui.timeline import Moment, Timeline
from desktop.ui.toast import Toasts
from tests.support.qt_loop import UiLoop


class Listener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[object, ...]] = []

    def take(self, *heard: object) -> None:
        self.heard.append(heard)


def shown(ui: UiLoop, widget: QWidget, width: int = 500, *, height: int = 400) -> None:
    async def story() -> None:
        ui.show(widget, width, height)
        await ui.until(widget.isActiveWindow)
        await ui.turn(2)

    ui.run(story())


def test_button_is_pressed_by_enter_and_space_and_names_itself(ui: UiLoop) -> None:
    button, listener = Button("", "plus", look=Look.GHOST, name="Add"), Listener()
    connect(button.clicked, listener.take)
    shown(ui, button, 40, height=40)

    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Space)

    assert len(listener.heard) == 2
    assert (button.accessibleName(), button.toolTip()) == ("Add", "Add")


def test_ampersand_in_a_name_is_shown_not_taken_for_a_key(ui: UiLoop) -> None:
    button = Button("Tea & Sons")

    assert button.text() == "Tea && Sons"
    assert button.accessibleName() == "Tea & Sons"


def test_search_tells_every_change_with_a_growing_generation(ui: UiLoop) -> None:
    field, listener = SearchField("Find"), Listener()
    connect(field.searched, listener.take)
    connect(field.entered, listener.take)
    connect(field.stepped, listener.take)
    shown(ui, field, 300, height=40)

    QTest.keyClicks(field, "te")
    first_is_stale = not field.is_latest(1)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Escape)

    assert first_is_stale
    assert listener.heard == [("t", 1), ("te", 2), ("te",), (int(Qt.Key.Key_Down),), ("", 3)]


@pytest.mark.parametrize(
    ("kind", "keys", "shows", "value"),
    [
        (PadKind.AMOUNT, "1234", "€12.34", 1234),
        (PadKind.AMOUNT, "007", "€0.07", 7),
        (PadKind.QUANTITY, "12", "12", 12),
        (PadKind.PIN, "0123", "●  ●  ●  ●  ", 123),
    ],
)
def test_pad_takes_figures(ui: UiLoop, kind: PadKind, keys: str, *, shows: str, value: int) -> None:
    pad, listener = NumPad(kind, currency="EUR"), Listener()
    connect(pad.entered, listener.take)
    shown(ui, pad)

    QTest.keyClicks(pad, keys)
    QTest.keyClick(pad, Qt.Key.Key_Enter)

    assert pad.findChildren(QLabel)[0].text() == shows
    assert pad.value() == value
    assert listener.heard == [(pad.digits(),)]


def test_pad_replaces_a_suggested_amount_and_takes_back_digits(ui: UiLoop) -> None:
    pad = NumPad(PadKind.AMOUNT, currency="EUR")
    shown(ui, pad)
    pad.set_value(5000)

    QTest.keyClicks(pad, "78")
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    figures = {
        button.accessibleName(): button for button in pad.findChildren(Button) if button.text()
    }
    figures["00"].click()

    assert pad.value() == 700


def test_pad_takes_no_more_than_it_can_hold(ui: UiLoop) -> None:
    pad = NumPad(PadKind.PIN, longest=4)
    shown(ui, pad)

    QTest.keyClicks(pad, "123456")

    assert pad.digits() == "1234"


def test_keys_of_the_pad_never_take_the_focus(ui: UiLoop) -> None:
    pad = NumPad(PadKind.AMOUNT, currency="EUR")
    shown(ui, pad)
    pad.setFocus()

    QTest.mouseClick(pad.findChildren(Button)[0], Qt.MouseButton.LeftButton)

    assert QApplication.focusWidget() is pad
    assert pad.value() == 7


def test_toasts_pile_up_to_three_and_act(ui: UiLoop) -> None:
    window, listener = QWidget(), Listener()
    toasts = Toasts(window)
    shown(ui, window)

    for at in range(3):
        toasts.show(f"Note {at}", Tone.OK, "Undo")
    toast = toasts.show("Note 3", Tone.OK, "Undo")
    connect(toast.acted, listener.take)
    before = toasts.texts()
    toast.findChildren(Button)[0].click()

    assert before == ["Note 1", "Note 2", "Note 3"]
    assert toasts.texts() == ["Note 1", "Note 2"]
    assert listener.heard == [()]


def test_toasts_never_take_the_focus(ui: UiLoop) -> None:
    window = QWidget()
    field = SearchField(parent=window)
    toasts = Toasts(window)
    shown(ui, window)
    field.setFocus()

    toasts.show("Saved", Tone.OK, "Undo")

    assert field.hasFocus()


def test_the_words_of_a_banner_follow_its_ground(ui: UiLoop) -> None:
    banner = Banner()
    shown(ui, banner)
    for tone in (Tone.WARN, Tone.DANGER, Tone.OK):
        banner.show_message("line", "Something is up", tone)
        (words,) = banner.findChildren(QLabel)
        colour = words.palette().windowText().color().name()
        assert colour == theme.tone_colours(tone).text


def test_banner_tells_which_message_was_acted_on_and_clears_only_its_own(ui: UiLoop) -> None:
    banner, listener = Banner(), Listener()
    connect(banner.acted, listener.take)
    shown(ui, banner)

    banner.show_message("offline", "Offline", Tone.WARN, action="Details")
    banner.findChildren(Button)[0].click()
    banner.clear("printer")
    kept = banner.text()
    banner.clear("offline")

    assert listener.heard == [("offline",)]
    assert (kept, banner.text()) == ("Offline", "")
    assert banner.isHidden()


def test_stepper_says_where_one_is(ui: UiLoop) -> None:
    steps = Stepper(["File", "Check", "Done"])

    steps.set_step(1)

    assert steps.step() == 1
    assert steps.accessibleName() == "Step 2 of 3: Check"


def test_timeline_shows_moments_again_and_again(ui: UiLoop) -> None:
    timeline = Timeline([Moment("Placed", "08:41"), Moment("Paid", "08:42", "by card")])
    shown(ui, timeline)

    timeline.set_moments([Moment("Shipped", "10:24")])

    words = [label.text() for label in timeline.findChildren(QLabel) if label.isVisibleTo(timeline)]
    assert words == ["Shipped", "10:24"]


def test_tile_is_read_out_with_its_figure_and_can_be_chosen(ui: UiLoop) -> None:
    tile, listener = StatTile("Sales", icon="banknote"), Listener()
    connect(tile.chosen, listener.take)
    shown(ui, tile)

    tile.set_value("€12.00")
    tile.set_trend(Trend.UP, "more than yesterday", Tone.OK)
    tile.set_points([1, 5, 3])
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))

    assert tile.accessibleName() == "Sales: €12.00"
    assert listener.heard == [()]


def test_the_sign_of_a_tile_follows_what_it_tells(ui: UiLoop) -> None:
    tile = StatTile("Server", icon="cloud")
    shown(ui, tile)
    before = tile.grab().toImage()

    tile.set_icon("cloud-off")
    changed = tile.grab().toImage()
    tile.set_icon("cloud")

    assert changed != before
    assert tile.grab().toImage() == before


def test_what_is_hidden_takes_no_room_in_a_flow(ui: UiLoop) -> None:
    box = QWidget()
    flow = FlowLayout(box, gap=8)
    parts = [QLabel(word) for word in ("one", "two", "three")]
    for part in parts:
        flow.addWidget(part)
    shown(ui, box, 400, height=40)
    gap = parts[1].x() - parts[0].geometry().right()

    parts[1].hide()
    shown(ui, box, 401, height=40)

    assert parts[2].x() - parts[0].geometry().right() == gap


def test_long_words_are_shortened_in_the_middle_and_shown_whole_in_the_tip(ui: UiLoop) -> None:
    label = ElidedLabel("A very long name of a product that does not fit, 500 g")
    shown(ui, label, 120, height=30)

    assert "…" in label.text()
    assert label.toolTip().endswith("500 g")

    label.set_whole("Tea")
    assert (label.text(), label.toolTip()) == ("Tea", "")


def test_a_sum_that_the_style_sheet_makes_strong_follows_the_theme(
    ui: UiLoop, qapp: QApplication
) -> None:
    label = MoneyLabel("12.00")
    label.setProperty("role", "strong")
    shown(ui, label)
    before = label.fontInfo().pixelSize()

    for mode in (theme.Mode.DARK, theme.Mode.LIGHT):
        theme.apply(qapp, theme.Theme(mode))

    assert label.fontInfo().pixelSize() == before


def test_switch_is_turned_by_space(ui: UiLoop) -> None:
    switch = Switch("Online")
    shown(ui, switch)

    QTest.keyClick(switch, Qt.Key.Key_Space)

    assert switch.isChecked()


def test_keys_are_written_as_caps() -> None:
    assert key_words("Ctrl+Shift+L") == ["Ctrl", "Shift", "L"]
    assert key_words("Ctrl++") == ["Ctrl", "+"]
    assert key_words("F12") == ["F12"]


def test_parts_of_a_split_cannot_vanish(ui: UiLoop) -> None:
    split = Split(QWidget(), QWidget(), shares=(3, 1))
    shown(ui, split, 800, height=300)

    assert split.sizes()[0] > split.sizes()[1] > 0
    assert not split.childrenCollapsible()


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_parts_speak_every_language(ui: UiLoop, code: str) -> None:
    i18n.use(i18n.load(code, is_strict=True))

    words = [SearchField().placeholderText(), Stepper(["x"]).accessibleName()]

    assert all(words)


def test_keys_are_named_as_the_keyboards_of_the_language_name_them(ui: UiLoop) -> None:
    i18n.use(i18n.load("de", is_strict=True))

    assert key_words("Ctrl+Shift+Del") == ["Strg", "Umschalt", "Entf"]
    assert key_words("PgUp") == ["Bild auf"]
