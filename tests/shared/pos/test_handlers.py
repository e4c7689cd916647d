"""The till: what a sale and a refund write, and what they refuse."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Rejected
from shared.kernel.ids import OrderLineId, StoreId, VariantId, new_id
from shared.kernel.messages import OutcomeState, canonical_json
from shared.kernel.money import cash_round
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission, Role
from shared.orders.commands import DocState, FulfillmentStatus, PaymentStatus
from shared.organization.commands import OpenStore
from shared.organization.queries import stores
from shared.payments.commands import RefundPayment, TenderKind
from shared.payments.queries import payments_of
from shared.pos.commands import CompleteSale, RefundSale, SaleLine, Tender
from shared.pos.model import refund_part, refund_rounding
from shared.pos.queries import recent_receipts
from shared.pricing.engine import LineDiscount, OrderDiscount
from tests.shared.pos.sales import detail, on_hand, refund, sale
from tests.support.shop import Shop, empty_sqlite, sale_line


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


def test_a_paid_sale_is_a_closed_fulfilled_order_with_a_numbered_receipt(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5)
    shift_id = shop.open_shift()
    command = sale(shift_id, sale_line(mug, qty=2))

    outcome = shop.do(command)

    found = detail(shop, command.order_id)
    assert outcome.state is OutcomeState.APPLIED
    assert found.order.order_number == "K1-000001"
    assert found.order.doc_state is DocState.CLOSED
    assert found.order.payment_status is PaymentStatus.PAID
    assert found.order.fulfillment_status is FulfillmentStatus.FULFILLED
    assert (found.order.total_amount, found.order.tax_amount) == (2000, 319)
    assert on_hand(shop, mug) == 3


def test_mixed_tax_discounts_and_split_payment_add_up_to_the_cent(shop: Shop) -> None:
    shift_id = shop.open_shift()
    mug = sale_line(
        shop.product("Mug"),
        qty=3,
        price_amount=1299,
        discounts=(LineDiscount(kind="percent", value=1000, reason="chipped", is_manual=True),),
    )
    tea = sale_line(shop.product("Tea", tax_code="reduced"), price_amount=499, tax_rate_ppm=70_000)
    command = sale(
        shift_id,
        mug,
        tea,
        order_discounts=(OrderDiscount(kind="fixed", value=200, reason="voucher"),),
        total_amount=3806,
        tenders=(
            Tender(kind=TenderKind.CARD_EXTERNAL, amount=3000, reference="A-77"),
            Tender(kind=TenderKind.CASH, amount=806, given_amount=1000),
        ),
    )

    shop.do(command)

    found = detail(shop, command.order_id)
    paid = shop.fetch(payments_of, command.order_id)
    assert sum(line.gross_amount for line in found.lines) == 3806
    assert found.order.net_amount + found.order.tax_amount == 3806
    assert {(entry.tender, entry.amount, entry.given_amount) for entry in paid} == {
        (TenderKind.CARD_EXTERNAL, 3000, 3000),
        (TenderKind.CASH, 806, 1000),
    }
    receipt = shop.fetch(recent_receipts, shop.register_id)[0].document
    assert [tender.change_amount for tender in receipt.tenders] == [0, 194]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total_amount": 999}, "total_differs"),
        ({"tenders": (Tender(kind=TenderKind.CASH, amount=999),)}, "tenders_differ"),
        ({"tenders": ()}, "tenders_differ"),
        ({"lines": ()}, "sale_empty"),
        (
            {"tenders": (Tender(kind=TenderKind.CASH, amount=1000, given_amount=900),)},
            "cash_too_little",
        ),
        ({"cash_rounding_amount": 3}, "tenders_differ"),
    ],
)
def test_a_till_cannot_book_a_sale_that_does_not_add_up(
    shop: Shop, changes: dict[str, object], code: str
) -> None:
    mug = shop.product(on_hand_qty=5)
    shift_id = shop.open_shift()

    with pytest.raises(Rejected) as refused:
        shop.do(sale(shift_id, sale_line(mug), **changes))

    assert refused.value.code == code
    assert on_hand(shop, mug) == 5
    assert shop.numbers.get("receipt", 0) == 0


def test_the_server_takes_a_sale_that_does_not_add_up_and_asks_a_person(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5)
    shift_id = shop.open_shift()
    command = sale(shift_id, sale_line(mug), total_amount=999)

    outcome = shop.decide(command, numbers={"receipt": 1})

    assert outcome.state is OutcomeState.APPLIED_WITH_EXCEPTION
    assert outcome.code == "total_differs"
    assert detail(shop, command.order_id).order.total_amount == 1000


def test_a_sale_of_goods_that_the_server_does_not_know_any_more_is_booked_all_the_same(
    shop: Shop,
) -> None:
    mug = shop.product(on_hand_qty=5)
    unknown = replace(sale_line(mug), variant_id=VariantId(new_id()))
    known = sale_line(mug)
    shift_id = shop.open_shift()
    command = sale(shift_id, unknown, known)

    outcome = shop.decide(command, numbers={"receipt": 1})

    assert (outcome.state, outcome.code) == (
        OutcomeState.APPLIED_WITH_EXCEPTION,
        "sold_unknown",
    )
    assert detail(shop, command.order_id).order.captured_amount == 2000
    assert on_hand(shop, mug) == 4


def test_selling_more_than_is_there_is_booked_and_noted_once(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=1)
    shift_id = shop.open_shift()

    outcome = shop.do(sale(shift_id, sale_line(mug, qty=3)))

    assert outcome.code == "stock_oversold"
    assert on_hand(shop, mug) == -2


def test_a_cashier_needs_a_right_and_a_reason_to_change_a_price(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5)
    shift_id = shop.open_shift()
    cheaper = sale_line(mug, price_amount=500, list_price_amount=1000, override_reason="damaged")

    with pytest.raises(Rejected) as refused:
        shop.do(sale(shift_id, cheaper), permissions=ROLE_PERMISSIONS[Role.CASHIER])
    with pytest.raises(Rejected) as unexplained:
        shop.do(
            sale(shift_id, replace(cheaper, override_reason=" ")),
            permissions=ROLE_PERMISSIONS[Role.SUPERVISOR],
        )
    allowed = shop.do(sale(shift_id, cheaper), permissions=ROLE_PERMISSIONS[Role.SUPERVISOR])

    assert refused.value.code == "permission_missing"
    assert unexplained.value.code == "reason_missing"
    assert allowed.state is OutcomeState.APPLIED


def swiss_shop() -> Shop:
    """A shop whose smallest coin is 5 minor units."""
    return Shop(
        empty_sqlite(),
        store=OpenStore(
            store_id=StoreId(new_id()),
            name="Laden",
            currency="CHF",
            country="CH",
            language="de",
            timezone="Europe/Zurich",
            is_tax_inclusive=True,
            cash_rounding_amount=5,
        ),
    )


def test_cash_is_rounded_to_the_smallest_coin_but_the_total_is_not() -> None:
    swiss = swiss_shop()
    shift_id = swiss.open_shift()
    line = sale_line(swiss.product(), price_amount=1002)
    command = sale(
        shift_id,
        line,
        cash_rounding_amount=-2,
        tenders=(Tender(kind=TenderKind.CASH, amount=1000, given_amount=2000),),
    )

    swiss.do(command)

    order = detail(swiss, command.order_id).order
    assert (order.total_amount, order.cash_rounding_amount, order.captured_amount) == (
        1002,
        -2,
        1000,
    )
    assert order.payment_status is PaymentStatus.PAID


def next_refund(shop: Shop, of: CompleteSale, line: SaleLine, *, tender: TenderKind) -> RefundSale:
    """The refund of one more unit, with the amount that a till works out."""
    found = detail(shop, of.order_id)
    goods = refund_part(found.lines[0], 1).gross_amount
    rounding = refund_rounding(
        shop.fetch(stores)[0],
        found.order,
        found.lines,
        refund_amount=goods,
        is_cash=tender is TenderKind.CASH,
    )
    made = refund(of, line, of.shift_id, amount=goods + rounding)
    return replace(made, tender=tender, reference="T1")


@given(
    price=st.integers(min_value=1, max_value=500),
    qty=st.integers(min_value=1, max_value=6),
    paid_by=st.sampled_from([TenderKind.CASH, TenderKind.CARD_EXTERNAL]),
    given_back_by=st.sampled_from([TenderKind.CASH, TenderKind.CARD_EXTERNAL]),
)
def test_refunds_in_coins_are_never_refused_and_never_more_than_was_taken(
    *, price: int, qty: int, paid_by: TenderKind, given_back_by: TenderKind
) -> None:
    shop = swiss_shop()
    shift_id = shop.open_shift()
    line = sale_line(shop.product(), qty=qty, price_amount=price)
    rounding = cash_round(qty * price, 5) - qty * price if paid_by is TenderKind.CASH else 0
    taken = qty * price + rounding
    command = sale(
        shift_id,
        line,
        cash_rounding_amount=rounding,
        tenders=(Tender(kind=paid_by, amount=taken, reference="T0"),) if taken else (),
    )
    shop.do(command)

    for _ in range(qty):
        shop.do(next_refund(shop, command, line, tender=given_back_by))

    order = detail(shop, command.order_id).order
    lost = order.captured_amount - order.refunded_amount
    assert 0 <= lost < 5
    assert lost == 0 or paid_by is not given_back_by


def test_a_refund_beyond_what_is_left_is_refused_where_coins_do_not_explain_it() -> None:
    shop = swiss_shop()
    shift_id = shop.open_shift()
    line = sale_line(shop.product(), qty=1, price_amount=1000)
    command = sale(shift_id, line)
    shop.do(command)
    shop.do(
        RefundPayment(
            order_id=command.order_id,
            tender=TenderKind.CASH,
            amount=500,
            reference="",
            reason="a scratch",
        )
    )

    with pytest.raises(Rejected) as refused:
        shop.do(next_refund(shop, command, line, tender=TenderKind.CASH))

    assert refused.value.code == "refund_exceeds_captured"


def test_refunding_line_by_line_gives_back_exactly_what_was_paid(shop: Shop) -> None:
    shift_id = shop.open_shift()
    line = sale_line(
        shop.product(on_hand_qty=10),
        qty=3,
        price_amount=333,
        discounts=(LineDiscount(kind="fixed", value=100, reason="set"),),
    )
    command = sale(
        shift_id,
        line,
        total_amount=899,
        tenders=(Tender(kind=TenderKind.CASH, amount=899),),
    )
    shop.do(command)

    given_back = 0
    for part in (300, 299, 300):
        given_back += part
        shop.do(refund(command, line, shift_id, amount=part))

    found = detail(shop, command.order_id)
    assert given_back == 899
    assert found.order.payment_status is PaymentStatus.REFUNDED
    assert found.lines[0].refunded_tax_amount == found.lines[0].tax_amount
    with pytest.raises(Rejected) as refused:
        shop.do(refund(command, line, shift_id, amount=1))
    assert refused.value.code == "refund_qty_exceeds_sold"


def test_a_refund_needs_somebody_who_may_give_money_back(shop: Shop) -> None:
    shift_id = shop.open_shift()
    line = sale_line(shop.product(price_amount=1000, on_hand_qty=5))
    command = sale(shift_id, line)
    shop.do(command)
    seller = frozenset({Permission.SELL, Permission.SHIFT})
    given = refund(command, line, shift_id, amount=1000)

    with pytest.raises(Rejected) as refused:
        shop.do(given, permissions=seller)
    assert refused.value.code == "permission_missing"
    with pytest.raises(Rejected):
        shop.do(replace(given, approver_id=shop.picker_id), permissions=seller)
    shop.do(replace(given, approver_id=shop.owner_id), permissions=seller)

    assert detail(shop, command.order_id).order.refunded_amount == 1000


def test_a_refund_puts_goods_back_unless_they_are_scrap(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5)
    shift_id = shop.open_shift()
    line = sale_line(mug, qty=2)
    command = sale(shift_id, line)
    shop.do(command)

    shop.do(refund(command, line, shift_id, amount=1000))
    scrap = refund(command, line, shift_id, amount=1000)
    shop.do(replace(scrap, lines=(replace(scrap.lines[0], is_restocked=False),)))

    assert on_hand(shop, mug) == 4


def test_a_card_number_typed_as_reference_is_masked(shop: Shop) -> None:
    shift_id = shop.open_shift()
    command = sale(
        shift_id,
        sale_line(shop.product(on_hand_qty=1)),
        tenders=(
            Tender(kind=TenderKind.CARD_EXTERNAL, amount=1000, reference="4111 1111 1111 1111"),
        ),
    )

    shop.do(command)

    assert b"1111 1111" not in canonical_json(command)
    assert shop.fetch(payments_of, command.order_id)[0].reference == "****1111"
    receipt = shop.fetch(recent_receipts, shop.register_id)[0]
    assert receipt.document.tenders[0].reference == "****1111"


def test_the_same_sale_twice_makes_the_same_rows(shop: Shop) -> None:
    other = Shop(empty_sqlite())
    mug = shop.product(on_hand_qty=5)
    command = sale(shop.open_shift(), sale_line(mug, order_line_id=OrderLineId(new_id())))
    command_id = new_id()
    for name in ("tenant_id", "location_id", "register_id", "device_id"):
        setattr(other, name, getattr(shop, name))
    raw = shop.connection.connection.driver_connection
    target = other.connection.connection.driver_connection
    assert raw is not None
    assert target is not None
    other.connection.rollback()
    shop.connection.commit()
    raw.backup(target)
    other.clock = shop.clock

    shop.decide(command, numbers={"receipt": 1}, command_id=command_id)
    other.decide(command, numbers={"receipt": 1}, command_id=command_id)

    ours = [(c.table.name, c.key, c.after) for c in shop.last_changes]
    assert ours == [(c.table.name, c.key, c.after) for c in other.last_changes]
