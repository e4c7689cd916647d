"""Signing in on screen: names by key, then the PIN; no mouse needed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.flow_layout import FlowLayout
from desktop.ui.i18n import error_text, tr
from desktop.ui.label import Label, Role
from desktop.workspaces.fulfillment.sign_in.view_model import SignInViewModel
from shared.kernel.errors import Rejected
from shared.organization.tables import UserRow

_WIDTH = 640
_EDGE = theme.S8
_KEYS = 9
_ARTICLE_DIGITS = 8
"""Codes on articles have so many digits or more, so fewer in one burst are a PIN."""


class _Person(Button):
    """One member of the staff; the first nine have a key."""

    chosen = Signal(str)

    def __init__(self, user: UserRow, *, is_chosen: bool, number: int) -> None:
        look = Look.PRIMARY if is_chosen else Look.PLAIN
        has_key = number <= _KEYS
        name = f"{user.name}  (Alt+{number})" if has_key else user.name
        super().__init__(user.name, "user-check" if is_chosen else "user", look=look, name=name)
        self.setAccessibleName(user.name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._user_id = user.user_id
        if has_key:
            self.setShortcut(f"Alt+{number}")
        connect(self.clicked, self._choose)

    def _choose(self) -> None:
        self.chosen.emit(self._user_id)


class SignInView(QWidget):
    """Who works here; the PIN field always has the focus. Left and Right change the person.

    Signals: `refused(code)` for a scan that is no PIN.
    """

    refused = Signal(str)

    def __init__(self, view_model: SignInViewModel) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.view_model = view_model
        view_model.setParent(self)
        self._shown: tuple[tuple[UserRow, ...], UserRow | None] = ((), None)
        self._people_box = QWidget()
        self._people = FlowLayout(self._people_box, gap=theme.S2)
        self._people.setContentsMargins(0, 0, 0, 0)
        self._place = Label("", Role.MUTED)
        self._error = Label("", Role.ERROR, wraps=True)
        self.pin = QLineEdit()
        self.pin.setEchoMode(QLineEdit.EchoMode.Password)
        self.pin.setProperty("role", "big")
        self.pin.setAccessibleName(tr("fulfillment.pin"))
        self.pin.setPlaceholderText(tr("fulfillment.pin"))
        self.pin.setMaxLength(12)
        self._go = Button(tr("fulfillment.sign_in.go"), "log-in", look=Look.PRIMARY)
        self._lay()
        connect(self.pin.returnPressed, self._enter)
        connect(self._go.clicked, self._enter)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)

    def title(self) -> str:
        """The screen's name."""
        return tr("fulfillment.sign_in")

    def opened(self) -> None:
        """Ask anew."""
        self.view_model.start()
        self.pin.clear()
        self._error.setText("")
        self.pin.setFocus()

    @property
    def error(self) -> str:
        """Why nobody was let in, or nothing."""
        return self._error.text()

    def show_place(self, text: str) -> None:
        """Say where this station stands."""
        self._place.setText(text)

    def show_rejected(self, error: Rejected) -> None:
        """Say why not."""
        self._error.setText(error_text(error))
        self.pin.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits go to the PIN wherever the focus is; arrows change the person."""
        if event.text().isdigit():
            self.pin.setFocus()
            self.pin.insert(event.text())
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.view_model.choose_by(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def take_code(self, code: str) -> None:
        """A burst of keys: a PIN from a badge or quick hands; anything else is `refused`."""
        if len(code) < _ARTICLE_DIGITS and code.isascii() and code.isdecimal():
            self.pin.setText(code)
            self._enter()
        else:
            self.refused.emit(code)

    def _lay(self) -> None:
        card = Card()
        card.setFixedWidth(_WIDTH)
        inner = QVBoxLayout()
        edge = _EDGE - theme.S4
        inner.setContentsMargins(edge, theme.S4, edge, theme.S3)
        inner.setSpacing(theme.S4)
        card.body.addLayout(inner)
        words = QVBoxLayout()
        words.setSpacing(theme.S1)
        words.addWidget(Label(tr("fulfillment.sign_in"), Role.TITLE))
        words.addWidget(self._place)
        inner.addLayout(words)
        inner.addWidget(self._people_box)
        row = QHBoxLayout()
        row.setSpacing(theme.S3)
        row.addWidget(self.pin, 1)
        row.addWidget(self._go)
        inner.addLayout(row)
        self._error.setMinimumHeight(self._error.fontMetrics().lineSpacing() * 2)
        inner.addWidget(self._error)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    def _show(self) -> None:
        now = (self.view_model.people, self.view_model.chosen)
        if now == self._shown:
            return
        self._shown = now
        while (place := self._people.takeAt(0)) is not None:
            widget = place.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, user in enumerate(self.view_model.people, start=1):
            button = _Person(user, is_chosen=user == self.view_model.chosen, number=number)
            connect(button.chosen, self._choose)
            self._people.addWidget(button)
            button.show()
        # A card of fixed width does not ask its parts how tall they are at that width.
        self._people_box.setFixedHeight(self._people.heightForWidth(_WIDTH - 2 * _EDGE))
        if self.isVisible():
            self.pin.setFocus()

    def _choose(self, user_id: str) -> None:
        self.view_model.choose(user_id)
        self._error.setText("")
        self.pin.setFocus()

    def _enter(self) -> None:
        pin = self.pin.text()
        self.pin.clear()
        self._error.setText("")
        self.view_model.enter(pin)
