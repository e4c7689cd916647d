"""The page about devices and synchronisation."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card, StatTile
from desktop.ui.dialogs import confirm
from desktop.ui.label import Label, Role
from desktop.ui.theme import Tone
from desktop.workspaces.merchant.parts.facts.view import Fact, Facts
from desktop.workspaces.merchant.parts.inputs.view import small_button
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.parts.page.view import Column, Page
from desktop.workspaces.merchant.sync.rows import ListedDevice
from desktop.workspaces.merchant.sync.view_model import SyncViewModel
from shared.kernel.permissions import Permission

_MOST_DEVICES = 12
ACTIONS = (
    Action(
        id="sync.now",
        text_key="merchant.sync.now",
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
        self._facts = Facts()
        self._error = Label("", Role.ERROR, wraps=True)
        self._unrepaired = Label(i18n.tr("merchant.sync.unrepaired.text"), Role.ERROR, wraps=True)
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
        self._unsent = StatTile(i18n.tr("merchant.sync.unsent"), icon="cloud-upload")
        self._network = StatTile(i18n.tr("merchant.sync.server"), icon="cloud")
        self._proof = StatTile(i18n.tr("merchant.sync.proof"), icon="shield-check")
        tiles = QGridLayout()
        tiles.setSpacing(theme.S4)
        for place, tile in enumerate((self._network, self._unsent, self._proof)):
            tile.setMinimumHeight(96)
            tiles.addWidget(tile, 0, place)
            tiles.setColumnStretch(place, 1)
        state = Card(i18n.tr("merchant.sync.details"))
        state.body.addWidget(self._error)
        state.body.addWidget(self._unrepaired)
        state.body.addWidget(self._facts)
        devices = Card(i18n.tr("merchant.devices"), flush=True)
        devices.head.addWidget(small_button(self.actions_set, "sync.revoke"))
        self._devices.set_empty("monitor", i18n.tr("merchant.devices.empty"))
        devices.body.addWidget(self._devices)
        pairing = Card(i18n.tr("merchant.pairing"))
        for step in ("1", "2", "3"):
            pairing.body.addWidget(Label(i18n.tr(f"merchant.pairing.{step}"), wraps=True))
        column.content.addLayout(tiles)
        for card in (devices, state, pairing):
            column.content.addWidget(card)
        column.content.addStretch(1)
        self.set_column(column)
        self.header.add(self.actions_set.button("sync.now"))

    def _choose(self, row: object) -> None:
        self._vm.choose(row if isinstance(row, ListedDevice) else None)

    def _show(self) -> None:
        self.actions_set.refresh()
        sync, now = self._vm.sync_status, self._vm.office.desk.clock.now()
        self._network.set_value(
            i18n.tr("merchant.sync.online" if sync.is_online else "merchant.sync.offline")
        )
        if sync.is_online or sync.offline_since is None:
            key = "merchant.sync.busy" if sync.is_busy else "merchant.sync.waiting"
            self._network.set_note(i18n.tr(key), Tone.OK)
        else:
            since = i18n.format_relative(sync.offline_since, now)
            self._network.set_note(since, Tone.WARN)
        self._unsent.set_value(i18n.format_number(sync.unsent_count))
        oldest, files = sync.oldest_unsent_at, sync.unsent_blob_count
        note = i18n.tr("merchant.sync.all_sent")
        if oldest is not None:
            note = i18n.tr("merchant.home.oldest", age=i18n.format_relative(oldest, now))
        elif files:
            note = i18n.tr("merchant.sync.files_follow", count=files)
        is_all_sent = oldest is None and not files
        self._unsent.set_note(note, Tone.OK if is_all_sent else Tone.WARN)
        self._show_proof()
        error = sync.error
        self._error.setText("" if error is None else i18n.error_text(error))
        self._error.setVisible(error is not None)
        self._facts.set_facts(self._details())

    def _show_proof(self) -> None:
        sync = self._vm.sync_status
        is_unrepaired = bool(sync.mismatch_count) and sync.has_repair_failed
        self._unrepaired.setVisible(is_unrepaired)
        if sync.mismatch_count:
            self._proof.set_value(i18n.tr("merchant.sync.differs"))
            count = i18n.format_number(sync.mismatch_count)
            key = "merchant.sync.unrepaired" if is_unrepaired else "merchant.sync.differs.text"
            self._proof.set_note(
                i18n.tr(key, amount=count), Tone.DANGER if is_unrepaired else Tone.WARN
            )
        elif sync.verified_at is None:
            self._proof.set_value("–")
            self._proof.set_note(i18n.tr("merchant.sync.unproved"))
        else:
            self._proof.set_value(i18n.tr("merchant.sync.agrees"))
            now = self._vm.office.desk.clock.now()
            self._proof.set_note(i18n.format_relative(sync.verified_at, now), Tone.OK)

    def _details(self) -> list[Fact]:
        sync, identity = self._vm.sync_status, self._vm.office.desk.identity
        never = i18n.tr("merchant.sync.never")
        synced = never if sync.synced_at is None else i18n.format_datetime(sync.synced_at)
        facts = [
            Fact(i18n.tr("merchant.sync.synced_at"), synced),
            Fact(i18n.tr("merchant.sync.files"), i18n.format_number(sync.unsent_blob_count)),
            Fact(i18n.tr("merchant.sync.cursor"), sync.cursor),
            Fact(i18n.tr("merchant.sync.tenant"), identity.tenant_name),
            Fact(i18n.tr("merchant.sync.address"), identity.server_url or "–"),
        ]
        if sync.repair_report:
            facts.append(Fact(i18n.tr("merchant.sync.report"), sync.repair_report))
        return facts
