"""The drawer and its papers: shifts, the chain of receipts, the Z report."""

import pytest

from shared.kernel.errors import Rejected
from shared.kernel.ids import ShiftId, new_id
from shared.kernel.messages import OutcomeState
from shared.organization.tables import RegisterRow
from shared.payments.commands import TenderKind
from shared.pos.commands import (
    CashMovementKind,
    CloseShift,
    MoveCash,
    OpenShift,
    Tender,
)
from shared.pos.model import ZReport
from shared.pos.queries import check_chain, open_shift_at, recent_receipts, shifts
from shared.storage.reader import Reader
from tests.shared.pos.sales import refund, sale
from tests.support.shop import Shop, empty_sqlite, sale_line


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


def closed_report(shop: Shop) -> ZReport:
    report = shop.fetch(shifts)[0].z_report
    assert report is not None
    return report


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


def test_a_device_that_is_no_till_cannot_open_a_shift(shop: Shop) -> None:
    shop.register_id = None  # type: ignore[assignment] # a shop's own till always has one

    with pytest.raises(Rejected) as refused:
        shop.do(OpenShift(shift_id=ShiftId(new_id()), opening_float_amount=0))

    assert refused.value.code == "device_is_no_till"
    assert Reader(shop.connection).find(RegisterRow)[0].last_receipt_no == 0
