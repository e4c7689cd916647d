"""What is scanned while something else has the floor waits for a word, even over a power cut."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.workspaces.kiosk.carts import CODES_SLOT, Stage
from tests.desktop.workspaces.kiosk.at_counter import (
    AtWindow,
    CounterMaker,
    button_in,
    receipts_of,
    stage_of,
    tap,
    till_of,
)
from tests.support.desk import ShopOnDevice

TEA, MUG = "4000000000017", "4000000000024"
Key = Qt.Key


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA, sku="T-1")
        shop.product("Mug", price_amount=1299, barcode=MUG, sku="M-1")
    return counter


async def _mug_and_two_teas_aside(at: AtWindow) -> None:
    """A mug in the cart; a tea scanned over a sheet, another over money on the table."""
    await at.selling()
    at.shoot(MUG)
    await at.ui.settle()
    at.press(Key.Key_F4)
    sheet = await at.sheet_open()
    at.shoot(TEA)
    sheet.cancel()
    await at.ui.settle()
    at.counter.tender.start()
    at.counter.tender.cash(500)
    at.shoot(TEA)
    await at.ui.settle()
    assert "2 scanned meanwhile" in till_of(at).notice.text()


def test_codes_set_aside_come_back_after_a_power_cut_and_are_sold_next(
    stocked: CounterMaker, tmp_path: Path
) -> None:
    async def first(at: AtWindow) -> ShopOnDevice:
        await _mug_and_two_teas_aside(at)
        await at.counter.carts.settle()
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtWindow) -> ShopOnDevice:
        await at.selling()
        till = till_of(at)
        assert stage_of(at) is Stage.TENDERING
        assert "2 scanned meanwhile" in till.notice.text()
        at.counter.tender.cash(799)
        await at.ui.settle()
        assert stage_of(at) is Stage.PAID
        assert "2 scanned meanwhile" in till.notice.text()
        tap(button_in(till.notice, "Add"))
        await at.ui.settle()
        assert [(row.qty_text, row.name) for row in at.counter.sale.rows] == [("2", "Tea")]
        assert [receipt.total_amount for receipt in await receipts_of(at)] == [1299]
        assert not till.notice.text()
        await at.counter.carts.settle()
        assert await at.counter.desk.load_draft(CODES_SLOT) is None
        return at.device.crashed_copy(tmp_path / "again")

    async def third(at: AtWindow) -> None:
        await at.selling()
        assert not till_of(at).notice.text()
        assert [(row.qty_text, row.name) for row in at.counter.sale.rows] == [("2", "Tea")]

    stocked.show(third, stocked.show(second, stocked.show(first)))


def test_codes_that_were_discarded_do_not_come_back(stocked: CounterMaker, tmp_path: Path) -> None:
    async def first(at: AtWindow) -> ShopOnDevice:
        await _mug_and_two_teas_aside(at)
        tap(button_in(till_of(at).notice, "Discard"))
        await at.ui.settle()
        await at.counter.carts.settle()
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtWindow) -> None:
        await at.selling()
        assert not till_of(at).notice.text()
        assert stage_of(at) is Stage.TENDERING

    stocked.show(second, stocked.show(first))


def test_codes_that_may_not_be_added_now_go_on_waiting(
    stocked: CounterMaker, tmp_path: Path
) -> None:
    async def first(at: AtWindow) -> ShopOnDevice:
        await _mug_and_two_teas_aside(at)
        tap(button_in(till_of(at).notice, "Add"))
        await at.ui.settle()
        assert at.counter.find.waiting_codes == (TEA, TEA)
        await at.counter.carts.settle()
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtWindow) -> None:
        await at.selling()
        assert at.counter.find.waiting_codes == (TEA, TEA)

    stocked.show(second, stocked.show(first))
