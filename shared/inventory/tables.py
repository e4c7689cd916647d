"""Rows of inventory: the stock ledger and the level derived from it."""

from dataclasses import dataclass
from datetime import datetime

from shared.inventory.commands import StockReason
from shared.kernel.ids import (
    CommandId,
    ImportId,
    LocationId,
    OrderId,
    StockEntryId,
    UserId,
    VariantId,
)
from shared.storage.base import Index, Reference, Row, define


@dataclass(frozen=True, slots=True)
class StockEntryRow(Row):
    """One movement of stock, never changed: `qty` came in (positive) or went out (negative).

    Quantities are in the minor unit of the variant's unit of measure.
    """

    stock_entry_id: StockEntryId
    variant_id: VariantId
    location_id: LocationId
    qty: int
    reason: StockReason
    note: str
    order_id: OrderId | None
    import_id: ImportId | None
    command_id: CommandId
    user_id: UserId | None
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class StockLevelRow(Row):
    """What the ledger adds up to: on hand, and how much of it is promised to orders."""

    variant_id: VariantId
    location_id: LocationId
    on_hand_qty: int
    reserved_qty: int


STOCK_ENTRY = define(
    StockEntryRow,
    "stock_entry",
    key=("stock_entry_id",),
    scope=lambda _row: "finance",
    references=(Reference(("location_id",), "stock_location"),),
    indexes=(
        Index(("variant_id", "location_id", "moved_at")),
        Index(("import_id",), where="import_id IS NOT NULL"),
    ),
    is_append_only=True,
)
STOCK_LEVEL = define(
    StockLevelRow,
    "stock_level",
    key=("variant_id", "location_id"),
    scope=lambda _row: "tenant",
    references=(
        Reference(("variant_id",), "variant"),
        Reference(("location_id",), "stock_location"),
    ),
    checks={"reserved_not_negative": "reserved_qty >= 0"},
)
