"""How synchronisation stands, as a QObject that lives on the UI thread."""

import threading

from PySide6.QtCore import QMetaObject, QObject, Qt, Signal, Slot

from desktop.sync.sync_status import SyncStatus


class StatusHub(QObject):
    """Carries the engine's status over to the UI thread.

    `changed` is emitted there with the latest `SyncStatus`, once per turn of the loop, however
    many were published meanwhile.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._status = SyncStatus()
        self._latest: SyncStatus | None = None

    @property
    def status(self) -> SyncStatus:
        """The last status that reached the UI thread."""
        return self._status

    def publish(self, status: SyncStatus) -> None:
        """Take a status from the engine's thread; returns at once."""
        with self._lock:
            is_first = self._latest is None
            self._latest = status
        if is_first:
            QMetaObject.invokeMethod(self, "deliver", Qt.ConnectionType.QueuedConnection)

    @Slot()
    def deliver(self) -> None:
        """Emit the latest status; Qt calls this on the UI thread."""
        with self._lock:
            latest, self._latest = self._latest, None
        if latest is not None and latest != self._status:
            self._status = latest
            self.changed.emit(latest)
