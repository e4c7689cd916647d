"""The picture of a product: shown large, replaced by a file that is chosen or dropped."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.card import Card
from desktop.ui.images import Picture
from desktop.ui.label import Label, Role

_SIDE = 168
_RING = 2


class _Opening(Picture):
    """A picture that opens with a click, or with Enter or Space. Signal: `opened`."""

    opened = Signal()

    def __init__(self, name: str, side: int) -> None:
        super().__init__(name, side)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(i18n.tr("merchant.product.picture.show"))
        self.setAccessibleDescription(i18n.tr("merchant.product.picture.show"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show where the keys go."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.pen("focus", _RING))
            half = round(_RING / 2)
            painter.drawRoundedRect(self.rect().adjusted(half, half, -half, -half), 6, 6)
            painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open it where the button was let go above it."""
        if self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open it by key as well."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class PictureCard(Card):
    """Signals: `chosen(path)` when somebody wants another picture, `opened` to see it large."""

    chosen = Signal(Path)
    opened = Signal()

    def __init__(self) -> None:
        super().__init__(i18n.tr("merchant.product.picture"))
        self._picture: _Opening | None = None
        self._content: bytes | None = None
        self.setAcceptDrops(True)
        self._hint = Label(i18n.tr("merchant.product.picture.hint"), Role.SMALL, wraps=True)
        self.body.addWidget(self._hint)

    def show_picture(self, name: str, content: bytes | None) -> None:
        """Show a picture, or the letters of the name."""
        if self._picture is None or self._picture.accessibleName() != name:
            if self._picture is not None:
                self._picture.hide()
                self._picture.deleteLater()
            self._picture = _Opening(name, _SIDE)
            connect(self._picture.opened, self._open)
            self.body.insertWidget(0, self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
            self._content = None
        if content != self._content:
            self._content = content
            self._picture.set_content(content)

    def choose(self, parent: QWidget) -> None:
        """Let somebody choose a file."""
        dialog = QFileDialog(parent, i18n.tr("ui.image.choose"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(f"{i18n.tr('ui.image')} (*.png *.jpg *.jpeg *.webp *.gif)")
        connect(dialog.fileSelected, self._on_selected)
        connect(dialog.finished, dialog.deleteLater)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept one file."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the dropped file."""
        self._on_selected(event.mimeData().urls()[0].toLocalFile())

    def _open(self) -> None:
        self.opened.emit()

    def _on_selected(self, path: str) -> None:
        self.chosen.emit(Path(path))
