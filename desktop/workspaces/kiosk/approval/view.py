"""Sheet in which somebody who may approves with a PIN; the cashier stays signed in."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button
from desktop.ui.label import Label, Role, rule
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.sheet import Sheet, present
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.approval.rows import Asked
from desktop.workspaces.kiosk.ports import Gate
from desktop.workspaces.kiosk.prompts.view import ChoiceButton
from shared.kernel.errors import Rejected
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS
from shared.organization.queries import active_users
from shared.organization.tables import UserRow

_WIDTH, _PAD_WIDTH = 860, 320
_ERROR_LINES = 2
_ROOM_IN_BUTTON = 84
"""What a button needs beside its words: its icon and its edges."""


class ApprovalSheet(Sheet):
    """What is to be approved and by whom, beside the pad; finishes with the id of who approved."""

    def __init__(
        self, anchor: QWidget, users: Sequence[UserRow], *, gate: Gate, asked: Asked
    ) -> None:
        super().__init__(anchor, width=_WIDTH)
        self._gate, self._permission = gate, asked.permission
        self._user_id = ""
        self._is_checking = False
        title = i18n.tr("kiosk.approval.title")
        self._people = _People(users)
        self._pad = NumPad(PadKind.PIN, enter_text=i18n.tr("kiosk.approval.enter"))
        self._pad.setAccessibleName(i18n.tr("kiosk.pin"))
        self._pad.setFixedWidth(_PAD_WIDTH)
        self._pad.setEnabled(False)
        self._error = Label("", Role.ERROR, wraps=True)
        # Its room is kept, so that no key moves under a finger when a PIN was wrong.
        self._error.setMinimumHeight(_ERROR_LINES * self._error.fontMetrics().lineSpacing())
        across = QHBoxLayout()
        across.setSpacing(theme.S6)
        across.addLayout(self._left(title, asked), 1)
        across.addWidget(self._pad)
        self.body.addLayout(across, 1)
        self.setAccessibleName(f"{title}: {asked.subject}")
        connect(self._pad.entered, self._try)
        for button in self._people.buttons:
            connect(button.picked, self._choose)
        if len(users) == 1:
            self._choose(users[0].user_id)

    def _left(self, title: str, asked: Asked) -> QVBoxLayout:
        """What it is about, who may allow it, what was refused, and the way out."""
        left = QVBoxLayout()
        left.setSpacing(theme.S2)
        left.addWidget(Label(title, Role.HEADING))
        left.addWidget(
            Label(i18n.tr(f"kiosk.approval.{asked.permission.value}"), Role.MUTED, wraps=True)
        )
        left.addWidget(rule())
        left.addWidget(Label(asked.subject, Role.STRONG, wraps=True))
        left.addLayout(_facts(asked))
        left.addWidget(rule())
        if self._people.buttons:
            left.addWidget(self._people)
        else:
            left.addWidget(Label(i18n.tr("kiosk.approval.nobody"), Role.ERROR, wraps=True))
        left.addWidget(self._error)
        left.addStretch()
        stop = Button(i18n.tr("ui.cancel"))
        connect(stop.clicked, self.cancel)
        left.addWidget(stop, 0, Qt.AlignmentFlag.AlignLeading)
        return left

    def show_rejected(self, error: Rejected) -> None:
        """Show why the PIN was not taken."""
        self._error.setText(i18n.error_text(error))
        self._pad.clear()

    def _choose(self, user_id: str) -> None:
        self._user_id = user_id
        self._people.mark(user_id)
        self._error.setText("")
        self._pad.clear()
        self._pad.setEnabled(True)
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


def _facts(asked: Asked) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.S4)
    grid.setVerticalSpacing(theme.S1)
    grid.setColumnStretch(1, 1)
    for line, fact in enumerate(asked.facts):
        role = Role.STRONG if fact.is_strong else Role.BODY
        value = Label(fact.value, role, wraps=True)
        value.set_at_end()
        name = Label(fact.name, role if fact.is_strong else Role.MUTED)
        grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, line, 1)
    return grid


class _People(QScrollArea):
    """Those who may approve; scrolls where there are more than there is room for."""

    def __init__(self, users: Sequence[UserRow]) -> None:
        super().__init__()
        self.buttons = [_PersonChoice(user) for user in users]
        self._names = QWidget()
        self._names.setProperty("role", "scrolled")
        column = QVBoxLayout(self._names)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(theme.S1)
        for button in self.buttons:
            column.addWidget(button)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(self._names)

    def mark(self, user_id: str) -> None:
        """Show who was chosen, whole."""
        for button in self.buttons:
            button.setChecked(button.value == user_id)
            if button.value == user_id:
                self.ensureWidgetVisible(button)

    def sizeHint(self) -> QSize:
        """Give the height of all names."""
        return QSize(0, self._names.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Give room for a name and a half, so that it shows when there are more."""
        some = 3 * theme.current().density.control_small // 2
        return QSize(0, min(some, self.sizeHint().height()))


class _PersonChoice(ChoiceButton):
    """Somebody who may approve; a name that is too long is shortened in its middle."""

    def __init__(self, user: UserRow) -> None:
        super().__init__(user.user_id, user.name, "user-check", small=True)
        self._name = user.name
        self.setToolTip(user.name)

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as needed."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the name for the new width."""
        super().resizeEvent(event)
        room = self.width() - _ROOM_IN_BUTTON
        shown = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        self.setText(shown.replace("&", "&&"))


async def approved_by(anchor: QWidget, asked: Asked, *, desk: Desk, gate: Gate) -> UserId | None:
    """Who approved exactly this with a PIN; None when nobody did. The cashier stays signed in."""
    users = await desk.fetch(active_users)
    able = [user for user in users if asked.permission in ROLE_PERMISSIONS[user.role]]
    answer = await present(ApprovalSheet(anchor, able, gate=gate, asked=asked))
    return UserId(answer) if isinstance(answer, str) else None
