"""ChangeHub: the one signal that says which kinds and ids a commit changed, local or pulled."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QMetaObject, QObject, Qt, Signal, Slot


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed: kind of row -> ids. `kinds` with no ids means "any row of that kind"."""

    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def kinds(self) -> frozenset[str]:
        """Give the kinds of rows that changed."""
        return frozenset(self.ids)

    def touches(self, kinds: frozenset[str]) -> bool:
        """Say whether any of these kinds changed."""
        return not kinds.isdisjoint(self.ids)


class ChangeHub(QObject):
    """Collects changes from any thread and tells the UI thread once per turn of its loop.

    `changed` carries one `Changes` that joins everything published since the last signal.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: dict[str, frozenset[str]] = {}

    def publish(self, ids: Mapping[str, frozenset[str]]) -> None:
        """Say that rows changed; may be called from any thread, returns at once."""
        with self._lock:
            is_first = not self._waiting
            for kind, some in ids.items():
                known = self._waiting.get(kind, some)
                self._waiting[kind] = known | some if known and some else frozenset()
            if not self._waiting:
                return
        if is_first:
            QMetaObject.invokeMethod(self, "deliver", Qt.ConnectionType.QueuedConnection)

    @Slot()
    def deliver(self) -> None:
        """Emit what has gathered; Qt calls this on the UI thread."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if waiting:
            self.changed.emit(Changes(waiting))
