"""State of the page about devices and synchronisation."""

from PySide6.QtCore import QObject

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.table_model import TableModel
from desktop.ui.ticker import Ticker
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.ports import SyncStatus
from desktop.workspaces.merchant.sync.rows import COLUMNS, ListedDevice
from shared.kernel.ids import DeviceId
from shared.organization.commands import RevokeDevice
from shared.organization.queries import devices
from shared.organization.tables import DeviceRow

_PACE_MS = 30_000


class SyncViewModel(ViewModel):
    """How this device stands to its server, and which others there are."""

    watches = frozenset({"device", "register", "stock_location"})

    def __init__(
        self, office: Office, sync_status: SyncStatus, parent: QObject | None = None
    ) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.sync_status = sync_status
        self.table = TableModel(COLUMNS, self)
        self.chosen: ListedDevice | None = None
        self._devices: tuple[DeviceRow, ...] = ()
        self._ticker = Ticker(_PACE_MS, self)
        for signal in (sync_status.changed, self._ticker.ticked):
            connect(signal, self._tell)
        connect(office.changed, self._show)
        self._ticker.start()

    async def refresh(self) -> None:
        """Load the devices anew."""
        self._devices = await self.office.desk.fetch(devices)
        self._show()

    @property
    def can_sync(self) -> bool:
        """Whether an exchange can be begun now."""
        return not self.sync_status.is_busy

    @property
    def can_revoke(self) -> bool:
        """Whether the chosen device can be shut out."""
        return self.chosen is not None and self.chosen.state == "paired"

    def choose(self, row: ListedDevice | None) -> None:
        """Look at a device."""
        self.chosen = row
        self.changed.emit()

    def sync_now(self) -> None:
        """Begin an exchange at once."""
        self.sync_status.sync_now()

    async def revoke(self) -> None:
        """Shut the chosen device out; what it sold before still arrives."""
        if self.chosen is not None:
            command = RevokeDevice(device_id=DeviceId(self.chosen.id))
            await self.office.desk.submit(command)

    def _tell(self) -> None:
        self.changed.emit()

    def _show(self) -> None:
        registers = {row.register_id: row for row in self.office.registers}
        own_id = self.office.desk.identity.device_id
        rows = []
        for device in self._devices:
            register = registers.get(device.register_id) if device.register_id else None
            parts = (
                self.office.location_name(device.location_id),
                "" if register is None else f"{register.name} ({register.code})",
            )
            state = "here" if device.device_id == own_id else "paired"
            rows.append(
                ListedDevice(
                    device.device_id,
                    device.name,
                    device.workspace,
                    " · ".join(part for part in parts if part),
                    i18n.format_date(device.enrolled_at),
                    state if device.revoked_at is None else "revoked",
                )
            )
        self.table.set_rows(rows)
        if self.chosen is not None:
            self.chosen = {row.id: row for row in rows}.get(self.chosen.id)
        self.changed.emit()
