"""Selling through the till's view models on real files."""

from shared.kernel.money import round_half_away
from shared.orders.queries import order_detail
from shared.pos.queries import check_chain, recent_receipts
from tests.desktop.workspaces.kiosk.counter import Counter, CounterMaker


def test_scan_and_exact_cash_is_a_sale(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode="4006381333931")

    async def story(at: Counter) -> None:
        await at.ready()
        await at.scan("4006381333931", "4006381333931")
        assert [(row.qty_text, row.amount) for row in at.sale.rows] == [("2", 698)]

        at.tender.exact_cash()
        await at.paid()

        assert len(at.printer.prints) == 1
        assert at.printer.drawer_count == 1
        assert at.carts.cart.is_empty
        receipts = await at.till.desk.fetch(recent_receipts, at.till.register_id)
        document = receipts[0].document
        assert document.number == "K1-000001"
        assert document.total_amount == 698
        assert document.tax_amount == round_half_away(698 * 70_000, 1_070_000)
        detail = await at.till.desk.fetch(order_detail, receipts[0].order_id)
        assert detail.order.captured_amount == 698
        assert await at.till.desk.fetch(check_chain, at.till.register_id) is None

    counter.play(story)
