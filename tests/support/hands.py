"""A person's hands and eyes at one window: keys, clicks, and what is to be seen."""

from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from desktop.ui import tasks
from desktop.ui.editors import Editor, editor_value
from desktop.ui.fields import FieldValue
from desktop.ui.forms import FieldRow
from desktop.ui.sheet import Sheet, top_sheet
from desktop.ui.table_view import TableView
from tests.support.waiting import PATIENCE_S, turn, until

W = TypeVar("W", bound=QWidget)
_Modifier = Qt.KeyboardModifier


class Hands:
    """Works at `window` as a person does; names are those that a screen reader says."""

    def __init__(self, window: QWidget) -> None:
        self.window = window

    # -- waiting

    async def settle(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until nothing but a question is under way, and everything is painted."""
        for _ in range(2):
            await turn(2)
            await until(self._is_quiet, patience_s)
            await turn(2)
            self.window.grab()

    def _is_quiet(self) -> bool:
        sheets = [each for each in self.window.children() if isinstance(each, Sheet)]
        return len(tasks.running()) <= sum(each.isVisible() for each in sheets)

    # -- keys and clicks

    async def press(self, *keys: str, patience_s: float = PATIENCE_S) -> None:
        """Press keys as `Ctrl+S` one after the other, where the focus is."""
        for each in keys:
            pressed = QKeySequence(each)[0]  # type: ignore[index]  # stubs lack it
            QTest.keyClick(self.focus(), pressed.key(), pressed.keyboardModifiers())
            await self.settle(patience_s)

    async def write(self, text: str) -> None:
        """Type letters where the focus is."""
        if text.isascii():
            QTest.keyClicks(self.focus(), text)
        else:
            # QTest knows no keys for other letters.
            for letter in text:
                press = QKeyEvent(QEvent.Type.KeyPress, 0, _Modifier.NoModifier, letter)
                QApplication.sendEvent(self.focus(), press)
        await self.settle()

    def scan(self, code: str) -> None:
        """Scan as a keyboard wedge does: letters without a pause, then Enter."""
        QTest.keyClicks(self.focus(), code + "\r")

    async def write_slowly(self, text: str) -> None:
        """Type letters so that no scanner takes them for a scan: each waits for the one before."""
        field = self.focus()
        assert isinstance(field, QLineEdit)
        for letter in text:
            length = len(field.text()) + 1
            QTest.keyClicks(field, letter)
            await until(partial(_is_as_long, field, length))

    async def click(self, name: str) -> None:
        """Click the button that says so."""
        self.find(QAbstractButton, name).click()
        await self.settle()

    def tap(self, *names: str) -> None:
        """Touch buttons one after the other, without waiting for what they do."""
        for name in names:
            QTest.mouseClick(self.find(QAbstractButton, name), Qt.MouseButton.LeftButton)

    async def fill(self, label: str, text: str) -> None:
        """Type a text into a field, in place of what stands there."""
        self.editor(label).setFocus()
        QTest.keyClick(self.focus(), Qt.Key.Key_A, _Modifier.ControlModifier)
        await self.write(text)

    async def choose(self, label: str, value: FieldValue) -> None:
        """Give a field or filter another value, as a person does who picks it."""
        editor = self.editor(label)
        assert isinstance(editor, Editor)
        editor.set_value(value)
        editor.edited.emit()
        await self.settle()

    async def choose_file(self, path: Path) -> None:
        """Put a path into the open question for a file, and open it."""
        (dialog,) = self.every(QFileDialog)
        name = dialog.findChild(QLineEdit)
        assert name is not None, "the question has no line for a name"
        name.setText(str(path))
        QTest.keyClick(name, Qt.Key.Key_Return)
        # Offscreen there is nobody who gives the activity back when a window closes.
        self.window.activateWindow()
        await self.settle()

    async def drop(self, target: QWidget, path: Path) -> bool:
        """Drag a file onto a widget and let go; whether it was taken."""
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile(str(path))])
        action, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        enter = QDragEnterEvent(QPoint(5, 5), action, carried, held, _Modifier.NoModifier)
        enter.ignore()
        QApplication.sendEvent(target, enter)
        if enter.isAccepted():
            drop = QDropEvent(QPoint(5, 5), action, carried, held, _Modifier.NoModifier)
            QApplication.sendEvent(target, drop)
        await self.settle()
        return enter.isAccepted()

    def focus(self) -> QWidget:
        """The widget that has the focus; there is always one."""
        focused = QApplication.focusWidget()
        active = QApplication.activeWindow()
        assert focused is not None, f"the focus is lost; {active} is active"
        return focused

    # -- what is seen

    def front(self) -> QWidget:
        """What a person looks at: the sheet on top, else what the window shows."""
        return top_sheet(self.window) or self.window

    def every(self, kind: type[W]) -> list[W]:
        """Everything of a kind that is to be seen in front."""
        front = self.front()
        return [each for each in front.findChildren(kind) if each.isVisibleTo(self.window)]

    def find(self, kind: type[W], name: str) -> W:
        """What a screen reader calls so, or else what it calls by a name that begins so."""
        found = self.every(kind)
        exact = [each for each in found if each.accessibleName() == name]
        begun = [each for each in found if each.accessibleName().startswith(name)]
        assert exact or begun, f"no {kind.__name__} {name!r} among {_names(found)}"
        return (exact or begun)[0]

    def offers(self, name: str) -> bool:
        """Whether a button that says so can be pressed now."""
        found = self.every(QAbstractButton)
        return any(each.isEnabled() and each.accessibleName().startswith(name) for each in found)

    def names(self, kind: type[QWidget]) -> list[str]:
        """What a screen reader calls everything of a kind."""
        return _names(self.every(kind))

    def field(self, label: str) -> FieldRow:
        """The field with that label."""
        rows = self.every(FieldRow)
        found = [row for row in rows if row.editor.accessibleName() == label]
        assert found, f"no field {label!r} among {[r.editor.accessibleName() for r in rows]}"
        return found[0]

    def editor(self, label: str) -> QWidget:
        """What edits the value with that label, in a form or beside a list."""
        editors = [each for each in self.every(QWidget) if isinstance(each, Editor)]
        found = [each for each in editors if each.accessibleName() == label]
        assert found, f"no editor {label!r} among {_names(editors)}"
        return found[0]

    def value(self, label: str) -> FieldValue:
        """What stands in a field."""
        return editor_value(self.editor(label))

    def table(self, name: str = "") -> TableView:
        """A table by its name, or the only one."""
        return self.find(TableView, name)

    async def look_at(self, table: str) -> TableView:
        """Scroll a table into view, so that its rows are loaded."""
        shown = self.table(table)
        for parent in self.every(QScrollArea):
            if parent.isAncestorOf(shown):
                parent.ensureWidgetVisible(shown)
        await self.settle()
        return shown

    def cells(self, table: TableView | None = None) -> list[list[str]]:
        """What stands in the rows of a table, without what is not loaded."""
        model = (table or self.table()).rows_model()
        places = range(model.columnCount())
        return [
            [str(model.index(row, place).data() or "") for place in places]
            for row in range(model.rowCount())
        ]

    def column(self, title: str, table: str = "") -> list[str]:
        """What stands in one column."""
        shown = self.table(table)
        heads = [
            shown.rows_model().headerData(place, Qt.Orientation.Horizontal)
            for place in range(shown.rows_model().columnCount())
        ]
        place = heads.index(title)
        return [row[place] for row in self.cells(shown)]

    async def mark(self, words: str, title: str, table: str = "") -> None:
        """Walk by arrows to the row with these words in a column."""
        texts = self.column(title, table)
        found = [place for place, text in enumerate(texts) if words in text]
        assert found, f"no row says {words!r} among {texts}"
        self.table(table).setFocus()
        await self.press("Home", *["Down"] * found[0])

    def says(self) -> str:
        """All words in front, one part a line."""
        parts: list[str] = []
        for widget in self.every(QWidget):
            parts.append(widget.accessibleName())
            if isinstance(widget, QLabel | QAbstractButton):
                parts.append(widget.text())
        return "\n".join(part for part in parts if part)

    def sheet(self) -> Sheet:
        """The sheet on top; there must be one."""
        sheet = top_sheet(self.window)
        assert sheet is not None, "no sheet is open"
        return sheet

    def has_sheet(self) -> bool:
        """Whether a sheet is open."""
        return top_sheet(self.window) is not None


def _is_as_long(field: QLineEdit, length: int) -> bool:
    return len(field.text()) >= length


def _names(widgets: list[W]) -> list[str]:
    return [each.accessibleName() for each in widgets]
