"""A shift that ends while sales are not paid: it is said, meant, and nothing is lost."""

import pytest
from PySide6.QtCore import Qt

from desktop.hardware.worker import PrinterState
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.shift.view import ClosingView
from tests.desktop.workspaces.kiosk.at_counter import (
    KEYPAD,
    AtWindow,
    CounterMaker,
    button_in,
    receipts_of,
    stage_of,
    tap,
    till_of,
)

TEA, MUG = "4000000000017", "4000000000024"
Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
CHORD = CTRL | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA, sku="T-1")
        shop.product("Mug", price_amount=1299, barcode=MUG, sku="M-1")
    return counter


async def _close_key(at: AtWindow) -> ClosingView:
    at.press(Key.Key_Z, CHORD)
    await at.ui.settle()
    view = at.window.current_screen()
    assert isinstance(view, ClosingView)
    return view


async def _park(at: AtWindow, *codes: str) -> None:
    for code in codes:
        at.shoot(code)
    await at.ui.settle()
    at.press(Key.Key_F7)
    await at.ui.settle()


def test_parked_sales_are_said_and_outlive_the_shift_only_deliberately(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        await _park(at, TEA)
        await _park(at, MUG, TEA)
        view = await _close_key(at)
        assert "2 parked sales for €19.97 are not paid." in view.unpaid.text()

        tap(button_in(view, "Close the shift"))
        await at.ui.settle()
        assert at.counter.till.shift is not None
        assert at.ui.reporter.rejected == []
        assert view.unpaid.stays.hasFocus()

        at.press(Key.Key_Space)
        at.time.pass_ms(150)
        await at.ui.until(view.unpaid.stays.isChecked)
        assert view.unpaid.stays.isChecked()
        tap(button_in(view, "Close the shift"))
        await at.ui.settle()
        assert at.counter.shift.is_closed

        at.counter.shift.forget_report()
        await at.ui.settle()
        at.counter.shift.open(0)
        await at.ui.settle()
        assert len(at.counter.carts.parked) == 2
        at.counter.carts.recall(at.counter.carts.parked[0].order_id)
        at.counter.tender.exact_cash()
        await at.ui.settle()
        assert stage_of(at) is Stage.PAID
        assert [receipt.total_amount for receipt in await receipts_of(at)] == [349]
        report = await at.counter.shift.read_x()
        assert report.sale_count == 1

    stocked.show(story)


def test_a_parked_sale_is_taken_up_again_from_the_closing_page(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        await _park(at, MUG)
        view = await _close_key(at)
        assert "1 parked sale for" in view.unpaid.text()
        tap(button_in(view, "Show parked sales"))
        await at.sheet_open()
        at.press(Key.Key_Return)
        await at.ui.settle()
        assert at.screen() == "TillView"
        assert [row.name for row in at.counter.sale.rows] == ["Mug"]
        assert at.counter.carts.parked == ()

    stocked.show(story)


def test_lines_in_the_open_cart_are_said_before_the_shift_is_closed(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        view = await _close_key(at)
        assert "1 line for €3.49" in view.unpaid.text()
        assert not view.unpaid.recall.isVisible()
        tap(button_in(view, "Close the shift"))
        await at.ui.settle()
        assert at.counter.till.shift is not None
        tap(button_in(view, "Back to selling"))
        await at.ui.settle()
        assert [row.name for row in at.counter.sale.rows] == ["Tea"]
        at.press(Key.Key_Plus, KEYPAD)
        await at.ui.settle()
        view = await _close_key(at)
        assert not view.unpaid.text()
        tap(button_in(view, "Close the shift"))
        await at.ui.settle()
        assert at.counter.shift.is_closed

    stocked.show(story)


@pytest.mark.parametrize("state", PrinterState)
def test_what_becomes_of_a_copy_is_said_as_it_is(
    stocked: CounterMaker, state: PrinterState
) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        at.press(Key.Key_Plus, KEYPAD)
        await at.ui.settle()
        at.printer.become(state)
        printed = len(at.printer.prints)
        told: list[str] = []
        till_of(at).told.connect(told.append)
        at.press(Key.Key_P, CTRL)
        await at.ui.settle()
        said = {
            PrinterState.NONE: "No printer is set up here",
            PrinterState.READY: "is being printed",
            PrinterState.UNREACHABLE: "as soon as the printer can be reached",
        }
        assert said[state] in "".join([*told, till_of(at).notice.text()])
        assert len(told) == len(at.printer.prints) - printed == (state is not PrinterState.NONE)
        at.press(Key.Key_Escape)
        await at.ui.settle()
        assert stage_of(at) is Stage.SELLING
        assert not till_of(at).notice.text()

    stocked.show(story)
