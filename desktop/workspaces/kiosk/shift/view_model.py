"""The drawer: opening, cash that moves without a sale, X read, blind count and Z report."""

from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.ui import tasks
from desktop.ui.view_model import ViewModel
from desktop.workspaces.kiosk.cart import priced
from desktop.workspaces.kiosk.carts import Carts
from desktop.workspaces.kiosk.cash import Denomination, denominations
from desktop.workspaces.kiosk.ports import ReceiptPrinter
from desktop.workspaces.kiosk.till import Till
from shared.kernel.errors import Rejected
from shared.kernel.ids import ShiftId, new_id
from shared.pos.commands import CashMovementKind, CloseShift, MoveCash, OpenShift
from shared.pos.model import ZReport
from shared.pos.queries import shift_of, x_report


@dataclass(frozen=True, slots=True)
class UnpaidSales:
    """Sales that are not paid yet: parked ones, and lines in the open cart; minor units."""

    parked_count: int
    parked_amount: int
    line_count: int
    line_amount: int

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.parked_count or self.line_count)


class ShiftViewModel(ViewModel):
    """`report` is the X or Z report that is shown; `is_closed` tells a Z from an X."""

    def __init__(
        self, till: Till, carts: Carts, printer: ReceiptPrinter, *, parent: QObject | None = None
    ) -> None:
        super().__init__(till.desk.hub, parent)
        self.till = till
        self.carts = carts
        self.printer = printer
        self.report: ZReport | None = None
        self.is_closed = False
        self._shift_id = ShiftId(new_id())

    @property
    def denominations(self) -> tuple[Denomination, ...]:
        """The notes and coins that are counted here."""
        return denominations(self.till.currency, self.till.store.cash_rounding_amount)

    @property
    def unpaid(self) -> UnpaidSales:
        """What is not paid yet; it outlives the shift and is booked where it is completed."""
        parked, cart, store = self.carts.parked, self.carts.cart, self.till.store
        return UnpaidSales(
            parked_count=len(parked),
            parked_amount=sum(priced(each, store).total_amount for each in parked),
            line_count=len(cart.lines),
            line_amount=priced(cart, store).total_amount,
        )

    def open(self, float_amount: int) -> None:
        """Open the drawer with its float (minor units); once, however often this is called."""
        if not self.busy and self.till.shift is None:
            self.run(self._open(float_amount))

    async def _open(self, float_amount: int) -> None:
        command = OpenShift(shift_id=self._shift_id, opening_float_amount=float_amount)
        await self.till.desk.submit(command)
        self._shift_id = ShiftId(new_id())
        self.report, self.is_closed = None, False
        await self.till.refresh()

    async def move_cash(self, kind: CashMovementKind, amount: int, reason: str) -> None:
        """Enter cash that moves without a sale, and open the drawer for it."""
        if kind is not CashMovementKind.NO_SALE and amount <= 0:
            raise Rejected("amount_not_positive", field="amount")
        command = MoveCash(
            shift_id=self.till.open_shift().shift_id, kind=kind, amount=amount, reason=reason
        )
        await self.till.desk.submit(command)
        self.printer.open_drawer()

    async def read_x(self) -> ZReport:
        """What the shift adds up to so far."""
        return await self.till.desk.fetch(x_report, self.till.open_shift().shift_id)

    def close(self, counted_amount: int, note: str = "", *, leaves_unpaid: bool = False) -> None:
        """Close the shift with what was counted; once, however often this is called.

        Unpaid sales are left for the next shift only where a person says so.
        """
        if self.busy or self.till.shift is None:
            return
        if self.unpaid and not leaves_unpaid:
            self.show_rejected(Rejected("sales_unpaid"))
        else:
            self.run(self._close(counted_amount, note))

    async def _close(self, counted_amount: int, note: str) -> None:
        shift_id = self.till.open_shift().shift_id
        await self.till.desk.submit(
            CloseShift(shift_id=shift_id, counted_amount=counted_amount, note=note)
        )
        closed = await self.till.desk.fetch(shift_of, shift_id)
        self.report, self.is_closed = closed.z_report, True
        await self.till.refresh()
        self.changed.emit()

    def forget_report(self) -> None:
        """Put the Z report away: the next shift may be opened."""
        self.report, self.is_closed = None, False
        self.changed.emit()

    def show_rejected(self, error: Rejected) -> None:
        """Read the till anew: it stands otherwise than thought."""
        tasks.latest(self, "till", self.till.refresh())
        super().show_rejected(error)
