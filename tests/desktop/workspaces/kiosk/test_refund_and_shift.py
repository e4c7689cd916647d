"""Goods that come back, and the drawer from its opening to the Z report."""

import pytest

from shared.inventory.queries import available_at
from shared.kernel.ids import VariantId
from shared.orders.queries import order_detail
from shared.payments.commands import TenderKind
from shared.pos.commands import CashMovementKind
from shared.pos.queries import recent_receipts, shift_of
from tests.desktop.workspaces.kiosk.at_counter import AtCounter, CounterMaker, receipts_of

TEA, MUG = "4000000000017", "4000000000024"


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=333, tax_code="reduced", barcode=TEA, on_hand_qty=10)
        shop.product("Mug", price_amount=1299, barcode=MUG, on_hand_qty=10)
    return counter


async def _stock(at: AtCounter) -> dict[str, int]:
    lines = at.counter.refund.sale.detail.lines if at.counter.refund.sale else ()
    by_title = {line.title: line.variant_id for line in lines}
    ids = [VariantId(variant_id) for variant_id in by_title.values() if variant_id]
    found = await at.counter.desk.fetch(available_at, at.device.shop.location_id, ids)
    return {title: found.get(str(variant_id), 0) for title, variant_id in by_title.items()}


def test_some_of_a_sale_comes_back_and_no_more_than_is_left(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.sell_for_cash(TEA, TEA, TEA, MUG)
        refund = at.counter.refund
        refund.look_up("K1-000001")
        await at.ui.settle()
        tea, mug = refund.rows
        refund.step_qty(tea.id, 2)
        refund.step_qty(mug.id, 5)
        refund.set_restocked(mug.id, is_restocked=False)
        assert [row.qty for row in refund.rows] == [2, 1]
        assert refund.total_amount == 666 + 1299
        before = await _stock(at)
        refund.submit("Faulty")
        refund.submit("Faulty")
        await at.ui.settle()

        assert refund.is_given
        after = await _stock(at)
        assert after["Tea"] - before["Tea"] == 2
        assert after["Mug"] - before["Mug"] == 0
        assert [receipt.kind for receipt in await receipts_of(at)] == ["refund", "sale"]
        assert at.printer.drawer_count == 2
        assert "zu Beleg K1-000001" in at.printer.texts()

        refund.begin()
        refund.look_up("1")
        await at.ui.settle()
        refund.take_all()
        assert [row.qty for row in refund.rows] == [1, 0]
        refund.submit("Faulty")
        await at.ui.settle()
        receipts = await at.counter.desk.fetch(recent_receipts, at.counter.till.register_id)
        detail = await at.counter.desk.fetch(order_detail, receipts[0].order_id)
        assert detail.order.refunded_amount == detail.order.captured_amount == 2298

    stocked.play(story)


def test_scanning_goods_at_a_return_counts_them(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.sell_for_cash(TEA, TEA)
        refund = at.counter.refund
        refund.scan("K1-000001")
        await at.ui.settle()
        for _ in range(3):
            refund.scan(TEA)
            await at.ui.settle()
        assert [row.qty for row in refund.rows] == [2]
        refund.scan(MUG)
        await at.ui.settle()
        codes = [error.code for error in at.ui.reporter.rejected]
        assert codes == ["line_not_on_receipt", "line_not_on_receipt"]

    stocked.play(story)


def test_what_a_card_paid_goes_back_to_the_card(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan(MUG)
        at.counter.tender.start()
        at.counter.tender.other(TenderKind.CARD_EXTERNAL, 1299, "T1")
        await at.paid()
        refund = at.counter.refund
        refund.look_up("1")
        await at.ui.settle()
        assert refund.tender is TenderKind.CARD_EXTERNAL
        refund.take_all()
        refund.submit("Not wanted")
        await at.ui.settle()
        assert not refund.is_given
        assert [error.code for error in at.ui.reporter.rejected] == ["reference_missing"]
        refund.submit("Not wanted", "R-9")
        await at.ui.settle()
        assert refund.is_given
        assert at.printer.drawer_count == 0

    stocked.play(story)


def test_an_unknown_receipt_is_said(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        at.counter.refund.look_up("K9-000044")
        await at.ui.settle()
        assert [error.code for error in at.ui.reporter.rejected] == ["receipt_unknown"]
        assert at.counter.refund.sale is None

    stocked.play(story)


def test_cash_that_moves_without_a_sale_is_in_the_reports(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready(float_amount=5000)
        shift = at.counter.shift
        await shift.move_cash(CashMovementKind.PAID_IN, 2000, "change")
        await shift.move_cash(CashMovementKind.PAID_OUT, 350, "stamps")
        await shift.move_cash(CashMovementKind.DROP, 1000, "safe")
        await shift.move_cash(CashMovementKind.NO_SALE, 0, "look")
        await at.sell_for_cash(MUG, given_amount=2000)
        report = await shift.read_x()
        assert report.expected_amount == 5000 + 2000 - 350 - 1000 + 1299
        assert (report.paid_in_amount, report.paid_out_amount) == (2000, 1350)
        assert report.no_sale_count == 1
        assert at.printer.drawer_count == 5

        shift_id = at.counter.till.open_shift().shift_id
        shift.close(6949, "all there")
        shift.close(1, "twice")
        await at.ui.settle()
        assert shift.report is not None
        assert shift.report.difference_amount == 0
        row = await at.counter.desk.fetch(shift_of, shift_id)
        assert row.note == "all there"
        assert row.z_report == shift.report
        assert at.counter.till.shift is None

    stocked.play(story)


def test_the_drawer_stays_shut_while_a_movement_is_refused(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        with pytest.raises(Exception, match="reason_missing"):
            await at.counter.shift.move_cash(CashMovementKind.PAID_OUT, 100, " ")
        with pytest.raises(Exception, match="amount_not_positive"):
            await at.counter.shift.move_cash(CashMovementKind.PAID_OUT, 0, "x")
        assert at.printer.drawer_count == 0

    stocked.play(story)


def test_a_second_shift_goes_on_with_the_numbers(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.sell_for_cash(TEA)
        at.counter.shift.close(0)
        await at.ui.settle()
        at.counter.shift.forget_report()
        at.counter.shift.open(0)
        await at.ui.settle()
        await at.sell_for_cash(MUG)
        at.counter.shift.close(1299)
        await at.ui.settle()
        report = at.counter.shift.report
        assert report is not None
        assert (report.z_no, report.first_receipt_no, report.sale_count) == (2, 2, 1)
        assert report.grand_total_amount == 333 + 1299

    stocked.play(story)
