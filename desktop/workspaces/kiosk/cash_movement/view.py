"""Sheet for cash in, cash out, safe drop and opening the drawer without a sale."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button
from desktop.ui.label import Label, Role
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.sheet import Sheet
from desktop.workspaces.kiosk.prompts.view import Choices, ReasonPicker
from shared.kernel.errors import Rejected
from shared.pos.commands import CashMovementKind

_REASONS = (
    "kiosk.reason.change_money",
    "kiosk.reason.expense",
    "kiosk.reason.safe",
    "kiosk.reason.look",
)
_ICONS = {
    CashMovementKind.NO_SALE: "lock-open",
    CashMovementKind.PAID_IN: "plus",
    CashMovementKind.PAID_OUT: "minus",
    CashMovementKind.DROP: "vault",
}

Move = Callable[[CashMovementKind, int, str], Awaitable[None]]


class CashMovementSheet(Sheet):
    """Stays open with the reason why while the movement is refused."""

    def __init__(self, anchor: QWidget, *, currency: str, move: Move) -> None:
        super().__init__(anchor, width=820)
        self._move = move
        self._kinds = Choices(
            [(kind.value, i18n.tr(f"kiosk.cash.{kind.value}"), _ICONS[kind]) for kind in _ICONS],
            name=i18n.tr("kiosk.cash.kind"),
        )
        self._pad = NumPad(
            PadKind.AMOUNT, currency=currency, enter_text=i18n.tr("kiosk.cash.enter")
        )
        self._pad.setAccessibleName(i18n.tr("kiosk.tender.amount"))
        self._reason = ReasonPicker(_REASONS)
        self._error = Label("", Role.ERROR, wraps=True)
        self._is_sending = False
        title = i18n.tr("kiosk.cash.title")
        self.body.addWidget(Label(title, Role.HEADING))
        self.body.addWidget(self._kinds)
        across = QHBoxLayout()
        across.setSpacing(theme.S6)
        across.addLayout(self._left(), 1)
        across.addWidget(self._pad, 1)
        self.body.addLayout(across, 1)
        self.setAccessibleName(title)
        connect(self._pad.entered, self._try)
        connect(self._reason.field.returnPressed, self._pad.enter)
        connect(self._kinds.picked, self._on_kind)
        self._reason.field.setFocus(Qt.FocusReason.TabFocusReason)

    def _left(self) -> QVBoxLayout:
        """Why, what was refused, and the way out."""
        left = QVBoxLayout()
        left.addWidget(self._reason)
        left.addWidget(self._error)
        left.addStretch()
        stop = Button(i18n.tr("ui.cancel"))
        connect(stop.clicked, self.cancel)
        left.addWidget(stop, 0, Qt.AlignmentFlag.AlignLeading)
        return left

    def show_rejected(self, error: Rejected) -> None:
        """Show why it was refused."""
        self._error.setText(i18n.error_text(error))

    def _on_kind(self, _kind: str) -> None:
        self._error.setText("")

    def _try(self, _digits: str) -> None:
        if self._is_sending or not self._reason.is_given():
            return
        self._is_sending = True
        tasks.spawn(self, self._send())

    async def _send(self) -> None:
        kind = CashMovementKind(self._kinds.value())
        amount = 0 if kind is CashMovementKind.NO_SALE else self._pad.value()
        try:
            await self._move(kind, amount, self._reason.text())
        finally:
            self._is_sending = False
        self.finish(kind)
