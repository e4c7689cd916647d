"""A counter to sell at: the till's view models on real files, without any window."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from desktop.workspaces.kiosk.carts import Carts, Stage
from desktop.workspaces.kiosk.catalog.view_model import FindViewModel
from desktop.workspaces.kiosk.receipts import Receipts
from desktop.workspaces.kiosk.refund.view_model import RefundViewModel
from desktop.workspaces.kiosk.sale.view_model import SaleViewModel
from desktop.workspaces.kiosk.shift.view_model import ShiftViewModel
from desktop.workspaces.kiosk.tender.view_model import TenderViewModel
from desktop.workspaces.kiosk.till import Till
from shared.kernel.errors import Rejected
from tests.desktop.workspaces.kiosk.fakes import PaperTrail
from tests.support.desk import OpenDesk, ShopOnDevice, SomebodySignedIn
from tests.support.qt_loop import UiLoop
from tests.support.shop import Shop

T = TypeVar("T")


@dataclass
class Counter:
    """One run of the till."""

    ui: UiLoop
    device: ShopOnDevice
    opened: OpenDesk
    printer: PaperTrail
    till: Till
    carts: Carts
    sale: SaleViewModel
    find: FindViewModel
    tender: TenderViewModel
    refund: RefundViewModel
    shift: ShiftViewModel
    refusals: list[Rejected]

    async def ready(self, float_amount: int = 10_000) -> None:
        """Load the till, take up the cart, and open a shift where none is open."""
        await self.till.refresh()
        await self.carts.load()
        if self.till.shift is None:
            self.shift.open(float_amount)
            await self.ui.settle()

    async def scan(self, *codes: str) -> None:
        """Scan codes one after the other and wait until all are lines."""
        for code in codes:
            self.find.scan(code)
        await self.ui.settle()

    async def paid(self) -> None:
        """Wait until the sale is done and its receipt printed."""
        await self.ui.until(lambda: self.carts.stage is Stage.PAID)
        await self.ui.settle()

    async def sell_for_cash(self, *codes: str, given_amount: int | None = None) -> None:
        """A whole cash sale."""
        await self.scan(*codes)
        if given_amount is None:
            self.tender.exact_cash()
        else:
            self.tender.start()
            self.tender.cash(given_amount)
        await self.paid()


@contextmanager
def counter_at(
    device: ShopOnDevice, ui: UiLoop, session: SomebodySignedIn | None = None
) -> Iterator[Counter]:
    """Start the till on its files; its threads end with the block."""
    opened = device.open(session)
    printer = PaperTrail()
    till = Till(opened.desk)
    carts = Carts(opened.desk, till)
    sale = SaleViewModel(till, carts, till)
    receipts = Receipts(till, printer, till)
    counter = Counter(
        ui=ui,
        device=device,
        opened=opened,
        printer=printer,
        till=till,
        carts=carts,
        sale=sale,
        find=FindViewModel(sale, till),
        tender=TenderViewModel(sale, receipts, till, guard_ms=0),
        refund=RefundViewModel(till, receipts, till),
        shift=ShiftViewModel(till, printer, till),
        refusals=ui.reporter.rejected,
    )
    try:
        yield counter
    finally:
        opened.close()


Story = Callable[[Counter], Coroutine[Any, Any, T]]


class CounterMaker:
    """Runs stories at a counter: `play(story)`, again and again on the same files."""

    def __init__(self, ui: UiLoop, folder: Path) -> None:
        self.ui = ui
        self.folder = folder
        self.device = ShopOnDevice(folder / "till")

    @contextmanager
    def seeding(self) -> Iterator[Shop]:
        """The shop behind the counter."""
        with self.device.seeding() as shop:
            yield shop

    def play(self, story: Story[T], session: SomebodySignedIn | None = None) -> T:
        """Start the till, run a story to its end, and shut it down."""
        with counter_at(self.device, self.ui, session) as counter:
            return self.ui.run(story(counter), patience_s=60)
