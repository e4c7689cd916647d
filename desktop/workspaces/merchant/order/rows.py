"""Rows and columns of one order: its lines, and what happened to it."""

from dataclasses import dataclass
from datetime import datetime

from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.ui.tokens import Tone
from shared.orders.commands import LineKind
from shared.orders.tables import OrderLineRow


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the order; amounts in minor units of `currency`, quantities of the unit."""

    id: str
    title: str
    sku: str
    qty: int
    shipped_qty: int | None
    unit_price_amount: int
    discount_amount: int | None
    gross_amount: int
    digits: int
    currency: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the order; texts are already translated."""

    at: datetime
    title: str
    text: str
    icon: str
    tone: Tone = Tone.NEUTRAL


COLUMNS = (
    Column(
        key="title",
        title_key="merchant.product.title",
        width=stretch(1, 14),
        strong=True,
        detail="sku",
    ),
    Column(
        key="qty", title_key="merchant.line.qty", kind=Kind.QTY, digits=".digits", width=fixed(7)
    ),
    Column(
        key="shipped_qty",
        title_key="merchant.line.shipped",
        kind=Kind.QTY,
        digits=".digits",
        width=fixed(7),
        muted=True,
    ),
    Column(
        key="unit_price_amount",
        title_key="merchant.product.price",
        kind=Kind.MONEY,
        width=fixed(9),
        muted=True,
    ),
    Column(
        key="discount_amount",
        title_key="merchant.line.discount",
        kind=Kind.MONEY,
        width=fixed(9),
        muted=True,
    ),
    Column(key="gross_amount", title_key="merchant.order.total", kind=Kind.MONEY, width=fixed(10)),
)


def line_row(line: OrderLineRow, currency: str) -> LineRow:
    """The row of a line."""
    return LineRow(
        line.order_line_id,
        line.title,
        line.sku or "",
        line.qty,
        line.shipped_qty if line.kind is LineKind.GOODS else None,
        line.unit_price_amount,
        -(line.line_discount_amount + line.order_discount_amount) or None,
        line.gross_amount,
        line.qty_exponent,
        currency,
    )
