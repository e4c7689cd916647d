"""Read models of orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shared.kernel.ids import OrderId
from shared.orders.commands import Channel, DocState, FulfillmentStatus, PaymentStatus
from shared.orders.tables import (
    LINE_ENTRY,
    ORDER,
    ORDER_LINE,
    LineEntryRow,
    OrderLineRow,
    OrderRow,
)
from shared.storage.reader import Reader


@dataclass(frozen=True, slots=True)
class OrderListRow:
    """An order in a list; amounts in minor units of `currency`."""

    order_id: OrderId
    order_number: str
    placed_at: datetime
    channel: Channel
    doc_state: DocState
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    customer_name: str
    currency: str
    total_amount: int


_LIST = (
    ORDER.c.order_id,
    ORDER.c.order_number,
    ORDER.c.placed_at,
    ORDER.c.channel,
    ORDER.c.doc_state,
    ORDER.c.payment_status,
    ORDER.c.fulfillment_status,
    ORDER.c.customer_name,
    ORDER.c.currency,
    ORDER.c.total_amount,
)
_ORDERINGS = {
    "placed_at": ORDER.c.placed_at,
    "order_number": ORDER.c.order_number,
    "customer_name": ORDER.c.customer_name,
    "total_amount": ORDER.c.total_amount,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders a list shows; None means all. `text` is part of a number or customer name."""

    text: str = ""
    channel: Channel | None = None
    payment_status: PaymentStatus | None = None
    fulfillment_status: FulfillmentStatus | None = None
    customer_id: str | None = None


def order_ids(
    reader: Reader,
    wanted: OrderFilter,
    *,
    order: str = "placed_at",
    is_descending: bool = True,
) -> tuple[str, ...]:
    """The ids of all orders that fit, in order: the skeleton of a list that pages by window."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.text.strip():
        text = wanted.text.strip()
        conditions.append(
            ORDER.c.order_number.icontains(text, autoescape=True)
            | ORDER.c.customer_name.icontains(text, autoescape=True)
        )
    if wanted.channel is not None:
        conditions.append(ORDER.c.channel == wanted.channel)
    if wanted.payment_status is not None:
        conditions.append(ORDER.c.payment_status == wanted.payment_status)
    if wanted.fulfillment_status is not None:
        conditions.append(ORDER.c.fulfillment_status == wanted.fulfillment_status)
    if wanted.customer_id is not None:
        conditions.append(ORDER.c.customer_id == wanted.customer_id)
    column = _ORDERINGS[order]
    statement = (
        sa.select(ORDER.c.order_id)
        .where(*conditions)
        .order_by(
            column.desc() if is_descending else column.asc(),
            ORDER.c.order_id.desc() if is_descending else ORDER.c.order_id.asc(),
        )
    )
    return tuple(reader.column(statement))


def order_list(reader: Reader, ids: Sequence[str]) -> tuple[OrderListRow, ...]:
    """The list rows of the orders with those ids, in the order asked for."""
    found = reader.rows(sa.select(*_LIST).where(ORDER.c.order_id.in_(list(ids))))
    by_id = {row[0]: OrderListRow(*row) for row in found}
    return tuple(by_id[wanted] for wanted in ids if wanted in by_id)


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order with its lines and the ledger of their quantities."""

    order: OrderRow
    lines: tuple[OrderLineRow, ...]
    entries: tuple[LineEntryRow, ...]


def order_detail(reader: Reader, order_id: str) -> OrderDetail:
    """One order. Raises Rejected("sales_order_not_found")."""
    order = reader.require(OrderRow, order_id)
    lines = reader.find(
        OrderLineRow, ORDER_LINE.c.order_id == order_id, order_by=(ORDER_LINE.c.position,)
    )
    entries = reader.find(
        LineEntryRow,
        LINE_ENTRY.c.order_id == order_id,
        order_by=(LINE_ENTRY.c.entered_at, LINE_ENTRY.c.line_entry_id),
    )
    return OrderDetail(order, tuple(lines), tuple(entries))


def by_number(reader: Reader, order_number: str) -> OrderRow | None:
    """The order with that number, or None."""
    found = reader.find(OrderRow, ORDER.c.order_number == order_number.strip(), limit=1)
    return found[0] if found else None


def known_numbers(reader: Reader, numbers: Sequence[str]) -> frozenset[str]:
    """Those of the numbers that orders bear already."""
    statement = sa.select(ORDER.c.order_number).where(ORDER.c.order_number.in_(list(numbers)))
    return frozenset(row[0] for row in reader.rows(statement))
