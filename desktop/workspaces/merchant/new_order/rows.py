"""Rows and columns of an order that is being taken."""

from dataclasses import dataclass

from desktop.ui.columns import Column, Kind, fixed, stretch
from shared.catalog.queries import SellableRow


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A variant that may be added; amounts in minor units of `currency`."""

    id: str
    name: str
    sku: str
    price_amount: int
    available_qty: int | None
    digits: int
    currency: str


@dataclass(frozen=True, slots=True)
class TakenRow:
    """A line of the order; amounts None until it was priced."""

    id: str
    name: str
    sku: str
    qty: int
    unit_price_amount: int | None
    gross_amount: int | None
    digits: int
    currency: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A variant in the order with its quantity in minor units of its unit of measure."""

    line_id: str
    variant: SellableRow
    qty: int


@dataclass(frozen=True, slots=True)
class Begun:
    """An order as it is kept over a crash."""

    lines: tuple[tuple[str, int], ...] = ()
    customer_id: str = ""
    location_id: str = ""
    shipping_title: str = ""
    shipping_amount: int = 0
    note: str = ""


FOUND_COLUMNS = (
    Column(
        key="name",
        title_key="merchant.product.title",
        width=stretch(1, 18),
        strong=True,
        detail="sku",
    ),
    Column(
        key="available_qty",
        title_key="merchant.stock.available",
        kind=Kind.QTY,
        digits=".digits",
        width=fixed(10),
        muted=True,
    ),
    Column(key="price_amount", title_key="merchant.product.price", kind=Kind.MONEY),
)
TAKEN_COLUMNS = (
    Column(
        key="name",
        title_key="merchant.product.title",
        width=stretch(1, 18),
        strong=True,
        detail="sku",
    ),
    Column(key="qty", title_key="merchant.line.qty", kind=Kind.QTY, digits=".digits"),
    Column(
        key="unit_price_amount", title_key="merchant.product.price", kind=Kind.MONEY, muted=True
    ),
    Column(key="gross_amount", title_key="merchant.order.total", kind=Kind.MONEY),
)
