"""Signing in on screen: names on keys 1 to 9, then the PIN; no mouse needed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.i18n import error_text, tr
from desktop.ui.label import Label, Role
from desktop.workspaces.fulfillment.sign_in.view_model import SignInViewModel
from shared.kernel.errors import Rejected
from shared.organization.tables import UserRow


class _Person(Button):
    """One member of the staff."""

    chosen = Signal(str)

    def __init__(self, user: UserRow, *, is_chosen: bool, number: int) -> None:
        look = Look.PRIMARY if is_chosen else Look.PLAIN
        super().__init__(user.name, "user", look=look, name=f"{user.name} (Alt+{number})")
        self._user_id = user.user_id
        self.setShortcut(f"Alt+{number}")
        connect(self.clicked, self._choose)

    def _choose(self) -> None:
        self.chosen.emit(self._user_id)


class SignInView(QWidget):
    """Who works here; the PIN field always has the focus."""

    def __init__(self, view_model: SignInViewModel) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._view_model = view_model
        view_model.setParent(self)
        self._people = QHBoxLayout()
        self._people.setSpacing(theme.S2)
        self._error = Label("", Role.ERROR, wraps=True)
        self.pin = QLineEdit()
        self.pin.setEchoMode(QLineEdit.EchoMode.Password)
        self.pin.setProperty("role", "big")
        self.pin.setAccessibleName(tr("fulfillment.pin"))
        self.pin.setPlaceholderText(tr("fulfillment.pin"))
        self.pin.setMaxLength(12)
        self._lay()
        connect(self.pin.returnPressed, self._enter)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)

    def opened(self) -> None:
        """Ask anew."""
        self._view_model.start()
        self.pin.clear()
        self._error.setText("")
        self.pin.setFocus()

    def _lay(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(theme.S4)
        column.addWidget(Label(tr("fulfillment.sign_in"), Role.TITLE))
        column.addLayout(self._people)
        column.addWidget(self.pin)
        column.addWidget(self._error)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addLayout(column, 2)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(across)
        outer.addStretch(3)

    def _show(self) -> None:
        while (place := self._people.takeAt(0)) is not None:
            widget = place.widget()
            if widget is not None:
                widget.deleteLater()
        chosen = self._view_model.chosen
        for number, user in enumerate(self._view_model.people, start=1):
            button = _Person(user, is_chosen=user == chosen, number=number)
            connect(button.chosen, self._choose)
            self._people.addWidget(button)

    def _choose(self, user_id: str) -> None:
        self._view_model.choose(user_id)
        self.pin.setFocus()

    def _enter(self) -> None:
        pin = self.pin.text()
        self.pin.clear()
        self._error.setText("")
        self._view_model.enter(pin)

    def show_rejected(self, error: Rejected) -> None:
        """Say why not."""
        self._error.setText(error_text(error))
        self.pin.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits go to the PIN wherever the focus is."""
        if event.text().isdigit():
            self.pin.setFocus()
            self.pin.insert(event.text())
            return
        super().keyPressEvent(event)
