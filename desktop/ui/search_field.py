"""Search field: tells every change at once, numbered, so that late answers can be dropped."""

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n, icons, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.key_hint import hint_width, paint_hint
from desktop.ui.line import Line

_DOWN = frozenset({Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp})


class SearchField(Line):
    """Search as you type, without delay.

    Signals: `searched(text, generation)` on each change, with a generation that only grows;
    `entered(text)` on Enter; `stepped(key)` for arrows, to move in the list of results.
    """

    searched = Signal(str, int)
    entered = Signal(str)
    stepped = Signal(int)

    def __init__(
        self, placeholder: str = "", *, keys: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self.generation = 0
        self._keys = keys
        self.setPlaceholderText(placeholder or i18n.tr("ui.search"))
        self.setAccessibleName(self.placeholderText())
        self._clear = Button("", "x", look=Look.GHOST, small=True, name=i18n.tr("ui.search.clear"))
        self._clear.setParent(self)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.setCursor(Qt.CursorShape.ArrowCursor)
        self._clear.hide()
        self._margins()
        connect(self.textChanged, self._on_changed)
        connect(self._clear.clicked, self._on_clear)

    def is_latest(self, generation: int) -> bool:
        """Say whether nothing has been typed since."""
        return generation == self.generation

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter enters, arrows step, Esc clears before it goes on to others."""
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.entered.emit(self.text().strip())
        elif key in _DOWN:
            self.stepped.emit(int(key))
        elif key == Qt.Key.Key_Escape and self.text():
            self._on_clear()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the cross at the end of the line."""
        if event.type() in {QEvent.Type.Resize, QEvent.Type.StyleChange, QEvent.Type.Polish}:
            self._margins()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the glass, and the key that leads here while the field rests."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        size = theme.current().density.icon
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = self.width() - size - theme.S3 if is_mirrored else theme.S3
        mark = QRect(left, (self.height() - size) // 2, size, size).toRectF()
        icons.paint(painter, "search", theme.colour("text_muted"), at=mark)
        if self._keys and not self.text() and not self.hasFocus():
            width = hint_width(self._keys)
            start = theme.S2 if is_mirrored else self.width() - width - theme.S2
            paint_hint(painter, QRect(start, 0, width, self.height()).toRectF(), self._keys)
        painter.end()

    def _margins(self) -> None:
        size = theme.current().density.icon
        start, end = size + theme.S2, theme.current().density.control_small
        pad = theme.S1
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            self.setTextMargins(end, 0, start + pad, 0)
        else:
            self.setTextMargins(start + pad, 0, end, 0)
        side = theme.current().density.control_small
        edge = (self.height() - side) // 2
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = edge if is_mirrored else self.width() - side - edge
        self._clear.setGeometry(left, edge, side, side)

    def _on_changed(self, text: str) -> None:
        self.generation += 1
        self._clear.setVisible(bool(text))
        self.searched.emit(text.strip(), self.generation)

    def _on_clear(self) -> None:
        self.clear()
        self.setFocus()
