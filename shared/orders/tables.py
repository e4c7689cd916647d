"""Rows of orders: the document, its lines, and the quantity ledger of the lines."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.customers.commands import Address
from shared.kernel.ids import (
    CustomerId,
    EntryId,
    ImportId,
    LocationId,
    OrderId,
    OrderLineId,
    RegisterId,
    ShiftId,
    UserId,
    VariantId,
)
from shared.orders.commands import (
    Channel,
    DocState,
    FulfillmentStatus,
    LineEntryKind,
    LineKind,
    PaymentStatus,
)
from shared.pricing.engine import LineDiscount, OrderDiscount, TaxGroup
from shared.storage.base import Index, Reference, Row, define


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow(Row):
    """An order with its totals frozen when it was placed; amounts in minor units of `currency`.

    `captured_amount` and `refunded_amount` are what its payment ledger adds up to.
    """

    order_id: OrderId
    order_number: str
    channel: Channel
    doc_state: DocState
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    location_id: LocationId | None
    register_id: RegisterId | None
    shift_id: ShiftId | None
    user_id: UserId | None
    customer_id: CustomerId | None
    customer_name: str
    email: str
    ship_to: Address | None
    currency: str
    is_tax_inclusive: bool
    discount_amount: int
    net_amount: int
    tax_amount: int
    total_amount: int
    cash_rounding_amount: int
    captured_amount: int
    refunded_amount: int
    order_discounts: tuple[OrderDiscount, ...]
    tax_groups: tuple[TaxGroup, ...]
    note: str
    import_id: ImportId | None
    placed_at: datetime
    business_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineRow(Row):
    """One line of an order as it was priced; amounts in minor units, quantities of measure.

    `list_price_amount` is what the catalog said, `unit_price_amount` what was asked.
    """

    order_line_id: OrderLineId
    order_id: OrderId
    location_id: LocationId | None
    position: int
    kind: LineKind
    variant_id: VariantId | None
    sku: str | None
    title: str
    qty: int
    qty_exponent: int
    unit_price_amount: int
    list_price_amount: int
    discounts: tuple[LineDiscount, ...]
    line_discount_amount: int
    order_discount_amount: int
    net_amount: int
    tax_amount: int
    gross_amount: int
    tax_code: str | None
    tax_rate_ppm: int
    shipped_qty: int
    canceled_qty: int
    returned_qty: int
    refunded_gross_amount: int
    refunded_tax_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEntryRow(Row):
    """One movement of a line's quantity, never changed."""

    line_entry_id: EntryId
    order_id: OrderId
    order_line_id: OrderLineId
    location_id: LocationId | None
    kind: LineEntryKind
    qty: int
    user_id: UserId | None
    entered_at: datetime


def _scope(row: OrderRow | OrderLineRow | LineEntryRow) -> str:
    """Orders of a location are held by its tills and stations, history by the back office."""
    return "finance" if row.location_id is None else f"location:{row.location_id}"


ORDER = define(
    OrderRow,
    "sales_order",
    key=("order_id",),
    scope=_scope,
    references=(
        Reference(("customer_id",), "customer"),
        Reference(("location_id",), "stock_location"),
    ),
    indexes=(
        Index(("order_number",), is_unique=True),
        Index(("placed_at", "order_id")),
        Index(("customer_id",), where="customer_id IS NOT NULL"),
        Index(("shift_id",), where="shift_id IS NOT NULL"),
        Index(("import_id",), where="import_id IS NOT NULL"),
    ),
    checks={
        "refunds_within_captured": "refunded_amount >= 0 AND refunded_amount <= captured_amount"
    },
)
ORDER_LINE = define(
    OrderLineRow,
    "order_line",
    key=("order_line_id",),
    scope=_scope,
    references=(Reference(("order_id",), "sales_order"), Reference(("variant_id",), "variant")),
    indexes=(
        Index(("order_id", "position")),
        Index(("variant_id",), where="variant_id IS NOT NULL"),
    ),
    checks={
        "line_shipped_within_ordered": "abs(shipped_qty) + abs(canceled_qty) <= abs(qty)",
        "line_returned_within_shipped": "abs(returned_qty) <= abs(shipped_qty)",
        "line_refunded_within_gross": "abs(refunded_gross_amount) <= abs(gross_amount)",
    },
)
LINE_ENTRY = define(
    LineEntryRow,
    "line_entry",
    key=("line_entry_id",),
    scope=_scope,
    references=(Reference(("order_line_id",), "order_line"),),
    indexes=(Index(("order_id",)),),
    is_append_only=True,
)
