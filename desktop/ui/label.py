"""Words on screen: labels by role, labels that elide, and icons."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from desktop.ui import fonts, icons, theme


class Role(StrEnum):
    """What a label is; the style sheet gives it size, weight and colour."""

    BODY = "body"
    DISPLAY = "display"
    TITLE = "title"
    HEADING = "heading"
    STRONG = "strong"
    LABEL = "label"
    MUTED = "muted"
    SMALL = "small"
    ERROR = "error"
    OVERLINE = "overline"


class Label(QLabel):
    """Plain text in a role; never rich text, so that names cannot smuggle markup in."""

    def __init__(
        self,
        text: str = "",
        role: Role = Role.BODY,
        *,
        wraps: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("role", role.value)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._is_at_end = False
        self._align()

    def set_tone(self, tone: theme.Tone | None) -> None:
        """Colour the words by what they say; None takes the colour of the role again."""
        self.setProperty("tone", tone.value if tone is not None else "")
        self.style().unpolish(self)
        self.style().polish(self)

    def set_at_end(self) -> None:
        """Let the text stand at the end of its line."""
        self._is_at_end = True
        self._align()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the direction of the language, whatever the text itself is written in."""
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._align()
        super().changeEvent(event)

    def _align(self) -> None:
        if self.alignment() & Qt.AlignmentFlag.AlignHCenter:
            return
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight
        if is_mirrored == self._is_at_end:
            side = Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)


class MoneyLabel(Label):
    """Figures with equally wide digits, at the end of the line."""

    def __init__(self, text: str = "", size: int = 0, *, parent: QWidget | None = None) -> None:
        super().__init__(text, Role.BODY, parent=parent)
        self._size = size
        self.set_at_end()
        self._set_font()

    def set_size(self, size: int) -> None:
        """Show figures of another size, in pixels; 0 follows the theme."""
        if size != self._size:
            self._size = size
            self._set_font()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.StyleChange:
            self._set_font()
        super().changeEvent(event)

    def _set_font(self) -> None:
        size = self._size or theme.current().density.type.base
        weight = fonts.STRONG if self._size else fonts.MEDIUM
        wanted = fonts.money_font(size, weight)
        if wanted == self.font():
            return
        # A style sheet tells of itself as another theme does, and may want other fonts: only once.
        sheet = f"font-size: {size}px;"
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        self.setFont(wanted)


class ElidedLabel(Label):
    """One line that is shortened in the middle when there is no room; the tip shows it whole."""

    def __init__(
        self, text: str = "", role: Role = Role.BODY, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, role, parent=parent)
        self._whole = text
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_whole(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten for the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width())
        self.setToolTip(self._whole if shown != self._whole else "")
        if shown != self.text():
            self.setText(shown)


class Icon(QWidget):
    """An icon in a token's colour; decoration only, so screen readers skip it."""

    def __init__(
        self,
        name: str,
        token: str = "text_muted",  # noqa: S107 - the name of a colour
        size: int = 0,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._token = token
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_icon(self, name: str, token: str = "") -> None:
        """Show another icon, in another colour if named."""
        self._name = name
        self._token = token or self._token
        self.update()

    def sizeHint(self) -> QSize:
        """Give the icon's square."""
        size = self._size or theme.current().density.icon
        return QSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the icon in the middle."""
        if not self._name:
            return
        size = self.sizeHint().width()
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        place = QRectF((self.width() - size) / 2, (self.height() - size) / 2, size, size)
        icons.paint(painter, self._name, _ink(self._token), at=place)
        painter.end()


def _ink(token: str) -> QColor:
    if token in {tone.value for tone in theme.Tone}:
        return QColor(theme.tone_colours(theme.Tone(token)).text)
    return theme.colour(token)


def rule(*, vertical: bool = False, parent: QWidget | None = None) -> QFrame:
    """Make a hairline between parts."""
    line = QFrame(parent)
    line.setProperty("role", "vline" if vertical else "hline")
    return line
