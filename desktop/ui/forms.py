"""Forms made from field specs: labels, help, required marks, errors in place, unsaved changes."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.editors import (
    connect_edited,
    editor_value,
    make_editor,
    set_editor_value,
)
from desktop.ui.fields import FieldKind, FieldSpec, FieldValue, Section
from desktop.ui.label import Label, Role
from shared.kernel.errors import Bug, Rejected


class FieldRow(QWidget):
    """One field: label, editor, help, and its error when there is one."""

    edited = Signal()

    def __init__(self, spec: FieldSpec, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.editor = make_editor(spec)
        self._error = Label("", Role.ERROR, wraps=True)
        self._error.hide()
        self._help = Label("", Role.SMALL, wraps=True)
        label = spec.label or i18n.tr(spec.label_key)
        self.editor.setAccessibleName(label)
        typed_in = self.editor.focusProxy()
        if typed_in is not None:
            # What has the focus is what a screen reader reads.
            typed_in.setAccessibleName(label)
        if isinstance(self.editor, QLineEdit) and spec.placeholder_key:
            self.editor.setPlaceholderText(i18n.tr(spec.placeholder_key))
        self._lay(label)
        if spec.help_key:
            self._help.setText(i18n.tr(spec.help_key))
            self.editor.setAccessibleDescription(self._help.text())
        self._help.setVisible(bool(spec.help_key))
        connect_edited(self.editor, self._on_edited)

    def _lay(self, text: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S1)
        is_switch = self.spec.kind is FieldKind.SWITCH
        label = Label(text, Role.LABEL, wraps=is_switch)
        label.setBuddy(self.editor)
        head = QHBoxLayout()
        head.setSpacing(theme.S1)
        head.addWidget(label, int(is_switch))
        if self.spec.is_required:
            mark = Label("*", Role.ERROR)
            mark.setToolTip(i18n.tr("ui.form.required"))
            head.addWidget(mark)
        column.addLayout(head)
        if is_switch:
            self.editor.setToolTip(text)
            head.addWidget(self.editor)
        else:
            head.addStretch()
            column.addWidget(self.editor)
        column.addWidget(self._error)
        column.addWidget(self._help)

    def value(self) -> FieldValue:
        """Give the value; raises Rejected for the field when it cannot be one or is missing."""
        try:
            value = editor_value(self.editor)
        except Rejected as error:
            raise Rejected(error.code, field=self.spec.key, **error.params) from error
        if self.spec.is_required and value in {None, "", ()}:
            raise Rejected("field_required", field=self.spec.key)
        return value

    def show_error(self, text: str) -> None:
        """Show an error under the field; an empty text takes it away."""
        self._error.setText(text)
        self._error.setVisible(bool(text))
        self._help.setVisible(bool(self.spec.help_key) and not text)
        self.editor.setProperty("invalid", "true" if text else "")
        self.editor.setAccessibleDescription(text or self._help.text())
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)

    def error(self) -> str:
        """Give the error that is shown."""
        return self._error.text()

    def _on_edited(self) -> None:
        if self._error.text():
            self.show_error("")
        self.edited.emit()


class Form(QWidget):
    """Fields in sections. `values()` reads all of them or shows what is wrong.

    Signals: `dirty_changed(bool)`, `submitted` (Ctrl+S, or Enter in the last field), `cancelled`
    (Esc).
    """

    dirty_changed = Signal(bool)
    submitted = Signal()
    cancelled = Signal()

    def __init__(
        self, sections: Sequence[Section | FieldSpec], *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows: dict[str, FieldRow] = {}
        self._clean: dict[str, FieldValue] = {}
        self._is_dirty = False
        self._notice = Label("", Role.ERROR, wraps=True)
        self._notice.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S6)
        column.addWidget(self._notice)
        for section in _as_sections(sections):
            column.addLayout(self._section(section))
        column.addStretch()
        self._order_tabs()
        self.mark_clean()

    # -- values

    def field(self, key: str) -> FieldRow:
        """Give the row of a field; raises Bug when there is none."""
        if key not in self._rows:
            raise Bug(f"the form has no field {key!r}")
        return self._rows[key]

    def values(self) -> dict[str, FieldValue] | None:
        """Read all fields. None when one is wrong: then it says so and has the focus."""
        values: dict[str, FieldValue] = {}
        first_wrong: FieldRow | None = None
        self.clear_errors()
        for key, row in self._rows.items():
            try:
                values[key] = row.value()
            except Rejected as error:
                row.show_error(i18n.error_text(error))
                first_wrong = first_wrong or row
        if first_wrong is not None:
            first_wrong.editor.setFocus()
            return None
        return values

    def values_as_typed(self) -> dict[str, FieldValue]:
        """Give what stands in all fields, unchecked; an odd text where it cannot be read."""
        return self._read()

    def set_values(self, values: Mapping[str, FieldValue]) -> None:
        """Fill fields and take this as the state without changes."""
        for key, value in values.items():
            set_editor_value(self.field(key).editor, value)
        self.clear_errors()
        self.mark_clean()

    def changes(self) -> dict[str, FieldValue]:
        """Give the fields that differ from the state without changes."""
        return {key: value for key, value in self._read().items() if value != self._clean.get(key)}

    # -- state

    @property
    def is_dirty(self) -> bool:
        """Say whether something was changed."""
        return self._is_dirty

    def mark_clean(self) -> None:
        """Take what stands there as the state without changes, for example after saving."""
        self._clean = self._read()
        self._set_dirty(is_dirty=False)

    def show_rejected(self, error: Rejected) -> None:
        """Show a rejection at its field, or above the form when it names none."""
        row = self._rows.get(error.field or "")
        if row is None:
            self._notice.setText(i18n.error_text(error))
            self._notice.show()
            return
        row.show_error(i18n.error_text(error))
        row.editor.setFocus()

    def clear_errors(self) -> None:
        """Take all errors away."""
        self._notice.hide()
        for row in self._rows.values():
            if row.error():
                row.show_error("")

    def focus_first(self) -> None:
        """Set the focus into the first field."""
        for row in self._rows.values():
            row.editor.setFocus(Qt.FocusReason.TabFocusReason)
            return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+S submits, Esc cancels, Enter in a line goes on."""
        if event.matches(QKeySequence.StandardKey.Save):
            self.submitted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go_on()
        else:
            super().keyPressEvent(event)

    # -- inside

    def _section(self, section: Section) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(theme.S4)
        if section.title_key:
            column.addWidget(Label(i18n.tr(section.title_key), Role.HEADING))
        if section.text_key:
            column.addWidget(Label(i18n.tr(section.text_key), Role.MUTED, wraps=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.S4)
        grid.setVerticalSpacing(theme.S4)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        line, half = 0, 0
        for spec in section.fields:
            row = self._add(spec)
            if not spec.is_half and half:
                line, half = line + 1, 0
            span = 1 if spec.is_half else 2
            grid.addWidget(row, line, half, 1, span, Qt.AlignmentFlag.AlignTop)
            half = (half + span) % 2
            line += 0 if half else 1
        column.addLayout(grid)
        return column

    def _add(self, spec: FieldSpec) -> FieldRow:
        if spec.key in self._rows:
            raise Bug(f"the form has two fields {spec.key!r}")
        row = FieldRow(spec)
        self._rows[spec.key] = row
        connect(row.edited, self._on_edited)
        return row

    def _order_tabs(self) -> None:
        editors = [row.editor for row in self._rows.values()]
        for before, after in pairwise(editors):
            QWidget.setTabOrder(before, after)

    def _go_on(self) -> None:
        editors = [row.editor for row in self._rows.values()]
        if editors and editors[-1].hasFocus():
            self.submitted.emit()
        else:
            self.focusNextChild()

    def _read(self) -> dict[str, FieldValue]:
        values: dict[str, FieldValue] = {}
        for key, row in self._rows.items():
            try:
                values[key] = editor_value(row.editor)
            except Rejected:
                # What cannot be read differs from anything that was there before.
                values[key] = object.__repr__(row)
        return values

    def _on_edited(self) -> None:
        self._set_dirty(is_dirty=self._read() != self._clean)

    def _set_dirty(self, *, is_dirty: bool) -> None:
        if is_dirty != self._is_dirty:
            self._is_dirty = is_dirty
            self.dirty_changed.emit(is_dirty)


def _as_sections(parts: Sequence[Section | FieldSpec]) -> list[Section]:
    loose = tuple(part for part in parts if isinstance(part, FieldSpec))
    sections = [part for part in parts if isinstance(part, Section)]
    return [Section("", loose), *sections] if loose else sections
