"""What every part of the till stands on: store, register, open shift, tax rates, and the time."""

from PySide6.QtCore import QObject

from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from shared.kernel.errors import Bug, Rejected
from shared.kernel.ids import RegisterId
from shared.organization.tables import StoreRow
from shared.pos.queries import TillState, till_state
from shared.pos.tables import ShiftRow
from shared.pricing.tables import TaxRateRow


class Till(ViewModel):
    """The state of this register, kept current by the change signal."""

    watches = frozenset({"store", "register", "shift", "tax_rate"})

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self.desk = desk
        self.state: TillState | None = None
        self.rates: dict[str, TaxRateRow] = {}

    @property
    def register_id(self) -> RegisterId:
        """The register that this device is. Raises Rejected("device_is_no_till")."""
        if self.desk.identity.register_id is None:
            raise Rejected("device_is_no_till")
        return self.desk.identity.register_id

    @property
    def loaded(self) -> TillState:
        """The state. Raises Bug before it was loaded."""
        if self.state is None:
            raise Bug("the till is used before it was loaded")
        return self.state

    @property
    def store(self) -> StoreRow:
        """The store's rules."""
        return self.loaded.store

    @property
    def currency(self) -> str:
        """The currency of every amount here."""
        return self.store.currency

    @property
    def shift(self) -> ShiftRow | None:
        """The open shift, or None."""
        return None if self.state is None else self.state.shift

    def open_shift(self) -> ShiftRow:
        """The open shift. Raises Rejected("shift_not_open")."""
        if self.shift is None:
            raise Rejected("shift_not_open")
        return self.shift

    async def refresh(self) -> None:
        """Read everything in one go."""
        self.state = await self.desk.fetch(till_state, self.register_id)
        self.rates = {rate.code: rate for rate in self.state.tax_rates}
        self.changed.emit()
