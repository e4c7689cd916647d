"""How synchronisation stands, as a QObject that lives on the UI thread."""

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QMetaObject, QObject, Qt, Signal, Slot

from desktop.sync.sync_status import Progress, RepairState, StoreShare, SyncStatus
from shared.kernel.clock import Clock
from shared.kernel.errors import CodedError
from shared.sync.state import SyncState

_NEEDS_PERSON = frozenset({SyncState.FORKED, SyncState.REVOKED})
_BUSY = frozenset({SyncState.CONNECTING, SyncState.PUSHING, SyncState.PULLING})


class Hurried(Protocol):
    """What can be told to try at once."""

    def sync_now(self) -> None:
        """Try at once."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """A status with the moments at which it came about."""

    status: SyncStatus
    offline_since: datetime | None
    synced_at: datetime | None


class SyncLight(QObject):
    """The engine's status on the UI thread, for the status strip and the device's own page.

    `changed` is emitted once per turn of the loop, however much was told meanwhile.
    """

    changed = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._engine: Hurried | None = None
        self._lock = threading.Lock()
        self._told = self._shown = _Seen(SyncStatus(), clock.now(), None)
        self._is_on_its_way = False

    def use(self, engine: Hurried | None) -> None:
        """Let `sync_now` reach this engine."""
        self._engine = engine

    def sync_now(self) -> None:
        """Begin an exchange at once instead of waiting for the next one."""
        if self._engine is not None:
            self._engine.sync_now()

    # -- from the engine's thread ------------------------------------------------------------

    def take(self, status: SyncStatus) -> None:
        """Take a status from the engine's thread; returns at once."""
        with self._lock:
            self._told = self._with_moments(status)
            is_first, self._is_on_its_way = not self._is_on_its_way, True
        if is_first:
            QMetaObject.invokeMethod(self, "_deliver", Qt.ConnectionType.QueuedConnection)

    def _with_moments(self, status: SyncStatus) -> _Seen:
        before = self._told
        seen = replace(before, status=status)
        if status.is_online:
            seen = replace(seen, offline_since=None)
        elif before.status.is_online or before.offline_since is None:
            seen = replace(seen, offline_since=self._clock.now())
        if status.state is SyncState.IDLE and before.status.state is not SyncState.IDLE:
            seen = replace(seen, synced_at=self._clock.now())
        return seen

    @Slot()
    def _deliver(self) -> None:
        """Show the latest status; Qt calls this on the UI thread."""
        with self._lock:
            told, self._is_on_its_way = self._told, False
        if told != self._shown:
            self._shown = told
            self.changed.emit()

    # -- for screens -------------------------------------------------------------------------

    @property
    def status(self) -> SyncStatus:
        """Everything that the engine told last."""
        return self._shown.status

    @property
    def is_online(self) -> bool:
        """Whether the server answered last time."""
        return self.status.is_online

    @property
    def is_busy(self) -> bool:
        """Whether something is being sent or fetched now."""
        return self.status.state in _BUSY

    @property
    def offline_since(self) -> datetime | None:
        """Since when the server has not answered, if it has not."""
        return self._shown.offline_since

    @property
    def unsent_count(self) -> int:
        """Commands that the server has not confirmed."""
        return self.status.pending

    @property
    def oldest_unsent_at(self) -> datetime | None:
        """When the oldest of them was made."""
        return self.status.oldest_at

    @property
    def progress(self) -> Progress:
        """How far this device and its server are apart, and how fast that changes."""
        return self.status.progress

    @property
    def needs_person(self) -> bool:
        """Whether it will not go on by itself: somebody must pair the device anew."""
        return self.status.state in _NEEDS_PERSON

    @property
    def store(self) -> StoreShare:
        """How sharing with the other devices of the store stands."""
        return self.status.store

    @property
    def cursor(self) -> str:
        """How far the server's changes have come in, as `epoch.seq`."""
        return str(self.status.cursor)

    @property
    def synced_at(self) -> datetime | None:
        """When the last exchange with the server ended well."""
        return self._shown.synced_at

    @property
    def verified_at(self) -> datetime | None:
        """When both sides last proved that they hold the same rows."""
        return self.status.verified_at

    @property
    def mismatch_count(self) -> int:
        """Tables that differed from the server's at the last proof."""
        return len(self.status.mismatches)

    @property
    def has_repair_failed(self) -> bool:
        """Whether those tables still differ after several repairs; a person should know."""
        return self.status.repair.state is RepairState.FAILED

    @property
    def repair_report(self) -> str:
        """The file that tells what differed last, or nothing."""
        return self.status.repair.report

    @property
    def error(self) -> CodedError | None:
        """What went wrong last, until it goes well again."""
        return self.status.error
