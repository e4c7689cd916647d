"""State and intents of the open sale."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import QObject, Signal

from desktop.ui.binding import connect
from desktop.ui.view_model import ViewModel
from desktop.workspaces.kiosk.cart import (
    Cart,
    CartLine,
    line_for,
    open_line,
    priced,
    with_customer,
    with_line,
    with_line_discount,
    with_order_discount,
    with_price,
    with_qty,
    without_line,
)
from desktop.workspaces.kiosk.carts import SALE_DONE_ALREADY, Carts, Stage
from desktop.workspaces.kiosk.sale.rows import CartRow, cart_rows
from desktop.workspaces.kiosk.till import Till
from shared.catalog.queries import SellableRow
from shared.kernel.errors import Rejected
from shared.kernel.ids import CustomerId, UserId
from shared.kernel.permissions import Permission
from shared.kernel.quantity import unit_of
from shared.pricing.engine import LineDiscount, OrderDiscount, PricedCart


class SaleViewModel(ViewModel):
    """Lines, totals and the marked line. Signal: `line_added(line_id)` when a line came or grew."""

    line_added = Signal(str)

    def __init__(self, till: Till, carts: Carts, parent: QObject | None = None) -> None:
        super().__init__(till.desk.hub, parent)
        self.till = till
        self.carts = carts
        self.rows: tuple[CartRow, ...] = ()
        self.price: PricedCart | None = None
        self.marked_id = ""
        connect(carts.changed, self.reprice)
        connect(till.changed, self.reprice)
        connect(carts.sold_elsewhere, self._tell_sold)

    # -- what is shown

    @property
    def cart(self) -> Cart:
        """The open cart."""
        return self.carts.cart

    @property
    def marked(self) -> CartLine | None:
        """The line that quantity, discount, price and removal are about."""
        lines = [line for line in self.cart.lines if line.line_id == self.marked_id]
        return lines[0] if lines else None

    @property
    def total_amount(self) -> int:
        """What the cart costs; minor units."""
        return 0 if self.price is None else self.price.total_amount

    @property
    def can_edit(self) -> bool:
        """Whether lines may change now."""
        return self.carts.stage in {Stage.SELLING, Stage.PAID} or (
            self.carts.stage is Stage.TENDERING and not self.cart.tenders
        )

    def may(self, permission: Permission) -> bool:
        """Whether the cashier may do that alone; an approval counts for what it was given for."""
        return self.till.desk.session.may(permission)

    def reprice(self) -> None:
        """Compute everything anew from the cart; the same function prices the sale itself."""
        if self.till.state is None:
            return
        self.price = priced(self.cart, self.till.store)
        self.rows = cart_rows(self.cart, self.price, self.till.currency)
        if self.marked is None:
            self.marked_id = self.cart.lines[-1].line_id if self.cart.lines else ""
        self.changed.emit()

    # -- intents

    def add(self, variant: SellableRow, times: Decimal = Decimal(1)) -> bool:
        """Sell a variant; `times` whole units of its unit of measure. False when refused."""
        unit = unit_of(variant.unit_code)
        exact = times.scaleb(unit.exponent)
        if exact != exact.to_integral_value():
            code = "quantity_too_precise"
            refusal = Rejected(code, field="qty", unit=unit.code, decimals=unit.exponent)
            self.show_rejected(refusal)
            return False

        def added(cart: Cart) -> Cart:
            fresh = line_for(variant, int(exact), self.till.rates)
            return self._with(cart, fresh)

        return self._added(added)

    def add_open(self, title: str, price_amount: int, tax_code: str) -> bool:
        """Sell something by its title and price."""

        def added(cart: Cart) -> Cart:
            rate = self.till.rates.get(tax_code)
            if rate is None:
                raise Rejected("tax_rate_not_found", id=tax_code)
            return self._with(cart, open_line(title, price_amount, rate))

        return self._added(added)

    def _tell_sold(self) -> None:
        self.show_rejected(Rejected(SALE_DONE_ALREADY))

    def mark(self, line_id: str) -> None:
        """Let further intents be about this line."""
        if line_id != self.marked_id and any(x.line_id == line_id for x in self.cart.lines):
            self.marked_id = line_id
            self.changed.emit()

    def step(self, by: int) -> None:
        """Mark the line so many places further down (or up)."""
        ids = [str(line.line_id) for line in self.cart.lines]
        if ids:
            at = ids.index(self.marked_id) if self.marked_id in ids else 0
            self.mark(ids[max(0, min(len(ids) - 1, at + by))])

    def set_qty(self, qty: int) -> bool:
        """Give the marked line another quantity (minor units of measure)."""
        return self._edit_marked(lambda cart, line_id: with_qty(cart, line_id, qty))

    def change_qty(self, by: int) -> None:
        """Count the marked line up or down by whole units; never below one."""
        line = self.marked
        if line is not None:
            unit = 10**line.sale.qty_exponent
            self.set_qty(max(unit, line.sale.qty + by * unit))

    def discount_line(
        self, discount: LineDiscount | None, *, approver_id: UserId | None = None
    ) -> bool:
        """Set or take away the discount of the marked line, as `approver_id` allowed."""
        return self._edit_marked(
            lambda cart, line_id: with_line_discount(
                cart, line_id, discount, approver_id=approver_id
            )
        )

    def discount_all(
        self, discount: OrderDiscount | None, *, approver_id: UserId | None = None
    ) -> bool:
        """Set or take away the discount on everything, as `approver_id` allowed."""
        return self._edit(lambda cart: with_order_discount(cart, discount, approver_id=approver_id))

    def set_price(
        self, price_amount: int, reason: str, *, approver_id: UserId | None = None
    ) -> bool:
        """Override the price of the marked line, as `approver_id` allowed."""
        return self._edit_marked(
            lambda cart, line_id: with_price(
                cart, line_id, price_amount, reason=reason, approver_id=approver_id
            )
        )

    def remove_marked(self) -> None:
        """Take the marked line out; the one after it is marked."""
        ids = [str(line.line_id) for line in self.cart.lines]
        if self.marked_id in ids and self.can_edit:
            at = ids.index(self.marked_id)
            near = ids[at + 1] if at + 1 < len(ids) else (ids[at - 1] if at else "")
            gone, self.marked_id = self.marked_id, near
            self._edit(lambda cart: without_line(cart, gone))

    def set_customer(self, customer_id: CustomerId | None, name: str) -> bool:
        """Sell to a known customer, or to nobody in particular."""
        return self._edit(lambda cart: with_customer(cart, customer_id, name))

    def set_note(self, note: str) -> bool:
        """Write a note on the sale."""
        return self._edit(lambda cart: replace(cart, note=note.strip()))

    # -- inside

    def _with(self, cart: Cart, fresh: CartLine) -> Cart:
        changed, line_id = with_line(cart, fresh)
        self.marked_id = line_id
        return changed

    def _added(self, change: Callable[[Cart], Cart]) -> bool:
        is_added = self._edit(change)
        if is_added:
            self.line_added.emit(self.marked_id)
        return is_added

    def _edit_marked(self, change: Callable[[Cart, str], Cart]) -> bool:
        line = self.marked
        if line is None:
            self.show_rejected(Rejected("sale_empty"))
            return False
        return self._edit(lambda cart: change(cart, line.line_id))

    def _edit(self, change: Callable[[Cart], Cart]) -> bool:
        if not self.can_edit:
            code = "sale_has_tenders" if self.cart.tenders else "sale_is_submitting"
            self.show_rejected(Rejected(code))
            return False
        try:
            self.carts.put(replace(change(self.cart), is_paying=False, is_rounded_off=False))
        except Rejected as error:
            self.show_rejected(error)
            return False
        return True
