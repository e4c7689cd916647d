"""Rows of fulfillment: what one location must deliver of one order."""

from dataclasses import dataclass
from datetime import datetime

from shared.fulfillment.commands import FulfillmentState, ShortReason
from shared.kernel.ids import FulfillmentId, LocationId, OrderId, OrderLineId, UserId, VariantId
from shared.storage.base import Index, Reference, Row, define


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentRow(Row):
    """A delivery: who works on it and how far it is."""

    fulfillment_id: FulfillmentId
    order_id: OrderId
    location_id: LocationId
    state: FulfillmentState
    picker_id: UserId | None
    is_short: bool
    carrier: str
    tracking_number: str
    created_at: datetime
    picked_at: datetime | None
    packed_at: datetime | None
    shipped_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentLineRow(Row):
    """How many units of an order line are to be picked, are picked, missing and packed."""

    fulfillment_id: FulfillmentId
    order_line_id: OrderLineId
    location_id: LocationId
    variant_id: VariantId
    qty: int
    picked_qty: int
    short_qty: int
    short_reason: ShortReason | None
    packed_qty: int


FULFILLMENT = define(
    FulfillmentRow,
    "fulfillment",
    key=("fulfillment_id",),
    scope=lambda row: f"location:{row.location_id}",
    references=(
        Reference(("order_id",), "sales_order"),
        Reference(("location_id",), "stock_location"),
    ),
    indexes=(
        Index(("state", "created_at")),
        Index(("order_id",)),
        Index(("tracking_number",), where="tracking_number <> ''"),
    ),
)
FULFILLMENT_LINE = define(
    FulfillmentLineRow,
    "fulfillment_line",
    key=("fulfillment_id", "order_line_id"),
    scope=lambda row: f"location:{row.location_id}",
    references=(
        Reference(("fulfillment_id",), "fulfillment"),
        Reference(("order_line_id",), "order_line"),
    ),
    checks={
        "picked_within_ordered": "picked_qty >= 0 AND short_qty >= 0"
        " AND picked_qty + short_qty <= qty",
        "packed_within_picked": "packed_qty >= 0 AND packed_qty <= picked_qty",
    },
)
