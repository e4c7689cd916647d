"""What surrounds every workspace in tests: a server's reach, and the commands made here."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from desktop.sync.sync_status import Progress, StoreShare
from shared.kernel.errors import CodedError
from shared.kernel.messages import Command


class FarServer(QObject):
    """A server that is online until it is told otherwise; `asked` counts wishes for an exchange."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_online = True
        self.is_busy = False
        self.offline_since: datetime | None = None
        self.unsent_count = 0
        self.oldest_unsent_at: datetime | None = None
        self.progress = Progress()
        self.needs_person = False
        self.cursor = "1.4711"
        self.synced_at: datetime | None = None
        self.verified_at: datetime | None = None
        self.mismatch_count = 0
        self.has_repair_failed = False
        self.repair_report = ""
        self.store = StoreShare()
        self.error: CodedError | None = None
        self.asked = 0

    def sync_now(self) -> None:
        """Count it."""
        self.asked += 1

    def go_offline(self, since: datetime, *, unsent_count: int = 0) -> None:
        """Be out of reach."""
        self.is_online, self.offline_since = False, since
        self.unsent_count, self.oldest_unsent_at = unsent_count, since
        self.tell()

    def tell(self) -> None:
        """Say that something differs."""
        self.changed.emit()


class MadeHere:
    """The commands that were made on this device, by their ids."""

    def __init__(self) -> None:
        self.commands: dict[str, Command] = {}

    async def find(self, cmd_id: str) -> Command | None:
        """The command with that id, or None."""
        return self.commands.get(cmd_id)
