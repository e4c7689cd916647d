"""The list of imports, and the page on which a file is imported."""

from PySide6.QtCore import Signal

from desktop.ui import i18n
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.dialogs import confirm
from desktop.workspaces.merchant.import_file.view import ImportPage
from desktop.workspaces.merchant.import_file.view_model import ImportViewModel
from desktop.workspaces.merchant.imports.rows import ListedImport
from desktop.workspaces.merchant.imports.view_model import ImportsViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.parts.lists.view import ListPage
from desktop.workspaces.merchant.parts.page.view import Pages
from desktop.workspaces.merchant.places import NEW, Place, Screen
from shared.kernel.permissions import Permission

ACTIONS = (
    Action(
        id="imports.new",
        text_key="merchant.import.new_file",
        intent="add",
        icon="import",
        keys=("Ctrl+N",),
        permission=Permission.IMPORT,
        look=Look.PRIMARY,
    ),
    Action(
        id="imports.undo",
        text_key="merchant.import.do.undo",
        intent="undo",
        icon="undo-2",
        keys=("Ctrl+Shift+Z",),
        permission=Permission.IMPORT,
        enabled_when="can_undo",
    ),
)


class ImportsPage(ListPage):
    """The list of runs. Signal: `changed` when other things can be done."""

    changed = Signal()

    def __init__(self, view_model: ImportsViewModel) -> None:
        super().__init__(i18n.tr("merchant.imports"), view_model.table)
        self._vm = view_model
        view_model.setParent(self)
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self.header.add(self.actions_set.button("imports.undo"))
        self.header.add(self.actions_set.button("imports.new"))
        self.table.set_empty(
            "import",
            i18n.tr("merchant.imports.empty"),
            i18n.tr("merchant.imports.empty.text"),
            action=i18n.tr("merchant.import.new_file"),
        )
        connect(self.table.current_row, self._choose)
        connect(self.table.empty_acted, self.add)
        connect(view_model.changed, self._show)
        view_model.start()

    @property
    def can_undo(self) -> bool:
        """Whether the marked run can be taken back."""
        return self._vm.can_undo

    def add(self) -> None:
        """Import a file."""
        self._vm.office.go(Place(screen=Screen.IMPORTS, key=NEW))

    async def undo(self) -> None:
        """Take the marked run back, once somebody has confirmed it."""
        chosen = self._vm.chosen
        if chosen is None or not await confirm(
            self,
            i18n.tr("merchant.import.undo"),
            f"{chosen.file_name}: {i18n.tr('merchant.import.undo.text')}",
            action=i18n.tr("merchant.import.do.undo"),
            danger=True,
        ):
            return
        await self._vm.undo()
        self._vm.office.note(i18n.tr("merchant.import.undone.note"))

    def _choose(self, row: object) -> None:
        chosen = row if isinstance(row, ListedImport) else None
        before = self._vm.chosen
        if chosen is None or before is None or chosen.id != before.id:
            self.banner.clear()
        self._vm.choose(chosen)

    def _show(self) -> None:
        self.actions_set.refresh()


class ImportsScreen(Pages):
    """All pages about imports."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._list = ImportsPage(ImportsViewModel(office))
        self._file: ImportPage | None = None
        self.add_page(self._list)

    def visit(self, place: Place) -> None:
        """Import a file, or show the list."""
        if place.key == NEW:
            self._begin()

    def _begin(self) -> None:
        page = self._file
        if page is not None and not page.is_running:
            self.drop_page(page)
            page = None
        if page is None:
            page = self._file = ImportPage(ImportViewModel(self._office))
            connect(page.back_asked, self._show_list)
            self.add_page(page)
        self.show_page(page)

    def _show_list(self) -> None:
        self.show_page(self._list)
