"""The open cart of a till as a frozen value: every change gives a new one; knows no Qt."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from desktop.workspaces.kiosk.approvals import Approval, Given, renewed
from shared.catalog.queries import SellableRow
from shared.kernel.errors import Bug, Rejected
from shared.kernel.ids import CustomerId, OrderId, OrderLineId, ReceiptId, ShiftId, UserId, new_id
from shared.kernel.money import check_amount
from shared.kernel.quantity import unit_of
from shared.organization.tables import StoreRow
from shared.payments.commands import TenderKind
from shared.pos.commands import CompleteSale, SaleLine, Tender
from shared.pos.model import cash_rounding, sale_cart
from shared.pricing.engine import LineDiscount, OrderDiscount, PricedCart, price_cart
from shared.pricing.tables import TaxRateRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """A line as it will be sold, with the unit in which people read its quantity."""

    sale: SaleLine
    unit_code: str

    @property
    def line_id(self) -> OrderLineId:
        """The line's id from its first scan to the receipt."""
        return self.sale.order_line_id

    @property
    def is_plain(self) -> bool:
        """Whether nobody has touched it: only then a further scan counts on it."""
        sale = self.sale
        is_listed = sale.unit_price_amount == sale.list_price_amount
        return is_listed and not sale.discounts and sale.qty_exponent == 0

    @property
    def is_overridden(self) -> bool:
        """Whether a person gave it another price."""
        return self.sale.unit_price_amount != self.sale.list_price_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """An open sale. Its order and receipt have their ids from the start, so it is paid once only.

    `tenders` is money taken so far; while there is any, the lines stand still.
    """

    order_id: OrderId
    receipt_id: ReceiptId
    started_at: datetime
    lines: tuple[CartLine, ...] = ()
    order_discount: OrderDiscount | None = None
    customer_id: CustomerId | None = None
    customer_name: str = ""
    note: str = ""
    approvals: tuple[Approval, ...] = ()
    """Who allowed what the cashier could not do alone, in the order it was given."""
    cashier_name: str = ""
    tenders: tuple[Tender, ...] = ()
    is_paying: bool = False
    is_rounded_off: bool = False
    """Cash was to be taken, but no coin is small enough for what is left."""
    parking_id: str = ""
    """Names the last time that it was parked, so that no other time is meant by it."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return not (self.lines or self.customer_id or self.note or self.tenders)

    @property
    def approver_id(self) -> UserId | None:
        """Who answers for the sale: whoever approved last of what still stands."""
        return self.approvals[-1].approver_id if self.approvals else None

    def line(self, line_id: str) -> CartLine:
        """One line. Raises Bug when it is not there."""
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise Bug(f"the cart has no line {line_id}")


def new_cart(started_at: datetime, cashier_name: str = "") -> Cart:
    """An empty cart."""
    return Cart(
        order_id=OrderId(new_id()),
        receipt_id=ReceiptId(new_id()),
        started_at=started_at,
        cashier_name=cashier_name,
    )


def line_for(variant: SellableRow, qty: int, rates: dict[str, TaxRateRow]) -> CartLine:
    """A fresh line of a variant; `qty` in minor units of its unit of measure.

    Raises Rejected("tax_rate_not_found") when its rate is not set up, for a price without its tax
    would be wrong on every receipt.
    """
    rate = rates.get(variant.tax_code)
    if rate is None:
        raise Rejected("tax_rate_not_found", id=variant.tax_code)
    sale = SaleLine(
        order_line_id=OrderLineId(new_id()),
        variant_id=variant.variant_id,
        title=variant.name,
        sku=variant.sku,
        qty=qty,
        qty_exponent=unit_of(variant.unit_code).exponent,
        unit_price_amount=variant.price_amount,
        list_price_amount=variant.price_amount,
        tax_code=rate.code,
        tax_rate_ppm=rate.rate_ppm,
    )
    return CartLine(sale=sale, unit_code=variant.unit_code)


def open_line(title: str, price_amount: int, rate: TaxRateRow) -> CartLine:
    """A line of something the catalog does not know, sold by its title."""
    if price_amount <= 0:
        raise Rejected("amount_not_positive", field="price_amount")
    if not title.strip():
        raise Rejected("title_missing", field="title")
    sale = SaleLine(
        order_line_id=OrderLineId(new_id()),
        variant_id=None,
        title=title.strip(),
        sku=None,
        qty=1,
        qty_exponent=0,
        unit_price_amount=check_amount(price_amount),
        list_price_amount=price_amount,
        tax_code=rate.code,
        tax_rate_ppm=rate.rate_ppm,
    )
    return CartLine(sale=sale, unit_code="piece")


def with_line(cart: Cart, added: CartLine) -> tuple[Cart, OrderLineId]:
    """The cart with a line more, or with an untouched line of the same variant counted up.

    Gives the id of the line that changed.
    """
    for line in cart.lines:
        is_same = line.sale.variant_id is not None and (
            line.sale.variant_id == added.sale.variant_id
            and line.sale.unit_price_amount == added.sale.unit_price_amount
        )
        if is_same and line.is_plain and added.is_plain:
            more = line.sale.qty + added.sale.qty
            return with_qty(cart, line.line_id, more), line.line_id
    return replace(cart, lines=(*cart.lines, added)), added.line_id


def with_qty(cart: Cart, line_id: str, qty: int) -> Cart:
    """The cart with another quantity on a line. Raises Rejected("quantity_not_positive")."""
    if qty <= 0:
        raise Rejected("quantity_not_positive", field="qty")
    return _changed(cart, line_id, lambda sale: replace(sale, qty=check_amount(qty, "qty")))


def with_line_discount(
    cart: Cart, line_id: str, discount: LineDiscount | None, *, approver_id: UserId | None = None
) -> Cart:
    """The cart with a line's discount set, as `approver_id` allowed, or taken away."""
    given = () if discount is None else (discount,)
    changed = _changed(cart, line_id, lambda sale: replace(sale, discounts=given))
    approver_id = approver_id if given else None
    approvals = renewed(
        cart.approvals, Given.LINE_DISCOUNT, line_id=line_id, approver_id=approver_id
    )
    return replace(changed, approvals=approvals)


def with_price(
    cart: Cart,
    line_id: str,
    price_amount: int,
    *,
    reason: str,
    approver_id: UserId | None = None,
) -> Cart:
    """The cart with a line's price overridden; the list price takes the override away.

    Raises Rejected: amount_negative, reason_missing.
    """
    if price_amount < 0:
        raise Rejected("amount_negative", field="price_amount")
    listed = cart.line(line_id).sale.list_price_amount
    if price_amount != listed and not reason.strip():
        raise Rejected("reason_missing", field="reason")
    said = reason.strip() if price_amount != listed else ""
    changed = _changed(
        cart,
        line_id,
        lambda sale: replace(
            sale, unit_price_amount=check_amount(price_amount), override_reason=said
        ),
    )
    approver_id = approver_id if said else None
    approvals = renewed(cart.approvals, Given.PRICE, line_id=line_id, approver_id=approver_id)
    return replace(changed, approvals=approvals)


def without_line(cart: Cart, line_id: str) -> Cart:
    """The cart without a line."""
    kept = tuple(line for line in cart.lines if line.line_id != line_id)
    discount = cart.order_discount if kept else None
    approvals = tuple(each for each in cart.approvals if kept and each.line_id != line_id)
    return replace(cart, lines=kept, order_discount=discount, approvals=approvals)


def with_order_discount(
    cart: Cart, discount: OrderDiscount | None, *, approver_id: UserId | None = None
) -> Cart:
    """The cart with a discount on everything, as `approver_id` allowed, or without."""
    approver_id = None if discount is None else approver_id
    approvals = renewed(cart.approvals, Given.ORDER_DISCOUNT, approver_id=approver_id)
    return replace(cart, order_discount=discount, approvals=approvals)


def with_customer(cart: Cart, customer_id: CustomerId | None, name: str) -> Cart:
    """The cart of a customer, or of nobody known."""
    return replace(cart, customer_id=customer_id, customer_name=name)


def _changed(cart: Cart, line_id: str, change: Callable[[SaleLine], SaleLine]) -> Cart:
    cart.line(line_id)
    return replace(
        cart,
        lines=tuple(
            replace(line, sale=change(line.sale)) if line.line_id == line_id else line
            for line in cart.lines
        ),
    )


# What it costs.


def priced(cart: Cart, store: StoreRow) -> PricedCart:
    """The cart's price, by the same function that the handler of the sale uses."""
    discounts = () if cart.order_discount is None else (cart.order_discount,)
    return price_cart(sale_cart(store, [line.sale for line in cart.lines], discounts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is left to pay; minor units.

    `left_amount` by any means but cash; `cash_amount` in cash, rounded to coins. `is_settled`
    when nothing is.
    """

    total_amount: int
    taken_amount: int
    left_amount: int
    cash_amount: int
    is_settled: bool

    @property
    def rounds_to_nothing(self) -> bool:
        """Whether something is left, but too little for any coin."""
        return self.left_amount > 0 and self.cash_amount == 0


def due_of(cart: Cart, total_amount: int, store: StoreRow) -> Due:
    """What is left to pay of a total after the cart's tenders."""
    by_cash = sum(t.amount for t in cart.tenders if t.kind is TenderKind.CASH)
    taken = sum(t.amount for t in cart.tenders)
    left = total_amount - taken
    in_cash = left + by_cash
    cash = in_cash + cash_rounding(store, in_cash) - by_cash
    is_settled = left == 0 or (cash == 0 and (by_cash > 0 or cart.is_rounded_off))
    return Due(
        total_amount=total_amount,
        taken_amount=taken,
        left_amount=left,
        cash_amount=cash,
        is_settled=is_settled,
    )


def with_cash(cart: Cart, due: Due, given_amount: int, *, store: StoreRow) -> Cart:
    """The cart after cash was handed over; what is above the due goes back as change.

    What is too little for any coin is let go: nothing is taken for it.

    Raises Rejected: amount_not_positive, cash_not_in_coins for less than what is due when no coins
    make it up.
    """
    if due.rounds_to_nothing:
        return replace(cart, is_rounded_off=True, is_paying=True)
    coin = store.cash_rounding_amount
    if given_amount <= 0 or due.cash_amount <= 0:
        raise Rejected("amount_not_positive", field="given_amount")
    if coin and given_amount < due.cash_amount and given_amount % coin:
        raise Rejected("cash_not_in_coins", field="given_amount")
    amount = min(check_amount(given_amount), due.cash_amount)
    tender = Tender(kind=TenderKind.CASH, amount=amount, given_amount=given_amount)
    return replace(cart, tenders=(*cart.tenders, tender), is_paying=True)


def with_other(cart: Cart, due: Due, kind: TenderKind, *, amount: int, reference: str) -> Cart:
    """The cart after money was taken by other means than cash, with its reference.

    Raises Rejected: amount_not_positive, tender_exceeds_due, reference_missing.
    """
    if amount <= 0:
        raise Rejected("amount_not_positive", field="amount")
    if amount > due.left_amount:
        raise Rejected("tender_exceeds_due", field="amount")
    if not reference.strip():
        raise Rejected("reference_missing", field="reference")
    tender = Tender(kind=kind, amount=amount, reference=reference)
    return replace(cart, tenders=(*cart.tenders, tender), is_paying=True)


def change_due(cart: Cart) -> int:
    """What goes back to the customer in cash; minor units."""
    return sum(t.given_amount - t.amount for t in cart.tenders if t.given_amount)


def completed(cart: Cart, price: PricedCart, *, shift_id: ShiftId, store: StoreRow) -> CompleteSale:
    """The command that makes the sale true. Raises Bug while something is left to pay."""
    due = due_of(cart, price.total_amount, store)
    if not due.is_settled:
        raise Bug(f"{due.left_amount} of {cart.order_id} is left to pay")
    return CompleteSale(
        order_id=cart.order_id,
        receipt_id=cart.receipt_id,
        shift_id=shift_id,
        lines=tuple(line.sale for line in cart.lines),
        tenders=_merged(cart.tenders),
        total_amount=price.total_amount,
        cash_rounding_amount=due.taken_amount - price.total_amount,
        order_discounts=() if cart.order_discount is None else (cart.order_discount,),
        customer_id=cart.customer_id,
        note=cart.note,
        approver_id=cart.approver_id,
    )


def _merged(tenders: tuple[Tender, ...]) -> tuple[Tender, ...]:
    """Cash handed over in several goes is one tender."""
    cash = [tender for tender in tenders if tender.kind is TenderKind.CASH]
    others = tuple(tender for tender in tenders if tender.kind is not TenderKind.CASH)
    if not cash:
        return others
    amount, given = sum(t.amount for t in cash), sum(t.given_amount for t in cash)
    return (*others, Tender(kind=TenderKind.CASH, amount=amount, given_amount=given))
