"""Buttons: one class, four looks, icon in the token's colour."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from desktop.ui import icons, theme


class Look(StrEnum):
    """How much a button asks for attention; one PRIMARY per view."""

    PRIMARY = "primary"
    PLAIN = "plain"
    GHOST = "ghost"
    DANGER = "danger"
    LINK = "link"


_INKS = {
    Look.PRIMARY: "on_accent",
    Look.PLAIN: "text",
    Look.GHOST: "text_muted",
    Look.DANGER: "on_accent",
}


# Room between icon and words, beside the little that Qt leaves.
_GAP = 4


class Button(QPushButton):
    """A button with words, an icon, or both; a button without words needs `name` for its tip."""

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        *,
        look: Look = Look.PLAIN,
        name: str = "",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text.replace("&", "&&"), parent)
        self._icon_name = icon
        self._look = look
        self.setProperty("variant", look.value)
        if small:
            self.setProperty("scale", "small")
        if icon and not text:
            self.setProperty("square", "true")
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(name)
        self.setAccessibleName(name or text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self._small = small
        self._draw_icon()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon_name = icon
        self._draw_icon()

    def set_look(self, look: Look) -> None:
        """Change how much the button asks for attention."""
        self._look = look
        self.setProperty("variant", look.value)
        self.style().unpolish(self)
        self.style().polish(self)
        self._draw_icon()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button, as Space does."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() in {QEvent.Type.StyleChange, QEvent.Type.EnabledChange}:
            self._draw_icon()
        super().changeEvent(event)

    def _draw_icon(self) -> None:
        if not self._icon_name:
            return
        density = theme.current().density
        size = density.icon if not self._small else density.icon - 2
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        gap = _GAP if self.text() else 0
        self.setIcon(icons.icon(self._icon_name, self._ink(), size, mirrored=mirrored, gap=gap))
        self.setIconSize(QSize(size + gap, size))

    def _ink(self) -> QColor:
        if not self.isEnabled():
            return theme.colour("control_line")
        if self._look is Look.LINK:
            return QColor(theme.tone_colours(theme.Tone.ACCENT).text)
        return theme.colour(_INKS[self._look])
