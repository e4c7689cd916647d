"""Badges: a word in a soft pill with an icon; painted alike as widget and in table cells."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui import faces, fonts, icons, theme
from desktop.ui.faces import Face
from desktop.ui.theme import Tone

_PAD, _GAP = 8, 4


def _face() -> Face:
    return faces.words(theme.current().density.type.small, fonts.MEDIUM)


def badge_size(text: str, *, has_icon: bool) -> QSize:
    """Give the room a badge needs."""
    face = _face()
    mark = theme.current().density.type.small + _GAP if has_icon else 0
    return QSize(round(face.width(text)) + 2 * _PAD + mark + 1, round(face.height) + 5)


def paint_badge(painter: QPainter, box: QRectF, text: str, *, tone: Tone, icon: str = "") -> None:
    """Paint a badge that fills `box`."""
    colours = theme.tone_colours(tone)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.soft))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    words = box.adjusted(_PAD, 0, -_PAD, 0)
    if icon:
        size = theme.current().density.type.small
        is_mirrored = painter.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = words.right() - size if is_mirrored else words.left()
        mark = QRectF(left, box.center().y() - size / 2, size, size)
        icons.paint(painter, icon, colours.text, at=mark)
        taken = size + _GAP
        words = words.adjusted(0, 0, -taken, 0) if is_mirrored else words.adjusted(taken, 0, 0, 0)
    face = _face()
    painter.setFont(face.font)
    painter.setPen(QColor(colours.text))
    shown = face.fit(text, words.width() + 1, Qt.TextElideMode.ElideRight)
    painter.drawText(words, Qt.AlignmentFlag.AlignCenter, shown)
    painter.restore()


class BadgeLabel(QWidget):
    """A badge as a widget."""

    def __init__(
        self,
        text: str,
        tone: Tone = Tone.NEUTRAL,
        icon: str = "",
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_badge(self, text: str, tone: Tone = Tone.NEUTRAL, icon: str = "") -> None:
        """Show another badge."""
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """Give the word shown."""
        return self._text

    def sizeHint(self) -> QSize:
        """Give the room the word needs."""
        return badge_size(self._text, has_icon=bool(self._icon))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the badge."""
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        paint_badge(painter, QRectF(self.rect()), self._text, tone=self._tone, icon=self._icon)
        painter.end()
