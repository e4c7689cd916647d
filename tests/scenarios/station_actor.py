"""A picker at a real station, working by scans and keys; see `play` for how it is told."""

import sys

from desktop.workspaces.fulfillment.parcel.view_model import ParcelViewModel
from desktop.workspaces.fulfillment.queue.view_model import QueueViewModel
from desktop.workspaces.fulfillment.window import FulfillmentWindow
from shared.fulfillment.commands import FulfillmentState
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
        """Scan an order number, as its paper bears it."""
        self.at.scan(told["number"])
        await until(lambda: self.parcel.standing.state is FulfillmentState.PICKING)

    async def do_pick(self, told: Told) -> Told:
        """Scan what is there; all that is missing of the next line is reported short."""
        await self._scan_all(told["codes"])
        if told.get("short"):
            await self.at.press("F8")
            self.at.tap("Out of stock")
        await until(lambda: self.parcel.standing.state is FulfillmentState.PICKED)
        return {"said": str(self.parcel.message)}

    async def do_pack(self, told: Told) -> Told:
        """Scan everything into the parcel; the packing slip prints by itself."""
        await self._scan_all(told["codes"])
        await until(lambda: self.parcel.standing.state is FulfillmentState.PACKED)
        await until(lambda: self.parcel.slip_path is not None)
        return {"slip": str(self.parcel.slip_path)}

    async def do_ship(self, told: Told) -> None:
        """Say who takes the parcel, where nobody knows, and scan the label."""
        await self.at.settle()
        if not self.at.value("Carrier"):
            self.at.editor("Carrier").setFocus()
            await self.at.write_slowly(told["carrier"])
        self.at.scan(told["tracking"])
        await until(lambda: self.parcel.standing.state is FulfillmentState.SHIPPED)

    async def do_back(self, _told: Told) -> None:
        """Return to the queue."""
        await self.at.press("Esc")

    async def do_cases(self, _told: Told) -> Told:
        """Open the cases by their key, read them, and go back with one key."""
        await self.at.press("F7")
        shown = self.at.column("What happened", "Cases")
        says = self.at.says()
        await self.at.press("Esc")
        return {"shown": shown, "says": says}

    async def _scan_all(self, codes: list[tuple[str, int]]) -> None:
        """Scan each code as often as said."""
        for code, times in codes:
            for _ in range(times):
                await self._scan(code)

    async def _scan(self, code: str) -> None:
        """Scan a code and wait for the verdict."""
        before = self._units()
        self.at.scan(code)
        await until(lambda: self._units() > before)

    def _units(self) -> int:
        found = self.parcel.delivery
        return sum(line.picked_qty + line.packed_qty for line in found.lines) if found else 0


if __name__ == "__main__":
    sys.exit(play(StationActor))
