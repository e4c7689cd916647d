"""The page about devices and synchronisation."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card
from desktop.ui.dialogs import confirm
from desktop.ui.label import Label
from desktop.workspaces.merchant.parts.inputs.view import small_button
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.parts.page.view import Column, Page
from desktop.workspaces.merchant.sync.rows import ListedDevice
from desktop.workspaces.merchant.sync.view_model import SyncViewModel
from desktop.workspaces.sync.view import SyncPanel
from shared.kernel.permissions import Permission

_MOST_DEVICES = 12
ACTIONS = (
    Action(
        id="sync.now",
        text_key="sync.now",
        intent="sync_now",
        icon="refresh-cw",
        keys=("Ctrl+R",),
        enabled_when="can_sync",
        look=Look.PRIMARY,
    ),
    Action(
        id="sync.revoke",
        text_key="merchant.device.revoke",
        intent="revoke",
        icon="ban",
        keys=("Ctrl+Shift+X",),
        permission=Permission.DEVICE,
        enabled_when="can_revoke",
    ),
)


class SyncPage(Page):
    """Signal: `changed` when other things can be done."""

    changed = Signal()

    def __init__(self, view_model: SyncViewModel) -> None:
        super().__init__(i18n.tr("merchant.sync"))
        self._vm = view_model
        view_model.setParent(self)
        self._devices = ShortTable(
            view_model.table, name=i18n.tr("merchant.devices"), most=_MOST_DEVICES
        )
        self._panel = SyncPanel(view_model.standing)
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self._lay()
        connect(self._devices.current_row, self._choose)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)
        view_model.start()
        self._show()

    def first_focus(self) -> QWidget | None:
        """Begin with the devices."""
        return self._devices

    @property
    def can_sync(self) -> bool:
        """Whether an exchange can be begun now."""
        return self._vm.can_sync

    @property
    def can_revoke(self) -> bool:
        """Whether the marked device can be shut out."""
        return self._vm.can_revoke

    def sync_now(self) -> None:
        """Begin an exchange at once."""
        self._vm.sync_now()

    async def revoke(self) -> None:
        """Shut the marked device out, once somebody has confirmed it."""
        chosen = self._vm.chosen
        if chosen is not None and await confirm(
            self,
            i18n.tr("merchant.device.revoke.ask", name=chosen.name),
            i18n.tr("merchant.device.revoke.text"),
            action=i18n.tr("merchant.device.revoke"),
            danger=True,
        ):
            await self._vm.revoke()

    def _lay(self) -> None:
        column = Column()
        devices = Card(i18n.tr("merchant.devices"), flush=True)
        devices.head.addWidget(small_button(self.actions_set, "sync.revoke"))
        self._devices.set_empty("monitor", i18n.tr("merchant.devices.empty"))
        devices.body.addWidget(self._devices)
        pairing = Card(i18n.tr("merchant.pairing"))
        for step in ("1", "2", "3"):
            pairing.body.addWidget(Label(i18n.tr(f"merchant.pairing.{step}"), wraps=True))
        for card in (self._panel, devices, self._panel.details, pairing):
            column.content.addWidget(card)
        column.content.addStretch(1)
        self.set_column(column)
        self.header.add(self.actions_set.button("sync.now"))

    def _choose(self, row: object) -> None:
        self._vm.choose(row if isinstance(row, ListedDevice) else None)

    def _show(self) -> None:
        self.actions_set.refresh()
