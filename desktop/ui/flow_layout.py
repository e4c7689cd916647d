"""A layout that sets parts side by side and goes on in the next line, from either side."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Like words in a paragraph.

    It is given its widget at once: parts added before that are lost by PySide, and it crashes.
    """

    def __init__(self, parent: QWidget, *, gap: int = 8) -> None:
        super().__init__(parent)
        self._gap = gap
        self._parts: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        self._parts.append(item)

    def count(self) -> int:
        return len(self._parts)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._parts[index] if 0 <= index < len(self._parts) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._parts.pop(index) if 0 <= index < len(self._parts) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay(QRect(0, 0, width, 0), moves=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._lay(rect, moves=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for part in self._parts:
            size = size.expandedTo(part.minimumSize())
        edges = self.contentsMargins()
        return size + QSize(edges.left() + edges.right(), edges.top() + edges.bottom())

    def _lay(self, rect: QRect, *, moves: bool) -> int:
        edges = self.contentsMargins()
        room = rect.adjusted(edges.left(), edges.top(), -edges.right(), -edges.bottom())
        x, y, line = 0, 0, 0
        widget = self.parentWidget()
        is_mirrored = (
            widget is not None and widget.layoutDirection() is Qt.LayoutDirection.RightToLeft
        )
        shown = [part for part in self._parts if not part.isEmpty()]
        for place, part in enumerate(shown):
            size = part.sizeHint().expandedTo(part.minimumSize())
            if x and x + size.width() > room.width():
                x, y, line = 0, y + line + self._gap, 0
            is_last = place == len(shown) - 1
            fills = is_last and isinstance(part.widget(), QWidget) and _grows(part)
            width = max(size.width(), room.width() - x) if fills else size.width()
            if moves:
                left = room.right() + 1 - x - width if is_mirrored else room.left() + x
                part.setGeometry(QRect(QPoint(left, room.top() + y), QSize(width, size.height())))
            x += width + self._gap
            line = max(line, size.height())
        return y + line + edges.top() + edges.bottom()


def _grows(part: QLayoutItem) -> bool:
    return bool(part.expandingDirections() & Qt.Orientation.Horizontal)
