"""The large picture over the window; the small one stands in until it is here."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.sync.courier import BlobState
from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button
from desktop.ui.images import thumbnail
from desktop.ui.label import Label, Role
from desktop.ui.sheet import Sheet
from desktop.workspaces.merchant.product.large_picture.view_model import LargePictureViewModel

_SHARE = 0.86
"""Of the window's width and height, for the whole sheet."""
_AROUND = 118
"""Height of what stands above and below the picture, with its margins."""
_LEAST = QSize(240, 160)
_VEIL = 0.55


class PictureCanvas(QWidget):
    """Paints one picture as large as it fits; paler while it only stands in for another."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self._size = size
        self._pixmap: QPixmap | None = None
        self._stands_in = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_pixmap(self, pixmap: QPixmap | None, *, stands_in: bool) -> None:
        """Show another picture, or none."""
        self._pixmap, self._stands_in = pixmap, stands_in
        self.update()

    @property
    def shown_size(self) -> QSize:
        """The size of what is shown, in pixels of the device; empty when nothing is."""
        return QSize() if self._pixmap is None else self._pixmap.size()

    @property
    def stands_in(self) -> bool:
        """Whether it only stands in for another."""
        return self._stands_in

    def sizeHint(self) -> QSize:
        """The room it was given."""
        return self._size

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture in the middle; a small one is made larger only while it stands in."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.colour("sunken"))
        if self._pixmap is not None:
            size = self._pixmap.deviceIndependentSize()
            room = QRectF(self.rect()).size()
            is_larger = size.width() > room.width() or size.height() > room.height()
            if is_larger or self._stands_in:
                size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(QRectF(self.rect()).center())
            painter.setOpacity(_VEIL if self._stands_in else 1.0)
            painter.drawPixmap(place, self._pixmap, QRectF(self._pixmap.rect()))
        painter.end()


class LargePicture(Sheet):
    """A picture with its name, and a sentence while it is not here. Esc closes it."""

    def __init__(self, anchor: QWidget, name: str, view_model: LargePictureViewModel) -> None:
        room = anchor.window().size() * _SHARE
        super().__init__(anchor, width=room.width())
        self._vm = view_model
        view_model.setParent(self)
        inner = QSize(room.width(), room.height() - _AROUND).expandedTo(_LEAST)
        self.canvas = PictureCanvas(inner)
        self.canvas.setAccessibleName(name)
        self._note = Label("", Role.MUTED, wraps=True)
        close = Button(i18n.tr("ui.close"), "x", small=True)
        connect(close.clicked, self.cancel)
        self.body.addWidget(Label(name, Role.HEADING, wraps=True))
        self.body.addWidget(self.canvas)
        row = QHBoxLayout()
        row.addWidget(self._note, 1)
        row.addWidget(close)
        self.body.addLayout(row)
        self.setAccessibleName(name)
        connect(view_model.changed, self._show)
        connect(self.closed, self._end)
        view_model.start()
        self._show()

    def note(self) -> str:
        """The sentence below the picture."""
        return self._note.text()

    def _show(self) -> None:
        tasks.latest(self, "picture", self._load())

    async def _load(self) -> None:
        """Make a picture for this screen of what is here, off the UI thread."""
        content, scale = self._vm.content, self.devicePixelRatioF()
        side = max(self.canvas.sizeHint().width(), self.canvas.sizeHint().height())
        made = None if content is None else await thumbnail(content, side, scale)
        is_whole = made is not None or self._vm.blob is None
        if made is None and self._vm.small is not None:
            made = await thumbnail(self._vm.small, side, scale)
        self.canvas.show_pixmap(made, stands_in=not is_whole)
        self._say(self._words(is_whole=is_whole))

    def _words(self, *, is_whole: bool) -> str:
        if self._vm.blob is None:
            return i18n.tr("merchant.picture.small_only")
        if is_whole:
            return ""
        if self._vm.content is not None:
            return i18n.tr("merchant.picture.unreadable")
        return i18n.tr(f"merchant.picture.{self._vm.state or BlobState.WANTED}")

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self.canvas.setAccessibleDescription(text)

    def _end(self, _result: object) -> None:
        self._vm.dispose()
