"""The verdict on the last scan: ground, icon and words, to be read from a step away."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui import fonts, icons, theme
from desktop.ui.binding import connect
from desktop.ui.ticker import Ticker
from desktop.ui.tokens import Tone
from desktop.workspaces.fulfillment.feedback import NOTHING, Message

_LOUD = frozenset({Tone.OK, Tone.WARN, Tone.DANGER})
_MARK = 52
# The same verdict once more must be seen as another one.
_BLINK_MS = 110


class VerdictBand(QWidget):
    """One headline and one sentence; always as tall, so that nothing below it moves."""

    def __init__(self) -> None:
        super().__init__()
        self._message = NOTHING
        self._is_dimmed = False
        self._blink = Ticker(_BLINK_MS, self)
        connect(self._blink.ticked, self._lighten)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def message(self) -> Message:
        """What is said now."""
        return self._message

    def show_message(self, message: Message) -> None:
        """Say something else, aloud too where a screen reader runs."""
        if message is self._message:
            return
        is_repeated = message == self._message and message.tone in _LOUD
        self._message = message
        self._is_dimmed = is_repeated
        if is_repeated:
            self._blink.start()
        self.setAccessibleName(f"{message.head}. {message.text}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
        self.update()

    def _lighten(self) -> None:
        self._blink.stop()
        self._is_dimmed = False
        self.update()

    def sizeHint(self) -> QSize:
        """Give room for the headline and two lines below it."""
        scale = theme.current().density.type
        head = QFontMetricsF(theme.heading_font(scale.title)).height()
        text = QFontMetricsF(fonts.text_font(scale.base)).height()
        return QSize(400, round(head + 2 * text + 2 * theme.S3))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint everything."""
        message = self._message
        tones = theme.tone_colours(message.tone)
        is_loud = message.tone in _LOUD and not self._is_dimmed
        ground = QColor(tones.solid if is_loud else tones.soft)
        ink = QColor("#ffffff" if is_loud else tones.text)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        radius = theme.current().density.radius_card
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        edge = float(theme.S5)
        left = self.width() - edge - _MARK if is_mirrored else edge
        if message.icon:
            at = QRectF(left, (self.height() - _MARK) / 2, _MARK, _MARK)
            icons.paint(painter, message.icon, ink, at=at)
        gap = edge + _MARK + theme.S5
        words = QRectF(self.rect()).adjusted(
            edge if is_mirrored else gap, 0, -gap if is_mirrored else -edge, 0
        )
        painter.setPen(ink)
        self._paint_words(painter, words)
        painter.end()

    def _paint_words(self, painter: QPainter, room: QRectF) -> None:
        scale = theme.current().density.type
        head_font, text_font = theme.heading_font(scale.title), fonts.text_font(scale.base)
        head, text = QFontMetricsF(head_font), QFontMetricsF(text_font)
        wrap = int(Qt.TextFlag.TextWordWrap)
        below = text.boundingRect(
            QRectF(0, 0, room.width(), 2 * text.height() + 1), wrap, self._message.text
        ).height()
        below = min(below, 2 * text.height() + 1)
        top = room.top() + (room.height() - head.height() - below) / 2
        option = QTextOption(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
        option.setTextDirection(self.layoutDirection())
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        painter.setFont(head_font)
        shown = head.elidedText(self._message.head, Qt.TextElideMode.ElideMiddle, room.width())
        # Letters of other scripts reach lower than those of the font that is measured.
        place = QRectF(room.left(), top, room.width(), head.height() * 1.4)
        painter.drawText(place, shown, option)
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        painter.setFont(text_font)
        place = QRectF(room.left(), top + head.height(), room.width(), below * 1.2)
        painter.drawText(place, self._message.text, option)
