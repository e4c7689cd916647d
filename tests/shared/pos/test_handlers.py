"""The till: what a sale, a refund and a closing write, and what they refuse."""

from dataclasses import replace

import pytest

from shared.inventory.tables import StockLevelRow
from shared.kernel.errors import Rejected
from shared.kernel.ids import OrderId, OrderLineId, ReceiptId, ShiftId, VariantId, new_id
from shared.kernel.messages import OutcomeState, canonical_json
from shared.kernel.permissions import ROLE_PERMISSIONS, Role
from shared.orders.commands import DocState, FulfillmentStatus, PaymentStatus
from shared.orders.queries import OrderDetail, order_detail
from shared.organization.commands import OpenStore
from shared.organization.tables import RegisterRow
from shared.payments.commands import TenderKind
from shared.payments.queries import payments_of
from shared.pos.commands import (
    CashMovementKind,
    CloseShift,
    CompleteSale,
    MoveCash,
    OpenShift,
    RefundLine,
    RefundSale,
    SaleLine,
    Tender,
)
from shared.pos.model import ZReport
from shared.pos.queries import check_chain, open_shift_at, recent_receipts, shifts
from shared.pricing.engine import LineDiscount, OrderDiscount
from shared.storage.reader import Reader
from tests.support.shop import Shop, empty_sqlite, sale_line


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


def sale(shift_id: ShiftId, *lines: SaleLine, **changes: object) -> CompleteSale:
    """A sale paid exactly in cash, unless told otherwise."""
    total = sum(line.qty * line.unit_price_amount for line in lines)
    made = CompleteSale(
        order_id=OrderId(new_id()),
        receipt_id=ReceiptId(new_id()),
        shift_id=shift_id,
        lines=lines,
        tenders=(Tender(kind=TenderKind.CASH, amount=total),),
        total_amount=total,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def detail(shop: Shop, order_id: str) -> OrderDetail:
    return shop.fetch(order_detail, order_id)


def on_hand(shop: Shop, variant_id: VariantId) -> int:
    level = Reader(shop.connection).get(StockLevelRow, variant_id, shop.location_id)
    return 0 if level is None else level.on_hand_qty


def closed_report(shop: Shop) -> ZReport:
    report = shop.fetch(shifts)[0].z_report
    assert report is not None
    return report


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


def test_cash_is_rounded_to_the_smallest_coin_but_the_total_is_not(shop: Shop) -> None:
    del shop
    swiss = Shop(
        empty_sqlite(),
        store=OpenStore(
            store_id=new_id(),  # type: ignore[arg-type]
            name="Laden",
            currency="CHF",
            country="CH",
            language="de",
            timezone="Europe/Zurich",
            is_tax_inclusive=True,
            cash_rounding_amount=5,
        ),
    )
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


def refund(
    command: CompleteSale, line: SaleLine, shift_id: ShiftId, *, amount: int, qty: int = 1
) -> RefundSale:
    return RefundSale(
        order_id=command.order_id,
        receipt_id=ReceiptId(new_id()),
        shift_id=shift_id,
        lines=(RefundLine(order_line_id=line.order_line_id, qty=qty),),
        tender=TenderKind.CASH,
        refund_amount=amount,
        reason="did not fit",
    )


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


def test_receipts_of_a_till_form_a_chain_without_gap(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=50)
    shift_id = shop.open_shift()
    for _ in range(5):
        shop.do(sale(shift_id, sale_line(mug)))

    receipts = shop.fetch(recent_receipts, shop.register_id)

    assert [receipt.receipt_no for receipt in receipts] == [5, 4, 3, 2, 1]
    assert shop.fetch(check_chain, shop.register_id) is None


@pytest.mark.parametrize(
    ("statement", "reason", "at"),
    [
        ("UPDATE receipt SET document = replace(document, '1000', '1001') WHERE receipt_no = 2",
         "altered", 2),
        ("DELETE FROM receipt WHERE receipt_no = 2", "gap", 3),
        ("UPDATE receipt SET prev_hash = own_hash WHERE receipt_no = 3", "link", 3),
    ],
)  # fmt: skip
def test_tampering_with_a_receipt_is_found_with_its_place(
    shop: Shop, statement: str, *, reason: str, at: int
) -> None:
    mug = shop.product(on_hand_qty=50)
    shift_id = shop.open_shift()
    for _ in range(3):
        shop.do(sale(shift_id, sale_line(mug)))

    shop.connection.exec_driver_sql(statement)

    found = shop.fetch(check_chain, shop.register_id)
    assert found is not None
    assert (found.reason, found.receipt_no) == (reason, at)


def test_a_till_has_one_open_shift(shop: Shop) -> None:
    first = shop.open_shift()

    with pytest.raises(Rejected) as refused:
        shop.open_shift()

    assert refused.value.code == "shift_open_already"
    open_one = shop.fetch(open_shift_at, shop.register_id)
    assert open_one is not None
    assert open_one.shift_id == first


def test_closing_counts_blind_and_the_z_report_adds_up(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=50)
    shift_id = shop.open_shift(10_000)
    line = sale_line(mug, qty=4)
    first = sale(shift_id, line)
    shop.do(first)
    shop.do(
        sale(
            shift_id,
            sale_line(mug),
            tenders=(Tender(kind=TenderKind.CARD_EXTERNAL, amount=1000, reference="B"),),
        )
    )
    shop.do(refund(first, line, shift_id, amount=1000))
    shop.do(
        MoveCash(
            shift_id=shift_id, kind=CashMovementKind.PAID_OUT, amount=500, reason="window cleaner"
        )
    )

    shop.do(CloseShift(shift_id=shift_id, counted_amount=12_400))

    report = closed_report(shop)
    assert (report.sale_count, report.refund_count) == (2, 1)
    assert (report.gross_amount, report.refunded_amount) == (5000, 1000)
    assert report.expected_amount == 10_000 + 4000 - 1000 - 500
    assert report.difference_amount == -100
    assert report.net_amount + report.tax_amount == 4000
    assert (report.first_receipt_no, report.last_receipt_no, report.z_no) == (1, 3, 1)
    assert report.grand_total_amount == 4000


def test_nothing_is_sold_in_a_closed_shift(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5)
    shift_id = shop.open_shift()
    shop.do(CloseShift(shift_id=shift_id, counted_amount=10_000))

    with pytest.raises(Rejected) as refused:
        shop.do(sale(shift_id, sale_line(mug)))
    late = shop.decide(sale(shift_id, sale_line(mug)), numbers={"receipt": 1})

    assert refused.value.code == "shift_closed"
    assert (late.state, late.code) == (OutcomeState.APPLIED_WITH_EXCEPTION, "shift_closed")


def test_a_receipt_number_out_of_line_is_kept_and_noted(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5)
    shift_id = shop.open_shift()

    outcome = shop.decide(sale(shift_id, sale_line(mug)), numbers={"receipt": 7})

    assert outcome.code == "receipt_number_gap"
    assert shop.fetch(recent_receipts, shop.register_id)[0].number == "K1-000007"


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


def test_a_device_that_is_no_till_cannot_open_a_shift(shop: Shop) -> None:
    shop.register_id = None  # type: ignore[assignment]

    with pytest.raises(Rejected) as refused:
        shop.do(OpenShift(shift_id=ShiftId(new_id()), opening_float_amount=0))

    assert refused.value.code == "device_is_no_till"
    assert Reader(shop.connection).find(RegisterRow)[0].last_receipt_no == 0
