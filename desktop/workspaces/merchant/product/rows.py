"""Rows and columns of one product: variants, stock at locations, stock movements."""

from dataclasses import dataclass
from datetime import datetime

from desktop.ui.columns import Align, Column, Kind, fixed, stretch
from desktop.workspaces.merchant.words import REASON_BADGES
from shared.catalog.tables import BarcodeRow, VariantRow
from shared.inventory.queries import StockAtLocation, StockMovement
from shared.kernel.quantity import unit_of


@dataclass(frozen=True, slots=True)
class VariantLine:
    """A variant in the grid; amounts in minor units of `currency`, stock in its unit."""

    id: str
    name: str
    sku: str
    barcodes: str
    price_amount: int
    compare_at_amount: int | None
    cost_amount: int | None
    tax: str
    on_hand_qty: int | None
    digits: int
    currency: str


@dataclass(frozen=True, slots=True)
class LevelLine:
    """Stock of the chosen variant at one location."""

    id: str
    name: str
    on_hand_qty: int
    reserved_qty: int
    available_qty: int
    digits: int


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One movement of stock; `change` is written with its sign."""

    id: int
    moved_at: datetime
    reason: str
    change: str
    place: str
    note: str


PRICE = "price_amount"

VARIANT_COLUMNS = (
    Column(
        key="name",
        title_key="merchant.variant",
        width=stretch(2, 12),
        strong=True,
        detail="sku",
    ),
    Column(key="barcodes", title_key="merchant.variant.barcodes", width=stretch(1, 12), muted=True),
    Column(
        key=PRICE,
        title_key="merchant.variant.price_amount",
        kind=Kind.MONEY,
        width=fixed(9),
        strong=True,
    ),
    Column(
        key="compare_at_amount",
        title_key="merchant.variant.compare_at_amount",
        kind=Kind.MONEY,
        width=fixed(8),
        muted=True,
        yields=2,
    ),
    Column(
        key="cost_amount",
        title_key="merchant.variant.cost_amount",
        kind=Kind.MONEY,
        width=fixed(8),
        muted=True,
        yields=1,
    ),
    Column(key="tax", title_key="merchant.variant.tax_code", width=fixed(7), muted=True, yields=3),
    Column(
        key="on_hand_qty",
        title_key="merchant.stock.on_hand",
        kind=Kind.QTY,
        width=fixed(8),
        digits=".digits",
    ),
)
LEVEL_COLUMNS = (
    Column(key="name", title_key="merchant.stock.location", width=stretch(2, 12), strong=True),
    Column(key="on_hand_qty", title_key="merchant.stock.on_hand", kind=Kind.QTY, digits=".digits"),
    Column(
        key="reserved_qty", title_key="merchant.stock.reserved", kind=Kind.QTY, digits=".digits"
    ),
    Column(
        key="available_qty", title_key="merchant.stock.available", kind=Kind.QTY, digits=".digits"
    ),
)
MOVEMENT_COLUMNS = (
    Column(key="moved_at", title_key="merchant.stock.when", kind=Kind.DATETIME),
    Column(key="reason", title_key="merchant.stock.reason", kind=Kind.BADGE, badges=REASON_BADGES),
    Column(
        key="change",
        title_key="merchant.stock.change",
        kind=Kind.CODE,
        align=Align.END,
        width=fixed(8),
    ),
    Column(key="place", title_key="merchant.stock.location", width=stretch(1, 9), muted=True),
    Column(key="note", title_key="merchant.stock.note", width=stretch(1, 7), muted=True, yields=1),
)


def variant_line(
    variant: VariantRow,
    barcodes: list[BarcodeRow],
    *,
    only_name: str,
    tax: str,
    on_hand_qty: int,
    currency: str,
) -> VariantLine:
    """The grid's row of a variant; `only_name` is said where it has no option values."""
    return VariantLine(
        variant.variant_id,
        variant.title or only_name,
        variant.sku or "",
        ", ".join(barcode.code for barcode in barcodes),
        variant.price_amount,
        variant.compare_at_amount,
        variant.cost_amount,
        tax,
        on_hand_qty if variant.is_stock_tracked else None,
        unit_of(variant.unit_code).exponent,
        currency,
    )


def level_line(level: StockAtLocation, digits: int) -> LevelLine:
    """The row of a location."""
    return LevelLine(
        level.location_id,
        level.location_name,
        level.on_hand_qty,
        level.reserved_qty,
        level.available_qty,
        digits,
    )


def movement_line(place: int, movement: StockMovement, change: str) -> MovementLine:
    """The row of a movement."""
    return MovementLine(
        place,
        movement.moved_at,
        movement.reason,
        change,
        movement.location_name,
        movement.note,
    )
