"""State of the order list: search, filters, and the windows that are loaded."""

from collections.abc import MutableSequence, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.columns import Sort
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.orders.rows import COLUMNS, ListedOrder, listed_order
from desktop.workspaces.merchant.words import moment
from shared.orders.commands import Channel, FulfillmentStatus, PaymentStatus
from shared.orders.queries import OrderFilter, order_ids, order_list


class OrderSource:
    """Gives the list its keys and rows."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.wanted = OrderFilter()

    async def keys(self, sort: Sort | None) -> MutableSequence[Any]:
        """The ids of what fits; the latest first unless sorted."""
        found = await self._office.desk.fetch(
            order_ids,
            self.wanted,
            order=sort.by if sort is not None else "placed_at",
            is_descending=sort is None or sort.is_descending,
        )
        return list(found)

    async def rows(self, keys: Sequence[Any]) -> Sequence[ListedOrder | None]:
        """The rows of those ids."""
        found = await self._office.desk.fetch(order_list, list(keys))
        now = self._office.desk.clock.now()
        rows: dict[str, ListedOrder] = {
            row.order_id: listed_order(row, moment(row.placed_at, now)) for row in found
        }
        return [rows.get(key) for key in keys]


class OrdersViewModel(ViewModel):
    """The list of orders."""

    watches = frozenset({"sales_order"})

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self._source = OrderSource(office)
        self._is_joined = False
        self.table = TableModel(COLUMNS, self)
        for signal in (
            self.table.state_changed,
            self.table.modelReset,
            self.table.rowsInserted,
            self.table.rowsRemoved,
        ):
            connect(signal, self._tell)

    @property
    def is_narrowed(self) -> bool:
        """Whether the list shows only some orders."""
        return self._source.wanted != OrderFilter()

    @property
    def count_text(self) -> str:
        """How many orders are in the list, in words."""
        return i18n.tr("merchant.orders.count", count=self.table.rowCount())

    async def refresh(self) -> None:
        """Load the list anew."""
        self._load()

    # -- intents

    def search(self, text: str) -> None:
        """Look for part of a number or of a customer's name."""
        self._narrow(replace(self._source.wanted, text=text))

    def show_channel(self, value: str) -> None:
        """Show one channel; nothing shows all."""
        self._narrow(replace(self._source.wanted, channel=Channel(value) if value else None))

    def show_payment(self, value: str) -> None:
        """Show one payment status; nothing shows all."""
        status = PaymentStatus(value) if value else None
        self._narrow(replace(self._source.wanted, payment_status=status))

    def show_delivery(self, value: str) -> None:
        """Show one fulfillment status; nothing shows all."""
        status = FulfillmentStatus(value) if value else None
        self._narrow(replace(self._source.wanted, fulfillment_status=status))

    def show_all(self) -> None:
        """Show every order."""
        self._narrow(OrderFilter())

    # -- inside

    def _narrow(self, wanted: OrderFilter) -> None:
        if wanted != self._source.wanted:
            self._source.wanted = wanted
            self._load()

    def _load(self) -> None:
        if self._is_joined:
            self.table.request_refresh()
        else:
            self._is_joined = True
            self.table.set_source(self._source)

    def _tell(self) -> None:
        self.changed.emit()
