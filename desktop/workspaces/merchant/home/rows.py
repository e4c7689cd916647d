"""What the home page shows: figures of today, first steps, latest orders, low stock."""

from dataclasses import dataclass

from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.merchant.words import CHANNEL_BADGES, PAYMENT_BADGES
from shared.orders.queries import OrderListRow
from shared.reports.queries import LowStock, SalesToday, Setup, Waiting


@dataclass(frozen=True, slots=True)
class Glance:
    """Everything that is quick to load; `sales` is None until the store is set up."""

    setup: Setup
    sales: SalesToday | None
    to_ship: Waiting
    to_settle: Waiting
    latest: tuple[OrderListRow, ...]


@dataclass(frozen=True, slots=True)
class RecentRow:
    """An order in the short list; amounts in minor units of `currency`."""

    id: str
    number: str
    customer: str
    placed: str
    channel: str
    payment: str
    total_amount: int
    currency: str

    @property
    def channel_icon(self) -> str:
        """The icon of where it came from."""
        return CHANNEL_BADGES[self.channel].icon


@dataclass(frozen=True, slots=True)
class LowRow:
    """A variant of which little is left."""

    id: str
    product_id: str
    variant_id: str
    name: str
    sku: str
    place: str
    available_qty: int


RECENT_COLUMNS = (
    Column(key="channel_icon", title_key="", kind=Kind.ICON, width=fixed(3)),
    Column(key="number", title_key="merchant.order.number", width=fixed(9), strong=True),
    Column(key="customer", title_key="merchant.order.customer", width=stretch(1, 9)),
    Column(key="placed", title_key="merchant.order.placed", width=fixed(12), muted=True),
    Column(
        key="payment",
        title_key="merchant.order.payment",
        kind=Kind.BADGE,
        badges=PAYMENT_BADGES,
        width=fixed(14),
    ),
    Column(key="total_amount", title_key="merchant.order.total", kind=Kind.MONEY, width=fixed(10)),
)
LOW_COLUMNS = (
    Column(key="name", title_key="merchant.product.title", width=stretch(1, 14), detail="sku"),
    Column(key="available_qty", title_key="merchant.stock.available", kind=Kind.QTY),
)


def low_row(found: LowStock) -> LowRow:
    """The list row of a low level."""
    return LowRow(
        f"{found.variant_id}/{found.location_id}",
        found.product_id,
        found.variant_id,
        found.name,
        " · ".join(part for part in (found.sku or "", found.location_name) if part),
        found.location_name,
        found.available_qty,
    )
