"""Taking money for the open sale: once, whatever is pressed twice."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QElapsedTimer, QObject

from desktop.ui import tasks
from desktop.ui.binding import connect
from desktop.ui.view_model import ViewModel
from desktop.workspaces.kiosk.cart import (
    Cart,
    Due,
    change_due,
    completed,
    due_of,
    with_cash,
    with_other,
)
from desktop.workspaces.kiosk.carts import (
    CART_SLOT,
    SALE_DONE_ALREADY,
    Carts,
    Paid,
    Stage,
)
from desktop.workspaces.kiosk.cash import quick_tenders
from desktop.workspaces.kiosk.receipts import Receipts
from desktop.workspaces.kiosk.sale.view_model import SaleViewModel
from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.payments.commands import TenderKind
from shared.pos.tables import ReceiptRow

GUARD_MS = 250
"""A second press within this time was meant for what was there before."""
TENDER_KINDS = (TenderKind.CASH, TenderKind.CARD_EXTERNAL, TenderKind.BANK)
"""In the order of Alt+1 to Alt+3."""


class TenderViewModel(ViewModel):
    """Due, tenders so far, and the receipt of the sale that was just paid."""

    def __init__(
        self,
        sale: SaleViewModel,
        receipts: Receipts,
        parent: QObject | None = None,
        *,
        guard_ms: int = GUARD_MS,
    ) -> None:
        super().__init__(sale.till.desk.hub, parent)
        self.sale = sale
        self.receipts = receipts
        self.kind = TenderKind.CASH
        self.receipt: ReceiptRow | None = None
        self._guard_ms = guard_ms
        self._since_change = QElapsedTimer()
        self._stage = self.carts.stage
        connect(sale.changed, self._follow)

    # -- what is shown

    @property
    def carts(self) -> Carts:
        """The open sale."""
        return self.sale.carts

    @property
    def stage(self) -> Stage:
        """Where the open sale stands."""
        return self.carts.stage

    @property
    def due(self) -> Due:
        """What is left to pay."""
        return due_of(self.sale.cart, self.sale.total_amount, self.sale.till.store)

    @property
    def can_round_off(self) -> bool:
        """Whether nothing needs to be handed over, for what is left rounds to nothing in cash."""
        return self.kind is TenderKind.CASH and self.due.rounds_to_nothing

    @property
    def quick_amounts(self) -> tuple[int, ...]:
        """What the customer is likely to hand over; the exact sum first."""
        return quick_tenders(self.due.cash_amount, self.sale.till.currency)

    @property
    def can_pay(self) -> bool:
        """Whether there is something to be paid, and a shift to book it in."""
        is_selling = self.stage in {Stage.SELLING, Stage.TENDERING}
        return bool(self.sale.cart.lines) and is_selling and self.sale.till.shift is not None

    # -- intents

    def start(self) -> None:
        """Begin to take money; a sale that costs nothing is completed at once."""
        if self.stage is not Stage.SELLING or not self._is_meant():
            return
        if not self.sale.cart.lines:
            self.show_rejected(Rejected("sale_empty"))
            return
        if self.sale.total_amount == 0:
            self._take(lambda cart: cart)
            return
        self.kind = TenderKind.CASH
        self._put(replace(self.sale.cart, is_paying=True))

    def back(self) -> None:
        """Go back to the lines; only while no money has been taken."""
        if self.stage is not Stage.TENDERING:
            return
        if self.sale.cart.tenders:
            self.show_rejected(Rejected("sale_has_tenders"))
            return
        self._put(replace(self.sale.cart, is_paying=False))

    def choose(self, kind: TenderKind) -> None:
        """Take the rest by this means; begins to take money where that has not happened."""
        if self.stage is Stage.SELLING:
            self.start()
        if self.stage is Stage.TENDERING:
            self.kind = kind
            self.changed.emit()

    def exact_cash(self) -> None:
        """The customer handed over exactly what is due: the whole sale in one action."""
        if self.can_pay and self._is_meant():
            self.cash(self.due.cash_amount)

    def cash(self, given_amount: int) -> None:
        """Cash was handed over (minor units); what is above the due is change."""
        store = self.sale.till.store
        self._take(lambda cart: with_cash(cart, self.due, given_amount, store=store))

    def other(self, kind: TenderKind, amount: int, reference: str) -> None:
        """Another terminal or the bank took an amount; `reference` is what it calls that."""
        self._take(
            lambda cart: with_other(cart, self.due, kind, amount=amount, reference=reference)
        )

    def finish(self) -> None:
        """Complete a sale that is paid in full already, or whose rest no coin is small enough for.

        It is paid already after a crash or a refusal.
        """
        if self.due.is_settled:
            self._take(lambda cart: cart)
        elif self.can_round_off:
            self.cash(0)

    def remove_tender(self, place: int) -> None:
        """Give a tender back that was taken for this sale."""
        if self.stage is Stage.TENDERING:
            left = list(self.sale.cart.tenders)
            del left[place]
            self._put(replace(self.sale.cart, tenders=tuple(left)))

    def dismiss(self) -> None:
        """Go on to the next sale."""
        if self._is_meant():
            self.carts.dismiss()

    # -- inside

    def _follow(self) -> None:
        if self.stage is not self._stage:
            self._stage = self.stage
            self._since_change.restart()
            if self.stage in {Stage.SELLING, Stage.TENDERING}:
                self.receipt = None
        self.changed.emit()

    def _is_meant(self) -> bool:
        """Whether what is on screen has been there long enough to be what was pressed."""
        timer = self._since_change
        return not timer.isValid() or timer.elapsed() >= self._guard_ms

    def _put(self, cart: Cart) -> None:
        try:
            self.carts.put(cart)
        except Rejected as error:
            self.show_rejected(error)

    def _take(self, change: Callable[[Cart], Cart]) -> None:
        if not self.can_pay:
            return
        try:
            self.sale.till.open_shift()
            self.carts.put(change(self.sale.cart))
        except Rejected as error:
            self.show_rejected(error)
            return
        if self.due.is_settled:
            self.carts.begin_submit()
            tasks.spawn(self, self._complete())

    async def _complete(self) -> None:
        """Make the sale true, then and only then print it."""
        paid: Paid | None = None
        is_done_already = False
        try:
            paid = await self._submit()
        except Rejected as error:
            is_done_already = error.code == SALE_DONE_ALREADY
            raise
        finally:
            self.carts.end_submit(paid)
            if is_done_already and self._has_only_cash:
                self.carts.put_away()
        try:
            self.receipt = await self.receipts.print_first(
                paid.receipt_id, opens_drawer=paid.has_cash
            )
        except Unavailable as error:
            # The sale stands; its receipt can be had again at any time.
            self.show_unavailable(error)
        self.changed.emit()

    @property
    def _has_only_cash(self) -> bool:
        """Whether what was taken can be handed back as it is, without a list of it."""
        return all(tender.kind is TenderKind.CASH for tender in self.sale.cart.tenders)

    async def _submit(self) -> Paid:
        cart, price, till = self.sale.cart, self.sale.price, self.sale.till
        if price is None:
            raise Bug("a sale without price was to be completed")
        await self.carts.settle()
        shift = till.open_shift()
        command = completed(cart, price, shift_id=shift.shift_id, store=till.store)
        await till.desk.submit(command, clears_draft=CART_SLOT)
        return Paid(
            receipt_id=cart.receipt_id,
            total_amount=price.total_amount + command.cash_rounding_amount,
            change_amount=change_due(cart),
            currency=till.currency,
            has_cash=any(tender.kind is TenderKind.CASH for tender in cart.tenders),
        )

    def show_unavailable(self, error: Unavailable) -> None:
        """Say what is out of reach; the sale is not in danger."""
        tasks.report(self.parent(), error)
