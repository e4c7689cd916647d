"""Banner: a bar above the content that says what is wrong and what to do; never modal."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Icon, Label, Role
from desktop.ui.theme import Tone

_ICONS = {
    Tone.NEUTRAL: "info",
    Tone.ACCENT: "info",
    Tone.OK: "circle-check",
    Tone.WARN: "triangle-alert",
    Tone.DANGER: "octagon-alert",
}


class Banner(QFrame):
    """A slot for one message at a time; hidden while empty. Signals: `acted(id)`, `dismissed`."""

    acted = Signal(str)
    dismissed = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id = ""
        self._icon = Icon("info")
        self._text = Label("", Role.LABEL, wraps=True)
        self._action = Button("", look=Look.PLAIN, small=True)
        self._close = Button("", "x", look=Look.GHOST, small=True, name=i18n.tr("ui.close"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S4, theme.S2, theme.S2, theme.S2)
        row.setSpacing(theme.S3)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()
        connect(self._action.clicked, self._act)
        connect(self._close.clicked, self._dismiss)

    def show_message(
        self, message_id: str, text: str, tone: Tone = Tone.WARN, *, action: str = ""
    ) -> None:
        """Show a message; `message_id` is what `acted` carries."""
        self._id = message_id
        self._icon.set_icon(_ICONS[tone], tone.value)
        self._text.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setProperty("role", f"banner-{tone.value}")
        # The words take their colour from the ground: they must look again, too.
        for part in (self, self._text):
            part.style().unpolish(part)
            part.style().polish(part)
        self.setAccessibleName(text)
        self.show()

    def clear(self, message_id: str = "") -> None:
        """Take the message away; with an id only if it is this one."""
        if not message_id or message_id == self._id:
            self._id = ""
            self.hide()

    def text(self) -> str:
        """Give the message shown, or nothing."""
        return self._text.text() if self._id else ""

    def _act(self) -> None:
        self.acted.emit(self._id)

    def _dismiss(self) -> None:
        self.clear()
        self.dismissed.emit()
