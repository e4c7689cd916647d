"""What may be asked of inventory."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from shared.kernel.ids import LocationId, VariantId
from shared.kernel.messages import Command, Nature
from shared.kernel.permissions import Permission


class StockReason(StrEnum):
    """Why stock moved."""

    RECEIVED = "received"
    ADJUSTED = "adjusted"
    DAMAGED = "damaged"
    COUNTED = "counted"
    SOLD = "sold"
    SHIPPED = "shipped"
    RETURNED = "returned"
    IMPORTED = "imported"
    IMPORT_UNDONE = "import_undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustStock(Command):
    """Stock came in or went out outside a sale (`delta_qty` in minor units of measure)."""

    NAME: ClassVar[str] = "adjust_stock"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.STOCK_EDIT

    variant_id: VariantId
    location_id: LocationId
    delta_qty: int
    reason: StockReason = StockReason.ADJUSTED
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountStock(Command):
    """Somebody counted: this is what lies there, whatever the books say."""

    NAME: ClassVar[str] = "count_stock"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.STOCK_EDIT

    variant_id: VariantId
    location_id: LocationId
    counted_qty: int
    note: str = ""
