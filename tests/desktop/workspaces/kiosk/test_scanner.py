"""The scanner at the till: it counts wherever the focus is, and nothing scanned is lost."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desktop.workspaces.kiosk.carts import Stage
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


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA, sku="T-1")
        shop.product("Mug", price_amount=1299, barcode=MUG, sku="M-1")
        shop.product("Muffin", price_amount=250, barcode="4000000000031", sku="F-1")
    return counter


def test_a_scan_counts_wherever_the_focus_is(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        till = till_of(at)
        at.shoot(TEA)
        till.tiles.grid.setFocus()
        at.shoot(MUG)
        till.cart.pay.setFocus()
        at.shoot(TEA)
        await at.ui.settle()
        assert [(row.qty_text, row.name) for row in at.counter.sale.rows] == [
            ("2", "Tea"),
            ("1", "Mug"),
        ]
        assert not till.bar.field.text()

    stocked.show(story)


def test_a_scan_begins_the_next_sale(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        at.press(Key.Key_Plus, KEYPAD)
        await at.ui.settle()
        assert stage_of(at) is Stage.PAID
        at.shoot(MUG)
        await at.ui.settle()
        assert stage_of(at) is Stage.SELLING
        assert [row.name for row in at.counter.sale.rows] == ["Mug"]

    stocked.show(story)


def test_scans_while_the_sale_is_written_belong_to_the_next_one(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        at.counter.tender.exact_cash()
        assert stage_of(at) is Stage.SUBMITTING
        at.shoot(MUG)
        at.shoot(MUG)
        await at.ui.settle()
        assert [(row.qty_text, row.name) for row in at.counter.sale.rows] == [("2", "Mug")]
        assert [receipt.total_amount for receipt in await receipts_of(at)] == [349]

    stocked.show(story)


def test_paying_waits_for_what_was_scanned_before(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        at.shoot(MUG)
        at.press(Key.Key_Plus, KEYPAD)
        await at.ui.settle()
        assert stage_of(at) is Stage.PAID
        assert [receipt.total_amount for receipt in await receipts_of(at)] == [1648]

    stocked.show(story)


def test_scans_during_a_dialog_wait_for_the_cashier(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        at.press(Key.Key_F5)
        sheet = await at.sheet_open()
        for _ in range(20):
            at.shoot(MUG)
        field = sheet.findChild(QLineEdit)
        assert field is not None
        assert not field.text()
        sheet.cancel()
        await at.ui.settle()
        till = till_of(at)
        assert "20 scanned meanwhile" in till.notice.text()
        assert len(at.counter.sale.rows) == 1
        tap(button_in(till.notice, "Add"))
        await at.ui.settle()
        assert [(row.qty_text, row.name) for row in at.counter.sale.rows] == [
            ("1", "Tea"),
            ("20", "Mug"),
        ]
        assert not till.notice.text()

    stocked.show(story)


def test_an_unknown_code_is_said_and_selling_goes_on(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        till = till_of(at)
        at.shoot("9990001112223")
        at.shoot(TEA)
        await at.ui.settle()
        assert "9990001112223" in till.notice.text()
        assert [row.name for row in at.counter.sale.rows] == ["Tea"]
        tap(button_in(till.notice, "Sell at open price"))
        sheet = await at.sheet_open()
        sheet.cancel()
        await at.ui.settle()
        assert not till.notice.text()

    stocked.show(story)


def test_money_on_the_table_keeps_a_scan_out_of_the_cart(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(MUG)
        await at.ui.settle()
        at.counter.tender.start()
        at.counter.tender.cash(500)
        at.shoot(TEA)
        await at.ui.settle()
        assert [row.name for row in at.counter.sale.rows] == ["Mug"]
        assert at.counter.find.waiting_codes == (TEA,)

    stocked.show(story)


def test_typing_by_hand_searches_and_enter_takes_the_marked_hit(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        till = till_of(at)
        till.bar.field.setText("mu")
        await at.ui.settle()
        names = [row.name for row in at.counter.find.hits]
        assert names == ["Muffin", "Mug"]
        at.press(Key.Key_Down)
        at.press(Key.Key_Down)
        at.press(Key.Key_Return)
        await at.ui.settle()
        assert [row.name for row in at.counter.sale.rows] == ["Mug"]
        assert not till.bar.field.text()
        at.press(Key.Key_Delete)
        await at.ui.settle()
        assert at.counter.sale.rows == ()

    stocked.show(story)


def test_a_letter_by_hand_searches_and_the_first_of_a_scan_leaves_nothing(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        till = till_of(at)
        looked: list[str] = []
        at.scanner.held.connect(looked.append)
        at.press(Key.Key_M)
        assert not till.bar.field.text()
        at.time.pass_ms(100)
        at.scanner.expire()
        await at.ui.until(lambda: len(at.counter.find.hits) == 2)
        assert till.bar.field.text().lower() == "m"
        till.bar.field.clear()
        await at.ui.settle()
        at.shoot(TEA)
        await at.ui.settle()
        assert [letter.lower() for letter in looked] == ["m", "4"]
        assert at.counter.find.hits == ()
        assert not till.bar.field.text()
        assert [row.name for row in at.counter.sale.rows] == ["Tea"]

    stocked.show(story)
