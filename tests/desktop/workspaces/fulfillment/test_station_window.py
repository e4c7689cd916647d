"""The station's window: locks, steps back, command barcodes, labels, chips, names, speed."""

import statistics
import time
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QTableView, QWidget

from desktop.ui.sheet import top_sheet
from desktop.ui.sounds import Tone as Sound
from desktop.ui.watchdog import Watchdog
from shared.fulfillment.commands import FulfillmentState
from tests.desktop.workspaces.fulfillment.table import PIN, Station, Table, place_order
from tests.desktop.workspaces.fulfillment.test_station_story import (
    BOWL,
    MUG,
    TEA,
    Orders,
    at_parcel,
    one_order,
)


def test_a_wrong_pin_says_so_and_lets_nobody_in(station: Station) -> None:
    async def story(at: Table) -> None:
        await at.rest()
        while at.chosen_name != "Pia":
            await at.key(Qt.Key.Key_Down)
        await at.type("9999")
        assert at.page is at.window.sign_in
        assert "PIN is wrong" in at.window.sign_in.error
        assert at.window.live_actions() == at.window.actions_set.live()
        await at.scan(MUG)
        assert at.ear.heard == [Sound.REFUSE]
        await at.sign_in()
        assert at.is_at_queue

    station.play(story)


def test_a_pin_from_a_badge_or_quick_hands_lets_in(station: Station) -> None:
    async def story(at: Table) -> None:
        await at.rest()
        while at.chosen_name != "Pia":
            await at.key(Qt.Key.Key_Down)
        await at.scan(PIN)
        assert at.is_at_queue

    station.play(story)


def test_a_lock_comes_back_to_the_same_parcel_for_the_same_person_only(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await at_parcel(at, "W-2")
        await at.scan(TEA)
        await at.key(Qt.Key.Key_F8)
        assert top_sheet(at.window) is not None
        at.gate.lock()
        await at.rest()
        assert top_sheet(at.window) is None
        assert at.page is at.window.sign_in
        await at.scan(TEA)
        await at.sign_in("Pia")
        assert at.is_at_parcel
        assert at.counts() == [(2, 1, 0, 0), (1, 0, 0, 0)]

        await at.key(Qt.Key.Key_F11)
        await at.sign_in("Olga")
        assert at.is_at_queue
        await at.scan("W-2")
        assert at.verdict.head == "Pia is picking this parcel"

    station.play(story)


def test_esc_goes_back_one_step_at_a_time(station: Station) -> None:
    one_order(station)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.key(Qt.Key.Key_F8)
        await at.key(Qt.Key.Key_Escape)
        assert top_sheet(at.window) is None
        await at.type("12", enter=False)
        await at.key(Qt.Key.Key_Escape)
        assert at.is_at_parcel
        assert at.window.parcel.field.text() == ""
        await at.scan(MUG)
        await at.key(Qt.Key.Key_Escape)
        assert at.is_at_queue
        assert [row.progress for row in at.window.queue_model.rows] == ["1 of 3"]
        assert [row.picker_name for row in at.window.queue_model.rows] == ["Pia"]

    station.play(story)


def test_a_whole_parcel_is_done_with_the_scanner_alone(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await at.sign_in()
        await at.scan("PC:PRINT")
        assert "PC:PRINT" in at.window.queue.refusal.message.head
        await at.scan("PC:NEXT", MUG, MUG, "PC:NEXT")
        assert at.verdict.head == "Not at this step"
        await at.scan("PC:NONSENSE")
        assert at.verdict.head == "Unknown command"
        await at.scan("PC:SHORT", "PC:BACK", "PC:SHORT", "PC:CONFIRM", TEA)
        assert at.counts() == [(3, 2, 1, 0), (1, 1, 0, 0)]
        await at.scan(MUG, MUG, TEA)
        assert at.state is FulfillmentState.PACKED
        await at.scan("PC:PRINT")
        assert at.papers.kept == ["packing-slip-W-1.pdf"] * 2
        await at.ship("JD01", carrier="DHL")
        await at.scan("PC:NEXT")
        assert at.parcel.order.order_number == "W-2"
        await at.scan("PC:BACK")
        assert at.is_at_queue
        await at.scan("PC:CONFIRM")
        assert at.parcel.order.order_number == "W-2"

    station.play(story)


def test_only_the_carriers_own_label_ships_a_parcel(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.scan(MUG, MUG, MUG, TEA, MUG, MUG, MUG, TEA)
        await at.scan("JD01")
        assert at.verdict.head == "Who takes the parcel?"
        await at.type("DHL")
        await at.key(Qt.Key.Key_Return)
        assert at.parcel.fulfillment.tracking_number == "JD01"

        await at.key(Qt.Key.Key_Return)
        await at.scan(TEA, TEA, BOWL, TEA, TEA, BOWL)
        for wrong in (BOWL, MUG, "W-2"):
            await at.scan(wrong)
            assert at.verdict.head == "That is not a carrier's label"
        await at.scan("JD01")
        assert at.verdict.head == "This label belongs to order W-1"
        assert at.parcel.fulfillment.tracking_number == ""
        await at.scan("JD02")
        assert at.state is FulfillmentState.SHIPPED

    station.play(story)


def test_a_printer_out_of_reach_is_told_and_holds_nothing_up(station: Station) -> None:
    one_order(station, qty=1)

    async def story(at: Table) -> None:
        at.papers.is_out_of_reach = True
        await at_parcel(at)
        await at.scan(MUG, MUG)
        assert at.window.banner.isVisible()
        assert at.papers.kept == []
        at.papers.is_out_of_reach = False
        await at.key(Qt.Key.Key_F4)
        assert at.verdict.head == "Packing slip saved"
        await at.ship("JD01", carrier="DHL")
        assert at.state is FulfillmentState.SHIPPED

    station.play(story)


def test_a_parcel_of_which_everything_is_missing_stays_for_the_back_office(
    station: Station,
) -> None:
    one_order(station)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.scan("PC:SHORT", "PC:CONFIRM")
        assert at.verdict.head == "Nothing to pack"
        await at.key(Qt.Key.Key_Return)
        assert at.is_at_queue
        assert [row.is_stuck for row in at.window.queue_model.rows] == [True]
        assert at.window.queue_model.waiting_count == 0

    station.play(story)


def test_orders_appear_by_themselves_and_the_strip_tells_how_things_are(
    station: Station,
) -> None:
    with station.seeding() as shop:
        shop.product("Stoneware mug", on_hand_qty=40, sku="MUG", barcode=MUG)

    async def story(at: Table) -> None:
        await at.sign_in()
        assert at.numbers == []
        assert at.window.strip.words() == [
            "Pia",
            "Main Street",
            "Online",
            "All sent",
            "Nothing to settle",
        ]
        now = at.opened.desk.clock.now()
        at.server.go_offline(now - timedelta(minutes=5), unsent_count=3)
        assert at.window.strip.words()[2].startswith("Offline since ")
        assert at.window.strip.words()[3] == "Not sent yet  3"
        await at.place("W-7", "MUG", 1)
        assert at.numbers == ["W-7"]

    station.play(story)


def test_every_control_has_a_name_and_the_focus_is_never_lost(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        def check() -> None:
            assert nameless(at.window) == []
            assert QApplication.focusWidget() is not None

        await at.rest()
        check()
        await at.sign_in()
        check()
        await at.scan("W-1")
        check()
        await at.key(Qt.Key.Key_F8)
        check()
        await at.key(Qt.Key.Key_Escape)
        await at.scan(MUG, MUG, MUG, TEA)
        check()
        await at.scan(MUG, MUG, MUG, TEA)
        check()
        await at.ship("JD01", carrier="DHL")
        check()

    station.play(story)


def nameless(window: QWidget) -> list[str]:
    """The controls in sight that a screen reader could not name."""
    kinds = (QAbstractButton, QLineEdit, QTableView)
    return [
        repr(part)
        for part in window.findChildren(QWidget)
        if isinstance(part, kinds)
        and part.isVisible()
        and part.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not part.accessibleName()
    ]


class Paints(QObject):
    """Notes when a widget was last painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.last_s = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt
        if event.type() is QEvent.Type.Paint:
            self.last_s = time.perf_counter()
        return super().eventFilter(watched, event)


async def scan_to_paint_ms(at: Table, band: Paints, code: str) -> float:
    """From a scan until its verdict has been painted."""
    before = at.verdict
    begun = time.perf_counter()
    band.last_s = 0.0
    at.hands.scan(code)
    await at.ui.until(lambda: at.verdict != before and band.last_s)
    return (band.last_s - begun) * 1000


@pytest.mark.timing
def test_a_verdict_is_painted_soon_after_the_scan_and_the_screen_never_stalls(
    station: Station,
) -> None:
    with station.seeding() as shop:
        mug = shop.product("Stoneware mug", on_hand_qty=400, sku="MUG", barcode=MUG)
        shop.product("Green tea", on_hand_qty=40, sku="TEA", barcode=TEA)
        place_order(shop, "W-1", {mug: 60})

    async def story(at: Table) -> tuple[list[float], list[float]]:
        await at_parcel(at)
        await at.scan(MUG, TEA)
        band = Paints(at.window.parcel.verdict)
        watchdog = Watchdog()
        watchdog.start()
        took = [await scan_to_paint_ms(at, band, code) for code in (MUG, TEA) * 30]
        stalls = watchdog.stop()
        return took, [stall.ms for stall in stalls]

    took, stalls = station.play(story)
    p95 = statistics.quantiles(took, n=20)[-1]
    assert p95 < 100, f"median {statistics.median(took):.1f} ms, p95 {p95:.1f} ms"
    assert stalls == []
