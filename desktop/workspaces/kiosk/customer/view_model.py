"""Customers whose name, e-mail, phone or number contains what is typed."""

from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.ui import tasks
from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.sale.rows import own_way
from shared.customers.commands import SaveCustomer
from shared.customers.queries import customers
from shared.customers.tables import CustomerRow
from shared.kernel.ids import CustomerId, new_id

_MOST = 50


@dataclass(frozen=True, slots=True)
class CustomerChoice:
    """A customer to choose."""

    id: str
    name: str
    detail: str
    phone: str


class CustomerSearch(ViewModel):
    """`found` follows `type`."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self.found: tuple[CustomerChoice, ...] = ()

    def type(self, text: str) -> None:
        """Look for a text."""
        tasks.latest(self, "search", self._search(text))

    async def _search(self, text: str) -> None:
        rows = await self._desk.fetch(customers, text=text, limit=_MOST)
        self.found = tuple(_choice(row) for row in rows)
        self.changed.emit()

    async def add(self, name: str, phone: str, email: str) -> CustomerChoice:
        """Add a customer, also with no server in sight."""
        command = SaveCustomer(
            customer_id=CustomerId(new_id()), name=name, phone=phone, email=email
        )
        await self._desk.submit(command)
        return CustomerChoice(command.customer_id, name or email, email, phone)


def _choice(row: CustomerRow) -> CustomerChoice:
    detail = "  ·  ".join(part for part in (row.email, row.code or "") if part)
    return CustomerChoice(row.customer_id, row.name or row.email, detail, own_way(row.phone))
