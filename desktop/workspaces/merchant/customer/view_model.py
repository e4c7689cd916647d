"""State of one customer: who it is, its addresses and its orders."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject

from desktop.ui import i18n
from desktop.ui.columns import stretch
from desktop.ui.fields import FieldValue
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.orders.rows import COLUMNS, listed_order
from desktop.workspaces.merchant.places import NEW, Place, Screen
from desktop.workspaces.merchant.words import moment
from shared.customers.commands import Address, SaveCustomer
from shared.customers.queries import customer
from shared.customers.tables import CustomerRow
from shared.kernel.ids import CustomerId, new_id
from shared.orders.queries import OrderFilter, OrderListRow, order_ids, order_list
from shared.storage.reader import Reader

Values = Mapping[str, FieldValue]
ADDRESS_FIELDS = tuple(Address.__dataclass_fields__)
_ORDER_COLUMNS = tuple(
    replace(column, sort="", width=stretch(1, 13) if column.key == "number" else column.width)
    for column in COLUMNS
    if column.key != "customer"
)
_MOST_ORDERS = 200


class CustomerViewModel(ViewModel):
    """One customer, known or new. `open` and `begin` say which."""

    watches = frozenset({"customer", "sales_order"})

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.customer_id = ""
        self.customer: CustomerRow | None = None
        self.is_new = False
        self.orders = TableModel(_ORDER_COLUMNS, self)

    def open(self, customer_id: str) -> None:
        """Show a customer."""
        self._take(customer_id, is_new=False)
        self.start()

    def begin(self) -> None:
        """Make a new customer."""
        self._take(new_id(), is_new=True)

    async def refresh(self) -> None:
        """Load the customer with the latest orders."""
        wanted = self.customer_id
        if not wanted or self.is_new:
            return
        found, orders = await self.office.desk.fetch(_customer, wanted)
        if wanted != self.customer_id:
            return
        now = self.office.desk.clock.now()
        self.customer = found
        self.orders.set_rows([listed_order(row, moment(row.placed_at, now)) for row in orders])
        self.changed.emit()

    @property
    def orders_text(self) -> str:
        """How many orders there are, in words."""
        return i18n.tr("merchant.orders.count", count=self.orders.rowCount())

    async def save(self, values: Values, addresses: tuple[Address, ...]) -> None:
        """Keep the customer. Raises Rejected, which belongs at its field."""
        fields: dict[str, Any] = dict(values)
        fields["code"] = str(fields.get("code", "")) or None
        command = SaveCustomer(
            customer_id=CustomerId(self.customer_id), addresses=addresses, **fields
        )
        await self.office.desk.submit(command)
        if self.is_new:
            self.is_new = False
            self.start()

    def show_order(self, order_id: str) -> None:
        """Go to an order."""
        self.office.go(Place(screen=Screen.ORDERS, key=order_id))

    def take_order(self) -> None:
        """Begin an order for this customer."""
        filled = {"customer_id": self.customer_id}
        self.office.go(Place(screen=Screen.ORDERS, key=NEW, filled=filled))

    def _take(self, customer_id: str, *, is_new: bool) -> None:
        if customer_id != self.customer_id:
            self.customer_id, self.customer, self.is_new = customer_id, None, is_new
            self.orders.set_rows(())
            self.changed.emit()


def address_of(values: Values) -> Address:
    """An address as the form describes it."""
    return Address(**{name: str(values[name] or "") for name in ADDRESS_FIELDS})


def _customer(reader: Reader, customer_id: str) -> tuple[CustomerRow, tuple[OrderListRow, ...]]:
    ids = order_ids(reader, OrderFilter(customer_id=customer_id))
    return customer(reader, customer_id), order_list(reader, ids[:_MOST_ORDERS])
