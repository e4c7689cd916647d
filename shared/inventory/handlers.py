"""Handlers of inventory, and its reactions to the catalog and to imports."""

from shared.catalog.events import StockDeclared
from shared.imports.events import ImportUndone
from shared.imports.repository import Recorder
from shared.inventory.commands import AdjustStock, CountStock, StockReason
from shared.inventory.repository import Movement, enter_movement, ledger_entry
from shared.inventory.tables import STOCK_ENTRY, StockEntryRow, StockLevelRow
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.organization.tables import LocationRow
from shared.storage.base import Row
from shared.storage.unit_of_work import UnitOfWork

_BY_HAND = frozenset({StockReason.ADJUSTED, StockReason.RECEIVED, StockReason.DAMAGED})


def adjust_stock(command: AdjustStock, work: UnitOfWork, context: Context) -> None:
    """Enter stock that came in or went out outside a sale."""
    work.require(LocationRow, command.location_id)
    context.expect(
        holds=command.reason in _BY_HAND,
        otherwise=Rejected("stock_reason_not_by_hand", field="reason", reason=command.reason.value),
    )
    context.expect(
        holds=command.delta_qty != 0, otherwise=Rejected("quantity_missing", field="delta_qty")
    )
    movement = Movement(
        variant_id=command.variant_id,
        location_id=command.location_id,
        qty=command.delta_qty,
        reason=command.reason,
        note=command.note,
    )
    enter_movement(movement, work, context)


def count_stock(command: CountStock, work: UnitOfWork, context: Context) -> None:
    """Make the books say what was counted; the difference is the entry."""
    work.require(LocationRow, command.location_id)
    context.expect(
        holds=command.counted_qty >= 0,
        otherwise=Rejected("quantity_negative", field="counted_qty"),
    )
    level = work.get(StockLevelRow, command.variant_id, command.location_id)
    on_hand = 0 if level is None else level.on_hand_qty
    movement = Movement(
        variant_id=command.variant_id,
        location_id=command.location_id,
        qty=command.counted_qty - on_hand,
        reason=StockReason.COUNTED,
        note=command.note,
    )
    enter_movement(movement, work, context)


def take_declared_stock(event: StockDeclared, work: UnitOfWork, context: Context) -> None:
    """Bring stock on hand to what an imported file says."""
    keys = [(variant_id, event.location_id) for variant_id in event.on_hand_qty]
    known = work.lock(StockLevelRow, keys)
    declared: list[Row] = []
    for key, on_hand_qty in zip(keys, event.on_hand_qty.values(), strict=True):
        level = known.get(key)
        on_hand = 0 if level is None else level.on_hand_qty
        reserved = 0 if level is None else level.reserved_qty
        declared.append(StockLevelRow(*key, on_hand_qty, reserved))
        if on_hand_qty == on_hand:
            continue
        movement = Movement(
            variant_id=key[0],
            location_id=event.location_id,
            qty=on_hand_qty - on_hand,
            reason=StockReason.IMPORTED,
            import_id=event.import_id,
        )
        work.insert(ledger_entry(movement, context))
    Recorder(work, event.import_id).save_all(declared)


def take_back_imported_stock(event: ImportUndone, work: UnitOfWork, context: Context) -> None:
    """Enter the opposite of every movement of an import; the levels are restored with its rows."""
    for entry in work.find(StockEntryRow, STOCK_ENTRY.c.import_id == event.import_id):
        movement = Movement(
            variant_id=entry.variant_id,
            location_id=entry.location_id,
            qty=-entry.qty,
            reason=StockReason.IMPORT_UNDONE,
        )
        work.insert(ledger_entry(movement, context))
