"""What goes into pricing: lines, discounts and tax rates, checked when they are made."""

from dataclasses import dataclass
from typing import Literal

from shared.kernel.errors import Bug, Rejected
from shared.kernel.money import AMOUNT_LIMIT, currency_of

DiscountKind = Literal["percent", "fixed"]
LineKind = Literal["goods", "shipping", "fee"]
TaxRounding = Literal["document", "line"]

PERCENT_WHOLE = 10_000
"""A hundred percent, in the unit of discounts: hundredths of a percent."""
PPM_WHOLE = 1_000_000
"""A hundred percent, in the unit of tax rates: parts per million."""

_DISCOUNT_KINDS = frozenset({"percent", "fixed"})
_LINE_KINDS = frozenset({"goods", "shipping", "fee"})
_TAX_ROUNDINGS = frozenset({"document", "line"})
_HIGHEST_RATE_PPM = 10 * PPM_WHOLE
_HIGHEST_EXPONENT = 9


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate of tax in parts per million (20 % is 200000, 8.875 % is 88750).

    Lines with an equal code, rate and jurisdiction form one tax group, rounded together.
    Raises Rejected("tax_rate_out_of_range") outside 0 to 1000 %.
    """

    code: str
    rate_ppm: int
    jurisdiction: str = ""

    def __post_init__(self) -> None:
        _whole(self.rate_ppm, "a tax rate")
        if not 0 <= self.rate_ppm <= _HIGHEST_RATE_PPM:
            raise Rejected("tax_rate_out_of_range", field="rate", tax_code=self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDiscount:
    """A discount on one line.

    `value` is hundredths of a percent (1000 is 10 %) for "percent", and minor units off the
    whole line for "fixed". Lower `priority` is taken off first, equal ones in the order given,
    each from what the ones before it left. `reason` names the promotion, or what the person who
    gave it said; `is_manual` tells the two apart.
    Raises Rejected("discount_out_of_range") for less than nothing or more than 100 %.
    """

    kind: DiscountKind
    value: int
    reason: str
    priority: int = 0
    is_manual: bool = False

    def __post_init__(self) -> None:
        _check_discount(self.kind, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDiscount:
    """A discount on the goods of a cart, shared out to its lines.

    `kind` and `value` are as for LineDiscount. `line_ids` limits it to some lines, such as the
    three shirts of a bundle; None is all that may be discounted.
    Raises Rejected("discount_out_of_range") for less than nothing or more than 100 %.
    """

    kind: DiscountKind
    value: int
    reason: str
    line_ids: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        _check_discount(self.kind, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLineInput:
    """One line to be priced: goods, shipping or a fee.

    `qty` is in units of 10**-qty_exponent of the unit of measure, `unit_price_amount` in minor
    units for one whole unit; either may be negative (a return, a deposit paid back).
    `tax_rate` None is outside the scope of tax, which differs from a rate of zero. A line that
    is not `is_discountable` takes part in no order discount and may carry none of its own.

    Raises Rejected: quantity_out_of_range, quantity_exponent_out_of_range, amount_out_of_range,
    line_not_discountable.
    """

    line_id: str
    qty: int
    unit_price_amount: int
    qty_exponent: int = 0
    kind: LineKind = "goods"
    tax_rate: TaxRate | None = None
    discounts: tuple[LineDiscount, ...] = ()
    is_discountable: bool = True

    def __post_init__(self) -> None:
        _whole(self.qty, "a quantity")
        _whole(self.qty_exponent, "an exponent")
        _whole(self.unit_price_amount, "a price")
        if not -AMOUNT_LIMIT < self.qty < AMOUNT_LIMIT:
            raise Rejected("quantity_out_of_range", field="qty")
        if not 0 <= self.qty_exponent <= _HIGHEST_EXPONENT:
            raise Rejected("quantity_exponent_out_of_range", field="qty_exponent")
        if not -AMOUNT_LIMIT < self.unit_price_amount < AMOUNT_LIMIT:
            raise Rejected("amount_out_of_range", field="unit_price_amount")
        if self.kind not in _LINE_KINDS:
            raise Bug(f"no kind of line: {self.kind}")
        if self.discounts and not self.is_discountable:
            raise Rejected("line_not_discountable", field="discounts", line_id=self.line_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CartInput:
    """All that decides the price of a cart; the same input gives the same cents everywhere.

    `is_tax_inclusive` says whether prices, and with them all discounts, contain the tax.
    `tax_rounding` rounds tax once per tax group of the document, or once per line.
    `cash_rounding_increment` is the smallest coin in minor units, None where cash is not
    rounded. The order of `lines` breaks ties inside a group but never changes a total; order
    discounts are taken one after the other, each from what is left.

    Raises Rejected: currency_unknown, line_id_repeated, cash_rounding_out_of_range.
    """

    currency: str
    is_tax_inclusive: bool
    lines: tuple[PricedLineInput, ...]
    tax_rounding: TaxRounding = "document"
    order_discounts: tuple[OrderDiscount, ...] = ()
    cash_rounding_increment: int | None = None

    def __post_init__(self) -> None:
        currency_of(self.currency)
        if self.tax_rounding not in _TAX_ROUNDINGS:
            raise Bug(f"no way of rounding tax: {self.tax_rounding}")
        line_ids = {line.line_id for line in self.lines}
        if len(line_ids) != len(self.lines):
            raise Rejected("line_id_repeated", field="lines")
        for discount in self.order_discounts:
            if discount.line_ids is not None and not line_ids.issuperset(discount.line_ids):
                raise Bug(f"discount {discount.reason!r} is limited to lines the cart lacks")
        if self.cash_rounding_increment is not None:
            _whole(self.cash_rounding_increment, "a cash rounding increment")
            if not 1 <= self.cash_rounding_increment < AMOUNT_LIMIT:
                raise Rejected("cash_rounding_out_of_range", field="cash_rounding_increment")


def _check_discount(kind: DiscountKind, value: int) -> None:
    _whole(value, "a discount")
    if kind not in _DISCOUNT_KINDS:
        raise Bug(f"no kind of discount: {kind}")
    highest = PERCENT_WHOLE if kind == "percent" else AMOUNT_LIMIT - 1
    if not 0 <= value <= highest:
        raise Rejected("discount_out_of_range", field="discount")


def _whole(number: int, what: str) -> None:
    """Keep floats, decimals and booleans out even where no type checker watched."""
    if type(number) is not int:
        raise Bug(f"{what} is a whole number, not {number!r}")
