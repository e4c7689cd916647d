"""Pictures: small ones made off the UI thread, and letters where there is no picture."""

import asyncio
from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui import fonts, tasks, theme
from desktop.ui.theme import Tone

_KEPT = 512
# A picture larger than this is refused by the reader instead of filling the memory.
_LARGEST_MB = 128
_GROUNDS = (Tone.ACCENT, Tone.OK, Tone.WARN, Tone.NEUTRAL)


def read_image(content: bytes | Path, side: int) -> QImage:
    """Read a picture, scaled to fit `side` device pixels; null when it is not one. Any thread."""
    reader = QImageReader()
    reader.setAllocationLimit(_LARGEST_MB)
    reader.setAutoTransform(True)
    buffer = QBuffer()
    if isinstance(content, Path):
        reader.setFileName(str(content))
    else:
        buffer.setData(QByteArray(content))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        reader.setDevice(buffer)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > side:
        reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


async def thumbnail(content: bytes | Path, side: int, scale: float = 1.0) -> QPixmap | None:
    """Make a small picture of `side` device-independent pixels; None when it is not one."""
    image = await asyncio.to_thread(read_image, content, round(side * scale))
    if image.isNull():
        return None
    made = QPixmap.fromImage(image)
    made.setDevicePixelRatio(scale)
    return made


class Thumbnails(QObject):
    """Remembers small pictures by key.

    Signals: `wanted(key)` once for each picture that something would paint: answer it with
    `load`, or with `lacks` when there is none; `ready(key)` when one can be painted.
    """

    wanted = Signal(str)
    ready = Signal(str)

    def __init__(self, side: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._kept: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._loading: set[str] = set()
        self._asked: set[str] = set()

    def get(self, key: str) -> QPixmap | None:
        """Give a picture that has been loaded."""
        return self._kept.get(key)

    def want(self, key: str) -> QPixmap | None:
        """Give a picture, or ask for it with `wanted` in the next turn of the loop."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._asked and key not in self._loading:
            if not self._asked:
                QTimer.singleShot(0, self, self._ask)
            self._asked.add(key)
        return None

    def lacks(self, key: str) -> None:
        """Say that there is no picture for a key."""
        self._kept[key] = None

    def load(self, key: str, content: bytes | Path) -> None:
        """Begin to load a picture, unless it is there or on its way."""
        if key not in self._kept and key not in self._loading:
            self._loading.add(key)
            tasks.spawn(self, self._load(key, content))

    def _ask(self) -> None:
        asked, self._asked = self._asked, set()
        for key in sorted(asked):
            self.wanted.emit(key)

    async def _load(self, key: str, content: bytes | Path) -> None:
        try:
            self._kept[key] = await thumbnail(content, self._side)
        finally:
            self._loading.discard(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(key)


def initials(name: str) -> str:
    """Give up to two letters for a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(
        word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
    ).upper()


class Picture(QWidget):
    """A square picture with round corners; the name's letters until there is one."""

    def __init__(
        self, name: str, side: int = 40, *, is_round: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._side, self._is_round = name, side, is_round
        self._pixmap: QPixmap | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_content(self, content: bytes | Path | None) -> None:
        """Show a picture from bytes or a file; None goes back to the letters."""
        if content is None:
            self._pixmap = None
            self.update()
        else:
            tasks.latest(self, "picture", self._load(content))

    async def _load(self, content: bytes | Path) -> None:
        self._pixmap = await thumbnail(content, self._side, self.devicePixelRatioF())
        self.update()

    def has_picture(self) -> bool:
        """Say whether a picture is shown."""
        return self._pixmap is not None

    def sizeHint(self) -> QSize:
        """Give the square."""
        return QSize(self._side, self._side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture, cut to fill the square, or the letters."""
        box = QRectF(self.rect())
        radius = box.width() / 2 if self._is_round else 6.0
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        edge = QPainterPath()
        edge.addRoundedRect(box, radius, radius)
        painter.setClipPath(edge)
        if self._pixmap is None:
            self._paint_letters(painter, box)
        else:
            size = self._pixmap.deviceIndependentSize()
            grown = size.scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            place = QRectF(0, 0, grown.width(), grown.height())
            place.moveCenter(box.center())
            painter.drawPixmap(place, self._pixmap, QRectF(self._pixmap.rect()))
        painter.end()

    def _paint_letters(self, painter: QPainter, box: QRectF) -> None:
        tone = _GROUNDS[sum(map(ord, self._name)) % len(_GROUNDS)]
        colours = theme.tone_colours(tone)
        painter.fillRect(box, QColor(colours.soft))
        painter.setPen(QColor(colours.text))
        painter.setFont(fonts.text_font(max(9, round(self._side * 0.36)), fonts.MEDIUM))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials(self._name))
