"""Whole days at the till, checked against arithmetic that knows nothing of the pricing engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.kernel.ids import VariantId
from shared.orders.commands import PaymentStatus
from shared.orders.queries import order_detail
from shared.payments.commands import TenderKind
from shared.pos.model import ZReport
from shared.pos.queries import check_chain, recent_receipts
from shared.pricing.engine import LineDiscount, OrderDiscount
from tests.desktop.workspaces.kiosk.at_counter import AtCounter, CounterMaker

STANDARD, REDUCED = Fraction(19, 119), Fraction(7, 107)


def nearest(exact: Fraction) -> int:
    """Round half away from zero."""
    sign = -1 if exact < 0 else 1
    return sign * int(abs(exact) + Fraction(1, 2))


@dataclass(frozen=True)
class Good:
    """Something on the shelf."""

    code: str
    price: int
    tax: Fraction


GOODS = (
    Good("4000000000017", 349, REDUCED),
    Good("4000000000024", 1299, STANDARD),
    Good("4000000000031", 15, STANDARD),
    Good("4000000000048", 2499, REDUCED),
    Good("4000000000055", 89, STANDARD),
    Good("4000000000062", 12_900, STANDARD),
    Good("4000000000079", 1, REDUCED),
)


@dataclass
class Tally:
    """What the day should add up to."""

    sales: int = 0
    gross: int = 0
    discounts: int = 0
    tax: int = 0
    cash: int = 0
    card: int = 0
    refunds: int = 0
    refunded: int = 0


def expected(
    basket: Sequence[tuple[Good, int, int]], order_percent: int = 0
) -> tuple[int, int, int]:
    """(total, tax, discount) of (good, quantity, percent off) by plain fractions.

    Order discounts are only asked for baskets of one tax rate.
    """
    base = left = 0
    by_tax: dict[Fraction, int] = {}
    for good, qty, percent in basket:
        line = good.price * qty
        off = nearest(Fraction(line * percent, 100))
        base += line
        left += line - off
        by_tax[good.tax] = by_tax.get(good.tax, 0) + line - off
    if order_percent:
        off = nearest(Fraction(left * order_percent, 100))
        left -= off
        by_tax = dict.fromkeys(by_tax, left)
    tax = sum(nearest(amount * rate) for rate, amount in by_tax.items())
    return left, tax, base - left


async def fill(at: AtCounter, basket: Sequence[tuple[Good, int, int]], order_percent: int) -> None:
    """Scan a basket, unit by unit, and give its discounts."""
    for good, qty, percent in basket:
        await at.scan(*[good.code] * qty)
        if percent:
            off = LineDiscount(kind="percent", value=percent * 100, reason="x", is_manual=True)
            at.counter.sale.discount_line(off)
    if order_percent:
        off_all = OrderDiscount(kind="percent", value=order_percent * 100, reason="y")
        at.counter.sale.discount_all(off_all)


async def pay(at: AtCounter, number: int, *, total: int, tally: Tally) -> None:
    """Pay in one of five ways, and note what should lie in the drawer."""
    tender = at.counter.tender
    way = number % 5
    if way == 0:
        tender.exact_cash()
        tally.cash += total
    elif way == 1:
        tender.start()
        tender.cash(total + 777)
        tally.cash += total
        await at.paid()
        assert at.counter.carts.paid is not None
        assert at.counter.carts.paid.change_amount == 777
    elif way == 2:
        tender.start()
        tender.other(TenderKind.CARD_EXTERNAL, total, f"T{number}")
        tally.card += total
    elif way == 3:
        part = total // 3 or total
        tender.start()
        tender.other(TenderKind.CARD_EXTERNAL, part, f"T{number}")
        if part < total:
            tender.cash(total - part)
        tally.card += part
        tally.cash += total - part
    else:
        tender.start()
        first = total // 2
        if first:
            tender.cash(first)
        tender.other(TenderKind.CARD_EXTERNAL, total - first, f"T{number}")
        tally.cash += first
        tally.card += total - first
    await at.paid()


def baskets() -> list[tuple[list[tuple[Good, int, int]], int]]:
    """Twenty-five baskets: mixed taxes, line discounts, discounts on everything."""
    made: list[tuple[list[tuple[Good, int, int]], int]] = []
    for number in range(25):
        goods = [GOODS[(number + step) % len(GOODS)] for step in range(1 + number % 4)]
        percent = (0, 10, 0, 33, 0)[number % 5]
        basket = [
            (good, 1 + (number + at) % 3, percent if at == len(goods) - 1 else 0)
            for at, good in enumerate(goods)
        ]
        is_one_rate = len({good.tax for good in goods}) == 1
        made.append((basket, 15 if is_one_rate and number % 3 == 0 and not percent else 0))
    return made


def test_a_day_adds_up_to_the_cent(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        for good in GOODS:
            shop.product(
                f"Good {good.code}",
                price_amount=good.price,
                tax_code="standard" if good.tax == STANDARD else "reduced",
                barcode=good.code,
                on_hand_qty=500,
            )

    async def story(at: AtCounter) -> tuple[Tally, ZReport]:
        await at.ready(float_amount=20_000)
        tally = await _sell_all(at)
        await _take_back(at, tally)
        at.counter.shift.close(20_000 + tally.cash - 250, "counted twice")
        await at.ui.settle()
        report = at.counter.shift.report
        assert report is not None
        assert await at.counter.desk.fetch(check_chain, at.counter.till.register_id) is None
        return tally, report

    tally, report = counter.play(story)

    assert (report.sale_count, report.gross_amount) == (tally.sales, tally.gross)
    assert (report.refund_count, report.refunded_amount) == (tally.refunds, tally.refunded)
    assert report.discount_amount == tally.discounts
    assert report.tax_amount == tally.tax
    assert report.net_amount == tally.gross - tally.refunded - tally.tax
    kept = {t.tender: t.captured_amount - t.refunded_amount for t in report.tenders}
    assert kept == {"cash": tally.cash, "card_external": tally.card}
    assert report.expected_amount == 20_000 + tally.cash
    assert report.difference_amount == -250
    assert report.z_no == 1
    assert report.last_receipt_no == tally.sales + tally.refunds


async def _sell_all(at: AtCounter) -> Tally:
    """Sell every basket, each at what plain fractions say it costs."""
    tally = Tally()
    for number, (basket, order_percent) in enumerate(baskets()):
        await fill(at, basket, order_percent)
        total, tax, discount = expected(basket, order_percent)
        assert at.counter.sale.total_amount == total
        assert at.counter.sale.price is not None
        assert at.counter.sale.price.tax_amount == tax
        await pay(at, number, total=total, tally=tally)
        tally.sales += 1
        tally.gross += total
        tally.tax += tax
        tally.discounts += discount
        at.counter.tender.dismiss()
    return tally


async def _take_back(at: AtCounter, tally: Tally) -> None:
    """Give one unit of the first basket's first line back, in cash."""
    refund = at.counter.refund
    refund.look_up("1")
    await at.ui.settle()
    row = refund.rows[0]
    refund.step_qty(row.id, 1)
    basket, order_percent = baskets()[0]
    paid, tax, _ = expected(basket, order_percent)
    assert len(basket) == 1
    units = basket[0][1]
    back = nearest(Fraction(paid, units))
    assert refund.total_amount == back
    refund.choose_tender(TenderKind.CASH)
    refund.submit("Not wanted")
    await at.ui.settle()
    assert refund.is_given
    tally.refunds += 1
    tally.refunded += back
    tally.tax -= nearest(Fraction(tax * back, paid))
    tally.cash -= back


def test_scan_and_exact_cash_is_a_sale(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode="4006381333931")

    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan("4006381333931", "4006381333931")
        rows = [(row.qty_text, row.amount) for row in at.counter.sale.rows]
        assert rows == [("2", 698)]

        at.counter.tender.exact_cash()
        await at.paid()

        assert len(at.printer.prints) == 1
        assert at.printer.drawer_count == 1
        assert at.counter.carts.cart.is_empty
        desk, till = at.counter.desk, at.counter.till
        receipts = await desk.fetch(recent_receipts, till.register_id)
        assert receipts[0].number == "K1-000001"
        assert receipts[0].document.tax_amount == nearest(698 * REDUCED)
        detail = await desk.fetch(order_detail, receipts[0].order_id)
        assert detail.order.captured_amount == 698

    counter.play(story)


def test_cash_is_rounded_to_coins_and_cards_are_not(counter: CounterMaker) -> None:
    """The Swiss way: the smallest coin is five."""
    with counter.seeding() as shop:
        shop.product("Gum", price_amount=1233, barcode="4000000000017")
        coins = "UPDATE store SET cash_rounding_amount = 5"
        with shop.connection.begin():
            shop.connection.exec_driver_sql(coins)

    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan("4000000000017")
        tender = at.counter.tender
        tender.start()
        assert (tender.due.left_amount, tender.due.cash_amount) == (1233, 1235)
        assert tender.quick_amounts[0] == 1235
        tender.cash(2000)
        await at.paid()
        assert at.counter.carts.paid is not None
        assert at.counter.carts.paid.change_amount == 765
        assert any("0,02" in text for text in at.printer.texts())

        await at.scan("4000000000017")
        tender.start()
        tender.other(TenderKind.CARD_EXTERNAL, 1000, "T1")
        assert (tender.due.left_amount, tender.due.cash_amount) == (233, 235)
        tender.exact_cash()
        await at.paid()
        receipts = await at.counter.desk.fetch(recent_receipts, at.counter.till.register_id)
        assert receipts[0].document.cash_rounding_amount == 2

    counter.play(story)


def test_a_cart_too_small_for_any_coin_is_paid_with_one_key(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        shop.product("Screw", price_amount=2, barcode="4000000000017")
        with shop.connection.begin():
            shop.connection.exec_driver_sql("UPDATE store SET cash_rounding_amount = 5")

    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan("4000000000017")
        at.counter.tender.start()
        assert at.counter.tender.can_round_off
        at.counter.tender.finish()
        await at.paid()

        await at.scan("4000000000017")
        at.counter.tender.exact_cash()
        await at.paid()
        assert at.printer.drawer_count == 0
        receipts = await at.counter.desk.fetch(recent_receipts, at.counter.till.register_id)
        assert [receipt.document.cash_rounding_amount for receipt in receipts] == [-2, -2]
        sold = await at.counter.desk.fetch(order_detail, receipts[0].order_id)
        assert sold.order.payment_status is PaymentStatus.PAID
        assert (sold.order.total_amount, sold.order.captured_amount) == (2, 0)

    counter.play(story)


def test_a_sale_that_costs_nothing_needs_no_money(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        shop.product("Sample", price_amount=500, barcode="4000000000017")

    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan("4000000000017")
        at.counter.sale.discount_all(OrderDiscount(kind="percent", value=10_000, reason="gift"))
        at.counter.tender.start()
        await at.paid()
        assert at.counter.carts.paid is not None
        assert at.counter.carts.paid.total_amount == 0
        assert at.printer.drawer_count == 0

    counter.play(story)


def test_weight_is_sold_to_the_gram(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        variant_id = VariantId(shop.product("Cheese", price_amount=1990, barcode="4000000000017"))
        with shop.connection.begin():
            shop.connection.exec_driver_sql(
                "UPDATE variant SET unit_code = 'kg' WHERE variant_id = ?", (variant_id,)
            )

    async def story(at: AtCounter) -> None:
        await at.ready()
        asked: list[str] = []
        find = at.counter.find
        find.weighed.connect(asked.append)
        await at.scan("4000000000017")
        assert len(asked) == 1
        at.counter.sale.set_qty(1_255)
        assert at.counter.sale.total_amount == nearest(Fraction(1990 * 1255, 1000))
        find.type("0,5*")
        await at.scan("4000000000017")
        assert [line.sale.qty for line in at.counter.sale.cart.lines] == [1_255, 500]

    counter.play(story)
