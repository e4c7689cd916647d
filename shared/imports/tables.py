"""Rows of imports: each run, and what every changed row looked like before."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.ids import ImportId, UserId
from shared.storage.base import Index, Reference, Row, define


class ImportState(StrEnum):
    """How far an import is."""

    RUNNING = "running"
    FINISHED = "finished"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ImportRow(Row):
    """One run of an importer; totals are exact decimal text in the file's currency."""

    import_id: ImportId
    importer: str
    file_name: str
    state: ImportState
    started_at: datetime
    finished_at: datetime | None
    actor_id: UserId | None
    currency: str
    rows_read: int
    rows_accepted: int
    rows_refused: int
    source_total: str
    imported_total: str


@dataclass(frozen=True, slots=True)
class ImportedRow(Row):
    """One row that an import touched: its image before (None when new) and after.

    Undo restores `before` only where the row still looks like `after`.
    """

    import_id: ImportId
    touched_table: str
    touched_key: str
    before: str | None
    after: str


IMPORT = define(
    ImportRow,
    "import_run",
    key=("import_id",),
    scope=lambda _row: "finance",
    indexes=(Index(("started_at",)),),
)
IMPORTED = define(
    ImportedRow,
    "imported_row",
    key=("import_id", "touched_table", "touched_key"),
    scope=lambda _row: "finance",
    references=(Reference(("import_id",), "import_run"),),
)
