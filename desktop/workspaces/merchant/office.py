"""What every screen of the back office stands on: store, staff, rates, and the way around."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.merchant.places import Place
from shared.catalog.importing import STANDARD_TAX
from shared.kernel.errors import Bug
from shared.kernel.ids import LocationId
from shared.kernel.permissions import Permission
from shared.organization.queries import locations, registers, stores, users
from shared.organization.tables import LocationRow, RegisterRow, StoreRow, UserRow
from shared.pricing.queries import tax_rates
from shared.pricing.tables import TaxRateRow
from shared.storage.reader import Reader


class Office(ViewModel):
    """The shop's own settings, kept current, and the one way from screen to screen.

    Signals: `went(Place)` when a screen asks for another one; `noted(str)` carries a sentence
    that says what was done; `offered(str, str, Offer)` one with the words on a button.
    """

    watches = frozenset({"store", "stock_location", "register", "staff_user", "tax_rate"})
    went = Signal(object)
    noted = Signal(str)
    offered = Signal(str, str, object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self.desk = desk
        self._store: StoreRow | None = None
        self.locations: tuple[LocationRow, ...] = ()
        self.registers: tuple[RegisterRow, ...] = ()
        self.users: Mapping[str, UserRow] = {}
        self.rates: tuple[TaxRateRow, ...] = ()

    async def refresh(self) -> None:
        """Load everything anew."""
        found = await self.desk.fetch(_shop)
        self._store, self.locations, self.registers, people, self.rates = found
        self.users = {user.user_id: user for user in people}
        self.changed.emit()

    @property
    def has_store(self) -> bool:
        """Whether the store has been set up."""
        return self._store is not None

    @property
    def store(self) -> StoreRow:
        """The store. Raises Bug before it was loaded or set up."""
        if self._store is None:
            raise Bug("the store is used before it was loaded")
        return self._store

    @property
    def currency(self) -> str:
        """The currency of all prices; euro until the store is set up."""
        return "EUR" if self._store is None else self._store.currency

    @property
    def location_id(self) -> LocationId | None:
        """The location that this device works for, else the first one."""
        own = self.desk.identity.location_id
        if own is not None:
            return own
        return self.locations[0].location_id if self.locations else None

    @property
    def usual_tax_code(self) -> str:
        """The tax rate that a new variant has: the standard one, else the first."""
        codes = [rate.code for rate in self.rates]
        return STANDARD_TAX if STANDARD_TAX in codes or not codes else codes[0]

    def location_name(self, location_id: str | None) -> str:
        """The name of a location, or nothing."""
        return next((row.name for row in self.locations if row.location_id == location_id), "")

    def user_name(self, user_id: str | None) -> str:
        """The name of a member of the staff, or nothing."""
        user = self.users.get(user_id or "")
        return "" if user is None else user.name

    def allowed(self, permission: str) -> bool:
        """Whether the signed-in person may do what a permission's name says."""
        return self.desk.session.may(Permission(permission))

    def go(self, place: Place) -> None:
        """Ask for another screen."""
        self.went.emit(place)

    def note(self, text: str) -> None:
        """Say what was done; shown for some seconds."""
        self.noted.emit(text)

    def offer(self, text: str, action: str, offer: "Offer") -> None:
        """Say what was done, with a button for what can be done about it."""
        self.offered.emit(text, action, offer)


class Offer(QObject):
    """What can be done about something just done, for as long as the note about it is shown."""

    def take(self) -> None:
        """Do it."""

    def lapse(self) -> None:
        """Nobody will ask for it any more, unless it is being done already."""


_Shop = tuple[
    StoreRow | None,
    tuple[LocationRow, ...],
    tuple[RegisterRow, ...],
    tuple[UserRow, ...],
    tuple[TaxRateRow, ...],
]


def _shop(reader: Reader) -> _Shop:
    found = stores(reader)
    return (
        found[0] if found else None,
        locations(reader),
        registers(reader),
        users(reader),
        tax_rates(reader),
    )
