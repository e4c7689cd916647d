"""Small ways with forms and buttons: fill fields as if typed, buttons in the heads of cards."""

from collections.abc import Mapping
from datetime import date

from PySide6.QtWidgets import QWidget

from desktop.ui.actions import ActionSet
from desktop.ui.editors import Editor, set_editor_value
from desktop.ui.forms import Form

_VALUES = (str, int, date, bytes, tuple)


def edit(form: Form, values: Mapping[str, object]) -> None:
    """Fill fields as a person would, so that the form knows it was changed."""
    for key, value in values.items():
        editor = form.field(key).editor
        if (value is None or isinstance(value, _VALUES)) and isinstance(editor, Editor):
            set_editor_value(editor, value)
            editor.edited.emit()


def small_button(actions: ActionSet, name: str) -> QWidget:
    """A small button for the head of a card; empty room where the person may not do it."""
    button = actions.button(name)
    if button is None:
        hidden = QWidget()
        hidden.hide()
        return hidden
    button.setProperty("scale", "small")
    return button
