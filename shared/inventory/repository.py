"""The only writer of stock: every change is an entry of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.catalog.tables import VariantRow
from shared.inventory.commands import StockReason
from shared.inventory.tables import StockEntryRow, StockLevelRow
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import CommandId, ImportId, LocationId, OrderId, StockEntryId, VariantId
from shared.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement to be entered; `qty` is signed, in minor units of measure."""

    variant_id: VariantId
    location_id: LocationId
    qty: int
    reason: StockReason
    note: str = ""
    order_id: OrderId | None = None
    import_id: ImportId | None = None


def enter_movements(movements: Sequence[Movement], work: UnitOfWork, context: Context) -> None:
    """Enter movements one after the other; what they touch is read together first."""
    work.lock(VariantRow, [(movement.variant_id,) for movement in movements])
    work.lock(StockLevelRow, [(each.variant_id, each.location_id) for each in movements])
    for movement in movements:
        enter_movement(movement, work, context)


def enter_movement(movement: Movement, work: UnitOfWork, context: Context) -> StockLevelRow | None:
    """Enter one movement and bring the level with it.

    Stock that goes below zero is noted for a person: the goods left the shelf, so the books say so.
    Variants whose stock is not tracked are left alone, and None is returned.
    """
    variant = work.require(VariantRow, movement.variant_id)
    if not variant.is_stock_tracked:
        return None
    level = level_of(work, movement.variant_id, movement.location_id)
    if movement.qty == 0:
        return level
    work.insert(ledger_entry(movement, context))
    moved = replace(level, on_hand_qty=level.on_hand_qty + movement.qty)
    work.put(moved)
    if movement.qty < 0 and moved.on_hand_qty < 0 and not variant.allows_oversell:
        context.note(
            Rejected(
                "stock_oversold",
                sku=variant.sku or variant.title,
                variant_id=variant.variant_id,
                on_hand=moved.on_hand_qty,
            )
        )
    return moved


def reserve(
    work: UnitOfWork, variant_id: VariantId, location_id: LocationId, *, qty: int
) -> StockLevelRow:
    """Promise stock to an order (or give a promise back, when negative, at most what there is)."""
    level = level_of(work, variant_id, location_id)
    promised = replace(level, reserved_qty=max(0, level.reserved_qty + qty))
    work.put(promised)
    return promised


def level_of(work: UnitOfWork, variant_id: VariantId, location_id: LocationId) -> StockLevelRow:
    """The level of a variant at a location, made when it is first asked for."""
    level = work.get(StockLevelRow, variant_id, location_id)
    if level is None:
        level = StockLevelRow(variant_id, location_id, on_hand_qty=0, reserved_qty=0)
        work.insert(level)
    return level


def ledger_entry(movement: Movement, context: Context) -> StockEntryRow:
    """The ledger's entry for a movement."""
    return StockEntryRow(
        stock_entry_id=StockEntryId(context.next_id()),
        variant_id=movement.variant_id,
        location_id=movement.location_id,
        qty=movement.qty,
        reason=movement.reason,
        note=movement.note,
        order_id=movement.order_id,
        import_id=movement.import_id,
        command_id=CommandId(context.command_id),
        user_id=context.actor.user_id,
        moved_at=context.business_at,
    )
