"""ViewModel: the base of every screen's state; refreshes when what it watches changes."""

from collections.abc import Coroutine
from enum import StrEnum
from typing import Any, ClassVar

from PySide6.QtCore import QMetaMethod, QObject, QTimer, Signal

from desktop.changes import ChangeHub, Changes
from desktop.ui import tasks
from desktop.ui.binding import connect, disconnect
from shared.kernel.errors import Rejected, Unavailable


class Phase(StrEnum):
    """How far the state of a screen is."""

    LOADING = "loading"
    READY = "ready"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


class ViewModel(QObject):
    """State and intents of one screen; knows no widget.

    A subclass names the kinds it shows in `watches` and loads them in `refresh`; it emits
    `changed` after it has set its state. Signals: `changed` (state differs), `rejected`
    (carries the Rejected that the view places at its field or shows as a toast).
    """

    changed = Signal()
    rejected = Signal(object)

    watches: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, hub: ChangeHub | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.phase = Phase.LOADING
        self.error: Exception | None = None
        self._hub = hub
        self._is_refresh_due = False
        self._intents = 0
        if hub is not None and self.watches:
            connect(hub.changed, self._on_changes)

    @property
    def busy(self) -> bool:
        """Say whether an intent is under way."""
        return self._intents > 0

    async def refresh(self) -> None:
        """Load what the screen shows; subclasses override, then emit `changed`."""

    def start(self) -> None:
        """Load for the first time, or again after a failure."""
        self.phase = Phase.LOADING if self.phase is not Phase.READY else Phase.READY
        self.request_refresh()

    def request_refresh(self) -> None:
        """Ask for a refresh; many requests in one turn of the loop make one refresh."""
        if not self._is_refresh_due:
            self._is_refresh_due = True
            QTimer.singleShot(0, self, self._begin_refresh)

    def run(self, coro: Coroutine[Any, Any, Any]) -> None:
        """Run an intent; `busy` while it runs, errors shown by kind."""
        tasks.spawn(self, self._guard(coro))

    def dispose(self) -> None:
        """Let go of the hub and of everything under way."""
        if self._hub is not None and self.watches:
            disconnect(self._hub.changed, self._on_changes)
        self._hub = None
        tasks.cancel(self)
        self.deleteLater()

    def show_rejected(self, error: Rejected) -> None:
        """Pass a rejection on to the view; without a view, to the program's reporter."""
        if self.isSignalConnected(QMetaMethod.fromSignal(self.rejected)):
            self.rejected.emit(error)
        else:
            tasks.report(None, error)

    def _on_changes(self, changes: Changes) -> None:
        if changes.touches(self.watches):
            self.request_refresh()

    def _begin_refresh(self) -> None:
        self._is_refresh_due = False
        tasks.latest(self, "refresh", self._refresh())

    async def _refresh(self) -> None:
        try:
            await self.refresh()
        except Unavailable as error:
            self._settle(Phase.UNAVAILABLE, error)
        except Exception as error:
            self._settle(Phase.FAILED, error)
            raise
        else:
            self._settle(Phase.READY, None)

    def _settle(self, phase: Phase, error: Exception | None) -> None:
        is_new = (self.phase, self.error) != (phase, error)
        self.phase, self.error = phase, error
        if is_new:
            self.changed.emit()

    async def _guard(self, coro: Coroutine[Any, Any, Any]) -> None:
        self._intents += 1
        if self._intents == 1:
            self.changed.emit()
        try:
            await coro
        finally:
            self._intents -= 1
            if self._intents == 0:
                self.changed.emit()
