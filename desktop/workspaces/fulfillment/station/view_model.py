"""Where this station stands, and which parcel lies on it, over locks and crashes."""

from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from shared.fulfillment.queries import queue
from shared.organization.queries import location_with_store

_SLOT = "fulfillment/parcel"


class StationViewModel(ViewModel):
    """`place_name` for the status strip; `resumed` answers `resume` with a parcel's id or ""."""

    resumed = Signal(str)

    watches: ClassVar[frozenset[str]] = frozenset({"stock_location", "store"})

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self.place_name = ""

    async def refresh(self) -> None:
        """Load the location's name."""
        location_id = self._desk.identity.location_id
        if location_id is not None:
            place = await self._desk.fetch(location_with_store, location_id)
            self.place_name = place.location.name
        self.changed.emit()

    def resume(self) -> None:
        """Find the parcel that whoever is here now left on the station, if it still waits."""
        self.run(self._resume())

    async def _resume(self) -> None:
        draft = await self._desk.load_draft(_SLOT)
        user_id, _, parcel_id = ("" if draft is None else draft.content.decode()).partition(" ")
        if parcel_id and user_id == self._desk.session.user_id:
            rows = await self._desk.fetch(queue, self._desk.identity.location_id or "")
            if any(row.fulfillment_id == parcel_id for row in rows):
                self.resumed.emit(parcel_id)
                return
        self.resumed.emit("")

    def keep(self, parcel_id: str) -> None:
        """A parcel was laid on the station."""
        self.run(self._keep(parcel_id))

    async def _keep(self, parcel_id: str) -> None:
        content = f"{self._desk.session.user_id} {parcel_id}".encode()
        await self._desk.save_draft(_SLOT, content)

    def let_go(self) -> None:
        """The station is free again."""
        self.run(self._desk.clear_draft(_SLOT))
