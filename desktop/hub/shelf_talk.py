"""What is said over one line about what is parked in the store."""

from functools import partial

from desktop.hub.line import Line
from desktop.work import Work
from desktop.workbench import Workbench
from shared.kernel.ids import DeviceId, LocationId
from shared.organization.tables import DeviceRow
from shared.storage.reader import Reader
from shared.sync.protocol.hub import HUB_VERSION, HubMessage, Shelf, TakenCart


class ShelfTalk:
    """Knows what the other side of the line knows."""

    def __init__(self, work: Work, line: Line, here: LocationId | None) -> None:
        self._work = work
        self._line = line
        self._here = here
        self._revisions: dict[DeviceId, int] = {}
        self._taken: set[TakenCart] = set()

    async def hear(self, message: HubMessage) -> None:
        """Keep what was parked or taken up; the other lines are told by the change that it is.

        Nobody signs it: a cart is worth nothing before it is sold. Only devices of this store have
        a shelf, so that there are no more of them than devices.
        """
        for shelf in message.shelves:
            known = self._revisions.get(shelf.device_id, 0)
            self._revisions[shelf.device_id] = max(shelf.revision, known)
            if await self._work.fetch(_place_of, shelf.device_id) == self._here:
                await self._work.ask(partial(_put, shelf=shelf))
        if message.taken:
            self._taken.update(message.taken)
            await self._work.ask(lambda bench: bench.shelving.take(message.taken))

    async def send_news(self) -> None:
        """Tell what is parked where, and then what of it was taken up."""
        own = await self._work.ask(lambda bench: bench.shelving.own())
        standing = await self._work.ask(lambda bench: bench.shelving.standing())
        for shelf in standing.others if own is None else (own, *standing.others):
            if shelf.revision > self._revisions.get(shelf.device_id, 0):
                await self._line.send(HubMessage(version=HUB_VERSION, shelves=(shelf,)))
                self._revisions[shelf.device_id] = shelf.revision
        news = tuple(each for each in standing.taken if each not in self._taken)
        if news:
            await self._line.send(HubMessage(version=HUB_VERSION, taken=news))
            self._taken.update(news)


def _put(bench: Workbench, shelf: Shelf) -> None:
    bench.shelving.put(shelf)


def _place_of(reader: Reader, device_id: DeviceId) -> LocationId | None:
    """Where a device works or worked; one that was shut out since may have left carts behind."""
    found = reader.get(DeviceRow, device_id)
    return None if found is None else found.location_id
