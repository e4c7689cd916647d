"""What comes out of pricing: a priced cart with its lines and tax groups."""

from dataclasses import dataclass

from shared.pricing.engine.cart import LineKind, TaxRate, TaxRounding


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """One line with every figure that the receipt, the books and refunds need; minor units.

    `base_amount` is quantity times price. Taking the discounts off it leaves `gross_amount`
    when prices contain the tax, `net_amount` when not; `net_amount` + `tax_amount` is
    `gross_amount`, exactly. Discounts have the sign of what they are taken from.
    `line_discount_amounts` follow the discounts of the line, `order_discount_amounts` those of
    the cart; the two amounts without an s are their sums.
    """

    line_id: str
    kind: LineKind
    qty: int
    qty_exponent: int
    unit_price_amount: int
    base_amount: int
    line_discount_amounts: tuple[int, ...]
    order_discount_amounts: tuple[int, ...]
    line_discount_amount: int
    order_discount_amount: int
    tax_rate: TaxRate | None
    net_amount: int
    tax_amount: int
    gross_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """All lines of one tax rate together; minor units, net + tax = gross."""

    code: str
    rate_ppm: int
    jurisdiction: str
    net_amount: int
    tax_amount: int
    gross_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCart:
    """A cart with its price; minor units.

    `lines` keep the order of the cart. `tax_groups` are ordered by jurisdiction, code and rate;
    lines outside the scope of tax are in none. `discount_amount` is all discounts of lines and
    order; `order_discount_amounts` follow the order discounts of the cart.
    `net_amount` + `tax_amount` = `total_amount`. Who pays cash pays `payable_cash_amount` =
    `total_amount` + `cash_rounding_amount`; the total itself is never changed by it.
    """

    currency: str
    is_tax_inclusive: bool
    tax_rounding: TaxRounding
    lines: tuple[PricedLine, ...]
    tax_groups: tuple[TaxGroup, ...]
    base_amount: int
    discount_amount: int
    order_discount_amounts: tuple[int, ...]
    net_amount: int
    tax_amount: int
    total_amount: int
    cash_rounding_amount: int
    payable_cash_amount: int
