"""What is asked of the till besides the open cart: payment, returns, cash, closing."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.sheet import present, top_sheet
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.cash_movement.view import CashMovementSheet
from desktop.workspaces.kiosk.counter import Counter
from shared.kernel.errors import Rejected
from shared.kernel.permissions import Permission
from shared.payments.commands import TenderKind


class TillIntents(QObject):
    """What is asked of the till itself.

    Signals: `changed`, `refund_asked`, `closing_asked`, `told(text)` for a short note.
    """

    changed = Signal()
    refund_asked = Signal()
    closing_asked = Signal()
    told = Signal(str)

    def __init__(self, counter: Counter, anchor: QWidget) -> None:
        super().__init__(anchor)
        self._counter = counter
        self._anchor = anchor
        connect(counter.tender.changed, self._tell)
        connect(counter.find.changed, self._tell)
        connect(counter.gate.changed, self._tell)

    @property
    def can_pay(self) -> bool:
        """Whether money may be taken."""
        return self._counter.tender.can_pay or self._counter.find.is_pending

    @property
    def is_idle(self) -> bool:
        """Whether no sale is being paid."""
        return self._counter.tender.stage in {Stage.SELLING, Stage.PAID}

    @property
    def can_refund(self) -> bool:
        """Whether goods may be taken back now; a supervisor may be asked for it."""
        return self.is_idle and self._counter.gate.may(Permission.SELL)

    @property
    def can_move_cash(self) -> bool:
        """Whether cash may be moved, and the shift looked at."""
        return self.is_idle and self._counter.gate.may(Permission.SHIFT)

    @property
    def can_close(self) -> bool:
        """Whether the shift may be closed; what is open stays, and the page says so."""
        return self.can_move_cash

    async def pay(self) -> None:
        """Begin to take money."""
        if await self._all_scanned():
            self._counter.tender.start()

    async def exact_cash(self) -> None:
        """The customer handed over exactly what is due."""
        if await self._all_scanned():
            self._counter.tender.exact_cash()

    async def pay_cash(self) -> None:
        """Take the rest in cash."""
        await self._pay_by(TenderKind.CASH)

    async def pay_card(self) -> None:
        """Take the rest by card."""
        await self._pay_by(TenderKind.CARD_EXTERNAL)

    async def pay_bank(self) -> None:
        """Take the rest by bank transfer."""
        await self._pay_by(TenderKind.BANK)

    async def _pay_by(self, kind: TenderKind) -> None:
        if await self._all_scanned():
            self._counter.tender.choose(kind)

    async def _all_scanned(self) -> bool:
        """Wait for what was scanned before the key, so that no line misses the payment."""
        if self._counter.tender.stage is Stage.SUBMITTING:
            return False
        await self._counter.find.drained()
        return True

    def refund(self) -> None:
        """Take goods back."""
        self.refund_asked.emit()

    async def cash(self) -> None:
        """Ask for cash that moves without a sale."""
        if top_sheet(self._anchor) is not None:
            return
        currency = self._counter.till.currency
        move = self._counter.shift.move_cash
        answer = await present(CashMovementSheet(self._anchor, currency=currency, move=move))
        if answer is not None:
            self.told.emit(i18n.tr(f"kiosk.cash.done.{answer}"))

    def close_shift(self) -> None:
        """Count the drawer and close the shift."""
        self.closing_asked.emit()

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused."""
        self._counter.sale.show_rejected(error)

    def _tell(self) -> None:
        self.changed.emit()
