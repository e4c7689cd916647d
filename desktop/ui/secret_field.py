"""Fields for secrets: a password that can be looked at, and a PIN of digits."""

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.line import Line


class SecretField(Line):
    """A password; the eye shows it."""

    edited = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = Button("", "eye", look=Look.GHOST, small=True, name=i18n.tr("ui.secret.show"))
        self._eye.setParent(self)
        self._eye.setCheckable(True)
        self._eye.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        connect(self._eye.toggled, self._reveal)
        connect(self.textEdited, self._on_edited)

    def value(self) -> str:
        """Give the secret as typed."""
        return self.text()

    def set_value(self, value: object) -> None:
        """Show another secret, as dots."""
        self.setText("" if value is None else str(value))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the eye at the end of the line."""
        super().resizeEvent(event)
        side = theme.current().density.control_small
        edge = (self.height() - side) // 2
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self._eye.setGeometry(edge if is_mirrored else self.width() - side - edge, edge, side, side)
        self.setTextMargins(side if is_mirrored else 0, 0, 0 if is_mirrored else side, 0)

    def _reveal(self, is_shown: bool) -> None:  # noqa: FBT001 - Qt gives slots their arguments by place
        mode = QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)
        self._eye.set_icon("eye-off" if is_shown else "eye")

    def _on_edited(self, _text: str) -> None:
        self.edited.emit()


class PinField(Line):
    """Digits shown as dots."""

    edited = Signal()

    def __init__(self, longest: int = 0, *, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(longest or 12)
        digits = QRegularExpression("[0-9]*")
        self.setValidator(QRegularExpressionValidator(digits, self))
        connect(self.textEdited, self._on_edited)

    def value(self) -> str:
        """Give the digits."""
        return self.text()

    def set_value(self, value: object) -> None:
        """Show other digits, as dots."""
        self.setText("" if value is None else str(value))

    def _on_edited(self, _text: str) -> None:
        self.edited.emit()
