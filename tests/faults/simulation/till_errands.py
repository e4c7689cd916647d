"""What cashiers do: open, sell, take back, move cash, close."""

from shared.kernel.ids import OrderId, OrderLineId, ReceiptId, RegisterId, ShiftId, new_id
from shared.kernel.messages import Command
from shared.orders.commands import Channel, LineKind
from shared.orders.tables import ORDER, ORDER_LINE, OrderLineRow, OrderRow
from shared.organization.tables import StoreRow
from shared.payments.commands import TenderKind
from shared.pos.commands import (
    CashMovementKind,
    CloseShift,
    CompleteSale,
    MoveCash,
    OpenShift,
    RefundLine,
    RefundSale,
    SaleLine,
    Tender,
)
from shared.pos.model import refund_part, sale_cart
from shared.pos.tables import SHIFT, ShiftRow, ShiftState
from shared.pricing.engine import LineDiscount, OrderDiscount, price_cart
from shared.storage.reader import Reader
from tests.faults.simulation.errands import Person, some_variant

STANDARD_PPM = 190_000


def open_shift_at(reader: Reader, register_id: RegisterId) -> ShiftRow | None:
    """The till's open shift, if there is one."""
    is_open = (SHIFT.c.register_id == register_id, SHIFT.c.state == ShiftState.OPEN)
    found = reader.find(ShiftRow, *is_open)
    return found[-1] if found else None


def at_the_till(person: Person, reader: Reader, register_id: RegisterId) -> Command | None:
    """The next thing a cashier does."""
    shift = open_shift_at(reader, register_id)
    if shift is None:
        return OpenShift(shift_id=ShiftId(new_id()), opening_float_amount=10_000)
    roll = person.chance.random()
    if roll < 0.72:
        return sale(person, reader, shift.shift_id)
    if roll < 0.86:
        return refund(person, reader, shift)
    if roll < 0.95:
        return MoveCash(
            shift_id=shift.shift_id,
            kind=person.chance.choice(list(CashMovementKind)),
            amount=person.chance.randrange(5000),
            reason="change",
        )
    return CloseShift(shift_id=shift.shift_id, counted_amount=person.chance.randrange(50_000))


def sale(person: Person, reader: Reader, shift_id: ShiftId) -> Command | None:
    """A basket of one to four lines, sometimes with discounts, paid in one or two ways."""
    chance = person.chance
    stores = reader.find(StoreRow, limit=1)
    lines = [_line(person, reader) for _ in range(chance.randint(1, 4))]
    sold = tuple(line for line in lines if line is not None)
    if not stores or not sold:
        return None
    discounts: tuple[OrderDiscount, ...] = ()
    if chance.random() < 0.2:
        discounts = (OrderDiscount(kind="percent", value=500, reason="regular"),)
    total = price_cart(sale_cart(stores[0], sold, discounts)).total_amount
    return CompleteSale(
        order_id=OrderId(new_id()),
        receipt_id=ReceiptId(new_id()),
        shift_id=shift_id,
        lines=sold,
        tenders=_tenders(person, total),
        total_amount=total,
        order_discounts=discounts,
        approver_id=person.user_id,
    )


def _line(person: Person, reader: Reader) -> SaleLine | None:
    chance, variant = person.chance, some_variant(person, reader)
    if variant is None:
        return None
    is_reduced = chance.random() < 0.15
    return SaleLine(
        order_line_id=OrderLineId(new_id()),
        variant_id=variant.variant_id,
        title=variant.title or "Thing",
        sku=variant.sku,
        qty=chance.randint(1, 5),
        qty_exponent=0,
        unit_price_amount=variant.price_amount,
        list_price_amount=variant.price_amount,
        tax_code="standard",
        tax_rate_ppm=STANDARD_PPM,
        discounts=(LineDiscount(kind="percent", value=1000, reason="chipped", is_manual=True),)
        if is_reduced
        else (),
    )


def _tenders(person: Person, total: int) -> tuple[Tender, ...]:
    if total == 0:
        return ()
    if total > 1 and person.chance.random() < 0.3:
        by_card = person.chance.randrange(1, total)
        return (
            Tender(kind=TenderKind.CARD_EXTERNAL, amount=by_card, reference="1234"),
            Tender(kind=TenderKind.CASH, amount=total - by_card),
        )
    return (Tender(kind=TenderKind.CASH, amount=total, given_amount=total + 100),)


def refund(person: Person, reader: Reader, shift: ShiftRow) -> Command | None:
    """Part of something that was sold at this till comes back."""
    here = (ORDER.c.channel == Channel.TILL, ORDER.c.register_id == shift.register_id)
    orders = reader.find(OrderRow, *here, limit=20)
    if not orders:
        return None
    order = person.chance.choice(orders)
    lines = [
        line
        for line in reader.find(OrderLineRow, ORDER_LINE.c.order_id == order.order_id)
        if line.kind is LineKind.GOODS and line.returned_qty < line.qty
    ]
    if not lines:
        return None
    line = person.chance.choice(lines)
    qty = person.chance.randint(1, line.qty - line.returned_qty)
    return RefundSale(
        order_id=order.order_id,
        receipt_id=ReceiptId(new_id()),
        shift_id=shift.shift_id,
        lines=(
            RefundLine(
                order_line_id=line.order_line_id,
                qty=qty,
                is_restocked=person.chance.random() < 0.7,
            ),
        ),
        tender=TenderKind.CASH,
        refund_amount=refund_part(line, qty).gross_amount,
        reason="broken",
    )
