"""A picker at a real station; see `play` for how it is told."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.workspaces.fulfillment.parcel.view_model import ParcelViewModel
from desktop.workspaces.fulfillment.queue.view_model import QueueViewModel
from desktop.workspaces.fulfillment.window import FulfillmentWindow
from shared.fulfillment.commands import FulfillmentState, ShortReason
from tests.scenarios.play import Actor, Told, play
from tests.support.waiting import until


class StationActor(Actor):
    """Picks, packs and ships by scan."""

    @property
    def station(self) -> FulfillmentWindow:
        """The station's window."""
        if not isinstance(self.window, FulfillmentWindow):
            raise TypeError("this is no station")
        return self.window

    @property
    def queue(self) -> QueueViewModel:
        """The queue behind the window."""
        return self.station.queue_model

    @property
    def parcel(self) -> ParcelViewModel:
        """The parcel behind the window."""
        return self.station.parcel_model

    async def do_queue(self, told: Told) -> Told:
        """Wait for so many parcels and name them."""
        await until(lambda: len(self.queue.rows) >= told["count"])
        return {"numbers": [row.order_number for row in self.queue.rows]}

    async def do_open(self, told: Told) -> None:
        """Open a parcel by its order number."""
        self.queue.open_number(told["number"])
        await until(lambda: self.parcel.standing.state is FulfillmentState.PICKING)

    async def do_pick(self, told: Told) -> Told:
        """Scan what is there; what is missing is reported short."""
        for code, times in told["codes"]:
            for _ in range(times):
                await self._scan(code)
        line = self.parcel.standing.line
        if told.get("short") and line is not None:
            reason = ShortReason.OUT_OF_STOCK
            self.parcel.report_short(line.order_line_id, reason, told["short"])
        await until(lambda: self.parcel.standing.state is FulfillmentState.PICKED)
        return {"said": str(self.parcel.message)}

    async def do_pack(self, told: Told) -> Told:
        """Scan everything into the parcel; the packing slip prints by itself."""
        for code, times in told["codes"]:
            for _ in range(times):
                await self._scan(code)
        await until(lambda: self.parcel.standing.state is FulfillmentState.PACKED)
        await until(lambda: self.parcel.slip_path is not None)
        return {"slip": str(self.parcel.slip_path)}

    async def do_ship(self, told: Told) -> None:
        """Hand the parcel over."""
        self.parcel.ship(told["carrier"], told["tracking"])
        await until(lambda: self.parcel.standing.state is FulfillmentState.SHIPPED)

    async def do_back(self, _told: Told) -> None:
        """Return to the queue."""
        QTest.keyClick(self.app.focusWidget() or self.window, Qt.Key.Key_Escape)
        self.parcel.go_back()

    async def _scan(self, code: str) -> None:
        """Scan as a keyboard wedge does, and wait for the verdict."""
        before = self._units()
        QTest.keyClicks(self.app.focusWidget() or self.window, code + "\r")
        await until(lambda: self._units() > before)

    def _units(self) -> int:
        found = self.parcel.delivery
        return sum(line.picked_qty + line.packed_qty for line in found.lines) if found else 0


if __name__ == "__main__":
    sys.exit(play(StationActor))
