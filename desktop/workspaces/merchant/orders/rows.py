"""Rows and columns of the order list."""

from dataclasses import dataclass

from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.merchant.words import (
    CHANNEL_BADGES,
    FULFILLMENT_BADGES,
    PAYMENT_BADGES,
)
from shared.orders.commands import DocState, FulfillmentStatus
from shared.orders.queries import OrderListRow


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order in the list; amounts in minor units of `currency`."""

    id: str
    number: str
    placed: str
    customer: str
    channel: str
    payment: str
    delivery: str
    total_amount: int
    currency: str


COLUMNS = (
    Column(
        key="number",
        title_key="merchant.order.number",
        width=fixed(13),
        strong=True,
        sort="order_number",
    ),
    Column(
        key="placed",
        title_key="merchant.order.placed",
        width=fixed(13),
        muted=True,
        sort="placed_at",
        yields=1,
    ),
    Column(
        key="customer",
        title_key="merchant.order.customer",
        width=stretch(2, 16),
        sort="customer_name",
    ),
    Column(
        key="channel",
        title_key="merchant.order.channel",
        kind=Kind.BADGE,
        badges=CHANNEL_BADGES,
        width=fixed(13),
        yields=2,
    ),
    Column(
        key="payment",
        title_key="merchant.order.payment",
        kind=Kind.BADGE,
        badges=PAYMENT_BADGES,
        width=fixed(17),
    ),
    Column(
        key="delivery",
        title_key="merchant.order.delivery",
        kind=Kind.BADGE,
        badges=FULFILLMENT_BADGES,
        width=fixed(16),
    ),
    Column(
        key="total_amount",
        title_key="merchant.order.total",
        kind=Kind.MONEY,
        sort="total_amount",
    ),
)


def listed_order(row: OrderListRow, placed: str) -> ListedOrder:
    """The list row of an order; a canceled one has no delivery any more."""
    is_canceled = row.doc_state is DocState.CANCELED
    return ListedOrder(
        row.order_id,
        row.order_number,
        placed,
        row.customer_name,
        row.channel,
        row.payment_status,
        FulfillmentStatus.CANCELED if is_canceled else row.fulfillment_status,
        row.total_amount,
        row.currency,
    )
