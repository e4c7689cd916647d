"""What the home page reads: sales of the day, what waits, what is low, what to set up next."""

from datetime import timedelta

import pytest

from shared.inventory.commands import AdjustStock
from shared.kernel.errors import Rejected
from shared.kernel.ids import DeviceId, OrderId, OrderLineId, UserId, VariantId, new_id
from shared.kernel.permissions import Role
from shared.orders.commands import CancelOrder, Channel, PlacedLine, PlaceOrder
from shared.organization.commands import AddUser, RegisterDevice, Workspace
from shared.payments.commands import RefundPayment, TakePayment, TenderKind
from shared.reports.queries import (
    quote,
    sales_on,
    setup,
    stock_alerts,
    to_settle,
    to_ship,
)
from tests.support.shop import Shop, empty_sqlite


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


def place(
    shop: Shop, variant_id: VariantId, *, qty: int = 1, channel: Channel = Channel.WEB
) -> OrderId:
    order_id = OrderId(new_id())
    shop.do(
        PlaceOrder(
            order_id=order_id,
            order_number=f"W-{order_id[-6:]}",
            channel=channel,
            location_id=shop.location_id,
            lines=(
                PlacedLine(order_line_id=OrderLineId(new_id()), variant_id=variant_id, qty=qty),
            ),
        )
    )
    return order_id


def test_sales_are_told_by_channel_and_canceled_orders_are_left_out(shop: Shop) -> None:
    mug = shop.product(price_amount=1000, on_hand_qty=50)
    place(shop, mug)
    place(shop, mug, qty=2)
    place(shop, mug, channel=Channel.OFFICE)
    canceled = place(shop, mug, qty=9)
    shop.do(CancelOrder(order_id=canceled, reason="changed mind"))

    today = shop.fetch(sales_on, shop.clock.now())

    assert [(row.channel, row.order_count, row.total_amount) for row in today.channels] == [
        (Channel.WEB, 2, 3000),
        (Channel.OFFICE, 1, 1000),
    ]
    assert (today.order_count, today.total_amount, today.currency) == (3, 4000, "EUR")


def test_a_sale_of_last_week_stands_in_its_own_day(shop: Shop) -> None:
    mug = shop.product(price_amount=1000, on_hand_qty=50)
    place(shop, mug, qty=3)
    shop.clock.advance(timedelta(days=7))
    place(shop, mug)

    today = shop.fetch(sales_on, shop.clock.now())

    assert today.total_amount == 1000
    assert today.week_before_amount == 3000
    assert sum(today.daily_amounts) == 4000
    assert len(today.daily_amounts) == 14


def test_refunds_of_today_are_told_apart(shop: Shop) -> None:
    mug = shop.product(price_amount=1000, on_hand_qty=50)
    order_id = place(shop, mug, qty=2)
    shop.do(TakePayment(order_id=order_id, tender=TenderKind.BANK, amount=2000, reference="b"))
    shop.do(
        RefundPayment(
            order_id=order_id, tender=TenderKind.BANK, amount=500, reference="r", reason="scratch"
        )
    )

    assert shop.fetch(sales_on, shop.clock.now()).refunded_amount == 500
    shop.clock.advance(timedelta(days=1))
    assert shop.fetch(sales_on, shop.clock.now()).refunded_amount == 0


def test_a_shop_without_sales_has_zeros_not_gaps(shop: Shop) -> None:
    today = shop.fetch(sales_on, shop.clock.now())

    assert today.channels == ()
    assert today.daily_amounts == (0,) * 14


def test_without_a_store_there_is_nothing_to_add_up() -> None:
    connection = empty_sqlite()
    shop = Shop(connection)
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("DELETE FROM store")

    with pytest.raises(Rejected, match="store_missing"):
        shop.fetch(sales_on, shop.clock.now())


def test_what_waits_to_be_shipped_is_counted_with_its_age(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=9)
    assert shop.fetch(to_ship).count == 0
    first_at = shop.clock.now()
    order_id = place(shop, mug)
    place(shop, mug)

    waiting = shop.fetch(to_ship)

    assert (waiting.count, waiting.oldest_at) == (2, first_at)
    shop.do(CancelOrder(order_id=order_id, reason="double"))
    assert shop.fetch(to_ship).count == 1


def test_open_cases_are_counted(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=0)
    assert shop.fetch(to_settle).count == 0

    opened_at = shop.clock.now()
    shop.do(AdjustStock(variant_id=mug, location_id=shop.location_id, delta_qty=-1))

    waiting = shop.fetch(to_settle)
    assert (waiting.count, waiting.oldest_at) == (1, opened_at)


def test_low_and_empty_shelves_are_told_apart_emptiest_first(shop: Shop) -> None:
    shop.product("Plenty", on_hand_qty=40)
    shop.product("Few", on_hand_qty=2)
    gone = shop.product("Gone", on_hand_qty=1)
    place(shop, gone)

    alerts = shop.fetch(stock_alerts)

    assert (alerts.low_count, alerts.out_count) == (1, 1)
    assert [(row.name, row.available_qty) for row in alerts.worst] == [("Gone", 0), ("Few", 2)]


def test_the_first_steps_are_ticked_off_one_by_one(shop: Shop) -> None:
    before = shop.fetch(setup)
    assert (before.has_store, before.has_tax_rates, before.has_till) == (True, True, True)
    assert (before.has_products, before.has_staff, before.has_paired_till) == (False,) * 3
    assert not before.is_done

    shop.product()
    shop.do(AddUser(user_id=UserId(new_id()), name="Kim", role=Role.CASHIER, pin_hash="hash"))
    shop.do(
        RegisterDevice(
            device_id=DeviceId(new_id()),
            name="Till",
            workspace=Workspace.KIOSK,
            location_id=shop.location_id,
            register_id=shop.register_id,
        )
    )

    after = shop.fetch(setup)
    assert (after.has_products, after.has_staff, after.has_paired_till) == (True,) * 3
    assert after.is_done


def test_a_quote_comes_to_what_the_order_comes_to(shop: Shop) -> None:
    mug = shop.product(price_amount=1299, on_hand_qty=9)
    book = shop.product("Book", price_amount=1099, tax_code="reduced", on_hand_qty=9)
    lines = tuple(
        PlacedLine(order_line_id=OrderLineId(new_id()), variant_id=variant_id, qty=qty)
        for variant_id, qty in ((mug, 2), (book, 1))
    )

    quoted = shop.fetch(quote, lines, shipping_title="DHL", shipping_amount=490)

    assert quoted.priced.total_amount == 2 * 1299 + 1099 + 490
    assert [line.gross_amount for line in quoted.lines] == [2598, 1099]
    shop.do(
        PlaceOrder(
            order_id=OrderId(new_id()),
            order_number="O-1",
            channel=Channel.OFFICE,
            location_id=shop.location_id,
            lines=lines,
            shipping_title="DHL",
            shipping_amount=490,
            expected_total_amount=quoted.priced.total_amount,
        )
    )
    assert shop.fetch(sales_on, shop.clock.now()).total_amount == quoted.priced.total_amount


def test_a_quote_refuses_what_the_order_would_refuse(shop: Shop) -> None:
    mug = shop.product()
    line = PlacedLine(order_line_id=OrderLineId(new_id()), variant_id=mug, qty=0)

    with pytest.raises(Rejected, match="quantity_not_positive"):
        shop.fetch(quote, [line])
