"""Read models of imports."""

from shared.imports.tables import IMPORT, ImportRow
from shared.storage.reader import Reader


def recent_imports(reader: Reader, *, limit: int = 100) -> tuple[ImportRow, ...]:
    """Import runs, latest first."""
    return tuple(
        reader.find(
            ImportRow, order_by=(IMPORT.c.started_at.desc(), IMPORT.c.import_id), limit=limit
        )
    )
