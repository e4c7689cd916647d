"""Orders: placed at the catalog's prices, called off, and brought in as history."""

from datetime import UTC, datetime

import pytest

from shared.customers.queries import customers
from shared.imports.commands import StartImport, UndoImport
from shared.inventory.tables import StockLevelRow
from shared.kernel.errors import Rejected
from shared.kernel.ids import ImportId, OrderId, OrderLineId, VariantId, new_id
from shared.orders.commands import (
    CancelOrder,
    Channel,
    DocState,
    FulfillmentStatus,
    ImportOrders,
    LineKind,
    NoteOrder,
    PaymentStatus,
    PlacedLine,
    PlaceOrder,
)
from shared.orders.queries import OrderFilter, by_number, order_detail, order_ids, order_list
from shared.payments.commands import RefundPayment, TakePayment, TenderKind
from shared.plugins.points.importer import OrderDraft, OrderLineDraft
from shared.pricing.engine import OrderDiscount
from shared.storage.reader import Reader
from tests.support.shop import Shop, empty_sqlite


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


def web_order(shop: Shop, variant_id: VariantId, qty: int = 2, **changes: object) -> PlaceOrder:
    fields: dict[str, object] = {
        "order_id": OrderId(new_id()),
        "order_number": "W-1",
        "channel": Channel.WEB,
        "location_id": shop.location_id,
        "lines": (PlacedLine(order_line_id=OrderLineId(new_id()), variant_id=variant_id, qty=qty),),
    }
    return PlaceOrder(**(fields | changes))  # type: ignore[arg-type] # any field of the order


def test_an_order_takes_the_catalogs_price_and_promises_stock(shop: Shop) -> None:
    mug = shop.product(price_amount=1000, on_hand_qty=5)
    command = web_order(
        shop,
        mug,
        shipping_title="DHL",
        shipping_amount=490,
        order_discounts=(OrderDiscount(kind="percent", value=1000, reason="welcome"),),
        expected_total_amount=2290,
    )

    shop.do(command)

    found = shop.fetch(order_detail, command.order_id)
    level = Reader(shop.connection).require(StockLevelRow, mug, shop.location_id)
    assert found.order.total_amount == 2290
    assert [(line.kind, line.gross_amount) for line in found.lines] == [
        (LineKind.GOODS, 1800),
        (LineKind.SHIPPING, 490),
    ]
    assert (found.order.payment_status, found.order.fulfillment_status) == (
        PaymentStatus.NONE,
        FulfillmentStatus.UNFULFILLED,
    )
    assert (level.on_hand_qty, level.reserved_qty) == (5, 2)


def test_a_total_that_the_buyer_did_not_see_is_refused(shop: Shop) -> None:
    mug = shop.product(price_amount=1000)

    with pytest.raises(Rejected) as refused:
        shop.do(web_order(shop, mug, expected_total_amount=1990))

    assert refused.value.code == "total_differs"
    assert shop.fetch(order_ids, OrderFilter()) == ()


def test_an_order_number_is_used_once(shop: Shop) -> None:
    mug = shop.product()
    shop.do(web_order(shop, mug))

    with pytest.raises(Rejected) as refused:
        shop.do(web_order(shop, mug))

    assert refused.value.code == "order_number_taken"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"lines": ()}, "order_empty"), ({"qty": 0}, "quantity_not_positive")],
)
def test_an_order_needs_something_in_it(shop: Shop, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Rejected) as refused:
        shop.do(web_order(shop, shop.product(), **changes))  # type: ignore[arg-type] # as above

    assert refused.value.code == code


def test_canceling_gives_the_stock_back_and_leaves_money_due(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5)
    command = web_order(shop, mug)
    shop.do(command)
    shop.do(
        TakePayment(
            order_id=command.order_id, tender=TenderKind.BANK, amount=2000, reference="iban"
        )
    )

    shop.do(CancelOrder(order_id=command.order_id, reason="too slow"))
    shop.do(
        RefundPayment(
            order_id=command.order_id,
            tender=TenderKind.BANK,
            amount=2000,
            reference="iban",
            reason="canceled",
        )
    )

    order = shop.fetch(order_detail, command.order_id).order
    level = Reader(shop.connection).require(StockLevelRow, mug, shop.location_id)
    assert order.doc_state is DocState.CANCELED
    assert order.fulfillment_status is FulfillmentStatus.CANCELED
    assert order.payment_status is PaymentStatus.REFUNDED
    assert level.reserved_qty == 0
    assert "too slow" in order.note


def test_more_is_never_refunded_than_was_captured(shop: Shop) -> None:
    command = web_order(shop, shop.product())
    shop.do(command)
    shop.do(
        TakePayment(order_id=command.order_id, tender=TenderKind.BANK, amount=500, reference="x")
    )

    with pytest.raises(Rejected) as refused:
        shop.do(
            RefundPayment(
                order_id=command.order_id,
                tender=TenderKind.BANK,
                amount=501,
                reference="x",
                reason="r",
            )
        )

    assert refused.value.code == "refund_exceeds_captured"


def test_lists_find_by_number_and_customer_and_filter_by_status(shop: Shop) -> None:
    mug = shop.product()
    shop.do(web_order(shop, mug, customer_name="Ann Önd"))
    shop.do(web_order(shop, mug, order_number="W-2", customer_name="Bob"))

    (ann,) = shop.fetch(order_ids, OrderFilter(text="ann"))
    (bob,) = shop.fetch(order_ids, OrderFilter(text="W-2"))

    assert [row.customer_name for row in shop.fetch(order_list, [bob, ann])] == ["Bob", "Ann Önd"]
    assert shop.fetch(order_ids, OrderFilter(payment_status=PaymentStatus.PAID)) == ()
    assert shop.fetch(by_number, " W-2 ") is not None


def test_a_note_can_be_written(shop: Shop) -> None:
    command = web_order(shop, shop.product())
    shop.do(command)

    shop.do(NoteOrder(order_id=command.order_id, note="call first"))

    assert shop.fetch(order_detail, command.order_id).order.note == "call first"


def history(number: str, *amounts: int, sku: str | None = None) -> OrderDraft:
    return OrderDraft(
        number=number,
        kind="sale" if sum(amounts) >= 0 else "cancellation",
        placed_at=datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        customer_code="17850",
        country="United Kingdom",
        country_code="GB",
        currency="EUR",
        lines=tuple(
            OrderLineDraft(
                kind="goods",
                sku=sku,
                title="HEART HOLDER",
                qty=1 if amount >= 0 else -1,
                unit_price_amount=abs(amount),
                line_amount=amount,
                source_row=2 + place,
            )
            for place, amount in enumerate(amounts)
        ),
        source_rows=tuple(range(2, 2 + len(amounts))),
    )


def import_history(shop: Shop, *orders: OrderDraft) -> ImportId:
    import_id = ImportId(new_id())
    shop.do(
        StartImport(
            import_id=import_id, importer="invoice_lines", file_name="h.csv", currency="EUR"
        )
    )
    shop.do(ImportOrders(import_id=import_id, orders=orders))
    return import_id


def test_history_keeps_the_files_own_money_and_finds_its_customers(shop: Shop) -> None:
    mug = shop.product(sku="85123A")

    import_history(shop, history("536365", 1530, 2034, sku="85123A"), history("C536379", -2750))

    rows = shop.fetch(order_list, shop.fetch(order_ids, OrderFilter(channel=Channel.IMPORT)))
    (customer,) = shop.fetch(customers, text="17850")
    sale = shop.fetch(by_number, "536365")
    assert sum(row.total_amount for row in rows) == 1530 + 2034 - 2750
    assert sale is not None
    assert sale.customer_id == customer.customer_id
    assert shop.fetch(order_detail, sale.order_id).lines[0].variant_id == mug


def test_history_can_be_undone_with_its_customers(shop: Shop) -> None:
    import_id = import_history(shop, history("536365", 1530))

    shop.do(UndoImport(import_id=import_id))

    assert shop.fetch(order_ids, OrderFilter()) == ()
    assert shop.fetch(customers) == ()


def test_history_is_not_taken_twice(shop: Shop) -> None:
    import_history(shop, history("536365", 1530))

    with pytest.raises(Rejected) as refused:
        import_history(shop, history("536365", 1530))

    assert refused.value.code == "order_number_taken"
