"""Numbers, money, booleans and dates out of cells."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Rejected
from shared.kernel.money import format_plain
from shared.plugins.builtin.import_values import (
    Amount,
    MomentReader,
    NumberReader,
    at_column,
    boolean,
    shown,
)
from shared.plugins.points.importer import DateOrder, DecimalMark


def money(text: str, currency: str = "GBP", mark: DecimalMark | None = ".") -> Decimal:
    return NumberReader(currency, mark).money(text).exact


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("12.50", "12.50"),
        ("12", "12"),
        (".5", "0.5"),
        ("12.", "12"),
        ("007.10", "7.10"),
        ("-5.00", "-5"),
        ("5.00-", "-5"),
        ("(5.00)", "-5"),
        ("−5.00", "-5"),
        ("+5", "5"),
        ("£12.50", "12.50"),
        ("-£12.50", "-12.50"),
        ("12.50 GBP", "12.50"),
        ("gbp 12.50", "12.50"),
        ("1,234.50", "1234.50"),
        ("1,234", "1234"),
        ("12,34,567.00", "1234567"),
        ("1 234.50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        ("0.001", "0.001"),
        ("1.145", "1.145"),
        ("\u0661\u0662\u066b\u0665\u0660", "12.50"),
    ],
)
def test_money_is_read_exactly_where_the_point_is_the_decimal_mark(text: str, exact: str) -> None:
    assert money(text) == Decimal(exact)


@pytest.mark.parametrize(
    ("text", "exact"),
    [("12,50", "12.50"), ("1.234", "1234"), ("1.234,5", "1234.5"), ("12.50", "12.50")],
)
def test_a_chosen_decimal_comma_makes_the_point_group(text: str, exact: str) -> None:
    assert money(text, mark=",") == Decimal(exact)


def test_without_a_decimal_mark_only_numbers_that_tell_by_themselves_are_taken() -> None:
    assert money("1.234,50", mark=None) == Decimal("1234.50")
    assert money("0,125", mark=None) == Decimal("0.125")
    assert money("1234.500", mark=None) == Decimal("1234.5")
    for text in ("1.234", "12,345"):
        with pytest.raises(Rejected) as caught:
            money(text, mark=None)
        assert caught.value.code == "import_number_ambiguous"


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1.2.3",
        "1,2,3",
        "1,23,4.5",
        "1..5",
        "12-5",
        "--5",
        "1e5",
        "£",
        "1 2",
        "5%",
        "1$2",
        "∞",
    ],
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        money(text)

    assert caught.value.code == "import_price_malformed"
    assert caught.value.params["value"] == text


@pytest.mark.parametrize("text", ["€12.50", "12.50 EUR", "$5", "eur5"])
def test_money_of_another_currency_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        money(text)

    assert caught.value.code == "import_price_currency"


def test_a_dollar_sign_stands_for_every_dollar() -> None:
    assert money("$5", "USD") == money("$5", "AUD") == Decimal(5)


def test_money_finer_than_the_currency_has_no_minor_amount() -> None:
    reader = NumberReader("GBP", ".")

    assert reader.money("1.145") == Amount(Decimal("1.145"), None)
    assert reader.money("1.1400") == Amount(Decimal("1.1400"), 114)
    assert reader.to_rounded_minor(Decimal("1.145")) == 115
    assert reader.to_rounded_minor(Decimal("-1.145")) == -115
    assert NumberReader("KWD", ".").money("1.145").minor == 1145
    assert NumberReader("JPY", ".").money("115").minor == 115


def test_money_beyond_what_is_counted_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        money("99999999999999.99")

    assert caught.value.code == "import_number_too_large"


def test_the_store_of_known_amounts_is_bounded() -> None:
    reader = NumberReader("GBP", ".")

    read = [reader.money(f"{n}.25").minor for n in range(20_100)]

    assert read == [n * 100 + 25 for n in range(20_100)]


@given(amount=st.integers(-(10**12), 10**12), currency=st.sampled_from(["GBP", "JPY", "KWD"]))
def test_every_plain_amount_comes_back(amount: int, currency: str) -> None:
    assert NumberReader(currency, ".").money(format_plain(amount, currency)).minor == amount


@pytest.mark.parametrize(
    ("text", "count"), [("3", 3), ("-3", -3), ("3.0", 3), ("1,200", 1200), ("(2)", -2), ("٣", 3)]
)
def test_counts_are_whole(text: str, count: int) -> None:
    assert NumberReader("GBP", ".").whole(text) == count


@pytest.mark.parametrize("text", ["1.5", "three", "six", "1_000", "1e3", "0x10", "£3"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        NumberReader("GBP", ".").whole(text)

    assert caught.value.code == "import_quantity_malformed"


@pytest.mark.parametrize(
    ("text", "value"),
    [("TRUE", True), ("false", False), ("Yes", True), ("0", False), ("WAHR", True), ("", True)],
)
def test_booleans_of_spreadsheets_are_understood(text: str, *, value: bool) -> None:
    assert boolean(text, blank=True) is value


def test_an_unclear_boolean_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        boolean("maybe", blank=True)

    assert caught.value.code == "import_boolean_malformed"


def moment(
    text: str, zone: str = "UTC", order: Literal["month_first", "day_first"] = "month_first"
) -> datetime:
    return MomentReader(zone, order).moment(text)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("12/1/10 8:26", "month_first", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("12/1/2010 8:26", "month_first", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("1/12/10 08:26:30", "day_first", datetime(2010, 12, 1, 8, 26, 30, tzinfo=UTC)),
        ("01-12-2010 08:26", "day_first", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("1.12.2010", "month_first", datetime(2010, 12, 1, tzinfo=UTC)),
        ("12/1/10 8:26 PM", "month_first", datetime(2010, 12, 1, 20, 26, tzinfo=UTC)),
        ("12/1/10 12:05 a.m.", "month_first", datetime(2010, 12, 1, 0, 5, tzinfo=UTC)),
        ("12/1/99", "month_first", datetime(1999, 12, 1, tzinfo=UTC)),
        ("2010-12-01 08:26:00", "month_first", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("2010-12-01T08:26:00Z", "day_first", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("2010-12-01T08:26+02:00", "month_first", datetime(2010, 12, 1, 6, 26, tzinfo=UTC)),
        ("2010-12-01", "month_first", datetime(2010, 12, 1, tzinfo=UTC)),
    ],
)
def test_dates_become_moments(text: str, order: DateOrder, expected: datetime) -> None:
    assert moment(text, order=order) == expected


def test_a_time_is_local_to_the_zone_and_kept_in_utc() -> None:
    winter = moment("12/1/10 8:26", "Europe/London")
    summer = moment("7/1/10 8:26", "Europe/London")
    first_of_two = moment("10/31/10 1:30", "Europe/London")

    assert winter == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert summer == datetime(2010, 7, 1, 7, 26, tzinfo=UTC)
    assert first_of_two == datetime(2010, 10, 31, 0, 30, tzinfo=UTC)
    assert winter.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["13/1/10 8:26", "2/30/10", "12/1/10 25:00", "12/1/10 13:00 PM", "1/0/1900", "yesterday",
     "40513.35", "12/1-10", "0001-01-01", "2010-13-01", "1/1/1900"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        moment(text)

    assert caught.value.code == "import_date_malformed"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(Rejected) as caught:
        moment("12/1/10", zone)

    assert caught.value.code == "import_zone_unknown"


def test_long_cells_are_cut_before_they_are_shown() -> None:
    assert shown("x" * 100) == "x" * 39 + "…"


def test_an_error_can_name_its_column() -> None:
    named = at_column(Rejected("import_price_malformed", value="x"), "Price")

    assert named.params == {"column": "Price", "value": "x"}
