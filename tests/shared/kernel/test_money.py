"""Money: currencies, the one rounding, sharing out, reading and writing amounts."""

from collections.abc import Callable
from fractions import Fraction
from math import floor

import pytest
from babel.core import get_global
from babel.numbers import get_territory_currencies
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Bug, Rejected
from shared.kernel.money import (
    AMOUNT_LIMIT,
    CURRENCIES,
    Misread,
    Money,
    allocate,
    cash_round,
    check_amount,
    currency_of,
    format_minor,
    format_plain,
    parse_amount,
    read_minor,
    round_half_away,
    spread,
)

amounts = st.integers(-(AMOUNT_LIMIT - 1), AMOUNT_LIMIT - 1)


@pytest.mark.parametrize(
    ("code", "exponent"),
    [("JPY", 0), ("EUR", 2), ("USD", 2), ("KWD", 3), ("IQD", 3), ("CLF", 4), ("UYW", 4)],
)
def test_a_currency_knows_its_decimals(code: str, exponent: int) -> None:
    assert currency_of(code).exponent == exponent


@pytest.mark.parametrize("code", ["", "eur", "XXX", "XAU", "EURO", "E"])
def test_an_unknown_currency_is_rejected(code: str) -> None:
    with pytest.raises(Rejected) as rejection:
        currency_of(code)

    assert rejection.value.code == "currency_unknown"
    assert rejection.value.params == {"currency": code}


def test_every_currency_in_use_anywhere_is_known() -> None:
    in_use = {
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, tender=True)
    }

    unknown = in_use - CURRENCIES.keys()
    assert len(in_use) > 140
    assert unknown == set()


def test_a_replaced_currency_is_known_but_not_current() -> None:
    assert not currency_of("HRK").is_current
    assert currency_of("EUR").is_current


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(0, 7, 0), (1, 2, 1), (-1, 2, -1), (3, 2, 2), (-3, 2, -2), (5, 2, 3), (1, 3, 0), (2, 3, 1),
     (-2, 3, -1), (7245, 10, 725), (12345, 10, 1235), (4, 1, 4), (-4, 1, -4)],
)  # fmt: skip
def test_a_half_rounds_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert round_half_away(numerator, denominator) == rounded


@given(st.integers(), st.integers(min_value=1))
def test_rounding_is_nearest_and_mirrors(numerator: int, denominator: int) -> None:
    rounded = round_half_away(numerator, denominator)

    size = floor(abs(Fraction(numerator, denominator)) + Fraction(1, 2))
    assert rounded == (size if numerator >= 0 else -size)
    assert round_half_away(-numerator, denominator) == -rounded


@pytest.mark.parametrize("denominator", [0, -1])
def test_rounding_by_nothing_is_a_bug(denominator: int) -> None:
    with pytest.raises(Bug):
        round_half_away(1, denominator)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=12), st.integers(1, 10**6))
def test_spread_adds_up_next_to_the_exact_shares(shares: list[int], denominator: int) -> None:
    total = round_half_away(sum(shares), denominator)

    parts = spread(total, shares, denominator)

    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        exact = Fraction(share, denominator)
        assert abs(part - exact) < 1
        assert part * share >= 0
    assert spread(-total, [-share for share in shares], denominator) == [-part for part in parts]


def test_spread_gives_the_odd_unit_to_the_largest_remainder() -> None:
    assert spread(10, [33, 33, 34], 10) == [3, 3, 4]


def test_spread_breaks_ties_by_position() -> None:
    assert spread(5, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5], 10) == [1] * 5 + [0] * 5


def test_spread_refuses_a_total_far_from_the_shares() -> None:
    with pytest.raises(Bug):
        spread(9, [5, 5], 10)


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=12),
)
def test_allocation_adds_up_in_proportion(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)

    assert sum(parts) == total
    assert allocate(-total, weights) == [-part for part in parts]
    whole = sum(weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - Fraction(total * weight, whole)) < 1


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 40)), min_size=1, max_size=10),
    st.data(),
)
def test_allocation_stays_below_its_caps(lines: list[tuple[int, int]], data: st.DataObject) -> None:
    weights = [weight for weight, _ in lines]
    caps = [cap for _, cap in lines]
    total = data.draw(st.integers(-sum(caps), sum(caps)))

    parts = allocate(total, weights, caps)

    assert sum(parts) == total
    for part, cap in zip(parts, caps, strict=True):
        assert abs(part) <= cap
        assert part * total >= 0
    assert allocate(-total, weights, caps) == [-part for part in parts]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (100, [333, 333, 334, 0], [33, 33, 34, 0]),
        (5, [0, 0, 0], [2, 2, 1]),
        (0, [], []),
        (0, [0, 3], [0, 0]),
        (1, [0, 1], [0, 1]),
        (2311, [18, 8], [1600, 711]),
    ],
)
def test_allocation_by_largest_remainder(total: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(total, weights) == parts


@pytest.mark.parametrize(
    ("total", "weights", "caps", "parts"),
    [
        (10, [1, 1], [2, 20], [2, 8]),
        (10, [1, 0, 0], [4, 9, 9], [4, 3, 3]),
        (12, [5, 1, 1], [3, 4, 5], [3, 4, 5]),
        (7, [1, 1, 1], [0, 9, 9], [0, 4, 3]),
        (0, [1], [0], [0]),
        (3, [9, 1], [3, 3], [3, 0]),
    ],
)
def test_what_a_full_part_cannot_take_goes_to_the_others(
    *, total: int, weights: list[int], caps: list[int], parts: list[int]
) -> None:
    assert allocate(total, weights, caps) == parts


@pytest.mark.parametrize(
    ("total", "weights", "caps"),
    [
        (1, [], None),
        (1, [-1, 2], None),
        (5, [1, 1], [2, 2]),
        (5, [1, 1], [9]),
        (1, [1, 1], [-1, 5]),
    ],
)
def test_an_impossible_allocation_is_a_bug(
    total: int, weights: list[int], caps: list[int] | None
) -> None:
    with pytest.raises(Bug):
        allocate(total, weights, caps)


@pytest.mark.parametrize(
    ("amount", "increment", "rounded"),
    [(1232, 5, 1230), (1233, 5, 1235), (1235, 5, 1235), (-1233, 5, -1235), (9950, 100, 10_000),
     (-9950, 100, -10_000), (7, 1, 7), (2, 5, 0), (0, 5, 0)],
)  # fmt: skip
def test_cash_is_rounded_to_the_nearest_coin(amount: int, increment: int, rounded: int) -> None:
    assert cash_round(amount, increment) == rounded


def test_a_coin_of_nothing_is_a_bug() -> None:
    with pytest.raises(Bug):
        cash_round(100, 0)


@pytest.mark.parametrize("amount", [0, 1, -1, AMOUNT_LIMIT - 1, 1 - AMOUNT_LIMIT])
def test_an_amount_in_range_passes(amount: int) -> None:
    assert check_amount(amount) == amount


@pytest.mark.parametrize("amount", [AMOUNT_LIMIT, -AMOUNT_LIMIT, 10**40])
def test_an_amount_that_doubles_cannot_hold_is_rejected(amount: int) -> None:
    with pytest.raises(Rejected) as rejection:
        check_amount(amount, "price")

    assert (rejection.value.code, rejection.value.field) == ("amount_out_of_range", "price")


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.34", "EUR", 1234),
        ("-12.34", "EUR", -1234),
        ("+0.05", "EUR", 5),
        ("12", "EUR", 1200),
        ("12.3", "EUR", 1230),
        (".5", "EUR", 50),
        ("0", "JPY", 0),
        ("-0", "JPY", 0),
        ("12345", "JPY", 12345),
        ("1.234", "KWD", 1234),
        ("0.0001", "CLF", 1),
        (" 7.00\t", "USD", 700),
        ("0" * 50 + "1.00", "USD", 100),
        ("90071992547409.91", "USD", AMOUNT_LIMIT - 1),
    ],
)
def test_a_plain_amount_is_read_exactly(text: str, currency: str, amount: int) -> None:
    assert parse_amount(text, currency) == amount


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", ".", "5.", "1,50", "1 000", "1'000", "--1", "1e3", "0x10", "12.3.4", "€5",
     "NaN", "inf", "1_000", "\u0661\u0662", "\uff11", "5-", "1\n2", "\x001"],
)  # fmt: skip
def test_what_is_no_plain_number_is_rejected(text: str) -> None:
    with pytest.raises(Rejected) as rejection:
        parse_amount(text, "EUR")

    assert rejection.value.code == "amount_malformed"


@pytest.mark.parametrize(
    ("text", "currency"), [("1.234", "EUR"), ("1.000", "EUR"), ("1.0", "JPY"), ("1.00000", "CLF")]
)
def test_more_decimals_than_the_currency_has_are_rejected(text: str, currency: str) -> None:
    with pytest.raises(Rejected) as rejection:
        parse_amount(text, currency)

    assert rejection.value.code == "amount_too_precise"
    assert rejection.value.params == {
        "currency": currency,
        "decimals": currency_of(currency).exponent,
    }


@pytest.mark.parametrize("text", ["90071992547409.92", "9" * 40, "-" + "9" * 5000])
def test_an_amount_too_large_to_keep_is_rejected(text: str) -> None:
    with pytest.raises(Rejected) as rejection:
        parse_amount(text, "EUR")

    assert rejection.value.code == "amount_out_of_range"


@given(amounts, st.sampled_from(sorted(CURRENCIES)))
def test_what_is_written_is_read_back(amount: int, currency: str) -> None:
    assert parse_amount(format_plain(amount, currency), currency) == amount


@given(st.text(max_size=30), st.integers(0, 4))
def test_any_text_is_read_exactly_or_not_at_all(text: str, exponent: int) -> None:
    read = read_minor(text, exponent)

    if not isinstance(read, Misread):
        assert Fraction(read, 10**exponent) == Fraction(text.strip())


@pytest.mark.parametrize(
    ("value", "exponent", "text"),
    [(0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (-1234, 2, "-12.34"), (7, 0, "7"),
     (-7, 0, "-7"), (1, 4, "0.0001"), (123456, 3, "123.456")],
)  # fmt: skip
def test_an_amount_is_written_plainly(value: int, exponent: int, text: str) -> None:
    assert format_minor(value, exponent) == text


def test_money_adds_subtracts_and_turns_round() -> None:
    assert Money(150, "EUR") + Money(25, "EUR") == Money(175, "EUR")
    assert Money(150, "EUR") - Money(175, "EUR") == Money(-25, "EUR")
    assert -Money(150, "EUR") == Money(-150, "EUR")


def test_money_of_one_currency_is_ordered() -> None:
    small, large = Money(1, "EUR"), Money(2, "EUR")

    assert small < large
    assert small <= large
    assert large > small
    assert large >= small
    assert sorted([large, small]) == [small, large]


def test_money_of_two_currencies_is_never_equal_and_never_mixed() -> None:
    euro, dollar = Money(1, "EUR"), Money(1, "USD")

    assert euro != dollar
    for mixed in (
        lambda: euro + dollar,
        lambda: euro - dollar,
        lambda: euro < dollar,
        lambda: euro <= dollar,
        lambda: euro > dollar,
        lambda: euro >= dollar,
    ):
        with pytest.raises(Bug):
            mixed()


def test_money_refuses_what_is_not_whole_minor_units() -> None:
    unchecked: Callable[..., Money] = Money
    for amount in (1.5, True, "1"):
        with pytest.raises(Bug):
            unchecked(amount, "EUR")
    with pytest.raises(Rejected):
        Money(1, "XXX")
    with pytest.raises(Rejected):
        Money(AMOUNT_LIMIT, "EUR")
