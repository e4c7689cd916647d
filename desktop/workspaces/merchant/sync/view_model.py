"""State of the page about devices and synchronisation."""

from PySide6.QtCore import QObject

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.sync.rows import COLUMNS, ListedDevice
from desktop.workspaces.sync.ports import SyncStatus
from desktop.workspaces.sync.view_model import SyncStanding
from shared.kernel.ids import DeviceId
from shared.organization.commands import RevokeDevice
from shared.organization.queries import devices
from shared.organization.tables import DeviceRow


class SyncViewModel(ViewModel):
    """How this device stands to its server, and which others there are."""

    watches = frozenset({"device", "register", "stock_location"})

    def __init__(
        self, office: Office, sync_status: SyncStatus, parent: QObject | None = None
    ) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.standing = SyncStanding(office.desk, sync_status, self)
        self.table = TableModel(COLUMNS, self)
        self.chosen: ListedDevice | None = None
        self._devices: tuple[DeviceRow, ...] = ()
        connect(self.standing.changed, self._tell)
        connect(office.changed, self._show)

    async def refresh(self) -> None:
        """Load the devices anew."""
        self._devices = await self.office.desk.fetch(devices)
        self._show()

    @property
    def can_sync(self) -> bool:
        """Whether an exchange can be begun now."""
        return self.standing.can_sync

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
        self.standing.sync_now()

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
