"""What screens ask of the exchange with the server."""

from datetime import datetime
from typing import Protocol

from PySide6.QtCore import SignalInstance

from desktop.sync.sync_status import Progress, StoreShare
from shared.kernel.errors import CodedError


class SyncStatus(Protocol):
    """How this device stands to its server, as a QObject of the sync engine tells it."""

    @property
    def changed(self) -> SignalInstance:
        """Emitted when one of the others differs."""
        ...

    @property
    def is_online(self) -> bool:
        """Whether the server answered last time."""
        ...

    @property
    def is_busy(self) -> bool:
        """Whether something is being sent or fetched now."""
        ...

    @property
    def offline_since(self) -> datetime | None:
        """Since when the server has not answered, if it has not."""
        ...

    @property
    def unsent_count(self) -> int:
        """Commands that the server has not confirmed."""
        ...

    @property
    def oldest_unsent_at(self) -> datetime | None:
        """When the oldest of them was made."""
        ...

    @property
    def store(self) -> StoreShare:
        """How sharing with the other devices of the store stands."""
        ...

    @property
    def progress(self) -> Progress:
        """How far this device and its server are apart, and how fast that changes."""
        ...

    @property
    def needs_person(self) -> bool:
        """Whether it will not go on by itself: somebody must pair the device anew."""
        ...

    @property
    def cursor(self) -> str:
        """How far the server's changes have come in, as `epoch.seq`."""
        ...

    @property
    def synced_at(self) -> datetime | None:
        """When the last exchange with the server ended well."""
        ...

    @property
    def verified_at(self) -> datetime | None:
        """When both sides last proved that they hold the same rows."""
        ...

    @property
    def mismatch_count(self) -> int:
        """Tables that differed from the server's at the last proof and are being repaired."""
        ...

    @property
    def has_repair_failed(self) -> bool:
        """Whether those tables still differ after several repairs; a person should know."""
        ...

    @property
    def repair_report(self) -> str:
        """The file that tells what differed last, or nothing."""
        ...

    @property
    def error(self) -> CodedError | None:
        """What went wrong last, until it goes well again."""
        ...

    def sync_now(self) -> None:
        """Begin an exchange at once instead of waiting for the next one."""
        ...
