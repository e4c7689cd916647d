"""Makes what becomes of a chosen file: a JPEG of at most 64 KiB, and the picture itself."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from desktop.ui.images import read_image
from shared.catalog.handlers import MAX_THUMBNAIL_BYTES
from shared.kernel.blobs import NAMED_BY, PICTURE_TYPES, media_type_of
from shared.kernel.errors import Rejected

LARGEST_FILE_BYTES = 20 * 1024 * 1024
LARGEST_SIDE = 4096
"""In pixels, of a picture that has to be written anew."""
_SIDES = (640, 480, 320, 160)
_QUALITIES = (85, 75, 60, 45)


def read_file(path: Path) -> bytes:
    """The bytes of a picture file. Raises Rejected: image_too_large, image_unreadable."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise Rejected("image_too_large", megabytes=LARGEST_FILE_BYTES // 1024 // 1024)
        return path.read_bytes()
    except OSError as error:
        raise Rejected("image_unreadable") from error


def thumbnail_of(content: bytes) -> bytes:
    """A JPEG of at most 64 KiB, as large and as good as fits; slow, so call it in a thread.

    Raises Rejected("image_unreadable").
    """
    for side in _SIDES:
        image = read_image(content, side)
        if image.isNull():
            raise Rejected("image_unreadable")
        flat = _on_white(image)
        for quality in _QUALITIES:
            made = _written(flat, b"jpeg", quality)
            if len(made) <= MAX_THUMBNAIL_BYTES:
                return made
    raise Rejected("image_unreadable")


def picture_of(content: bytes) -> bytes:
    """The picture as it is kept: as it came, or as PNG where it is of a kind that is not kept.

    Slow, so call it in a thread. Raises Rejected("image_unreadable").
    """
    if media_type_of(content[:NAMED_BY]) in PICTURE_TYPES:
        return content
    image = read_image(content, LARGEST_SIDE)
    if image.isNull():
        raise Rejected("image_unreadable")
    made = _written(image, b"png", -1)
    return made if len(made) <= LARGEST_FILE_BYTES else _written(_on_white(image), b"jpeg", 90)


def _on_white(image: QImage) -> QImage:
    """JPEG knows no transparency; what was transparent becomes white, not black."""
    if not image.hasAlphaChannel():
        return image
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(QColor("white"))
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    return flat


def _written(image: QImage, kind: bytes, quality: int) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(kind))
    writer.setQuality(quality)
    writer.write(image)
    buffer.close()
    return bytes(content.data())
