"""Sheet in which somebody who may approves with a PIN; the cashier stays signed in."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button
from desktop.ui.label import Label, Role
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.sheet import Sheet, present
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.ports import Gate
from desktop.workspaces.kiosk.prompts.view import ChoiceButton
from shared.kernel.errors import Rejected
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission
from shared.organization.queries import active_users
from shared.organization.tables import UserRow


class ApprovalSheet(Sheet):
    """Finishes with the id of who approved."""

    def __init__(
        self, anchor: QWidget, users: Sequence[UserRow], *, gate: Gate, permission: Permission
    ) -> None:
        super().__init__(anchor, width=440)
        self._gate, self._permission = gate, permission
        self._user_id = ""
        self._is_checking = False
        title = i18n.tr("kiosk.approval.title")
        self.body.addWidget(Label(title, Role.HEADING))
        what = i18n.tr(f"kiosk.approval.{permission.value}")
        self.body.addWidget(Label(what, Role.MUTED, wraps=True))
        self._buttons = [ChoiceButton(user.user_id, user.name, "user-check") for user in users]
        people = self._people()
        self._pad = NumPad(PadKind.PIN, enter_text=i18n.tr("kiosk.approval.enter"))
        self._pad.setAccessibleName(i18n.tr("kiosk.pin"))
        self._pad.hide()
        self._error = Label("", Role.ERROR, wraps=True)
        stop = Button(i18n.tr("ui.cancel"))
        connect(stop.clicked, self.cancel)
        for part in (people, self._pad, self._error, stop):
            self.body.addWidget(part)
        self.setAccessibleName(title)
        connect(self._pad.entered, self._try)
        if len(users) == 1:
            self._choose(users[0].user_id)

    def _people(self) -> QWidget:
        """Those who may approve, or that nobody may."""
        people = QWidget()
        column = QVBoxLayout(people)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S2)
        for button in self._buttons:
            connect(button.picked, self._choose)
            column.addWidget(button)
        if not self._buttons:
            column.addWidget(Label(i18n.tr("kiosk.approval.nobody"), Role.ERROR, wraps=True))
        return people

    def show_rejected(self, error: Rejected) -> None:
        """Show why the PIN was not taken."""
        self._error.setText(i18n.error_text(error))
        self._pad.clear()

    def _choose(self, user_id: str) -> None:
        self._user_id = user_id
        for button in self._buttons:
            button.setChecked(button.value == user_id)
        self._pad.show()
        self._pad.setFocus(Qt.FocusReason.OtherFocusReason)

    def _try(self, pin: str) -> None:
        if pin and not self._is_checking:
            self._is_checking = True
            tasks.spawn(self, self._check(UserId(self._user_id), pin))

    async def _check(self, user_id: UserId, pin: str) -> None:
        try:
            await self._gate.check(user_id, pin, self._permission)
        finally:
            self._is_checking = False
        self.finish(user_id)


async def approved_by(
    anchor: QWidget, *, desk: Desk, gate: Gate, permission: Permission
) -> UserId | None:
    """Who approved with a PIN; None when nobody did. The cashier stays signed in."""
    users = await desk.fetch(active_users)
    able = [user for user in users if permission in ROLE_PERMISSIONS[user.role]]
    answer = await present(ApprovalSheet(anchor, able, gate=gate, permission=permission))
    return UserId(answer) if isinstance(answer, str) else None
