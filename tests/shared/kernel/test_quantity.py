"""Quantities: units of measure, reading and writing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Rejected
from shared.kernel.money import AMOUNT_LIMIT
from shared.kernel.quantity import UNITS, format_plain, parse_quantity, unit_of


@pytest.mark.parametrize(
    ("code", "exponent"), [("piece", 0), ("kg", 3), ("g", 0), ("l", 3), ("m", 3), ("h", 2)]
)
def test_a_unit_knows_its_decimals(code: str, exponent: int) -> None:
    assert unit_of(code).exponent == exponent


def test_an_unknown_unit_is_rejected() -> None:
    with pytest.raises(Rejected) as rejection:
        unit_of("furlong")

    assert rejection.value.code == "unit_unknown"


@pytest.mark.parametrize(
    ("text", "unit", "qty"),
    [("1.250", "kg", 1250), ("0.5", "kg", 500), ("-3", "piece", -3), ("1.25", "h", 125)],
)
def test_a_plain_quantity_is_read_exactly(text: str, unit: str, qty: int) -> None:
    assert parse_quantity(text, unit) == qty


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        ("1.5", "piece", "quantity_too_precise"),
        ("0.1234", "kg", "quantity_too_precise"),
        ("1,5", "kg", "quantity_malformed"),
        ("", "kg", "quantity_malformed"),
        ("9" * 20, "piece", "quantity_out_of_range"),
        ("1", "furlong", "unit_unknown"),
    ],
)
def test_what_is_no_quantity_of_the_unit_is_rejected(text: str, unit: str, code: str) -> None:
    with pytest.raises(Rejected) as rejection:
        parse_quantity(text, unit)

    assert rejection.value.code == code


@given(st.integers(-(AMOUNT_LIMIT - 1), AMOUNT_LIMIT - 1), st.sampled_from(sorted(UNITS)))
def test_what_is_written_is_read_back(qty: int, unit: str) -> None:
    assert parse_quantity(format_plain(qty, unit), unit) == qty
