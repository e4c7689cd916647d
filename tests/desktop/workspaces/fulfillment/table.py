"""A packing table: the station's window on real files, worked with keys and a hand scanner."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui import tasks, theme
from desktop.ui.scanner import Scanner
from desktop.ui.sheet import top_sheet
from desktop.ui.sounds import Sounds
from desktop.workspaces.fulfillment.feedback import Message
from desktop.workspaces.fulfillment.ports import Outside
from desktop.workspaces.fulfillment.window import FulfillmentWindow
from shared.catalog.queries import by_code
from shared.catalog.tables import BarcodeRow
from shared.customers.commands import Address
from shared.fulfillment.commands import FulfillmentState
from shared.fulfillment.queries import Delivery, delivery
from shared.kernel.ids import OrderId, OrderLineId, VariantId, new_id
from shared.kernel.permissions import Role
from shared.orders.commands import CancelOrder, Channel, PlacedLine, PlaceOrder
from shared.organization.commands import Workspace
from shared.storage.unit_of_work import UnitOfWork
from tests.desktop.workspaces.fulfillment.fakes import Ear, PaperFolder, PinGate
from tests.desktop.workspaces.surroundings import FarServer, MadeHere
from tests.support.desk import OpenDesk, ShopOnDevice, SomebodySignedIn
from tests.support.qt_loop import UiLoop
from tests.support.shop import Shop

T = TypeVar("T")
PIN = "4711"
ANN = Address(
    name="Ann Example", line1="Harbour Road 12", postcode="20095", city="Hamburg", country="DE"
)


class Hands:
    """Type like a person and scan like a wedge, on a clock of their own."""

    def __init__(self) -> None:
        self.now = 1_000
        self.scanner: Scanner | None = None

    def clock(self) -> int:
        """Milliseconds, for the scanner."""
        return self.now

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        """Press one key, long after the last."""
        self._rest()
        QTest.keyClick(_focused(), key, modifier or Qt.KeyboardModifier.NoModifier)

    def type(self, text: str) -> None:
        """Type as slowly as a person."""
        for letter in text:
            self._rest()
            QTest.keyClicks(_focused(), letter)
        self._rest()

    def scan(self, code: str) -> None:
        """Scan: all letters and Return within a few milliseconds."""
        self._rest()
        for letter in code:
            self.now += 2
            QTest.keyClicks(_focused(), letter)
        self.now += 2
        QTest.keyClick(_focused(), Qt.Key.Key_Return)

    def _rest(self) -> None:
        self.now += 500
        if self.scanner is not None:
            self.scanner.expire()
            self.scanner.expire()


class Table:
    """One run of the station; `pia` and `olga` may pick."""

    def __init__(self, ui: UiLoop, device: ShopOnDevice, papers: Path) -> None:
        self.ui = ui
        self.device = device
        self.hands = Hands()
        self.session = SomebodySignedIn()
        self.opened: OpenDesk = device.open(self.session)
        shop = device.shop
        staff = {
            shop.picker_id: ("Pia", Role.PICKER, PIN),
            shop.owner_id: ("Olga", Role.OWNER, PIN),
        }
        self.gate = PinGate(self.session, staff)
        self.server = FarServer()
        self.papers = PaperFolder(papers)
        self.ear = Ear()
        self.made_here = MadeHere()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if theme.current().density is not theme.STATION:
            theme.apply(app, replace(theme.current(), density=theme.STATION))
        self.scanner = Scanner(app, sounds=Sounds(is_on=False), now_ms=self.hands.clock)
        self.hands.scanner = self.scanner
        self.window = FulfillmentWindow(
            self.opened.desk,
            Outside(
                gate=self.gate,
                sync_status=self.server,
                papers=self.papers,
                sent=self.made_here,
                sounds=self.ear,
                scanner=self.scanner,
            ),
        )
        tasks.use_reporter(self.window)
        ui.show(self.window, 1280, 720)

    def close(self) -> None:
        """Switch the station off."""
        tasks.use_reporter(self.ui.reporter)
        self.scanner.close()
        self.window.allow_close()
        self.opened.close()
        for part in (self.gate, self.server, self.scanner):
            part.setParent(self.window)
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    async def rest(self) -> None:
        """Wait until all is done; an open sheet waits for its answer and counts as done."""
        await self.ui.turn(2)
        await self.ui.until(lambda: len(tasks.running()) <= (top_sheet(self.window) is not None))
        await self.ui.turn(2)

    # -- what a person does

    async def scan(self, *codes: str) -> None:
        """Scan one code after the other, each when the last was dealt with."""
        for code in codes:
            self.hands.scan(code)
            await self.rest()

    async def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        """Press a key and wait for what comes of it."""
        self.hands.key(key, modifier)
        await self.rest()

    async def type(self, text: str, *, enter: bool = True) -> None:
        """Type, and press Enter."""
        self.hands.type(text)
        if enter:
            self.hands.key(Qt.Key.Key_Return)
        await self.rest()

    async def sign_in(self, name: str = "Pia") -> None:
        """Come to the table."""
        await self.rest()
        while self.chosen_name != name:
            await self.key(Qt.Key.Key_Down)
        await self.type(PIN)

    async def ship(self, label: str, carrier: str = "") -> None:
        """Hand the packed parcel over."""
        if carrier:
            await self.type(carrier)
        await self.scan(label)

    # -- what a person sees

    @property
    def page(self) -> QWidget | None:
        """The page in sight."""
        return self.window.pages.current()

    @property
    def is_at_queue(self) -> bool:
        """Whether the queue is in sight."""
        return self.page is self.window.queue

    @property
    def is_at_parcel(self) -> bool:
        """Whether a parcel is in sight."""
        return self.page is self.window.parcel

    @property
    def verdict(self) -> Message:
        """What the band says."""
        return self.window.parcel.verdict.message

    @property
    def parcel(self) -> Delivery:
        """The parcel in sight, as it is in the database."""
        found = self.opened.desk.doors.fetch(delivery, self.window.parcel_model.parcel_id)
        return found.result()

    def counts(self) -> list[tuple[int, int, int, int]]:
        """Of each line: ordered, picked, missing, packed."""
        return [
            (line.qty, line.picked_qty, line.short_qty, line.packed_qty)
            for line in self.parcel.lines
        ]

    @property
    def state(self) -> FulfillmentState:
        """How far the parcel in sight is."""
        return self.parcel.fulfillment.state

    @property
    def numbers(self) -> list[str]:
        """The order numbers in the queue."""
        return [row.order_number for row in self.window.queue_model.rows]

    @property
    def chosen_name(self) -> str:
        """Who is marked at the sign-in."""
        chosen = self.window.sign_in.view_model.chosen
        return "" if chosen is None else chosen.name

    # -- what others do meanwhile

    async def place(self, number: str, sku: str, qty: int) -> None:
        """A web order comes in."""
        hit = self.opened.desk.doors.fetch(by_code, sku).result()
        assert hit is not None
        command = order_for(self.device.shop, number, {hit.variant.variant_id: qty})
        self.opened.work.submit(command, actor_id=self.device.shop.owner_id).result()
        await self.rest()

    def cancel(self, order_id: OrderId) -> None:
        """The back office calls an order off."""
        command = CancelOrder(order_id=order_id, reason="customer asked")
        self.opened.work.submit(command, actor_id=self.device.shop.owner_id).result()


def _focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None, "the focus is lost"
    return found


Story = Callable[[Table], Coroutine[Any, Any, T]]


class Station:
    """Runs stories at the packing table, again and again on the same files."""

    def __init__(self, ui: UiLoop, folder: Path) -> None:
        self.ui = ui
        self.folder = folder
        self.device = ShopOnDevice(folder / "station", workspace=Workspace.FULFILLMENT)

    def seeding(self) -> AbstractContextManager[Shop]:
        """The shop behind the station."""
        return self.device.seeding()

    def play(self, story: Story[T], *, device: ShopOnDevice | None = None) -> T:
        """Switch the station on, run a story to its end, switch it off."""
        table = Table(self.ui, device or self.device, self.folder / "papers")
        try:
            return self.ui.run(story(table), patience_s=60)
        finally:
            table.close()


def order_for(
    shop: Shop, number: str, lines: dict[VariantId, int], *, customer: str = "Ann Example"
) -> PlaceOrder:
    """A web order."""
    return PlaceOrder(
        order_id=OrderId(new_id()),
        order_number=number,
        channel=Channel.WEB,
        location_id=shop.location_id,
        lines=tuple(
            PlacedLine(order_line_id=OrderLineId(new_id()), variant_id=variant_id, qty=qty)
            for variant_id, qty in lines.items()
        ),
        customer_name=customer,
        ship_to=replace(ANN, name=customer),
    )


def place_order(
    shop: Shop, number: str, lines: dict[VariantId, int], *, customer: str = "Ann Example"
) -> OrderId:
    """A web order comes in while the station is off."""
    command = order_for(shop, number, lines, customer=customer)
    shop.do(command)
    return command.order_id


def case_code(shop: Shop, code: str, variant_id: VariantId, *, unit_qty: int) -> None:
    """A barcode on a case, as it comes with the server's rows."""
    with shop.connection.begin():
        work = UnitOfWork(shop.connection)
        work.insert(BarcodeRow(code, variant_id, unit_qty=unit_qty))
        work.flush()
