"""Key hints: small caps that show which key does something."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui import fonts, i18n, theme

_PAD, _GAP = 5, 3


def key_words(keys: str) -> list[str]:
    """Split keys as Qt writes them into the caps a person looks for."""
    written = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or keys
    if written.endswith("++"):
        words = [*written[:-2].split("+"), "+"]
    else:
        words = written.split("+") if len(written) > 1 else [written]
    return [_cap(word) for word in words]


def _cap(word: str) -> str:
    """What is printed on the key where this language is written, for example Strg."""
    key = f"ui.key.{word.lower()}"
    return i18n.tr(key) if i18n.has_text(key) else word


def hint_width(keys: str) -> int:
    """Give the room the caps of `keys` need."""
    metrics = _metrics()
    caps = [_cap_width(metrics, word) for word in key_words(keys)]
    return round(sum(caps) + _GAP * (len(caps) - 1))


def paint_hint(painter: QPainter, room: QRectF, keys: str) -> None:
    """Paint caps into `room`, from its left edge; keys are written from the left everywhere."""
    metrics = _metrics()
    height = metrics.height() + 4
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(_font())
    left = room.left()
    for word in key_words(keys):
        width = _cap_width(metrics, word)
        cap = QRectF(left + 0.5, room.center().y() - height / 2, width - 1, height)
        painter.setPen(theme.pen("line_strong"))
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(cap, 4, 4)
        painter.setPen(theme.colour("text_muted"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, word)
        left += width + _GAP
    painter.restore()


def _font() -> QFont:
    return fonts.text_font(theme.current().density.type.small - 1, fonts.MEDIUM)


def _metrics() -> QFontMetricsF:
    return QFontMetricsF(_font())


def _cap_width(metrics: QFontMetricsF, word: str) -> float:
    return max(metrics.height() + 4, metrics.horizontalAdvance(word) + 2 * _PAD)


class KeyHint(QWidget):
    """Caps as a widget."""

    def __init__(self, keys: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(keys)

    def sizeHint(self) -> QSize:
        """Give the room of all caps."""
        return QSize(hint_width(self._keys), round(_metrics().height()) + 6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the caps."""
        painter = QPainter(self)
        paint_hint(painter, QRectF(self.rect()), self._keys)
        painter.end()
