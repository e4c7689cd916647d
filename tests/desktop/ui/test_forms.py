"""Forms: values in and out, errors in place, unsaved changes, keys."""

import asyncio
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.editors import ChoiceField, editor_value
from desktop.ui.fields import Choice, FieldKind, FieldSpec, FieldValue, Section
from desktop.ui.forms import Form
from desktop.ui.image_field import ImageField
from desktop.ui.tags_field import TagsField
from shared.kernel.errors import Bug, Rejected
from tests.support.qt_loop import UiLoop

SPECS = (
    FieldSpec(key="name", label_key="gallery.product", is_required=True, longest=10),
    FieldSpec(key="text", label_key="gallery.text", kind=FieldKind.MULTILINE),
    FieldSpec(key="price", label_key="gallery.price", kind=FieldKind.MONEY, currency="EUR"),
    FieldSpec(
        key="weight", label_key="gallery.weight", kind=FieldKind.QUANTITY, digits=3, unit="kg"
    ),
    FieldSpec(
        key="tax",
        label_key="gallery.tax",
        kind=FieldKind.CHOICE,
        choices=(Choice("std", "19 %"), Choice("low", "7 %")),
    ),
    FieldSpec(key="online", label_key="gallery.online", kind=FieldKind.SWITCH),
    FieldSpec(key="from", label_key="gallery.from", kind=FieldKind.DATE),
    FieldSpec(key="tags", label_key="gallery.tags", kind=FieldKind.TAGS),
    FieldSpec(key="secret", label_key="gallery.secret", kind=FieldKind.SECRET),
    FieldSpec(key="pin", label_key="gallery.pin", kind=FieldKind.PIN, longest=4),
    FieldSpec(key="picture", label_key="ui.image", kind=FieldKind.IMAGE),
)
VALUES: dict[str, FieldValue] = {
    "name": "Tea",
    "text": "Green.\nLoose.",
    "price": 1299,
    "weight": 1250,
    "tax": "low",
    "online": True,
    "from": date(2026, 3, 4),
    "tags": ("green", "loose"),
    "secret": "s3cret",
    "pin": "1234",
    "picture": None,
}


class Screen(QObject):
    def __init__(self, form: Form) -> None:
        super().__init__()
        self.dirt: list[bool] = []
        self.heard: list[str] = []
        connect(form.dirty_changed, self.on_dirty)
        connect(form.submitted, self.on_submitted)
        connect(form.cancelled, self.on_cancelled)

    def on_dirty(self, *dirt: bool) -> None:
        self.dirt.extend(dirt)

    def on_submitted(self) -> None:
        self.heard.append("submitted")

    def on_cancelled(self) -> None:
        self.heard.append("cancelled")


def shown(ui: UiLoop, form: Form) -> None:
    async def story() -> None:
        ui.show(form)
        await ui.turn(3)

    ui.run(story())


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_values_come_back_as_they_were_set_in_every_language(ui: UiLoop, code: str) -> None:
    i18n.use(i18n.load(code, is_strict=True))
    form = Form(SPECS)

    form.set_values(VALUES)

    assert form.values() == VALUES
    assert not form.is_dirty
    assert form.changes() == {}


def test_required_field_left_empty_is_marked_and_gets_the_focus(ui: UiLoop) -> None:
    form = Form(SPECS)
    shown(ui, form)

    assert form.values() is None

    assert form.field("name").error() == "This is needed."
    assert QApplication.focusWidget() is form.field("name").editor


def test_typing_takes_the_error_away(ui: UiLoop) -> None:
    form = Form(SPECS)
    shown(ui, form)
    form.values()

    QTest.keyClicks(form.field("name").editor, "T")

    assert form.field("name").error() == ""


def test_rejection_stands_at_its_field_and_others_above_the_form(ui: UiLoop) -> None:
    form = Form(SPECS)
    shown(ui, form)

    form.show_rejected(Rejected("number_too_large", field="price"))
    form.show_rejected(Rejected("number_invalid"))

    assert form.field("price").error() == "This number is too large."
    notices = [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
    assert "This is not a number." in notices


@pytest.mark.parametrize(
    ("code", "typed", "value"),
    [
        ("en", "12.5", 1250),
        ("de", "12,5", 1250),
        ("de", "1.234,56", 123456),
        ("en", "-3", -300),
        ("en", "0.07", 7),
    ],
)
def test_money_is_typed_as_the_language_writes_it(
    ui: UiLoop, code: str, typed: str, *, value: int
) -> None:
    i18n.use(i18n.load(code, is_strict=True))
    form = Form(SPECS)
    form.set_values(VALUES)
    shown(ui, form)
    editor = form.field("price").editor
    editor.setFocus(Qt.FocusReason.TabFocusReason)

    QTest.keyClicks(editor, typed)

    values = form.values()
    assert values is not None
    assert values["price"] == value


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("12.345", "At most 2 decimals can be kept."),
        ("abc", "This is not a number."),
        ("9" * 20, "This number is too large."),
    ],
)
def test_money_that_cannot_be_kept_exactly_is_refused(ui: UiLoop, typed: str, message: str) -> None:
    form = Form(SPECS)
    form.set_values({"name": "Tea"})
    shown(ui, form)
    form.field("price").editor.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(form.field("price").editor, typed)

    assert form.values() is None
    assert form.field("price").error() == message


def test_form_knows_what_was_changed_and_when_it_was_changed_back(ui: UiLoop) -> None:
    form = Form(SPECS)
    form.set_values(VALUES)
    screen = Screen(form)
    shown(ui, form)
    editor = form.field("name").editor

    QTest.keyClick(editor, Qt.Key.Key_End)
    QTest.keyClicks(editor, "s")
    changed = form.changes()
    QTest.keyClick(editor, Qt.Key.Key_Backspace)

    assert changed == {"name": "Teas"}
    assert screen.dirt == [True, False]


def test_keys_submit_cancel_and_go_on(ui: UiLoop) -> None:
    form = Form(SPECS[:4])
    screen = Screen(form)
    shown(ui, form)
    form.focus_first()

    QTest.keyClick(form.field("name").editor, Qt.Key.Key_Return)
    focused = QApplication.focusWidget()
    QTest.keyClick(form.field("price").editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(form.field("price").editor, Qt.Key.Key_Escape)

    assert focused is form.field("text").editor
    assert screen.heard == ["submitted", "cancelled"]


def test_enter_in_the_last_field_submits(ui: UiLoop) -> None:
    form = Form(SPECS[2:4])
    screen = Screen(form)
    shown(ui, form)
    form.field("weight").editor.setFocus()

    QTest.keyClick(form.field("weight").editor, Qt.Key.Key_Return)

    assert screen.heard == ["submitted"]


def test_every_editor_has_a_name_for_screen_readers(ui: UiLoop) -> None:
    form = Form(SPECS)

    nameless = [spec.key for spec in SPECS if not form.field(spec.key).editor.accessibleName()]

    assert nameless == []


def test_two_fields_of_one_key_and_money_without_currency_are_bugs(ui: UiLoop) -> None:
    with pytest.raises(Bug, match="two fields"):
        Form([SPECS[0], Section("", (SPECS[0],))])
    with pytest.raises(Bug, match="currency"):
        FieldSpec(key="price", label_key="gallery.price", kind=FieldKind.MONEY)


def test_tags_are_added_by_enter_and_comma_and_taken_away_by_backspace(ui: UiLoop) -> None:
    form = Form([FieldSpec(key="tags", label_key="gallery.tags", kind=FieldKind.TAGS)])
    shown(ui, form)
    editor = form.field("tags").editor
    assert isinstance(editor, TagsField)
    line = editor.focusProxy()
    assert line is not None

    QTest.keyClicks(line, "green")
    QTest.keyClick(line, Qt.Key.Key_Return)
    QTest.keyClicks(line, "loose,green,")
    both = editor.value()
    QTest.keyClick(line, Qt.Key.Key_Backspace)

    assert both == ("green", "loose")
    assert editor.value() == ("green",)
    assert form.is_dirty


def test_choice_that_is_not_offered_leaves_the_field_empty(ui: UiLoop) -> None:
    form = Form(SPECS)
    form.set_values({"tax": "gone"})
    editor = form.field("tax").editor

    assert isinstance(editor, ChoiceField)
    assert editor_value(editor) == ""


def test_picture_field_takes_pictures_and_refuses_the_rest(ui: UiLoop, tmp_path: Path) -> None:
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(QColor("#aa0000"))
    picture.save(str(tmp_path / "tea.png"))
    (tmp_path / "note.png").write_text("not a picture")
    form = Form([FieldSpec(key="picture", label_key="ui.image", kind=FieldKind.IMAGE)])
    field = form.field("picture").editor
    assert isinstance(field, ImageField)

    async def story() -> None:
        await field.take(tmp_path / "tea.png")
        with pytest.raises(Rejected, match="image_unreadable"):
            await field.take(tmp_path / "note.png")
        await asyncio.sleep(0)
        await ui.settle()

    ui.run(story())

    assert field.value() == (tmp_path / "tea.png").read_bytes()
    assert form.is_dirty
