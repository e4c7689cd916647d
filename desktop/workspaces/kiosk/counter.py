"""All parts of a till behind its window, joined once."""

from PySide6.QtCore import QObject

from desktop.ui.binding import connect
from desktop.workspaces.cases.view_model import CasesViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.carts import Carts
from desktop.workspaces.kiosk.catalog.view_model import FindViewModel
from desktop.workspaces.kiosk.ports import Outside
from desktop.workspaces.kiosk.receipts import Receipts
from desktop.workspaces.kiosk.refund.view_model import RefundViewModel
from desktop.workspaces.kiosk.sale.view_model import SaleViewModel
from desktop.workspaces.kiosk.shift.view_model import ShiftViewModel
from desktop.workspaces.kiosk.sign_in.view_model import SignInViewModel
from desktop.workspaces.kiosk.status.view_model import StatusViewModel
from desktop.workspaces.kiosk.tender.view_model import GUARD_MS, TenderViewModel
from desktop.workspaces.kiosk.tiles.view_model import TilesViewModel
from desktop.workspaces.kiosk.till import Till
from desktop.workspaces.sync.view_model import SyncStanding


class Counter(QObject):
    """The view models of one till and what they share."""

    def __init__(
        self,
        desk: Desk,
        outside: Outside,
        *,
        parent: QObject | None = None,
        guard_ms: int = GUARD_MS,
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self.gate = gate = outside.gate
        self.papers = outside.papers
        self.printer = printer = outside.printer
        self.sync_status = sync_status = outside.sync_status
        self.till = Till(desk, self)
        self.carts = Carts(desk, self)
        self.receipts = Receipts(self.till, printer, self)
        self.sale = SaleViewModel(self.till, self.carts, self)
        self.find = FindViewModel(self.sale, self)
        self.tiles = TilesViewModel(self.till, self)
        self.tender = TenderViewModel(self.sale, self.receipts, self, guard_ms=guard_ms)
        self.refund = RefundViewModel(self.till, self.receipts, self)
        self.shift = ShiftViewModel(self.till, self.carts, printer, parent=self)
        self.sign_in = SignInViewModel(desk, gate, self)
        self.cases = CasesViewModel(desk, outside.sent, can_approve=True, parent=self)
        self.standing = SyncStanding(desk, sync_status, self)
        self.status = StatusViewModel(
            self.till,
            gate,
            sync_status=sync_status,
            printer=printer,
            cases=self.cases,
            parent=self,
        )
        # What concerns a till depends on who works there.
        connect(gate.changed, self.cases.request_refresh)

    async def load(self) -> None:
        """Read how the till stands and take up the open cart."""
        await self.till.refresh()
        await self.carts.load()
        self.cases.start()
