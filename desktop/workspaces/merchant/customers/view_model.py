"""State of the customer list: search, and the windows that are loaded."""

from collections.abc import MutableSequence, Sequence
from typing import Any

from PySide6.QtCore import QObject

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.columns import Sort
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.customers.rows import COLUMNS, ListedCustomer, listed_customer
from desktop.workspaces.merchant.office import Office
from shared.customers.queries import customer_ids, customer_list


class CustomerSource:
    """Gives the list its keys and rows."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.text = ""

    async def keys(self, sort: Sort | None) -> MutableSequence[Any]:
        """The ids of what fits, by name unless sorted."""
        return await self._office.desk.fetch(
            customer_ids,
            text=self.text,
            order=sort.by if sort is not None else "name",
            is_descending=sort is not None and sort.is_descending,
        )

    async def rows(self, keys: Sequence[Any]) -> Sequence[ListedCustomer | None]:
        """The rows of those ids."""
        found = await self._office.desk.fetch(customer_list, list(keys))
        rows: dict[str, ListedCustomer] = {row.customer_id: listed_customer(row) for row in found}
        return [rows.get(key) for key in keys]


class CustomersViewModel(ViewModel):
    """The list of customers."""

    watches = frozenset({"customer"})

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self._source = CustomerSource(office)
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
    def text(self) -> str:
        """What is searched for."""
        return self._source.text

    @property
    def count_text(self) -> str:
        """How many customers are in the list, in words."""
        return i18n.tr("merchant.customers.count", count=self.table.rowCount())

    async def refresh(self) -> None:
        """Load the list anew."""
        self._load()

    def search(self, text: str) -> None:
        """Look for part of a name, e-mail, phone or code."""
        if text != self._source.text:
            self._source.text = text
            self._load()

    def _load(self) -> None:
        if self._is_joined:
            self.table.request_refresh()
        else:
            self._is_joined = True
            self.table.set_source(self._source)

    def _tell(self) -> None:
        self.changed.emit()
