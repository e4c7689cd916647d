"""Refunds: by units and by amount, mixed, mirrored, and what is refused."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import Bug, Rejected
from shared.pricing.engine import RefundPart, refund_amounts, refund_of_amount


@dataclass(frozen=True, slots=True)
class Paid:
    """A line as an order keeps it."""

    qty: int
    gross_amount: int
    tax_amount: int


@dataclass
class Ledger:
    """Refunds of one line, one after the other."""

    line: Paid
    qty: int = 0
    gross_amount: int = 0
    tax_amount: int = 0

    def give_back(self, qty: int) -> RefundPart:
        part = refund_amounts(
            self.line,
            already_refunded_qty=self.qty,
            already_refunded_gross_amount=self.gross_amount,
            already_refunded_tax_amount=self.tax_amount,
            qty=qty,
        )
        self.qty += qty
        return self._book(part)

    def give_back_amount(self, gross_amount: int) -> RefundPart:
        part = refund_of_amount(
            self.line,
            already_refunded_gross_amount=self.gross_amount,
            already_refunded_tax_amount=self.tax_amount,
            gross_amount=gross_amount,
        )
        return self._book(part)

    def _book(self, part: RefundPart) -> RefundPart:
        self.gross_amount += part.gross_amount
        self.tax_amount += part.tax_amount
        return part


def test_units_come_back_one_by_one() -> None:
    ledger = Ledger(Paid(qty=3, gross_amount=1000, tax_amount=160))

    parts = [ledger.give_back(1) for _ in range(3)]

    assert [part.gross_amount for part in parts] == [333, 334, 333]
    assert (ledger.gross_amount, ledger.tax_amount) == (1000, 160)


def test_an_amount_comes_back_with_the_tax_in_it() -> None:
    ledger = Ledger(Paid(qty=1, gross_amount=11_900, tax_amount=1900))

    part = ledger.give_back_amount(1190)

    assert part == RefundPart(gross_amount=1190, tax_amount=190, net_amount=1000)


def test_goodwill_before_a_return_leaves_less_to_give_back() -> None:
    ledger = Ledger(Paid(qty=4, gross_amount=4000, tax_amount=640))

    ledger.give_back_amount(1500)
    parts = [ledger.give_back(1) for _ in range(4)]

    assert [part.gross_amount for part in parts] == [0, 500, 1000, 1000]
    assert (ledger.gross_amount, ledger.tax_amount) == (4000, 640)


def test_after_everything_was_given_back_as_goodwill_units_come_back_for_nothing() -> None:
    ledger = Ledger(Paid(qty=2, gross_amount=500, tax_amount=80))

    ledger.give_back_amount(500)

    assert ledger.give_back(2) == RefundPart(gross_amount=0, tax_amount=0, net_amount=0)


def test_a_free_line_comes_back_for_nothing() -> None:
    ledger = Ledger(Paid(qty=5, gross_amount=0, tax_amount=0))

    assert ledger.give_back(5) == RefundPart(gross_amount=0, tax_amount=0, net_amount=0)


def test_a_returned_line_is_taken_back_with_its_own_sign() -> None:
    ledger = Ledger(Paid(qty=-3, gross_amount=-1000, tax_amount=-160))

    parts = [ledger.give_back(-1) for _ in range(3)]

    assert [part.gross_amount for part in parts] == [-333, -334, -333]
    assert (ledger.gross_amount, ledger.tax_amount) == (-1000, -160)


def test_a_deposit_paid_out_is_taken_back() -> None:
    ledger = Ledger(Paid(qty=4, gross_amount=-100, tax_amount=0))

    assert ledger.give_back(1).gross_amount == -25
    assert ledger.give_back_amount(-75).gross_amount == -75


@pytest.mark.parametrize(
    ("sold", "already", "qty"),
    [(3, 0, 4), (3, 2, 2), (3, 3, 1), (3, 0, 0), (3, 0, -1), (3, -1, 1), (0, 0, 1), (-3, 0, 1),
     (-3, 0, -4)],
)  # fmt: skip
def test_more_units_than_are_left_are_rejected(sold: int, already: int, qty: int) -> None:
    sign = -1 if sold < 0 else 1
    line = Paid(qty=sold, gross_amount=sign * 900, tax_amount=0)
    with pytest.raises(Rejected) as rejection:
        Ledger(line, qty=already).give_back(qty)

    assert rejection.value.code == "refund_qty_exceeds_sold"


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_of_nothing_is_rejected(amount: int) -> None:
    with pytest.raises(Rejected) as rejection:
        Ledger(Paid(qty=1, gross_amount=100, tax_amount=0)).give_back_amount(amount)

    assert rejection.value.code == "refund_amount_not_positive"


def test_more_than_was_paid_is_rejected() -> None:
    ledger = Ledger(Paid(qty=1, gross_amount=100, tax_amount=16))
    ledger.give_back_amount(60)

    with pytest.raises(Rejected) as rejection:
        ledger.give_back_amount(41)

    assert rejection.value.code == "refund_exceeds_paid"


@pytest.mark.parametrize("already", [101, -1])
def test_books_that_refunded_more_than_was_paid_are_rejected(already: int) -> None:
    ledger = Ledger(Paid(qty=2, gross_amount=100, tax_amount=16), qty=1, gross_amount=already)

    with pytest.raises(Rejected) as rejection:
        ledger.give_back(1)

    assert rejection.value.code == "refund_exceeds_paid"


def test_a_line_with_more_tax_than_price_is_a_bug() -> None:
    with pytest.raises(Bug):
        Ledger(Paid(qty=1, gross_amount=100, tax_amount=101)).give_back(1)


@st.composite
def paid_lines(draw: st.DrawFn) -> Paid:
    gross = draw(st.integers(0, 100_000))
    return Paid(
        qty=draw(st.integers(1, 60)), gross_amount=gross, tax_amount=draw(st.integers(0, gross))
    )


@settings(deadline=None, max_examples=300)
@given(paid_lines(), st.lists(st.tuples(st.booleans(), st.integers(1, 2_000)), max_size=12))
def test_units_and_amounts_in_any_mix_give_back_what_was_paid_and_no_more(
    line: Paid, wishes: list[tuple[bool, int]]
) -> None:
    ledger = Ledger(line)
    for is_units, size in wishes:
        most = line.qty - ledger.qty if is_units else line.gross_amount - ledger.gross_amount
        if most == 0:
            continue
        part = (ledger.give_back if is_units else ledger.give_back_amount)(min(size, most))
        assert 0 <= part.tax_amount <= part.gross_amount
        assert part.net_amount + part.tax_amount == part.gross_amount
        assert ledger.gross_amount <= line.gross_amount
        assert ledger.tax_amount <= line.tax_amount

    if ledger.qty < line.qty:
        ledger.give_back(line.qty - ledger.qty)
        assert (ledger.gross_amount, ledger.tax_amount) == (line.gross_amount, line.tax_amount)
