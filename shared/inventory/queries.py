"""Read models of inventory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shared.catalog.tables import VARIANT
from shared.inventory.commands import StockReason
from shared.inventory.tables import STOCK_ENTRY, STOCK_LEVEL, StockLevelRow
from shared.kernel.ids import LocationId, VariantId
from shared.organization.tables import LOCATION
from shared.storage.reader import Reader


@dataclass(frozen=True, slots=True)
class StockAtLocation:
    """Stock of one variant at one location; available is on hand less reserved."""

    variant_id: VariantId
    location_id: LocationId
    location_name: str
    on_hand_qty: int
    reserved_qty: int

    @property
    def available_qty(self) -> int:
        """What may be promised."""
        return self.on_hand_qty - self.reserved_qty


def stock_of(reader: Reader, variant_ids: Sequence[str]) -> tuple[StockAtLocation, ...]:
    """Stock of the variants at every location, also where there is none yet, by location name."""
    wanted = list(variant_ids)
    names = reader.rows(
        sa.select(LOCATION.c.location_id, LOCATION.c.name).order_by(LOCATION.c.name)
    )
    levels = {
        (level.variant_id, level.location_id): level
        for level in reader.find(StockLevelRow, STOCK_LEVEL.c.variant_id.in_(wanted))
    }
    found = []
    for variant_id in wanted:
        for location_id, name in names:
            level = levels.get((VariantId(variant_id), location_id))
            on_hand, reserved = (level.on_hand_qty, level.reserved_qty) if level else (0, 0)
            found.append(
                StockAtLocation(VariantId(variant_id), location_id, name, on_hand, reserved)
            )
    return tuple(found)


def available_at(reader: Reader, location_id: str, variant_ids: Sequence[str]) -> Mapping[str, int]:
    """Available stock by variant at one location; variants without a level are left out."""
    levels = reader.find(
        StockLevelRow,
        STOCK_LEVEL.c.location_id == location_id,
        STOCK_LEVEL.c.variant_id.in_(list(variant_ids)),
    )
    return {level.variant_id: level.on_hand_qty - level.reserved_qty for level in levels}


@dataclass(frozen=True, slots=True)
class StockMovement:
    """One line of a variant's stock history."""

    moved_at: datetime
    location_name: str
    qty: int
    reason: StockReason
    note: str
    order_id: str | None


def stock_history(
    reader: Reader, variant_id: str, *, limit: int = 200
) -> tuple[StockMovement, ...]:
    """The movements of a variant, latest first; held by the back office only."""
    statement = (
        sa.select(
            STOCK_ENTRY.c.moved_at,
            LOCATION.c.name,
            STOCK_ENTRY.c.qty,
            STOCK_ENTRY.c.reason,
            STOCK_ENTRY.c.note,
            STOCK_ENTRY.c.order_id,
        )
        .join(LOCATION.table, LOCATION.c.location_id == STOCK_ENTRY.c.location_id)
        .where(STOCK_ENTRY.c.variant_id == variant_id)
        .order_by(STOCK_ENTRY.c.moved_at.desc(), STOCK_ENTRY.c.stock_entry_id.desc())
        .limit(limit)
    )
    return tuple(StockMovement(*row) for row in reader.rows(statement))


def on_hand_by_product(reader: Reader, product_ids: Sequence[str]) -> Mapping[str, int]:
    """Units on hand at all locations by product; products without stock are left out."""
    statement = (
        sa.select(VARIANT.c.product_id, sa.func.sum(STOCK_LEVEL.c.on_hand_qty))
        .join(VARIANT.table, VARIANT.c.variant_id == STOCK_LEVEL.c.variant_id)
        .where(VARIANT.c.product_id.in_(list(product_ids)))
        .group_by(VARIANT.c.product_id)
    )
    return {product_id: int(qty) for product_id, qty in reader.rows(statement)}
