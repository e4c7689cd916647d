"""Handlers of fulfillment, and its reactions to orders."""

from dataclasses import replace

from shared.fulfillment.commands import (
    FulfillmentState,
    PackUnits,
    PickUnits,
    ReportShort,
    ShipFulfillment,
    StartPicking,
)
from shared.fulfillment.model import FULFILLMENT_STATES
from shared.fulfillment.tables import (
    FULFILLMENT,
    FULFILLMENT_LINE,
    FulfillmentLineRow,
    FulfillmentRow,
)
from shared.inventory.commands import StockReason
from shared.inventory.repository import Movement, enter_movement, reserve
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import FulfillmentId
from shared.kernel.money import format_minor
from shared.orders.commands import DocState, FulfillmentStatus, LineEntryKind, LineKind
from shared.orders.events import OrderCanceled, OrderPlaced
from shared.orders.repository import enter_quantities
from shared.orders.tables import ORDER_LINE, OrderLineRow, OrderRow
from shared.storage.unit_of_work import UnitOfWork


def open_fulfillment(event: OrderPlaced, work: UnitOfWork, context: Context) -> None:
    """Tell the order's location what it must deliver."""
    order = work.require(OrderRow, event.order_id)
    lines = work.find(OrderLineRow, ORDER_LINE.c.order_id == order.order_id)
    goods = [line for line in lines if line.kind is LineKind.GOODS and line.variant_id is not None]
    if not goods or order.location_id is None:
        return
    fulfillment = FulfillmentRow(
        fulfillment_id=FulfillmentId(context.next_id()),
        order_id=order.order_id,
        location_id=order.location_id,
        state=FulfillmentState.OPEN,
        picker_id=None,
        is_short=False,
        carrier="",
        tracking_number="",
        created_at=context.business_at,
        picked_at=None,
        packed_at=None,
        shipped_at=None,
    )
    work.insert(fulfillment)
    for line in goods:
        if line.variant_id is None:
            continue
        work.insert(
            FulfillmentLineRow(
                fulfillment_id=fulfillment.fulfillment_id,
                order_line_id=line.order_line_id,
                location_id=order.location_id,
                variant_id=line.variant_id,
                qty=line.qty,
                picked_qty=0,
                short_qty=0,
                short_reason=None,
                packed_qty=0,
            )
        )


def call_off_fulfillment(event: OrderCanceled, work: UnitOfWork, context: Context) -> None:
    """Stop the deliveries of a canceled order; one that is under way needs a person."""
    for row in work.find(FulfillmentRow, FULFILLMENT.c.order_id == event.order_id):
        if row.state is FulfillmentState.SHIPPED:
            continue
        if row.state is not FulfillmentState.OPEN:
            context.note(Rejected("fulfillment_canceled_underway", order_id=row.order_id))
        work.put(replace(row, state=FulfillmentState.CANCELED))


def start_picking(command: StartPicking, work: UnitOfWork, context: Context) -> None:
    """Mark who picks an order; a second picker is told, and noted when it was offline."""
    row = work.require(FulfillmentRow, command.fulfillment_id)
    user_id = context.actor.user_id
    if row.state is FulfillmentState.PICKING and row.picker_id == user_id:
        return
    context.expect(
        holds=FULFILLMENT_STATES.allows(row.state, FulfillmentState.PICKING),
        otherwise=Rejected("fulfillment_taken", state=row.state.value),
    )
    if row.state is FulfillmentState.OPEN:
        work.put(replace(row, state=FulfillmentState.PICKING, picker_id=user_id))


def pick_units(command: PickUnits, work: UnitOfWork, context: Context) -> None:
    """Count verified units as picked; over-picking is refused, never rounded."""
    row = _underway(work, command.fulfillment_id, context)
    line = work.require(FulfillmentLineRow, command.fulfillment_id, command.order_line_id)
    _positive(command.qty)
    left = line.qty - line.picked_qty - line.short_qty
    context.expect(
        holds=command.qty <= left, otherwise=Rejected("picked_too_many", field="code", left=left)
    )
    work.put(replace(line, picked_qty=line.picked_qty + min(command.qty, left)))
    _close_picking(work, row, context)


def report_short(command: ReportShort, work: UnitOfWork, context: Context) -> None:
    """Count units as missing; the stock is put right by a count, which a case asks for."""
    row = _underway(work, command.fulfillment_id, context)
    line = work.require(FulfillmentLineRow, command.fulfillment_id, command.order_line_id)
    _positive(command.qty)
    left = line.qty - line.picked_qty - line.short_qty
    context.expect(
        holds=command.qty <= left, otherwise=Rejected("short_too_many", field="qty", left=left)
    )
    missing = min(command.qty, left)
    work.put(replace(line, short_qty=line.short_qty + missing, short_reason=command.reason))
    order_line = work.require(OrderLineRow, command.order_line_id)
    context.note(
        Rejected(
            "picked_short",
            title=order_line.title,
            missing=_plain(order_line, missing),
            reason=command.reason.value,
            variant_id=line.variant_id,
        )
    )
    short = replace(row, is_short=True)
    work.put(short)
    _close_picking(work, short, context)


def pack_units(command: PackUnits, work: UnitOfWork, context: Context) -> None:
    """Count verified units as packed; the parcel is closed when all that was picked is in it."""
    row = work.require(FulfillmentRow, command.fulfillment_id)
    line = work.require(FulfillmentLineRow, command.fulfillment_id, command.order_line_id)
    context.expect(
        holds=row.state is FulfillmentState.PICKED,
        otherwise=Rejected("fulfillment_not_picked", state=row.state.value),
    )
    _positive(command.qty)
    left = line.picked_qty - line.packed_qty
    context.expect(
        holds=command.qty <= left, otherwise=Rejected("packed_too_many", field="code", left=left)
    )
    work.put(replace(line, packed_qty=line.packed_qty + min(command.qty, left)))
    lines = lines_of(work, row)
    if row.state is FulfillmentState.PICKED and all(
        each.packed_qty == each.picked_qty for each in lines
    ):
        work.put(replace(row, state=FulfillmentState.PACKED, packed_at=context.business_at))


def ship_fulfillment(command: ShipFulfillment, work: UnitOfWork, context: Context) -> None:
    """The parcel left: stock goes out, promises end, missing units are canceled."""
    row = work.require(FulfillmentRow, command.fulfillment_id)
    context.expect(
        holds=row.state is FulfillmentState.PACKED,
        otherwise=Rejected("fulfillment_not_packed", state=row.state.value),
    )
    if row.state is FulfillmentState.SHIPPED:
        return
    lines = lines_of(work, row)
    if not any(line.packed_qty for line in lines):
        raise Rejected("parcel_empty")
    for line in lines:
        if row.state is not FulfillmentState.CANCELED:
            reserve(work, line.variant_id, row.location_id, qty=-line.qty)
        movement = Movement(
            variant_id=line.variant_id,
            location_id=row.location_id,
            qty=-line.packed_qty,
            reason=StockReason.SHIPPED,
            order_id=row.order_id,
        )
        enter_movement(movement, work, context)
    _enter_shipped(work, context, row=row, lines=lines)
    work.put(
        replace(
            row,
            state=FulfillmentState.SHIPPED,
            carrier=command.carrier.strip(),
            tracking_number=command.tracking_number.strip(),
            shipped_at=context.business_at,
        )
    )


def _enter_shipped(
    work: UnitOfWork, context: Context, *, row: FulfillmentRow, lines: list[FulfillmentLineRow]
) -> None:
    """Lines that were canceled while the parcel was under way are not, as far as they left."""
    is_canceled = row.state is FulfillmentState.CANCELED
    canceled = {
        line.order_line_id: change
        for line in lines
        if (change := -line.packed_qty if is_canceled else line.qty - line.packed_qty)
    }
    enter_quantities(
        work, context, order_id=row.order_id, kind=LineEntryKind.CANCELED, qty_by_line=canceled
    )
    shipped = {line.order_line_id: line.packed_qty for line in lines if line.packed_qty}
    order = enter_quantities(
        work, context, order_id=row.order_id, kind=LineEntryKind.SHIPPED, qty_by_line=shipped
    )
    is_done = order.fulfillment_status is FulfillmentStatus.FULFILLED
    if is_done and order.doc_state is DocState.PLACED:
        work.put(replace(order, doc_state=DocState.CLOSED))


def lines_of(work: UnitOfWork, row: FulfillmentRow) -> list[FulfillmentLineRow]:
    """The lines of a delivery."""
    return work.find(FulfillmentLineRow, FULFILLMENT_LINE.c.fulfillment_id == row.fulfillment_id)


def _underway(work: UnitOfWork, fulfillment_id: FulfillmentId, context: Context) -> FulfillmentRow:
    row = work.require(FulfillmentRow, fulfillment_id)
    context.expect(
        holds=row.state is FulfillmentState.PICKING,
        otherwise=Rejected("fulfillment_not_picking", state=row.state.value),
    )
    return row


def _close_picking(work: UnitOfWork, row: FulfillmentRow, context: Context) -> None:
    lines = lines_of(work, row)
    is_done = all(line.picked_qty + line.short_qty == line.qty for line in lines)
    if is_done and row.state is FulfillmentState.PICKING:
        work.put(replace(row, state=FulfillmentState.PICKED, picked_at=context.business_at))


def _plain(line: OrderLineRow, qty: int) -> int | str:
    """A quantity for people: pieces, or plain decimals of what is weighed."""
    return format_minor(qty, line.qty_exponent) if line.qty_exponent else qty


def _positive(qty: int) -> None:
    if qty <= 0:
        raise Rejected("quantity_not_positive", field="qty")
