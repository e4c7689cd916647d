"""State of importing one file: chosen, checked in a thread, applied batch by batch, undone."""

import asyncio
import threading
from array import array
from collections.abc import Callable, Generator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.columns import Sort
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.import_file.heard import Heard, HeardKind, HeardRows, Texts
from desktop.workspaces.merchant.import_file.rows import COLUMNS, HeardRow, heard_row
from desktop.workspaces.merchant.office import Office
from shared.imports.commands import UndoImport
from shared.kernel.errors import CodedError, Rejected
from shared.kernel.ids import ImportId, LocationId, new_id
from shared.kernel.messages import Command
from shared.plugins.builtin import IMPORTERS
from shared.plugins.points.importer import (
    Importer,
    ImportSettings,
    Progress,
    Refusal,
    Remark,
    choose_importer,
)
from shared.runtime.import_run import ImportPlan, ImportReport, ImportRun, header_of

T = TypeVar("T")
_WHOLE = 1000


class Stage(StrEnum):
    """How far the import of a file is."""

    EMPTY = "empty"
    CHOSEN = "chosen"
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    DONE = "done"
    STOPPED = "stopped"
    """Some batches are in the books, the others are not; it can be undone."""
    UNDONE = "undone"


class _Stopped(Exception):
    """The person does not want the run any more."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file with what was found out about it."""

    path: Path
    size: int
    importer: Importer


class HeardSource:
    """Gives the table of refused or odd rows its windows."""

    def __init__(self, heard: HeardRows, kind: HeardKind) -> None:
        self._heard, self._kind = heard, kind

    async def keys(self, _sort: Sort | None) -> MutableSequence[Any]:
        """The place of every row."""
        return array("q", range(self._heard.count(self._kind)))

    async def rows(self, keys: Sequence[Any]) -> Sequence[HeardRow | None]:
        """The rows at those places."""
        found = await asyncio.to_thread(self._heard.at, self._kind, list(keys))
        return [
            heard_row(place, self._kind, heard) for place, heard in zip(keys, found, strict=True)
        ]


class ImportViewModel(ViewModel):
    """One file at a time. `progress` runs from 0 to 1000; None where it cannot be told."""

    _told = Signal()

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.stage = Stage.EMPTY
        self.chosen: Chosen | None = None
        self.settings = ImportSettings("EUR")
        self.location_id = ""
        self.report: ImportReport | None = None
        self.failure: CodedError | None = None
        self.progress: int | None = None
        self.rows_seen = 0
        self.kind = HeardKind.REFUSED
        self.heard = HeardRows()
        self.table = TableModel(COLUMNS, self)
        self._import_id = ImportId("")
        self._stop = threading.Event()
        self._latest = Progress(0, None, 0)
        connect(self._told, self._show_progress)

    # -- what can be done now

    @property
    def can_check(self) -> bool:
        """Whether there is a file to be checked."""
        return self.chosen is not None and self.stage in {
            Stage.CHOSEN,
            Stage.CHECKED,
            Stage.UNDONE,
        }

    @property
    def can_apply(self) -> bool:
        """Whether a check has said what would change, and it is something."""
        return self.stage is Stage.CHECKED and self.report is not None and self.drafts > 0

    @property
    def is_running(self) -> bool:
        """Whether something is under way."""
        return self.stage in {Stage.CHECKING, Stage.APPLYING}

    @property
    def can_undo(self) -> bool:
        """Whether the books hold something of this file."""
        return self.stage in {Stage.DONE, Stage.STOPPED}

    @property
    def has_refused(self) -> bool:
        """Whether rows were refused, so that there is something to export."""
        return not self.is_running and self.heard.count(HeardKind.REFUSED) > 0

    @property
    def drafts(self) -> int:
        """Products or orders that would be taken over."""
        return 0 if self.report is None else self.report.totals.drafts_made

    # -- intents

    async def choose(self, path: Path) -> None:
        """Take a file and find out what it is. Raises Rejected when it is none of ours."""
        header = await asyncio.to_thread(header_of, path)
        importer = choose_importer(IMPORTERS, header)
        if importer is None:
            raise Rejected("import_kind_unknown", name=path.name)
        size = (await asyncio.to_thread(path.stat)).st_size
        self._forget()
        self.chosen = Chosen(path, size, importer)
        zone = self.office.store.timezone if self.office.has_store else "UTC"
        self.settings = ImportSettings(self.office.currency, zone=zone)
        self.location_id = self.office.location_id or ""
        self._go(Stage.CHOSEN)

    def set_settings(self, values: Mapping[str, object]) -> None:
        """Change how the file is read; a check that was made before no longer counts."""
        if self.chosen is None:
            return
        by_id = {importer.id: importer for importer in IMPORTERS}
        mark = str(values["decimal_mark"])
        settings = replace(
            self.settings,
            currency=str(values["currency"]).strip().upper(),
            zone=str(values["zone"]).strip(),
            date_order="day_first" if values["date_order"] == "day_first" else "month_first",
            decimal_mark="." if mark == "." else "," if mark == "," else None,
        )
        chosen = replace(self.chosen, importer=by_id[str(values["importer"])])
        location_id = str(values["location_id"])
        if (settings, chosen, location_id) != (self.settings, self.chosen, self.location_id):
            self.settings, self.chosen, self.location_id = settings, chosen, location_id
            self._forget()
            self._go(Stage.CHOSEN)

    async def check(self) -> None:
        """Read the whole file and find out what it would change; nothing is changed.

        Raises Rejected for a setting that does not fit the file; `failure` keeps other errors.
        """
        if not self.can_check:
            return
        self._forget()
        self._import_id = ImportId(new_id())
        self._go(Stage.CHECKING)
        run = ImportRun(self._plan(), self._ask, self._hear)
        try:
            report = await self._in_thread(run.rehearse)
        except _Stopped:
            self._go(Stage.CHOSEN)
            return
        except CodedError as error:
            if isinstance(error, Rejected) and error.field:
                self._go(Stage.CHOSEN)
                raise
            self.failure = error
            self._go(Stage.CHOSEN)
            return
        self.report = report
        self.show_heard(HeardKind.REFUSED)
        self._go(Stage.CHECKED)

    async def apply(self) -> None:
        """Do what the check said, batch by batch."""
        if not self.can_apply or self.report is None:
            return
        self._stop.clear()
        self.failure = None
        self._go(Stage.APPLYING)
        run = ImportRun(self._plan(), self._ask, self._hear_progress)
        commands = run.commands(file_digest=self.report.totals.file_digest)
        is_started = False
        try:
            while (command := await self._in_thread(_following, commands)) is not None:
                await self.office.desk.submit(command)
                is_started = True
        except _Stopped:
            self._go(Stage.STOPPED if is_started else Stage.CHECKED)
            return
        except CodedError as error:
            self.failure = error
            self._go(Stage.STOPPED if is_started else Stage.CHECKED)
            return
        self.report = replace(self.report, totals=run.totals)
        self._go(Stage.DONE)

    def stop(self) -> None:
        """End what is under way; batches that are in the books stay until they are undone."""
        self._stop.set()

    async def undo(self) -> None:
        """Take everything back that this file brought. Raises Rejected when later work is there."""
        await self.office.desk.submit(UndoImport(import_id=self._import_id))
        self._go(Stage.UNDONE)

    def show_heard(self, kind: HeardKind) -> None:
        """Show refused rows, or odd ones."""
        self.kind = kind
        self.table.set_source(HeardSource(self.heard, kind))
        self.changed.emit()

    async def export(self, path: Path) -> None:
        """Write the refused rows for a spreadsheet. Raises Unavailable."""
        header = [i18n.tr("merchant.import.row"), "code", i18n.tr("merchant.import.reason")]
        await asyncio.to_thread(self.heard.export, path, _Reasons(header))

    # -- inside

    async def _in_thread(self, call: Callable[..., T], *args: object) -> T:
        """Run a call in a thread; when nobody waits for it any more, it is told to end."""
        try:
            return await asyncio.to_thread(call, *args)
        except asyncio.CancelledError:
            self._stop.set()
            raise

    # -- these four run in the worker thread

    def _ask(self, query: Callable[..., T], /, *args: object) -> T:
        self._check_stopped()
        found: T = self.office.desk.doors.fetch(query, *args).result()
        return found

    def _hear(self, heard: Refusal | Remark | Progress) -> None:
        if isinstance(heard, Progress):
            self._hear_progress(heard)
        else:
            self.heard.add(heard)

    def _hear_progress(self, heard: Refusal | Remark | Progress) -> None:
        self._check_stopped()
        if isinstance(heard, Progress) and heard.bytes_read != self._latest.bytes_read:
            self._latest = heard
            self._told.emit()

    def _check_stopped(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    # -- on the UI thread again

    def _show_progress(self) -> None:
        latest = self._latest
        self.rows_seen = latest.rows_read
        self.progress = None
        if latest.bytes_total:
            self.progress = min(_WHOLE, latest.bytes_read * _WHOLE // latest.bytes_total)
        if self.is_running:
            self.changed.emit()

    def _plan(self) -> ImportPlan:
        if self.chosen is None:
            raise Rejected("import_file_missing", name="")
        return ImportPlan(
            import_id=self._import_id,
            importer=self.chosen.importer,
            path=self.chosen.path,
            settings=self.settings,
            location_id=LocationId(self.location_id) if self.location_id else None,
        )

    def _forget(self) -> None:
        self._stop.clear()
        self.report, self.failure, self.progress, self.rows_seen = None, None, None, 0
        self._latest = Progress(0, None, 0)
        self.heard = HeardRows()
        self.table.set_source(HeardSource(self.heard, self.kind))

    def _go(self, stage: Stage) -> None:
        self.stage = stage
        self.changed.emit()


class _Reasons(Texts):
    """Reasons in the language in force."""

    def reason(self, heard: Heard) -> str:
        row = heard_row(0, HeardKind.REFUSED, heard)
        return f"{row.reason} {row.cure}".strip()


def _following(commands: Generator[Command, None, None]) -> Command | None:
    return next(commands, None)
