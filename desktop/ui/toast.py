"""Toasts: short notes at the lower edge that go by themselves and never take the focus."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget
from shiboken6 import isValid

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Icon, Label
from desktop.ui.theme import Tone

SHOWN_MS = 4_000
SHOWN_WITH_ACTION_MS = 8_000
_MOST = 3
_ICONS = {
    Tone.NEUTRAL: "info",
    Tone.ACCENT: "info",
    Tone.OK: "circle-check",
    Tone.WARN: "triangle-alert",
    Tone.DANGER: "circle-alert",
}


class Toast(QFrame):
    """One note. Signals: `acted` when its button is pressed, `gone` at its end."""

    acted = Signal()
    gone = Signal()

    def __init__(self, text: str, tone: Tone, *, action: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._tone = tone
        self.setProperty("role", "toast")
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S4, theme.S2, theme.S2, theme.S2)
        row.setSpacing(theme.S3)
        row.addWidget(Icon(_ICONS[tone], tone.value))
        label = Label(text, wraps=True)
        label.setMinimumWidth(min(380, label.fontMetrics().horizontalAdvance(text) + 4))
        label.setMaximumWidth(380)
        row.addWidget(label, 1)
        if action:
            button = Button(action, look=Look.LINK, small=True)
            connect(button.clicked, self._act)
            row.addWidget(button)
        close = Button("", "x", look=Look.GHOST, small=True, name=i18n.tr("ui.close"))
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        connect(close.clicked, self.go)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_WITH_ACTION_MS if action else SHOWN_MS)
        connect(self._timer.timeout, self.go)
        self._timer.start()

    def go(self) -> None:
        """Take the note away."""
        self._timer.stop()
        self.hide()
        self.gone.emit()
        self.deleteLater()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the pointer is on it."""
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go on counting."""
        super().leaveEvent(event)
        self._timer.start()

    def _act(self) -> None:
        self.acted.emit()
        self.go()


class Toasts(QObject):
    """Shows notes over a window, the newest lowest, three at most."""

    def __init__(self, window: QWidget, *, above: QWidget | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._above = above
        self._region: QWidget | None = None
        self._shown: list[Toast] = []
        window.installEventFilter(self)

    def stand_over(self, region: QWidget) -> None:
        """Show notes over a part of the window while it is in sight; the rest stays free."""
        self._region = region

    def show(self, text: str, tone: Tone = Tone.NEUTRAL, action: str = "") -> Toast:
        """Show a note; connect to its `acted` for the button."""
        toast = Toast(text, tone, action=action, parent=self._window)
        toast.show()
        self._shown.append(toast)
        connect(toast.gone, self._tidy)
        while len(self._shown) > _MOST:
            self._shown[0].go()
        self._place()
        return toast

    def texts(self) -> list[str]:
        """Give what is shown, oldest first."""
        return [toast.accessibleName() for toast in self._shown]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _tidy(self) -> None:
        self._shown = [toast for toast in self._shown if not toast.isHidden()]
        self._place()

    def _place(self) -> None:
        area = self._area()
        bottom = area.bottom() - theme.S4
        for toast in reversed(self._shown):
            toast.adjustSize()
            size = toast.size()
            left = area.center().x() - size.width() // 2
            toast.move(left, bottom - size.height())
            toast.raise_()
            bottom -= size.height() + theme.S2

    def _area(self) -> QRect:
        region = self._region
        if region is not None and isValid(region) and region.isVisible():
            return QRect(region.mapTo(self._window, QPoint()), region.size())
        lift = self._above.height() if self._above is not None else 0
        return self._window.rect().adjusted(0, 0, 0, -lift)
