"""The door of the back office: a card with a name and a PIN."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.editors import ChoiceField
from desktop.ui.fields import Choice, FieldKind, FieldSpec
from desktop.ui.forms import Form
from desktop.ui.label import Label, Role
from desktop.workspaces.merchant.sign_in.view_model import SignInViewModel
from shared.kernel.errors import Rejected


class SignInView(QWidget):
    """Asks who is there; goes away when somebody was let in."""

    def __init__(self, view_model: SignInViewModel, *, brand: str) -> None:
        super().__init__()
        self._vm = view_model
        view_model.setParent(self)
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._form = Form(
            [
                FieldSpec(key="user_id", label_key="merchant.sign_in.who", kind=FieldKind.CHOICE),
                FieldSpec(key="pin", label_key="merchant.staff.pin", kind=FieldKind.PIN),
            ]
        )
        self._go = Button(i18n.tr("merchant.sign_in"), "log-in", look=Look.PRIMARY)
        card = Card()
        card.setFixedWidth(theme.current().density.type.base * 26)
        card.body.setContentsMargins(theme.S3, theme.S3, theme.S3, theme.S3)
        card.body.setSpacing(theme.S4)
        card.body.addWidget(Label(brand, Role.TITLE))
        card.body.addWidget(self._form)
        card.body.addWidget(self._go)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        connect(self._go.clicked, self._try)
        connect(self._form.submitted, self._try)
        connect(view_model.changed, self._show)
        view_model.start()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus on to the PIN."""
        super().focusInEvent(event)
        self._form.field("pin").editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_rejected(self, error: Rejected) -> None:
        """Say at the PIN why nobody was let in."""
        self._form.set_values({"pin": ""})
        self._form.show_rejected(error)

    def _show(self) -> None:
        editor = self._form.field("user_id").editor
        if isinstance(editor, ChoiceField):
            editor.set_choices([Choice(user.user_id, user.name) for user in self._vm.users])

    def _try(self) -> None:
        tasks.latest(self, "enter", self._enter())

    async def _enter(self) -> None:
        typed = self._form.values_as_typed()
        self._go.setEnabled(False)
        try:
            await self._vm.enter(str(typed["user_id"]), str(typed["pin"]))
        finally:
            self._go.setEnabled(True)
