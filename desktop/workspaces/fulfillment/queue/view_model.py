"""State and intents of the queue."""

from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.fulfillment.queue.rows import ParcelRow, parcel_row
from desktop.workspaces.fulfillment.verify import Word, command_of, is_command
from shared.fulfillment.commands import FulfillmentState
from shared.fulfillment.queries import by_tracking_number, queue
from shared.kernel.errors import Rejected


class QueueViewModel(ViewModel):
    """The parcels that wait at this location, oldest first; live.

    Signals: `opened` (carries the id of the parcel that is to be worked on), `confirm_wanted`
    (what Enter would do).
    """

    opened = Signal(str)
    confirm_wanted = Signal()

    watches: ClassVar[frozenset[str]] = frozenset(
        {"fulfillment", "fulfillment_line", "sales_order", "staff_user"}
    )

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self.rows: tuple[ParcelRow, ...] = ()

    @property
    def waiting_count(self) -> int:
        """Parcels that this station can do something about."""
        return sum(not row.is_stuck for row in self.rows)

    @property
    def has_next(self) -> bool:
        """Whether there is something to do."""
        return self.waiting_count > 0

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
        """Load anew and work on the parcel whose turn it is."""
        self.run(self._open_next())

    async def _open_next(self) -> None:
        await self.refresh()
        row = self.next_row()
        if row is not None:
            self.opened.emit(row.id)

    def next_row(self) -> ParcelRow | None:
        """Whose turn it is: what one has begun, then what nobody has, then what is packed.

        What somebody else is picking comes last, and what only the back office can solve never.
        """
        me = self._desk.session.user_id

        def turn(row: ParcelRow) -> int:
            if row.state == FulfillmentState.PACKED:
                return 2
            if row.picker_id == me:
                return 0
            return 1 if row.state != FulfillmentState.PICKING else 3

        return min((row for row in self.rows if not row.is_stuck), key=turn, default=None)

    def scan(self, code: str) -> None:
        """A scan at the queue: an order number, or a printed command."""
        if not is_command(code):
            self.open_number(code)
            return
        word = command_of(code)
        if word is Word.NEXT:
            self.open_next()
        elif word is Word.CONFIRM:
            self.confirm_wanted.emit()
        else:
            self.show_rejected(Rejected("command_not_here", word=code))

    def open_number(self, number: str) -> None:
        """Work on the parcel of an order number that was scanned or typed.

        A tracking number opens the parcel that went out under it.
        """
        wanted = number.strip().casefold()
        for row in self.rows:
            if row.order_number.casefold() == wanted:
                self.opened.emit(row.id)
                return
        self.run(self._open_shipped(number.strip()))

    async def _open_shipped(self, number: str) -> None:
        found = await self._desk.fetch(by_tracking_number, number)
        if not found:
            raise Rejected("parcel_not_waiting", number=number)
        self.opened.emit(found[0].fulfillment_id)
