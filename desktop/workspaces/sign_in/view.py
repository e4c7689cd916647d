"""Signing in on screen: names, then the PIN; the PIN field always has the focus."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.empty_state import EmptyState
from desktop.ui.flow_layout import FlowLayout
from desktop.ui.i18n import error_text, tr
from desktop.ui.label import Label, Role
from desktop.ui.view_model import Phase
from desktop.workspaces.sign_in.view_model import SignInViewModel
from shared.organization.tables import UserRow

_WIDTH = 560
_KEYS = 9
_PIN_LENGTH = 12


class _Person(Button):
    """One member of the staff; the first nine have a key. Signal: `chosen(user_id)`."""

    chosen = Signal(str)

    def __init__(self, user: UserRow, *, is_chosen: bool, number: int) -> None:
        look = Look.PRIMARY if is_chosen else Look.PLAIN
        name = f"{user.name}  (Alt+{number})" if number <= _KEYS else user.name
        super().__init__(user.name, "user-check" if is_chosen else "user", look=look, name=name)
        self.setAccessibleName(user.name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._user_id = user.user_id
        if number <= _KEYS:
            self.setShortcut(f"Alt+{number}")
        connect(self.clicked, self._choose)

    def _choose(self) -> None:
        self.chosen.emit(self._user_id)


class SignInView(QWidget):
    """Who works here. Up and Down change the person; digits reach the PIN from anywhere."""

    def __init__(self, view_model: SignInViewModel, *, shop: str) -> None:
        super().__init__()
        self.setObjectName("sign_in")
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(f"{tr('sign_in.title')} – {shop}")
        self.view_model = view_model
        view_model.setParent(self)
        self._shop = Label(shop, Role.MUTED)
        self._shown: tuple[tuple[UserRow, ...], UserRow | None] = ((), None)
        self._people_box = QWidget()
        self._people = FlowLayout(self._people_box, gap=theme.S2)
        self._people.setContentsMargins(0, 0, 0, 0)
        self._nobody = EmptyState("users", tr("sign_in.empty"), tr("sign_in.empty.text"))
        self._nobody.hide()
        self.pin = QLineEdit()
        self.pin.setEchoMode(QLineEdit.EchoMode.Password)
        self.pin.setAccessibleName(tr("sign_in.pin"))
        self.pin.setPlaceholderText(tr("sign_in.pin"))
        self.pin.setMaxLength(_PIN_LENGTH)
        self._go = Button(tr("sign_in.go"), "log-in", look=Look.PRIMARY)
        self._error = Label("", Role.ERROR, wraps=True)
        self._lay()
        connect(self.pin.returnPressed, self._enter)
        connect(self._go.clicked, self._enter)
        connect(view_model.changed, self._show)
        self.resize(1280, 800)
        view_model.start()

    @property
    def error(self) -> str:
        """Why nobody was let in, or nothing."""
        return self._error.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits go to the PIN wherever the focus is; arrows change the person."""
        if event.text().isdigit() and self.pin.isEnabled():
            self.pin.setFocus()
            self.pin.insert(event.text())
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self._forget()
            self.view_model.choose_by(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def _lay(self) -> None:
        self._card = Card()
        self._card.setFixedWidth(_WIDTH)
        inner = QVBoxLayout()
        inner.setContentsMargins(theme.S4, theme.S4, theme.S4, theme.S3)
        inner.setSpacing(theme.S4)
        self._card.body.addLayout(inner)
        words = QVBoxLayout()
        words.setSpacing(theme.S1)
        words.addWidget(Label(tr("sign_in.title"), Role.TITLE))
        words.addWidget(self._shop)
        inner.addLayout(words)
        inner.addWidget(self._people_box)
        inner.addWidget(self._nobody)
        row = QHBoxLayout()
        row.setSpacing(theme.S3)
        row.addWidget(self.pin, 1)
        row.addWidget(self._go)
        inner.addLayout(row)
        # Room for two lines of error from the start, so that nothing jumps.
        self._error.setMinimumHeight(self._error.fontMetrics().lineSpacing() * 2)
        inner.addWidget(self._error)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self._card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    def _show(self) -> None:
        view_model = self.view_model
        now = (view_model.people, view_model.chosen)
        if now != self._shown:
            self._shown = now
            self._show_people()
        is_empty = view_model.phase is Phase.READY and not view_model.people
        self._nobody.setVisible(is_empty)
        self._show_error()

    def _show_people(self) -> None:
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
        self._people_box.setFixedHeight(self._people.heightForWidth(_WIDTH - 4 * theme.S4))
        chosen = self.view_model.chosen
        has_pin = chosen is None or bool(chosen.pin_hash)
        self.pin.setPlaceholderText(tr("sign_in.pin" if has_pin else "sign_in.no_pin"))

    def _show_error(self) -> None:
        view_model = self.view_model
        seconds, refusal = view_model.wait_seconds, view_model.refusal
        if seconds:
            self._error.setText(tr("sign_in.wait", count=seconds))
        else:
            self._error.setText("" if refusal is None else error_text(refusal))
        can_enter = bool(view_model.people) and not seconds
        self._go.setEnabled(can_enter)
        if self.pin.isEnabled() != can_enter:
            self.pin.setEnabled(can_enter)
        if can_enter and not self.pin.hasFocus():
            self.pin.setFocus()

    def _choose(self, user_id: str) -> None:
        self._forget()
        self.view_model.choose(user_id)
        self.pin.setFocus()

    def _enter(self) -> None:
        pin = self.pin.text()
        self._forget()
        self.view_model.enter(pin)

    def _forget(self) -> None:
        self.pin.clear()
        self._error.setText("")
