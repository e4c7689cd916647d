"""Read models of fulfillment."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shared.catalog.tables import BARCODE, VARIANT
from shared.fulfillment.commands import FulfillmentState, ShortReason
from shared.fulfillment.tables import FULFILLMENT, FULFILLMENT_LINE, FulfillmentRow
from shared.kernel.ids import FulfillmentId, OrderId, OrderLineId, VariantId
from shared.orders.tables import ORDER, ORDER_LINE, OrderRow
from shared.storage.reader import Reader

WAITING = (
    FulfillmentState.OPEN,
    FulfillmentState.PICKING,
    FulfillmentState.PICKED,
    FulfillmentState.PACKED,
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A delivery in a station's queue."""

    fulfillment_id: FulfillmentId
    order_id: OrderId
    order_number: str
    customer_name: str
    state: FulfillmentState
    is_short: bool
    created_at: datetime
    line_count: int
    unit_qty: int
    picked_qty: int
    packed_qty: int
    short_qty: int


def queue(
    reader: Reader,
    location_id: str,
    *,
    states: tuple[FulfillmentState, ...] = WAITING,
    limit: int = 500,
) -> tuple[QueueRow, ...]:
    """The deliveries of a location in the given states, oldest first."""
    statement = (
        sa.select(
            FULFILLMENT.c.fulfillment_id,
            FULFILLMENT.c.order_id,
            ORDER.c.order_number,
            ORDER.c.customer_name,
            FULFILLMENT.c.state,
            FULFILLMENT.c.is_short,
            FULFILLMENT.c.created_at,
            sa.func.count(FULFILLMENT_LINE.c.order_line_id),
            sa.func.sum(FULFILLMENT_LINE.c.qty),
            sa.func.sum(FULFILLMENT_LINE.c.picked_qty),
            sa.func.sum(FULFILLMENT_LINE.c.packed_qty),
            sa.func.sum(FULFILLMENT_LINE.c.short_qty),
        )
        .join(ORDER.table, ORDER.c.order_id == FULFILLMENT.c.order_id)
        .join(
            FULFILLMENT_LINE.table,
            FULFILLMENT_LINE.c.fulfillment_id == FULFILLMENT.c.fulfillment_id,
        )
        .where(FULFILLMENT.c.location_id == location_id, FULFILLMENT.c.state.in_(states))
        .group_by(
            FULFILLMENT.c.fulfillment_id,
            FULFILLMENT.c.order_id,
            ORDER.c.order_number,
            ORDER.c.customer_name,
            FULFILLMENT.c.state,
            FULFILLMENT.c.is_short,
            FULFILLMENT.c.created_at,
        )
        .order_by(FULFILLMENT.c.created_at, FULFILLMENT.c.fulfillment_id)
        .limit(limit)
    )
    return tuple(QueueRow(*row[:8], *map(int, row[8:])) for row in reader.rows(statement))


@dataclass(frozen=True, slots=True)
class PickRow:
    """One line to pick and pack, with the codes that verify it."""

    order_line_id: OrderLineId
    variant_id: VariantId
    title: str
    sku: str | None
    codes: tuple[str, ...]
    qty: int
    picked_qty: int
    short_qty: int
    short_reason: ShortReason | None
    packed_qty: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """All about one delivery: the document, its order and its lines."""

    fulfillment: FulfillmentRow
    order: OrderRow
    lines: tuple[PickRow, ...]


def delivery(reader: Reader, fulfillment_id: str) -> Delivery:
    """One delivery. Raises Rejected("fulfillment_not_found")."""
    row = reader.require(FulfillmentRow, fulfillment_id)
    order = reader.require(OrderRow, row.order_id)
    statement = (
        sa.select(
            FULFILLMENT_LINE.c.order_line_id,
            FULFILLMENT_LINE.c.variant_id,
            ORDER_LINE.c.title,
            ORDER_LINE.c.sku,
            FULFILLMENT_LINE.c.qty,
            FULFILLMENT_LINE.c.picked_qty,
            FULFILLMENT_LINE.c.short_qty,
            FULFILLMENT_LINE.c.short_reason,
            FULFILLMENT_LINE.c.packed_qty,
        )
        .join(ORDER_LINE.table, ORDER_LINE.c.order_line_id == FULFILLMENT_LINE.c.order_line_id)
        .join(VARIANT.table, VARIANT.c.variant_id == FULFILLMENT_LINE.c.variant_id)
        .where(FULFILLMENT_LINE.c.fulfillment_id == fulfillment_id)
        .order_by(ORDER_LINE.c.position)
    )
    found = reader.rows(statement)
    codes: dict[str, list[str]] = {}
    wanted = [line[1] for line in found]
    for code, variant_id in reader.rows(
        sa.select(BARCODE.c.code, BARCODE.c.variant_id).where(BARCODE.c.variant_id.in_(wanted))
    ):
        codes.setdefault(variant_id, []).append(code)
    lines = tuple(
        PickRow(
            line[0], line[1], line[2], line[3], tuple(sorted(codes.get(line[1], ()))), *line[4:]
        )
        for line in found
    )
    return Delivery(row, order, lines)


def fulfillments_of(reader: Reader, order_id: str) -> tuple[FulfillmentRow, ...]:
    """The deliveries of an order, oldest first."""
    return tuple(
        reader.find(
            FulfillmentRow,
            FULFILLMENT.c.order_id == order_id,
            order_by=(FULFILLMENT.c.created_at, FULFILLMENT.c.fulfillment_id),
        )
    )
