"""A field for words: Enter or comma adds one, Backspace takes the last away."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.flow_layout import FlowLayout
from desktop.ui.line import Line


class _Tag(Button):
    """One word with a cross; a click takes it away."""

    removed = Signal(str)

    def __init__(self, word: str, parent: QWidget) -> None:
        super().__init__(
            word,
            "x",
            look=Look.PLAIN,
            small=True,
            name=i18n.tr("ui.tag.remove", word=word),
            parent=parent,
        )
        self.word = word
        self.setProperty("pill", "true")
        self.setLayoutDirection(
            Qt.LayoutDirection.LeftToRight
            if i18n.language().is_right_to_left
            else Qt.LayoutDirection.RightToLeft
        )
        connect(self.clicked, self._remove)

    def _remove(self) -> None:
        self.removed.emit(self.word)


class TagsField(QFrame):
    """Words in pills; `value()` is a tuple without repeats, in the order they were added."""

    edited = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._tags: list[_Tag] = []
        self.setProperty("role", "field")
        self._flow = FlowLayout(self, gap=theme.S1)
        self._flow.setContentsMargins(theme.S1, theme.S1, theme.S1, theme.S1)
        self._line = Line(parent=self)
        self._line.setProperty("role", "bare")
        self._line.setMinimumWidth(80)
        self._line.setPlaceholderText(i18n.tr("ui.tag.add"))
        self._line.installEventFilter(self)
        self._flow.addWidget(self._line)
        self.setFocusProxy(self._line)
        connect(self._line.textEdited, self._split)

    def value(self) -> tuple[str, ...]:
        """Give the words, with one that is typed but not yet entered."""
        rest = self._line.text().strip()
        words = [*self._words, rest] if rest and rest not in self._words else self._words
        return tuple(words)

    def set_value(self, value: object) -> None:
        """Show words."""
        self._words = [str(word) for word in value] if isinstance(value, tuple | list) else []
        self._line.clear()
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter adds, Backspace in an empty line takes away."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            text = self._line.text()
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and text.strip():
                self._add(text)
                return True
            if event.key() == Qt.Key.Key_Backspace and not text and self._words:
                self._remove(self._words[-1])
                return True
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.setProperty("focused", "true" if event.type() is QEvent.Type.FocusIn else "")
            self.style().unpolish(self)
            self.style().polish(self)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """A click anywhere goes to the line."""
        self._line.setFocus()

    def sizeHint(self) -> QSize:
        """Give the height the words need."""
        width = max(self.width(), 160)
        return QSize(width, self._flow.heightForWidth(width))

    def _split(self, text: str) -> None:
        if "," in text:
            for word in text.split(","):
                self._add(word)
        else:
            self.edited.emit()

    def _add(self, text: str) -> None:
        word = text.strip()
        self._line.clear()
        if word and word not in self._words:
            self._words.append(word)
            self._show()
        self.edited.emit()

    def _remove(self, word: str) -> None:
        self._words.remove(word)
        self._show()
        self.edited.emit()
        self._line.setFocus()

    def _show(self) -> None:
        for tag in self._tags:
            self._flow.removeWidget(tag)
            tag.hide()
            tag.deleteLater()
        self._flow.removeWidget(self._line)
        self._tags = [_Tag(word, self) for word in self._words]
        for tag in self._tags:
            connect(tag.removed, self._remove)
            self._flow.addWidget(tag)
            tag.show()
        self._flow.addWidget(self._line)
        self.updateGeometry()
