"""Money: whole minor units of a currency; the one rounding, and sharing out without loss."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

from shared.kernel.errors import Bug, Rejected

# Amounts and quantities stay below 2**53 so that every reader of our JSON, also one that only
# knows doubles, sees the same number.
AMOUNT_LIMIT = 2**53


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217.

    `exponent` is the number of decimals of its minor unit (JPY 0, EUR 2, KWD 3). `is_current`
    is false for currencies that were replaced: nobody may choose them, but old orders name them.
    """

    code: str
    exponent: int
    is_current: bool


_CURRENT_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
        CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
        GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
        LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
        NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
        XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_REPLACED_BY_EXPONENT = {
    0: "BYR",
    2: "ANG BGN CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL",
}

CURRENCIES: dict[str, Currency] = {
    code: Currency(code, exponent, is_current)
    for table, is_current in ((_CURRENT_BY_EXPONENT, True), (_REPLACED_BY_EXPONENT, False))
    for exponent, codes in table.items()
    for code in codes.split()
}


def currency_of(code: str) -> Currency:
    """The currency with this code, in capitals; `Rejected("currency_unknown")` for any other."""
    found = CURRENCIES.get(code)
    if found is None:
        raise Rejected("currency_unknown", field="currency", currency=code)
    return found


def round_half_away(numerator: int, denominator: int) -> int:
    """The whole number nearest to numerator / denominator; a half goes away from zero.

    The only rounding of money in the product. It mirrors: rounding -x gives minus rounding x, so
    a return is worth what the sale was. `denominator` is positive, or it is a Bug.
    """
    if denominator <= 0:
        raise Bug(f"round_half_away needs a positive denominator, got {denominator}")
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((denominator - 2 * numerator) // (2 * denominator))


def spread(total: int, numerators: Sequence[int], denominator: int) -> list[int]:
    """Whole amounts that add up to `total`, each less than one unit from its exact share.

    The exact shares are numerators[i] / denominator, of either sign. Each is cut off towards
    zero; the units missing to `total` go one by one to the shares that lost most in that
    direction, ties by position. So a whole share stays as it is, no share changes its sign, and
    the shares of -total mirror those of total. A `total` that is not next to the sum of the
    exact shares is a Bug.
    """
    amounts = [
        numerator // denominator if numerator >= 0 else -(-numerator // denominator)
        for numerator in numerators
    ]
    missing = total - sum(amounts)
    if missing == 0:
        return amounts
    step = 1 if missing > 0 else -1
    lost = [
        step * (numerator - amount * denominator)
        for numerator, amount in zip(numerators, amounts, strict=True)
    ]
    # sorted() is stable, so equal losses stay in the order of their positions.
    ranked = sorted((i for i, part in enumerate(lost) if part > 0), key=lambda i: -lost[i])
    if len(ranked) < missing * step:
        raise Bug(f"{total} is not next to the sum of its shares")
    for i in ranked[: missing * step]:
        amounts[i] += step
    return amounts


def allocate(total: int, weights: Sequence[int], caps: Sequence[int] | None = None) -> list[int]:
    """Share `total` out in proportion to `weights`: largest remainder, ties by position.

    The parts always add up to `total`; those of -total mirror those of `total`. `caps` limits
    each part (its size, not its sign); what a full part cannot take goes to the others in
    proportion. Where all open weights are zero, the parts are equal. Negative weights or caps,
    or a total that does not fit below the caps, are a Bug.
    """
    if min(weights, default=0) < 0 or min(caps or (0,)) < 0:
        raise Bug("weights and caps must not be negative")
    size = abs(total)
    parts = _by_weight(size, weights) if caps is None else _below_caps(size, weights, caps)
    return [-part for part in parts] if total < 0 else parts


def _by_weight(total: int, weights: Sequence[int]) -> list[int]:
    if not any(weights):
        weights = [1] * len(weights)
    if not weights:
        if total:
            raise Bug(f"nobody to share {total} among")
        return []
    return spread(total, [total * weight for weight in weights], sum(weights))


def _below_caps(total: int, weights: Sequence[int], caps: Sequence[int]) -> list[int]:
    if len(weights) != len(caps) or total > sum(caps):
        raise Bug(f"{total} does not fit below the caps")
    parts = [0] * len(weights)
    rest = total
    is_open = [i for i, cap in enumerate(caps) if cap > 0]
    while rest:
        shares = [weights[i] for i in is_open]
        if not any(shares):
            shares = [1] * len(is_open)
        whole = sum(shares)
        full = {
            i for i, share in zip(is_open, shares, strict=True) if rest * share >= caps[i] * whole
        }
        if not full:
            for i, part in zip(is_open, _by_weight(rest, shares), strict=True):
                parts[i] = part
            break
        for i in full:
            parts[i] = caps[i]
            rest -= caps[i]
        is_open = [i for i in is_open if i not in full]
    return parts


def cash_round(amount: int, increment: int) -> int:
    """The multiple of `increment` nearest to `amount`; half way goes away from zero.

    `increment` is the smallest coin in minor units (5 for 0.05); less than 1 is a Bug.
    """
    return round_half_away(amount, increment) * increment


def check_amount(amount: int, field: str | None = None) -> int:
    """The same amount, or `Rejected("amount_out_of_range")` when its size reaches 2**53."""
    if -AMOUNT_LIMIT < amount < AMOUNT_LIMIT:
        return amount
    raise Rejected("amount_out_of_range", field=field)


class Misread(Enum):
    """Why a text is not a number with at most so many decimals."""

    MALFORMED = "malformed"
    TOO_PRECISE = "too precise"
    TOO_LARGE = "too large"


_PLAIN_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]+))?")
_LONGEST = len(str(AMOUNT_LIMIT))


def read_minor(text: str, exponent: int) -> int | Misread:
    """Read plain decimals ("-12.34", ".5") as whole units of 10**-exponent, exactly.

    More decimals than `exponent` are refused even when they are zeros: "1.000" may well be a
    thousand, typed where the point groups digits.
    """
    found = _PLAIN_NUMBER.fullmatch(text.strip())
    if found is None:
        return Misread.MALFORMED
    sign, whole, decimals = found[1], found[2], found[3] or ""
    if not whole and not decimals:
        return Misread.MALFORMED
    if len(decimals) > exponent:
        return Misread.TOO_PRECISE
    digits = (whole + decimals.ljust(exponent, "0")).lstrip("0")
    if len(digits) > _LONGEST:
        return Misread.TOO_LARGE
    size = int(digits or "0")
    if size >= AMOUNT_LIMIT:
        return Misread.TOO_LARGE
    return -size if sign == "-" else size


def format_minor(value: int, exponent: int) -> str:
    """Plain decimals of `value` units of 10**-exponent: a point, no grouping ("-0.05")."""
    digits = str(abs(value)).rjust(exponent + 1, "0")
    sign = "-" if value < 0 else ""
    if exponent == 0:
        return sign + digits
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"


def parse_amount(text: str, currency: str) -> int:
    """Read a plain amount ("-12.34") as minor units of `currency`, exactly.

    Raises Rejected: currency_unknown, amount_malformed, amount_too_precise, amount_out_of_range.
    """
    exponent = currency_of(currency).exponent
    read = read_minor(text, exponent)
    if read is Misread.MALFORMED:
        raise Rejected("amount_malformed", field="amount")
    if read is Misread.TOO_PRECISE:
        raise Rejected("amount_too_precise", field="amount", currency=currency, decimals=exponent)
    if read is Misread.TOO_LARGE:
        raise Rejected("amount_out_of_range", field="amount")
    return read


def format_plain(amount: int, currency: str) -> str:
    """The amount in plain decimals ("-12.34"), without currency, grouping or locale."""
    return format_minor(amount, currency_of(currency).exponent)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units together with its currency.

    Unknown currencies are Rejected. Adding or ordering two currencies is a Bug; amounts of two
    currencies are merely never equal.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise Bug(f"an amount is whole minor units, not {self.amount!r}")
        currency_of(self.currency)
        check_amount(self.amount)

    def __add__(self, other: Self) -> Self:
        return type(self)(self.amount + self._amount_of(other), self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.amount - self._amount_of(other), self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._amount_of(other)

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._amount_of(other)

    def __gt__(self, other: Self) -> bool:
        return self.amount > self._amount_of(other)

    def __ge__(self, other: Self) -> bool:
        return self.amount >= self._amount_of(other)

    def _amount_of(self, other: Self) -> int:
        if other.currency != self.currency:
            raise Bug(f"{self.currency} meets {other.currency}")
        return other.amount
