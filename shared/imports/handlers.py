"""Handlers of imports."""

from dataclasses import replace

from shared.imports.commands import FinishImport, StartImport, UndoImport
from shared.imports.events import ImportUndone
from shared.imports.repository import image_digest, touched
from shared.imports.tables import IMPORTED, ImportedRow, ImportRow, ImportState
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import ImportId
from shared.storage.base import tables_in_order
from shared.storage.unit_of_work import UnitOfWork

# What people call a row: variants, products, orders, customers.
_NAMES = ("sku", "title", "order_number", "name", "code")


def start_import(command: StartImport, work: UnitOfWork, context: Context) -> None:
    """Open a run."""
    work.insert(
        ImportRow(
            import_id=command.import_id,
            importer=command.importer,
            file_name=command.file_name,
            state=ImportState.RUNNING,
            started_at=context.business_at,
            finished_at=None,
            actor_id=context.actor.user_id,
            currency=command.currency,
            rows_read=0,
            rows_accepted=0,
            rows_refused=0,
            source_total="0",
            imported_total="0",
        )
    )


def finish_import(command: FinishImport, work: UnitOfWork, context: Context) -> None:
    """Close a run with its totals."""
    run = running_import(work, command.import_id)
    work.put(
        replace(
            run,
            state=ImportState.FINISHED,
            finished_at=context.business_at,
            rows_read=command.rows_read,
            rows_accepted=command.rows_accepted,
            rows_refused=command.rows_refused,
            source_total=command.source_total,
            imported_total=command.imported_total,
        )
    )


def running_import(work: UnitOfWork, import_id: ImportId) -> ImportRow:
    """The run, which must still be open. Raises Rejected("import_not_running")."""
    run = work.require(ImportRow, import_id)
    if run.state is not ImportState.RUNNING:
        raise Rejected("import_not_running", id=import_id)
    return run


def undo_import(command: UndoImport, work: UnitOfWork, context: Context) -> None:
    """Start taking a run back; the slices react, and `restore_rows` comes last."""
    run = work.require(ImportRow, command.import_id)
    if run.state is ImportState.UNDONE:
        raise Rejected("import_undone_already", id=command.import_id)
    work.put(replace(run, state=ImportState.UNDONE, finished_at=context.business_at))
    context.emit(ImportUndone(import_id=command.import_id))


def restore_rows(event: ImportUndone, work: UnitOfWork, context: Context) -> None:
    """Bring back every remembered row, children first.

    Raises Rejected("import_rows_changed_since") with their count and the name of one of them when
    somebody changed any after the import; then nothing is undone.
    """
    del context
    remembered = work.find(ImportedRow, IMPORTED.c.import_id == event.import_id)
    conflicts = [entry for entry in remembered if not _is_untouched(work, entry)]
    depth = {table.name: place for place, table in enumerate(tables_in_order())}
    if conflicts:
        first = min(conflicts, key=lambda found: depth[found.touched_table])
        raise Rejected(
            "import_rows_changed_since",
            count=len(conflicts),
            table=first.touched_table,
            key=first.touched_key,
            name=_name_of(work, first),
        )
    for entry in sorted(remembered, key=lambda found: -depth[found.touched_table]):
        table, key = touched(entry)
        if entry.before is not None:
            work.put(table.from_image(entry.before.encode()))
            continue
        row = work.get(table.row_type, *key)
        if row is not None:
            work.delete(row)


def _name_of(work: UnitOfWork, entry: ImportedRow) -> str:
    """What people call a row, as it is now; its key where it has no name or is gone."""
    table, key = touched(entry)
    row = work.get(table.row_type, *key)
    names = (getattr(row, name, None) for name in _NAMES)
    return str(next((name for name in names if name), entry.touched_key))


def _is_untouched(work: UnitOfWork, entry: ImportedRow) -> bool:
    table, key = touched(entry)
    row = work.get(table.row_type, *key)
    return row is not None and image_digest(table, row) == entry.after
