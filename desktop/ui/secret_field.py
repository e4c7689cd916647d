"""Fields for secrets: a password that can be looked at, and a PIN of digits."""

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QAction, QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui import i18n, icons, theme
from desktop.ui.binding import connect


class SecretField(QLineEdit):
    """A password; the eye shows it while it is pressed on."""

    edited = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = QAction(i18n.tr("ui.secret.show"), self)
        self._eye.setCheckable(True)
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        self._draw()
        connect(self._eye.toggled, self._reveal)
        connect(self.textEdited, self._on_edited)

    def value(self) -> str:
        """Give the secret as typed."""
        return self.text()

    def set_value(self, value: object) -> None:
        """Show another secret, as dots."""
        self.setText("" if value is None else str(value))

    def _reveal(self, is_shown: bool) -> None:  # noqa: FBT001 - a Qt slot
        mode = QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)
        self._draw()

    def _draw(self) -> None:
        name = "eye-off" if self._eye.isChecked() else "eye"
        self._eye.setIcon(icons.icon(name, theme.colour("text_muted"), 16))

    def _on_edited(self, _text: str) -> None:
        self.edited.emit()


class PinField(QLineEdit):
    """Digits shown as dots."""

    edited = Signal()

    def __init__(self, longest: int = 0, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
