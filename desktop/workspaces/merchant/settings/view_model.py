"""State of the settings: lists of the shop, small additions to them, and this device."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.session import pin_hash
from desktop.settings import DeviceSettings
from desktop.ui.binding import connect
from desktop.ui.fields import FieldValue
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.ports import Preferences
from desktop.workspaces.merchant.settings.rows import (
    PLACE_COLUMNS,
    RATE_COLUMNS,
    STAFF_COLUMNS,
    place_line,
    rate_line,
    staff_line,
)
from shared.kernel.errors import Rejected
from shared.kernel.ids import LocationId, RegisterId, StoreId, UserId, new_id
from shared.kernel.permissions import Role
from shared.organization.commands import AddLocation, AddRegister, AddUser, OpenStore, SetSharing
from shared.pricing.commands import SetTaxRate

Values = Mapping[str, FieldValue]
PIN_LEAST = 4


class SettingsViewModel(ViewModel):
    """The shop's lists. Signal: `settings_chosen(DeviceSettings)` for this device."""

    settings_chosen = Signal(object)

    def __init__(
        self, office: Office, preferences: Preferences, parent: QObject | None = None
    ) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self._preferences = preferences
        self.staff = TableModel(STAFF_COLUMNS, self)
        self.rates = TableModel(RATE_COLUMNS, self)
        self.places = TableModel(PLACE_COLUMNS, self)
        connect(office.changed, self._show)
        self._show()

    @property
    def settings(self) -> DeviceSettings:
        """The settings of this device."""
        return self._preferences.settings

    # -- additions; each raises Rejected, which belongs at its field

    async def open_store(self, values: Values) -> None:
        """Set the store up."""
        await self.office.desk.submit(
            OpenStore(
                store_id=StoreId(new_id()),
                name=str(values["name"]),
                currency=str(values["currency"]).upper(),
                country=str(values["country"]).upper(),
                language=str(values["language"]),
                timezone=str(values["timezone"]),
                is_tax_inclusive=bool(values["is_tax_inclusive"]),
            )
        )

    async def add_user(self, values: Values) -> None:
        """Add a member of the staff; the PIN leaves this device only as its hash."""
        pin = str(values["pin"])
        if len(pin) < PIN_LEAST:
            raise Rejected("pin_too_short", field="pin", least=PIN_LEAST)
        hashed = await asyncio.to_thread(pin_hash, pin)
        await self.office.desk.submit(
            AddUser(
                user_id=UserId(new_id()),
                name=str(values["name"]),
                role=Role(str(values["role"])),
                pin_hash=hashed,
            )
        )

    async def set_rate(self, values: Values) -> None:
        """Add a tax rate, or change one; `percent` has four decimals."""
        percent = values["rate"]
        await self.office.desk.submit(
            SetTaxRate(
                code=str(values["code"]),
                name=str(values["name"]),
                rate_ppm=percent if isinstance(percent, int) else 0,
            )
        )

    async def add_location(self, values: Values) -> None:
        """Add a place where stock is kept."""
        address = tuple(line for line in str(values["address"]).splitlines() if line.strip())
        await self.office.desk.submit(
            AddLocation(
                location_id=LocationId(new_id()),
                store_id=self.office.store.store_id,
                name=str(values["name"]),
                code=str(values["code"]),
                address=address,
            )
        )

    async def add_register(self, values: Values) -> None:
        """Add a till to a location."""
        await self.office.desk.submit(
            AddRegister(
                register_id=RegisterId(new_id()),
                location_id=LocationId(str(values["location_id"])),
                name=str(values["name"]),
                code=str(values["code"]),
            )
        )

    async def set_sharing(self, location_id: str, values: Values) -> None:
        """Let the devices of a location keep copies of each other's work, or not."""
        await self.office.desk.submit(
            SetSharing(location_id=LocationId(location_id), is_on=bool(values["is_sharing"]))
        )

    # -- this device

    def choose_language(self, language: str) -> None:
        """Speak another language on this device."""
        self.settings_chosen.emit(replace(self.settings, language=language))

    def choose_theme(self, theme: str) -> None:
        """Use another look on this device."""
        self.settings_chosen.emit(replace(self.settings, theme=theme))

    def _show(self) -> None:
        office = self.office
        self.staff.set_rows([staff_line(user) for user in office.users.values() if user.is_active])
        self.rates.set_rows([rate_line(rate) for rate in office.rates])
        self.places.set_rows([place_line(row, office.registers) for row in office.locations])
        self.changed.emit()
