"""Handlers of the till."""

from dataclasses import replace

from shared.customers.tables import CustomerRow
from shared.inventory.commands import StockReason
from shared.inventory.repository import Movement, enter_movement, enter_movements
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import EntryId
from shared.kernel.money import check_amount
from shared.kernel.permissions import Permission
from shared.orders.commands import (
    Channel,
    DocState,
    FulfillmentStatus,
    LineEntryKind,
    PaymentStatus,
)
from shared.orders.repository import (
    business_on,
    enter_quantities,
    the_store,
    write_order,
)
from shared.orders.tables import ORDER_LINE, OrderLineRow, OrderRow
from shared.organization.tables import StoreRow
from shared.payments.commands import PaymentKind, TenderKind
from shared.payments.repository import Payment, enter_payment
from shared.pos.commands import (
    RECEIPT_SERIES,
    Z_SERIES,
    CloseShift,
    CompleteSale,
    MoveCash,
    OpenShift,
    RefundLine,
    RefundSale,
)
from shared.pos.model import (
    PrintedLine,
    cash_rounding,
    line_spec,
    receipt_number,
    refund_part,
    refund_rounding,
    sale_cart,
)
from shared.pos.queries import z_report
from shared.pos.repository import (
    cashier_name,
    issue_receipt,
    known_line,
    open_shift_of,
    own_register,
    permissions_of,
    refund_parts,
    sale_parts,
    taken_back,
)
from shared.pos.tables import SHIFT, CashMovementRow, ShiftRow, ShiftState
from shared.pricing.engine import PricedCart, TaxGroup, price_cart
from shared.storage.unit_of_work import UnitOfWork


def open_shift(command: OpenShift, work: UnitOfWork, context: Context) -> None:
    """Open the drawer; a till has one open shift at a time."""
    register = own_register(work, context)
    if command.opening_float_amount < 0:
        raise Rejected("amount_negative", field="opening_float_amount")
    is_open = SHIFT.c.state == ShiftState.OPEN
    others = work.find(ShiftRow, SHIFT.c.register_id == register.register_id, is_open)
    context.expect(
        holds=not others, otherwise=Rejected("shift_open_already", register=register.code)
    )
    work.insert(
        ShiftRow(
            shift_id=command.shift_id,
            register_id=register.register_id,
            location_id=register.location_id,
            state=ShiftState.OPEN,
            opened_at=context.business_at,
            opened_by=context.actor.user_id,
            opening_float_amount=check_amount(command.opening_float_amount),
            closed_at=None,
            closed_by=None,
            z_report=None,
            note="",
        )
    )


def complete_sale(command: CompleteSale, work: UnitOfWork, context: Context) -> None:
    """Book a paid sale: order, stock, money and receipt in one."""
    register = own_register(work, context)
    shift = open_shift_of(work, context, shift_id=command.shift_id, register=register)
    store = the_store(work)
    _check_sale(command, work, context)
    command = replace(
        command, lines=tuple(known_line(line, work, context) for line in command.lines)
    )
    specs = [line_spec(line) for line in command.lines]
    priced = price_cart(sale_cart(store, command.lines, command.order_discounts))
    _check_totals(command, store, priced=priced, context=context)
    order = _sale_order(command, store, priced=priced, shift=shift, context=context)
    order = replace(
        _of_customer(order, work),
        order_number=receipt_number(register.code, context.number(RECEIPT_SERIES)),
    )
    lines = write_order(work, order, specs=specs, priced=priced)
    order = _hand_over(work, context, order=order, lines=lines)
    for tender in command.tenders:
        payment = Payment(
            kind=PaymentKind.CAPTURE,
            tender=tender.kind,
            amount=tender.amount,
            given_amount=tender.given_amount,
            reference=tender.reference,
            shift_id=shift.shift_id,
        )
        order = enter_payment(work, context, order=order, payment=payment)
    parts = replace(
        sale_parts(command, priced, lines=lines), cashier_name=cashier_name(work, context)
    )
    issue_receipt(work, context, order_id=order.order_id, shift=shift, store=store, parts=parts)


def _check_sale(command: CompleteSale, work: UnitOfWork, context: Context) -> None:
    """What a till must get right before it takes money."""
    if work.get(OrderRow, command.order_id) is not None:
        raise Rejected("sale_done_already", order_id=command.order_id)
    if not command.lines:
        raise Rejected("sale_empty", field="lines")
    if any(line.qty <= 0 for line in command.lines):
        raise Rejected("quantity_not_positive", field="qty")
    if any(tender.amount <= 0 for tender in command.tenders):
        raise Rejected("amount_not_positive", field="tenders")
    held = context.actor.permissions | permissions_of(work, command.approver_id)
    manual = [d for line in command.lines for d in line.discounts if d.is_manual]
    if manual or command.order_discounts:
        _expect_right(context, held, Permission.DISCOUNT)
    overridden = [
        line for line in command.lines if line.unit_price_amount != line.list_price_amount
    ]
    if overridden:
        _expect_right(context, held, Permission.PRICE_OVERRIDE)
    context.expect(
        holds=all(line.override_reason.strip() for line in overridden),
        otherwise=Rejected("reason_missing", field="override_reason"),
    )


def _expect_right(context: Context, held: frozenset[Permission], permission: Permission) -> None:
    context.expect(
        holds=permission in held,
        otherwise=Rejected("permission_missing", permission=permission.value),
    )


def _check_totals(
    command: CompleteSale, store: StoreRow, *, priced: PricedCart, context: Context
) -> None:
    """The till's total must be the engine's, and the tenders must pay exactly that."""
    context.expect(
        holds=command.total_amount == priced.total_amount,
        otherwise=Rejected(
            "total_differs", expected=command.total_amount, actual=priced.total_amount
        ),
    )
    by_cash = sum(t.amount for t in command.tenders if t.kind is TenderKind.CASH)
    by_other = sum(t.amount for t in command.tenders if t.kind is not TenderKind.CASH)
    # A rest that no coin is small enough for is settled by rounding alone.
    is_rounded = by_cash or command.cash_rounding_amount
    rounding = cash_rounding(store, command.total_amount - by_other) if is_rounded else 0
    due = command.total_amount + rounding
    context.expect(
        holds=by_cash + by_other == due and command.cash_rounding_amount == rounding,
        otherwise=Rejected("tenders_differ", due=due, given=by_cash + by_other),
    )
    context.expect(
        holds=all(t.given_amount >= t.amount for t in command.tenders if t.given_amount),
        otherwise=Rejected("cash_too_little", field="given_amount"),
    )


def _sale_order(
    command: CompleteSale,
    store: StoreRow,
    *,
    priced: PricedCart,
    shift: ShiftRow,
    context: Context,
) -> OrderRow:
    is_owed = priced.total_amount + command.cash_rounding_amount != 0
    return OrderRow(
        order_id=command.order_id,
        order_number="",
        channel=Channel.TILL,
        doc_state=DocState.CLOSED,
        payment_status=PaymentStatus.NONE if is_owed else PaymentStatus.PAID,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
        location_id=shift.location_id,
        register_id=shift.register_id,
        shift_id=shift.shift_id,
        user_id=context.actor.user_id,
        customer_id=command.customer_id,
        customer_name="",
        email="",
        ship_to=None,
        currency=store.currency,
        is_tax_inclusive=store.is_tax_inclusive,
        discount_amount=priced.discount_amount,
        net_amount=priced.net_amount,
        tax_amount=priced.tax_amount,
        total_amount=priced.total_amount,
        cash_rounding_amount=command.cash_rounding_amount,
        captured_amount=0,
        refunded_amount=0,
        order_discounts=command.order_discounts,
        tax_groups=priced.tax_groups,
        note=command.note,
        import_id=None,
        placed_at=context.business_at,
        business_on=business_on(store, context),
    )


def _of_customer(order: OrderRow, work: UnitOfWork) -> OrderRow:
    """The order with its customer's name, or without a customer who is not known here."""
    if order.customer_id is None:
        return order
    customer = work.get(CustomerRow, order.customer_id)
    if customer is None:
        return replace(order, customer_id=None)
    return replace(order, customer_name=customer.name, email=customer.email)


def _hand_over(
    work: UnitOfWork, context: Context, *, order: OrderRow, lines: tuple[OrderLineRow, ...]
) -> OrderRow:
    """The goods left with the customer: quantity ledger and stock."""
    handed = enter_quantities(
        work,
        context,
        order_id=order.order_id,
        kind=LineEntryKind.SHIPPED,
        qty_by_line={line.order_line_id: line.qty for line in lines},
        lines=lines,
    )
    movements = [
        Movement(
            variant_id=line.variant_id,
            location_id=order.location_id,
            qty=-line.qty,
            reason=StockReason.SOLD,
            order_id=order.order_id,
        )
        for line in lines
        if line.variant_id is not None and order.location_id is not None
    ]
    enter_movements(movements, work, context)
    return handed


def refund_sale(command: RefundSale, work: UnitOfWork, context: Context) -> None:
    """Take goods back against their receipt: exactly what was paid for them is given back."""
    register = own_register(work, context)
    shift = open_shift_of(work, context, shift_id=command.shift_id, register=register)
    store = the_store(work)
    order = work.require(OrderRow, command.order_id)
    if not command.lines:
        raise Rejected("refund_empty", field="lines")
    if not command.reason.strip():
        raise Rejected("reason_missing", field="reason")
    held = context.actor.permissions | permissions_of(work, command.approver_id)
    _expect_right(context, held, Permission.REFUND)
    sold = work.find(OrderLineRow, ORDER_LINE.c.order_id == order.order_id)
    printed, groups = [], []
    for line in command.lines:
        part_of, group = _take_back(work, context, order=order, line=line)
        printed.append(part_of)
        groups.append(group)
    total = sum(group.gross_amount for group in groups)
    is_cash = command.tender is TenderKind.CASH
    rounding = refund_rounding(store, order, sold, refund_amount=total, is_cash=is_cash)
    context.expect(
        holds=command.refund_amount == total + rounding,
        otherwise=Rejected("total_differs", expected=command.refund_amount, actual=total),
    )
    order = _give_back(command, work, context)
    parts = replace(
        refund_parts(command, order, lines=tuple(printed), groups=groups),
        cash_rounding_amount=rounding,
        cashier_name=cashier_name(work, context),
    )
    issue_receipt(work, context, order_id=order.order_id, shift=shift, store=store, parts=parts)


def _give_back(command: RefundSale, work: UnitOfWork, context: Context) -> OrderRow:
    """Enter the returned quantities and the money that went back."""
    order = enter_quantities(
        work,
        context,
        order_id=command.order_id,
        kind=LineEntryKind.RETURNED,
        qty_by_line={line.order_line_id: line.qty for line in command.lines},
    )
    if command.refund_amount <= 0:
        return order
    payment = Payment(
        kind=PaymentKind.REFUND,
        tender=command.tender,
        amount=command.refund_amount,
        reference=command.reference,
        reason=command.reason.strip(),
        shift_id=command.shift_id,
    )
    return enter_payment(work, context, order=order, payment=payment)


def _take_back(
    work: UnitOfWork, context: Context, *, order: OrderRow, line: RefundLine
) -> tuple[PrintedLine, TaxGroup]:
    sold = work.require(OrderLineRow, line.order_line_id)
    if sold.order_id != order.order_id:
        raise Rejected("line_of_another_order", field="lines")
    part = refund_part(sold, line.qty)
    work.put(
        replace(
            sold,
            refunded_gross_amount=sold.refunded_gross_amount + part.gross_amount,
            refunded_tax_amount=sold.refunded_tax_amount + part.tax_amount,
        )
    )
    if line.is_restocked and sold.variant_id is not None and order.location_id is not None:
        movement = Movement(
            variant_id=sold.variant_id,
            location_id=order.location_id,
            qty=line.qty,
            reason=StockReason.RETURNED,
            order_id=order.order_id,
        )
        enter_movement(movement, work, context)
    return taken_back(sold, line.qty, part)


def move_cash(command: MoveCash, work: UnitOfWork, context: Context) -> None:
    """Enter cash that moved without a sale, with its reason."""
    register = own_register(work, context)
    shift = open_shift_of(work, context, shift_id=command.shift_id, register=register)
    if command.amount < 0:
        raise Rejected("amount_negative", field="amount")
    if not command.reason.strip():
        raise Rejected("reason_missing", field="reason")
    work.insert(
        CashMovementRow(
            cash_movement_id=EntryId(context.next_id()),
            shift_id=shift.shift_id,
            location_id=shift.location_id,
            kind=command.kind,
            amount=check_amount(command.amount),
            reason=command.reason.strip(),
            user_id=context.actor.user_id,
            moved_at=context.business_at,
        )
    )


def close_shift(command: CloseShift, work: UnitOfWork, context: Context) -> None:
    """Freeze the shift's figures in a numbered Z report; closing never fails for money."""
    register = own_register(work, context)
    shift = open_shift_of(work, context, shift_id=command.shift_id, register=register)
    if command.counted_amount < 0:
        raise Rejected("amount_negative", field="counted_amount")
    z_no = context.number(Z_SERIES)
    report = z_report(
        work, shift, register=register, z_no=z_no, counted_amount=command.counted_amount
    )
    work.put(
        replace(
            shift,
            state=ShiftState.CLOSED,
            closed_at=context.business_at,
            closed_by=context.actor.user_id,
            z_report=replace(report, closed_at=context.business_at),
            note=command.note,
        )
    )
    work.put(replace(register, last_z_no=max(z_no, register.last_z_no)))
