"""Quantities: whole minor units of a unit of measure (grams of a kilogram), exactly."""

from dataclasses import dataclass

from shared.kernel.errors import Rejected
from shared.kernel.money import Misread, format_minor, read_minor


@dataclass(frozen=True, slots=True)
class UnitOfMeasure:
    """A unit in which things are sold, stocked and counted.

    A quantity of it is a whole number of units of 10**-exponent: exponent 3 of "kg" means that
    1250 is 1.250 kg. A price is per one whole unit. The exponent of a unit never changes, since
    stored quantities rest on it.
    """

    code: str
    exponent: int


_CODES_BY_EXPONENT = {
    0: "piece pair set pack box case pallet g ml mm min",
    1: "cm",
    2: "h day oz floz in ft yd sqft",
    # "thousand" carries prices per thousand, for things that cost less than a minor unit each.
    3: "kg t lb l gal m m2 m3 dozen hundred thousand",
}

UNITS: dict[str, UnitOfMeasure] = {
    code: UnitOfMeasure(code, exponent)
    for exponent, codes in _CODES_BY_EXPONENT.items()
    for code in codes.split()
}


def unit_of(code: str) -> UnitOfMeasure:
    """The unit with this code; `Rejected("unit_unknown")` for any other."""
    found = UNITS.get(code)
    if found is None:
        raise Rejected("unit_unknown", field="unit", unit=code)
    return found


def parse_quantity(text: str, unit: str) -> int:
    """Read a plain quantity ("1.250") as minor units of `unit`, exactly.

    Raises Rejected: unit_unknown, quantity_malformed, quantity_too_precise,
    quantity_out_of_range.
    """
    exponent = unit_of(unit).exponent
    read = read_minor(text, exponent)
    if read is Misread.MALFORMED:
        raise Rejected("quantity_malformed", field="qty")
    if read is Misread.TOO_PRECISE:
        raise Rejected("quantity_too_precise", field="qty", unit=unit, decimals=exponent)
    if read is Misread.TOO_LARGE:
        raise Rejected("quantity_out_of_range", field="qty")
    return read


def format_plain(qty: int, unit: str) -> str:
    """The quantity in plain decimals ("1.250"), without unit, grouping or locale."""
    return format_minor(qty, unit_of(unit).exponent)
