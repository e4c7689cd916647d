"""What surrounds the back office in tests: a server's reach, settings, and sent commands."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from desktop.settings import DeviceSettings
from shared.kernel.errors import CodedError
from shared.kernel.messages import Command


class FakeSync(QObject):
    """A reach that tests set by hand; `asked` counts how often somebody asked for an exchange."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_online = True
        self.is_busy = False
        self.offline_since: datetime | None = None
        self.unsent_count = 0
        self.unsent_blob_count = 0
        self.oldest_unsent_at: datetime | None = None
        self.cursor = "1.4711"
        self.synced_at: datetime | None = None
        self.verified_at: datetime | None = None
        self.mismatch_count = 0
        self.has_repair_failed = False
        self.repair_report = ""
        self.error: CodedError | None = None
        self.asked = 0

    def sync_now(self) -> None:
        """Count it."""
        self.asked += 1

    def tell(self) -> None:
        """Say that something differs."""
        self.changed.emit()


class KeptPreferences:
    """Settings kept in memory."""

    def __init__(self) -> None:
        self.settings = DeviceSettings()

    async def save(self, settings: DeviceSettings) -> None:
        """Keep them."""
        self.settings = settings


class MadeHere:
    """The commands that were made on this device, by their ids."""

    def __init__(self) -> None:
        self.commands: dict[str, Command] = {}

    async def find(self, cmd_id: str) -> Command | None:
        """The command with that id, or None."""
        return self.commands.get(cmd_id)
