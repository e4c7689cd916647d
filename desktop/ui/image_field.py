"""A field for one picture: choose a file or drop one; value() is the file's bytes."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.images import Picture, read_image
from desktop.ui.label import Label, Role
from shared.kernel.errors import Rejected

LARGEST_BYTES = 20 * 1024 * 1024


class ImageField(QFrame):
    """Shows the picture, with buttons to choose another and to take it away."""

    edited = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content: bytes | None = None
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self._picture = Picture(i18n.tr("ui.image"), 72)
        self._choose = Button(i18n.tr("ui.image.choose"), "upload", small=True)
        self._remove = Button(i18n.tr("ui.image.remove"), "trash-2", look=Look.GHOST, small=True)
        self._remove.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S3, theme.S3, theme.S3, theme.S3)
        row.setSpacing(theme.S3)
        row.addWidget(self._picture)
        column = QVBoxLayout()
        column.setSpacing(theme.S2)
        column.addStretch()
        buttons = QHBoxLayout()
        buttons.addWidget(self._choose)
        buttons.addWidget(self._remove)
        buttons.addStretch()
        column.addLayout(buttons)
        column.addWidget(Label(i18n.tr("ui.image.help"), Role.SMALL, wraps=True))
        column.addStretch()
        row.addLayout(column, 1)
        self.setFocusProxy(self._choose)
        connect(self._choose.clicked, self._ask)
        connect(self._remove.clicked, self._clear)

    def value(self) -> bytes | None:
        """Give the picture's file content."""
        return self._content

    def set_value(self, value: object) -> None:
        """Show a picture."""
        self._content = value if isinstance(value, bytes) else None
        self._picture.set_content(self._content)
        self._remove.setVisible(self._content is not None)

    async def take(self, path: Path) -> None:
        """Take a file; raises Rejected when it is not a picture or too large."""
        content = await asyncio.to_thread(_read, path)
        self.set_value(content)
        self.edited.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept one file."""
        if len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the dropped file."""
        path = Path(event.mimeData().urls()[0].toLocalFile())
        tasks.latest(self, "take", self.take(path))

    def _ask(self) -> None:
        dialog = QFileDialog(self, i18n.tr("ui.image.choose"))
        dialog.setNameFilter(f"{i18n.tr('ui.image')} (*.png *.jpg *.jpeg *.webp *.gif)")
        connect(dialog.fileSelected, self._on_selected)
        connect(dialog.finished, dialog.deleteLater)
        dialog.open()

    def _on_selected(self, path: str) -> None:
        tasks.latest(self, "take", self.take(Path(path)))

    def _clear(self) -> None:
        self.set_value(None)
        self.edited.emit()


def _read(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_BYTES:
        raise Rejected("image_too_large", megabytes=LARGEST_BYTES // 1024 // 1024)
    content = path.read_bytes()
    if read_image(content, 64).isNull():
        raise Rejected("image_unreadable")
    return content
