"""State and intents of the queue."""

from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.fulfillment.queue.rows import ParcelRow, parcel_row
from shared.fulfillment.commands import FulfillmentState
from shared.fulfillment.queries import queue
from shared.kernel.errors import Rejected


class QueueViewModel(ViewModel):
    """The parcels that wait at this location, oldest first; live.

    Signals: `opened` (carries the id of the parcel that is to be worked on).
    """

    opened = Signal(str)

    watches: ClassVar[frozenset[str]] = frozenset({"fulfillment", "fulfillment_line"})

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self.rows: tuple[ParcelRow, ...] = ()

    @property
    def waiting_count(self) -> int:
        """Parcels that nobody has begun."""
        return sum(row.state == FulfillmentState.OPEN for row in self.rows)

    async def refresh(self) -> None:
        """Load the queue."""
        location_id = self._desk.identity.location_id or ""
        found = await self._desk.fetch(queue, location_id)
        self.rows = tuple(parcel_row(row) for row in found)
        self.changed.emit()

    def open(self, parcel_id: str) -> None:
        """Work on a parcel."""
        self.opened.emit(parcel_id)

    def open_next(self) -> None:
        """Work on the oldest parcel that is not packed yet, or the oldest at all."""
        for row in self.rows:
            if row.state != FulfillmentState.PACKED:
                self.opened.emit(row.id)
                return
        if self.rows:
            self.opened.emit(self.rows[0].id)

    def open_number(self, number: str) -> None:
        """Work on the parcel of an order number that was scanned or typed."""
        wanted = number.strip().casefold()
        for row in self.rows:
            if row.order_number.casefold() == wanted:
                self.opened.emit(row.id)
                return
        self.show_rejected(Rejected("parcel_not_waiting", number=number.strip()))
