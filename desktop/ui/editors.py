"""Editors: the widget behind each kind of field, all with value, set_value and edited."""

from collections.abc import Callable
from datetime import date
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QDate, QLocale, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QTextCharFormat, QWheelEvent
from PySide6.QtWidgets import (
    QCalendarWidget,
    QComboBox,
    QDateEdit,
    QPlainTextEdit,
    QStyledItemDelegate,
    QWidget,
)

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.fields import Choice, FieldKind, FieldSpec, FieldValue
from desktop.ui.figure_field import MoneyField, QuantityField
from desktop.ui.image_field import ImageField
from desktop.ui.line import Line
from desktop.ui.secret_field import PinField, SecretField
from desktop.ui.switch import Switch
from desktop.ui.tags_field import TagsField
from shared.kernel.errors import Bug


@runtime_checkable
class Editor(Protocol):
    """What a form asks of a widget that edits a value; `edited` says a person changed it."""

    @property
    def edited(self) -> SignalInstance: ...

    def value(self) -> FieldValue:
        """Give the value; raises Rejected when what stands there cannot be one."""

    def set_value(self, value: FieldValue) -> None:
        """Show a value."""


class TextField(Line):
    """One line of text."""

    edited = Signal()

    def __init__(self, longest: int = 0, *, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        if longest:
            self.setMaxLength(longest)
        connect(self.textEdited, self._on_edited)

    def value(self) -> str:
        """Give the text without blanks at its ends."""
        return self.text().strip()

    def set_value(self, value: FieldValue) -> None:
        """Show a text."""
        self.setText("" if value is None else str(value))
        self.setCursorPosition(0)

    def _on_edited(self, _text: str) -> None:
        self.edited.emit()


class MultilineField(QPlainTextEdit):
    """Several lines of text; Tab leaves the field."""

    edited = Signal()

    def __init__(self, lines: int = 4, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 20)
        connect(self.textChanged, self._on_changed)

    def value(self) -> str:
        """Give the text."""
        return self.toPlainText().strip()

    def set_value(self, value: FieldValue) -> None:
        """Show a text."""
        self._shown = "" if value is None else str(value)
        self.setPlainText(self._shown)

    def _on_changed(self) -> None:
        text = self.toPlainText()
        if text != self._shown:
            self._shown = text
            self.edited.emit()


class ChoiceField(QComboBox):
    """One of a few values; the wheel does not change it by accident."""

    edited = Signal()

    def __init__(self, choices: list[Choice], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # The delegate of a plain combo box does not heed the style sheet.
        self.setItemDelegate(QStyledItemDelegate(self))
        self.set_choices(choices)
        connect(self.activated, self._on_activated)

    def set_choices(self, choices: list[Choice]) -> None:
        """Offer other values; the chosen one stays if it is among them."""
        kept = self.currentData()
        self.clear()
        for choice in choices:
            self.addItem(choice.text, choice.value)
        self.setCurrentIndex(max(0, self.findData(kept)) if choices else -1)

    def value(self) -> str:
        """Give the chosen value."""
        return str(self.currentData() or "")

    def set_value(self, value: FieldValue) -> None:
        """Choose a value; one that is not offered leaves the field empty."""
        self.setCurrentIndex(self.findData(value))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Ctrl and a letter to the form: a combo box would look for it in its list."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()

    def _on_activated(self, _place: int) -> None:
        self.edited.emit()


class SwitchField(Switch):
    """On or off."""

    edited = Signal()

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        connect(self.clicked, self._on_clicked)

    def value(self) -> bool:
        """Say whether it is on."""
        return self.isChecked()

    def set_value(self, value: FieldValue) -> None:
        """Turn on or off."""
        self.setChecked(bool(value))

    def _on_clicked(self) -> None:
        self.edited.emit()


_NO_DATE = QDate(1900, 1, 1)


class DateField(QDateEdit):
    """A day, or none; Del clears it."""

    edited = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCalendarPopup(True)
        self.setMinimumDate(_NO_DATE)
        self.setSpecialValueText(" ")
        locale = QLocale(i18n.language().code)
        # Digits are the same everywhere in the program; names in the calendar are translated.
        self.setLocale(QLocale.c())
        _dress(self.calendarWidget(), locale)
        short = locale.dateFormat(QLocale.FormatType.ShortFormat)
        self.setDisplayFormat(short if "yyyy" in short else short.replace("yy", "yyyy"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setDate(_NO_DATE)
        self._shown = _NO_DATE
        connect(self.dateChanged, self._on_changed)

    def value(self) -> date | None:
        """Give the day."""
        day = self.date()
        return None if day == _NO_DATE else date(day.year(), day.month(), day.day())

    def set_value(self, value: FieldValue) -> None:
        """Show a day."""
        self._shown = (
            QDate(value.year, value.month, value.day) if isinstance(value, date) else _NO_DATE
        )
        self.setDate(self._shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del takes the day away."""
        if event.key() == Qt.Key.Key_Delete:
            self.setDate(_NO_DATE)
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()

    def _on_changed(self, day: QDate) -> None:
        if day != self._shown:
            self._shown = day
            self.edited.emit()


def _dress(calendar: QCalendarWidget, locale: QLocale) -> None:
    """Make the calendar that pops up as quiet as everything else: no red, no week numbers."""
    calendar.setLocale(locale)
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
    for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        calendar.setWeekdayTextFormat(day, QTextCharFormat())


def make_editor(spec: FieldSpec) -> QWidget:
    """Make the editor a field's kind asks for."""
    return _MAKERS[spec.kind](spec)


def editor_value(editor: QWidget) -> FieldValue:
    """Read an editor made by `make_editor`."""
    value: FieldValue = _as_editor(editor).value()
    return value


def set_editor_value(editor: QWidget, value: FieldValue) -> None:
    """Fill an editor made by `make_editor`."""
    _as_editor(editor).set_value(value)


def connect_edited(editor: QWidget, method: Callable[[], None]) -> None:
    """Call `method` of a QObject when a person changes the value."""
    connect(_as_editor(editor).edited, method)


def _as_editor(editor: QWidget) -> Editor:
    if not isinstance(editor, Editor):
        raise Bug(f"{type(editor).__name__} is not an editor")
    return editor


def _text(spec: FieldSpec) -> QWidget:
    return TextField(spec.longest)


def _multiline(_spec: FieldSpec) -> QWidget:
    return MultilineField()


def _money(spec: FieldSpec) -> QWidget:
    return MoneyField(spec.currency)


def _quantity(spec: FieldSpec) -> QWidget:
    return QuantityField(spec.digits, spec.unit)


def _choice(spec: FieldSpec) -> QWidget:
    return ChoiceField(list(spec.choices))


def _switch(spec: FieldSpec) -> QWidget:
    return SwitchField(spec.label or i18n.tr(spec.label_key))


def _date(_spec: FieldSpec) -> QWidget:
    return DateField()


def _image(_spec: FieldSpec) -> QWidget:
    return ImageField()


def _tags(_spec: FieldSpec) -> QWidget:
    return TagsField()


def _secret(_spec: FieldSpec) -> QWidget:
    return SecretField()


def _pin(spec: FieldSpec) -> QWidget:
    return PinField(spec.longest)


_MAKERS: dict[FieldKind, Callable[[FieldSpec], QWidget]] = {
    FieldKind.TEXT: _text,
    FieldKind.MULTILINE: _multiline,
    FieldKind.MONEY: _money,
    FieldKind.QUANTITY: _quantity,
    FieldKind.CHOICE: _choice,
    FieldKind.SWITCH: _switch,
    FieldKind.DATE: _date,
    FieldKind.IMAGE: _image,
    FieldKind.TAGS: _tags,
    FieldKind.SECRET: _secret,
    FieldKind.PIN: _pin,
}
