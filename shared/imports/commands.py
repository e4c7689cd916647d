"""What may be asked of imports as a whole; the rows themselves come by the slices' commands."""

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.ids import ImportId
from shared.kernel.messages import Command
from shared.kernel.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class StartImport(Command):
    """Open a run, to which the following batches belong."""

    NAME: ClassVar[str] = "start_import"
    PERMISSION: ClassVar[Permission] = Permission.IMPORT

    import_id: ImportId
    importer: str
    file_name: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishImport(Command):
    """Close a run with its totals (exact decimal text in the file's currency)."""

    NAME: ClassVar[str] = "finish_import"
    PERMISSION: ClassVar[Permission] = Permission.IMPORT

    import_id: ImportId
    rows_read: int
    rows_accepted: int
    rows_refused: int
    source_total: str
    imported_total: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoImport(Command):
    """Bring back what a run changed; refused when later work touched the same rows."""

    NAME: ClassVar[str] = "undo_import"
    PERMISSION: ClassVar[Permission] = Permission.IMPORT

    import_id: ImportId
