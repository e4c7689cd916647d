"""State of the list of imports, and the undo of one."""

from decimal import Decimal

from PySide6.QtCore import QObject

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.import_file.rows import exact
from desktop.workspaces.merchant.imports.rows import COLUMNS, ListedImport
from desktop.workspaces.merchant.office import Office
from shared.imports.commands import UndoImport
from shared.imports.queries import recent_imports
from shared.imports.tables import ImportRow, ImportState
from shared.kernel.ids import ImportId


class ImportsViewModel(ViewModel):
    """Import runs, the latest first."""

    watches = frozenset({"import_run"})

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.table = TableModel(COLUMNS, self)
        self.chosen: ListedImport | None = None
        self._runs: tuple[ImportRow, ...] = ()
        connect(office.changed, self._show)

    async def refresh(self) -> None:
        """Load the runs anew."""
        self._runs = await self.office.desk.fetch(recent_imports)
        self._show()

    @property
    def can_undo(self) -> bool:
        """Whether the chosen run can be taken back."""
        return self.chosen is not None and self.chosen.state != ImportState.UNDONE

    def choose(self, row: ListedImport | None) -> None:
        """Look at a run."""
        self.chosen = row
        self.changed.emit()

    async def undo(self) -> None:
        """Take the chosen run back. Raises Rejected when later work is there."""
        if self.chosen is not None:
            await self.office.desk.submit(UndoImport(import_id=ImportId(self.chosen.id)))

    def _show(self) -> None:
        rows = [self._listed(run) for run in self._runs]
        self.table.set_rows(rows)
        if self.chosen is not None:
            by_id = {row.id: row for row in rows}
            self.chosen = by_id.get(self.chosen.id)
        self.changed.emit()

    def _listed(self, run: ImportRow) -> ListedImport:
        key = f"importer.{run.importer}"
        return ListedImport(
            run.import_id,
            run.file_name,
            i18n.tr(key) if i18n.has_text(key) else run.importer,
            run.state,
            run.started_at,
            self.office.user_name(run.actor_id),
            run.rows_accepted,
            run.rows_refused,
            exact(Decimal(run.imported_total), run.currency),
        )
