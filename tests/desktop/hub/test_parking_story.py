"""A customer begins at one till and pays at the next, with the screens' own parts on real lines."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtWidgets import QApplication

from desktop.changes import ChangeHub
from desktop.sync.blob_door import BlobDoor
from desktop.ui.scanner import Scanner
from desktop.ui.sounds import Sounds
from desktop.workspaces.desk import Desk
from desktop.workspaces.gate import StaffGate
from desktop.workspaces.kiosk.carts import Carts, Stage
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.ports import Outside
from shared.pos.tables import ReceiptRow
from shared.storage.reader import Reader
from tests.desktop.hub.conftest import InStore, Store
from tests.desktop.hub.test_store import _meet
from tests.desktop.workspaces.kiosk.fakes import PaperTrail, Shelf
from tests.desktop.workspaces.surroundings import FarServer, MadeHere
from tests.support.qt_loop import UiLoop


@dataclass
class Staffed:
    """A till of the store with the parts behind its window."""

    till: InStore
    counter: Counter
    scanner: Scanner

    @property
    def carts(self) -> Carts:
        """The open sale and the parked ones."""
        return self.counter.carts

    @property
    def name(self) -> str:
        """What the other tills call it."""
        rows = self.till.store.world.devices
        return f"Device {1 + rows.index(self.till.device)}"

    async def ready(self) -> None:
        """Sign Carl in and read how the till stands."""
        await self.counter.gate.sign_in(self.till.store.world.cashier_id, "")
        await self.counter.load()

    def close(self) -> None:
        """Let go of the screens' parts; the till itself goes on."""
        self.till.joined.screens = None
        self.scanner.close()
        self.counter.deleteLater()


def _staffed(till: InStore) -> Staffed:
    app = QApplication.instance()
    assert app is not None
    work, clock = till.work, till.store.world.clock
    till.joined.screens = hub = ChangeHub()
    gate = StaffGate(work, clock)
    identity = work.ask(lambda bench: bench.identity).result()
    sounds = Sounds(is_on=False)
    scanner = Scanner(app, sounds=sounds)
    outside = Outside(
        gate=gate,
        printer=PaperTrail(),
        sync_status=FarServer(),
        scanner=scanner,
        sounds=sounds,
        papers=Shelf(),
        sent=MadeHere(),
    )
    blobs = BlobDoor(work, lambda: till.engine)
    desk = Desk(work, hub, gate, identity, clock, blobs)
    return Staffed(till, Counter(desk, outside, guard_ms=0), scanner)


@contextmanager
def _staffed_tills(*tills: InStore) -> Iterator[list[Staffed]]:
    made = [_staffed(till) for till in tills]
    try:
        yield made
    finally:
        for each in made:
            each.close()


def _back_online(store: Store, *tills: InStore) -> None:
    """The internet is back, and all is sent."""
    store.network.mend()
    for each in tills:
        each.engine.sync_now()
        each.until_store(lambda share: share.unsent == 0 and share.kept == 0)


def _receipts_at_server(store: Store) -> list[str]:
    with store.network.server() as server:
        found = Reader(server.connection).find(ReceiptRow)
        server.connection.rollback()
    return [row.receipt_id for row in found]


def test_a_cart_that_was_parked_at_one_till_is_paid_at_the_next(store: Store, ui: UiLoop) -> None:
    first, second = store.till(), store.till()
    _meet(store, first, second)
    store.network.cut()

    async def story(one: Staffed, two: Staffed) -> str:
        await one.ready()
        await two.ready()
        one.counter.find.scan("MUG")
        await ui.until(lambda: one.carts.cart.lines)
        one.carts.park()
        await ui.until(lambda: two.carts.at_others)
        (offered,) = two.carts.at_others
        assert offered.place == one.name
        two.carts.recall(offered.cart.order_id)
        await ui.until(lambda: not one.carts.parked)
        two.counter.tender.exact_cash()
        await ui.until(lambda: two.carts.stage is Stage.PAID)
        await ui.settle()
        assert (one.carts.at_others, two.carts.at_others) == ((), ())
        return offered.cart.receipt_id

    with _staffed_tills(first, second) as (one, two):
        receipt_id = ui.run(story(one, two))
    _back_online(store, first, second)
    assert _receipts_at_server(store) == [receipt_id]


def test_when_both_tills_have_a_cart_open_the_second_is_told_before_it_takes_money(
    store: Store, ui: UiLoop
) -> None:
    first, second = store.till(), store.till()
    _meet(store, first, second)
    store.network.cut()

    async def story(one: Staffed, two: Staffed) -> None:
        await one.ready()
        await two.ready()
        one.counter.find.scan("MUG")
        await ui.until(lambda: one.carts.cart.lines)
        one.carts.park()
        await ui.until(lambda: two.carts.at_others)
        order_id = one.carts.parked[0].order_id
        # In the same moment: neither has heard of the other.
        one.carts.recall(order_id)
        two.carts.recall(order_id)
        await ui.settle()
        assert one.carts.cart.order_id == two.carts.cart.order_id
        one.counter.tender.exact_cash()
        await ui.until(lambda: two.carts.cart.order_id != order_id)
        assert two.carts.cart.is_empty
        await ui.until(lambda: ui.reporter.rejected)
        assert [error.code for error in ui.reporter.rejected] == ["sale_done_already"]
        assert one.carts.stage is Stage.PAID
        await ui.settle()

    with _staffed_tills(first, second) as (one, two):
        ui.run(story(one, two))
    _back_online(store, first, second)
    assert len(_receipts_at_server(store)) == 1


def test_the_cart_of_a_till_that_died_is_paid_at_the_next(store: Store, ui: UiLoop) -> None:
    first, second = store.till(), store.till()
    _meet(store, first, second)
    store.network.cut()

    async def park(one: Staffed, two: Staffed) -> None:
        await one.ready()
        await two.ready()
        one.counter.find.scan("MUG")
        await ui.until(lambda: one.carts.cart.lines)
        one.carts.park()
        await ui.until(lambda: two.carts.at_others)

    async def pay(two: Staffed) -> str:
        await two.ready()
        (offered,) = two.carts.at_others
        two.carts.recall(offered.cart.order_id)
        two.counter.tender.exact_cash()
        await ui.until(lambda: two.carts.stage is Stage.PAID)
        await ui.settle()
        return offered.cart.receipt_id

    with _staffed_tills(first, second) as (one, two):
        ui.run(park(one, two))
    first.die()
    with _staffed_tills(second) as (two,):
        receipt_id = ui.run(pay(two))
    first.device.start()
    first = store.begin(first.device)

    async def come_back(one: Staffed) -> None:
        await one.ready()
        await ui.until(lambda: not one.carts.parked)

    with _staffed_tills(first) as (one,):
        ui.run(come_back(one))
        assert one.carts.parked == ()
    _back_online(store, first, second)
    assert _receipts_at_server(store) == [receipt_id]
