"""State of the home page: today's figures, and where each of them leads."""

from datetime import datetime

from PySide6.QtCore import QObject

from desktop.ui.binding import connect
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.home.rows import (
    LOW_COLUMNS,
    RECENT_COLUMNS,
    Glance,
    LowRow,
    RecentRow,
    low_row,
)
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.places import NEW, Place, Screen
from desktop.workspaces.merchant.words import moment
from desktop.workspaces.sync.ports import SyncStatus
from shared.orders.queries import OrderListRow
from shared.reports.queries import (
    StockAlerts,
    latest_orders,
    sales_on,
    setup,
    stock_alerts,
    to_settle,
    to_ship,
)
from shared.storage.reader import Reader


class HomeViewModel(ViewModel):
    """Loads what is quick first, then looks through the stock."""

    watches = frozenset(
        "sales_order fulfillment inbox_case stock_level product payment_entry device staff_user "
        "store tax_rate register stock_location".split()
    )

    def __init__(
        self, office: Office, sync_status: SyncStatus, parent: QObject | None = None
    ) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.sync_status = sync_status
        self.glance: Glance | None = None
        self.alerts: StockAlerts | None = None
        self.recent = TableModel(RECENT_COLUMNS, self)
        self.low = TableModel(LOW_COLUMNS, self)
        connect(sync_status.changed, self._tell)

    @property
    def is_new(self) -> bool:
        """Whether first steps are still to be done."""
        return self.glance is not None and not self.glance.setup.is_done

    async def refresh(self) -> None:
        """Load the figures, then the stock."""
        now = self.office.desk.clock.now()
        self.glance = await self.office.desk.fetch(_glance, now)
        self.recent.set_rows([_recent(row, now) for row in self.glance.latest])
        self.changed.emit()
        self.alerts = await self.office.desk.fetch(stock_alerts)
        self.low.set_rows([low_row(found) for found in self.alerts.worst])
        self.changed.emit()

    # -- intents

    def show_orders(self) -> None:
        """Go to the orders."""
        self.office.go(Place(screen=Screen.ORDERS))

    def show_to_ship(self) -> None:
        """Go to the orders that wait to be shipped."""
        self.office.go(Place(screen=Screen.ORDERS, show="unfulfilled"))

    def show_cases(self) -> None:
        """Go to the inbox."""
        self.office.go(Place(screen=Screen.INBOX))

    def show_sync(self) -> None:
        """Go to devices and synchronisation."""
        self.office.go(Place(screen=Screen.SYNC))

    def import_products(self) -> None:
        """Go to the import."""
        self.office.go(Place(screen=Screen.IMPORTS, key=NEW))

    def add_product(self) -> None:
        """Go to a new product."""
        self.office.go(Place(screen=Screen.PRODUCTS, key=NEW))

    def show_settings(self) -> None:
        """Go to the settings."""
        self.office.go(Place(screen=Screen.SETTINGS))

    def open_recent(self, row: RecentRow) -> None:
        """Open an order of the short list."""
        self.office.go(Place(screen=Screen.ORDERS, key=row.id))

    def open_low(self, row: LowRow) -> None:
        """Open the product that is low."""
        place = Place(screen=Screen.PRODUCTS, key=row.product_id, part=row.variant_id)
        self.office.go(place)

    def _tell(self) -> None:
        self.changed.emit()


def _glance(reader: Reader, now: datetime) -> Glance:
    steps = setup(reader)
    return Glance(
        steps,
        sales_on(reader, now) if steps.has_store else None,
        to_ship(reader),
        to_settle(reader),
        latest_orders(reader),
    )


def _recent(row: OrderListRow, now: datetime) -> RecentRow:
    return RecentRow(
        row.order_id,
        row.order_number,
        row.customer_name,
        moment(row.placed_at, now),
        row.channel,
        row.payment_status,
        row.total_amount,
        row.currency,
    )
