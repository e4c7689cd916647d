"""Notes and coins: what is handed over and what is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.workspaces.kiosk.cash import (
    counted_amount,
    denominations,
    in_use,
    quick_tenders,
)
from desktop.workspaces.kiosk.catalog.find import Typed, read_typed
from shared.kernel.money import CURRENCIES, currency_of


@pytest.mark.parametrize(
    ("due", "currency", "offered"),
    [
        (3700, "EUR", (3700, 4000, 5000, 10_000, 20_000)),
        (3142, "EUR", (3142, 3500, 4000, 5000, 10_000, 20_000)),
        (1, "EUR", (1, 500, 1000, 2000, 5000, 10_000)),
        (5000, "EUR", (5000, 6000, 10_000, 20_000)),
        (1235, "CHF", (1235, 2000, 5000, 10_000, 20_000, 100_000)),
        (1234, "JPY", (1234, 2000, 5000, 10_000)),
        (12_345, "KWD", (12_345, 13_000, 15_000, 20_000)),
        (0, "EUR", ()),
    ],
)
def test_likely_sums_come_from_the_notes_there_are(
    due: int, currency: str, offered: tuple[int, ...]
) -> None:
    assert quick_tenders(due, currency) == offered


@given(st.integers(1, 10**9), st.sampled_from(sorted(CURRENCIES)))
def test_likely_sums_cover_what_is_due_and_begin_with_it(due: int, currency: str) -> None:
    offered = quick_tenders(due, currency)
    assert offered[0] == due
    assert list(offered) == sorted(set(offered))
    assert len(offered) <= 6


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_every_currency_can_be_counted_down_to_its_smallest_coin(currency: str) -> None:
    order = denominations(currency)
    amounts = [each.amount for each in order if each.is_note]
    assert amounts == sorted(amounts, reverse=True)
    assert len({each.amount for each in order}) == len(order)
    assert min(each.amount for each in order) <= 10 ** currency_of(currency).exponent * 100


def test_coins_that_are_not_taken_any_more_are_not_counted() -> None:
    assert min(each.amount for each in denominations("CHF", 5)) == 5
    assert min(each.amount for each in denominations("EUR", 5)) == 5
    assert min(each.amount for each in denominations("EUR")) == 1


def test_a_count_adds_up() -> None:
    counts = {20_000: 1, 1000: 7, 1: 13}
    assert counted_amount(counts) == 27_013
    assert in_use(counts, denominations("EUR")) == ((20_000, 1), (1000, 7), (1, 13))


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("tea", "None:tea"),
        ("3*", "3:"),
        ("3 * tea", "3:tea"),
        ("1,250*cheese", "1.250:cheese"),
        ("0.5x", "0.5:"),
        ("12×", "12:"),
        ("0*", "None:"),
        ("3 mugs", "None:3 mugs"),
        ("4006381333931", "None:4006381333931"),
    ],
)
def test_a_quantity_may_stand_before_what_is_looked_for(text: str, typed: str) -> None:
    found: Typed = read_typed(text)
    assert f"{found.times}:{found.words}" == typed
