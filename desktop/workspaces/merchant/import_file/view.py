"""The page on which one file is imported."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QProgressBar, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.actions import ActionSet, LiveAction
from desktop.ui.binding import connect
from desktop.ui.card import Card
from desktop.ui.dialogs import confirm
from desktop.ui.empty_state import EmptyState
from desktop.ui.fields import Choice, FieldKind, FieldSpec, Section
from desktop.ui.forms import Form
from desktop.ui.label import Label, Role
from desktop.ui.stepper import Stepper
from desktop.workspaces.merchant.import_file.actions import ACTIONS
from desktop.workspaces.merchant.import_file.report.view import ReportCards
from desktop.workspaces.merchant.import_file.view_model import ImportViewModel, Stage
from desktop.workspaces.merchant.parts.inputs.view import small_button
from desktop.workspaces.merchant.parts.page.view import Column, Page
from shared.kernel.errors import Rejected
from shared.plugins.builtin import IMPORTERS

_STEPS = {
    Stage.EMPTY: 0,
    Stage.CHOSEN: 1,
    Stage.CHECKING: 1,
    Stage.CHECKED: 2,
    Stage.APPLYING: 2,
    Stage.STOPPED: 2,
    Stage.DONE: 3,
    Stage.UNDONE: 1,
}


class ImportPage(Page):
    """One file from choosing to undoing. Signal: `changed` when other things can be done."""

    changed = Signal()

    def __init__(self, view_model: ImportViewModel) -> None:
        super().__init__(i18n.tr("merchant.import.title"), can_go_back=True)
        self._vm = view_model
        view_model.setParent(self)
        self.setAcceptDrops(True)
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self._steps = Stepper([i18n.tr(f"merchant.import.step.{at}") for at in range(3)])
        self._drop = EmptyState(
            "file-spreadsheet",
            i18n.tr("merchant.import.drop"),
            i18n.tr("merchant.import.drop.text"),
            action=i18n.tr("merchant.import.do.choose_file"),
        )
        self._settings = Form(_settings(view_model))
        self._state = StateCard(self.actions_set)
        self._report = ReportCards(view_model, self.actions_set)
        self._lay()
        self._join()
        self._show()

    def first_focus(self) -> QWidget | None:
        """Begin with the settings, once there is a file."""
        return self._settings.field("importer").editor if self._file.isVisibleTo(self) else None

    # -- what can be done now

    @property
    def can_choose(self) -> bool:
        """Whether another file may be chosen."""
        return not self._vm.is_running

    @property
    def can_check(self) -> bool:
        """Whether there is a file to be checked."""
        return self._vm.can_check

    @property
    def can_apply(self) -> bool:
        """Whether a check has said what would change."""
        return self._vm.can_apply

    @property
    def is_running(self) -> bool:
        """Whether something is under way."""
        return self._vm.is_running

    @property
    def can_undo(self) -> bool:
        """Whether the books hold something of this file."""
        return self._vm.can_undo

    @property
    def has_refused(self) -> bool:
        """Whether there are refused rows to export."""
        return self._vm.has_refused

    # -- intents

    def choose_file(self) -> None:
        """Let somebody choose a file."""
        dialog = QFileDialog(self, i18n.tr("merchant.import.do.choose_file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(f"{i18n.tr('merchant.import.files')} (*.csv *.csv.gz *.txt *.tsv)")
        connect(dialog.fileSelected, self._on_selected)
        connect(dialog.finished, dialog.deleteLater)
        dialog.open()

    def take(self, path: Path) -> None:
        """Take a file."""
        self._vm.run(self._take(path))

    def check(self) -> None:
        """Find out what the file would change."""
        self._read_settings()
        self._vm.run(self._vm.check())

    def apply(self) -> None:
        """Do what the check said."""
        self._vm.run(self._vm.apply())

    def stop(self) -> None:
        """End what is under way."""
        self._vm.stop()

    async def undo(self) -> None:
        """Take the import back, once somebody has confirmed it."""
        if await confirm(
            self,
            i18n.tr("merchant.import.undo"),
            i18n.tr("merchant.import.undo.text"),
            action=i18n.tr("merchant.import.do.undo"),
            danger=True,
        ):
            await self._vm.undo()
            self._vm.office.note(i18n.tr("merchant.import.undone.note"))

    def export(self) -> None:
        """Write the refused rows for a spreadsheet."""
        dialog = QFileDialog(self, i18n.tr("merchant.import.do.export"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.setDefaultSuffix("csv")
        connect(dialog.fileSelected, self._on_export)
        connect(dialog.finished, dialog.deleteLater)
        dialog.open()

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused, at its field where there is one."""
        if error.field in self._settings.values_as_typed():
            self._settings.show_rejected(error)
        else:
            self.show_refusal(error)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept one file."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile() and self.can_choose:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the dropped file."""
        self.take(Path(event.mimeData().urls()[0].toLocalFile()))

    # -- parts

    def _lay(self) -> None:
        column = Column()
        steps = Card()
        steps.body.addWidget(self._steps)
        self._file = Card(i18n.tr("merchant.import.file"))
        self._file.head.addWidget(small_button(self.actions_set, "import.choose_file"))
        self._name = Label("", Role.MUTED, wraps=True)
        self._file.body.addWidget(self._name)
        self._file.body.addSpacing(theme.S2)
        self._file.body.addWidget(self._settings)
        self._drop.setMinimumHeight(theme.current().density.row * 8)
        for part in (steps, self._drop, self._state, self._report, self._file):
            column.content.addWidget(part)
        column.content.addStretch(1)
        self.set_column(column)
        self._offers: list[tuple[LiveAction, QWidget]] = []
        for name in ("stop", "undo", "check", "apply"):
            button = self.actions_set.button(f"import.{name}")
            if button is not None:
                self._offers.append((self.actions_set.get(f"import.{name}"), button))
                self.header.add(button)

    def _join(self) -> None:
        connect(self._vm.changed, self._show)
        connect(self._vm.rejected, self.show_rejected)
        connect(self._drop.acted, self.choose_file)
        connect(self._settings.dirty_changed, self._read_settings)
        for key in ("importer", "currency", "zone", "date_order", "decimal_mark", "location_id"):
            connect(self._settings.field(key).edited, self._read_settings)

    # -- state

    def _show(self) -> None:
        stage, chosen = self._vm.stage, self._vm.chosen
        self._steps.set_step(_STEPS[stage])
        self._drop.setVisible(chosen is None)
        self._file.setVisible(chosen is not None)
        self._settings.setEnabled(not self._vm.is_running)
        if chosen is not None:
            size = i18n.format_number(max(1, chosen.size // 1024))
            name = chosen.path.name
            self._name.setText(i18n.tr("merchant.import.file_and_size", name=name, size=size))
        self._state.show_state(self._vm)
        self._report.show_report(self._vm)
        self.actions_set.refresh()
        for live, button in self._offers:
            button.setVisible(live.isEnabled())

    async def _take(self, path: Path) -> None:
        self.banner.clear()
        await self._vm.choose(path)
        chosen, settings = self._vm.chosen, self._vm.settings
        if chosen is not None:
            self._settings.set_values(
                {
                    "importer": chosen.importer.id,
                    "currency": settings.currency,
                    "zone": settings.zone,
                    "date_order": settings.date_order,
                    "decimal_mark": "",
                    "location_id": self._vm.location_id,
                }
            )
        self.take_focus()

    def _read_settings(self) -> None:
        self._vm.set_settings(self._settings.values_as_typed())

    def _on_selected(self, path: str) -> None:
        self.take(Path(path))

    def _on_export(self, path: str) -> None:
        tasks.latest(self, "export", self._export(Path(path)))

    async def _export(self, path: Path) -> None:
        await self._vm.export(path)
        self._vm.office.note(i18n.tr("merchant.import.exported", name=path.name))


class StateCard(Card):
    """What goes on: progress while something runs, a sentence when it has ended."""

    def __init__(self, actions: ActionSet) -> None:
        super().__init__()
        self._words = Label("", Role.LABEL, wraps=True)
        self._more = Label("", Role.MUTED, wraps=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self.body.addWidget(self._words)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._more)
        del actions

    def show_state(self, vm: ImportViewModel) -> None:
        """Say how it stands."""
        failure = vm.failure
        self.setVisible(vm.stage not in {Stage.EMPTY, Stage.CHOSEN} or failure is not None)
        words = i18n.tr(f"merchant.import.stage.{vm.stage}")
        self._words.setText(words if failure is None else i18n.error_text(failure))
        self._words.setAccessibleName(self._words.text())
        self._bar.setVisible(vm.is_running)
        self._bar.setAccessibleName(words)
        self._bar.setRange(0, 0 if vm.progress is None else 1000)
        self._bar.setValue(vm.progress or 0)
        rows = i18n.tr("merchant.import.rows_seen", amount=i18n.format_number(vm.rows_seen))
        self._more.setText(rows if vm.is_running else _next_step(vm))
        self._more.setVisible(bool(self._more.text()))


def _next_step(vm: ImportViewModel) -> str:
    if vm.stage is Stage.CHECKED and not vm.drafts:
        return i18n.tr("merchant.import.next.nothing")
    if vm.stage in {Stage.CHECKED, Stage.STOPPED, Stage.DONE}:
        return i18n.tr(f"merchant.import.next.{vm.stage}")
    return ""


def _settings(vm: ImportViewModel) -> list[Section]:
    office = vm.office
    places = [Choice("", i18n.tr("merchant.import.no_stock"))]
    places += [Choice(row.location_id, row.name) for row in office.locations]
    orders = [
        Choice("month_first", i18n.tr("merchant.import.month_first")),
        Choice("day_first", i18n.tr("merchant.import.day_first")),
    ]
    marks = [
        Choice("", i18n.tr("merchant.import.mark.auto")),
        Choice(".", i18n.tr("merchant.import.mark.point")),
        Choice(",", i18n.tr("merchant.import.mark.comma")),
    ]
    kinds = [Choice(importer.id, i18n.tr(importer.title_key)) for importer in IMPORTERS]
    label = "merchant.import.setting"
    fields = (
        _choice("importer", f"{label}.kind", kinds),
        FieldSpec(key="currency", label_key=f"{label}.currency", is_half=True, longest=3),
        _choice("location_id", f"{label}.location", places),
        _choice("date_order", f"{label}.date_order", orders),
        FieldSpec(key="zone", label_key=f"{label}.zone", is_half=True, longest=60),
        _choice("decimal_mark", f"{label}.decimal_mark", marks),
    )
    return [Section("", fields)]


def _choice(key: str, label_key: str, choices: list[Choice]) -> FieldSpec:
    return FieldSpec(
        key=key, label_key=label_key, kind=FieldKind.CHOICE, choices=choices, is_half=True
    )
