"""Step 6 of pricing: tax by group, rounded once, and brought back to the lines without loss."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.kernel.money import round_half_away, spread
from shared.pricing.engine.cart import PPM_WHOLE, CartInput, TaxRate


@dataclass(frozen=True, slots=True)
class TaxedGroup:
    """The lines of one tax rate and their tax; minor units.

    `lines` are positions in the cart, alongside `taxes`. `left_amount` is what they have left
    after discounts, tax inside or not as the cart's prices; `denominator` is that of the exact
    tax, left_amount * rate_ppm / denominator.
    """

    rate: TaxRate
    lines: tuple[int, ...]
    left_amount: int
    denominator: int
    tax_amount: int
    taxes: list[int]


def rate_order(rate: TaxRate | None) -> tuple[str, str, int]:
    """Where a rate stands among others: by jurisdiction, code and rate; no rate first."""
    if rate is None:
        return ("", "", -1)
    return (rate.jurisdiction, rate.code, rate.rate_ppm)


def tax_groups(cart: CartInput, left: Sequence[int]) -> list[TaxedGroup]:
    """Tax the lines of a cart by rate; lines without a rate are in no group.

    `left` is what each line has left after discounts. Tax inside a price is amount * rate /
    (1 + rate), tax on top of it amount * rate.
    """
    members: dict[TaxRate, list[int]] = {}
    for position, line in enumerate(cart.lines):
        if line.tax_rate is not None:
            members.setdefault(line.tax_rate, []).append(position)
    is_by_line = cart.tax_rounding == "line"
    groups = []
    for rate in sorted(members, key=rate_order):
        lines = members[rate]
        ppm = rate.rate_ppm
        denominator = PPM_WHOLE + ppm if cart.is_tax_inclusive else PPM_WHOLE
        whole = sum(left[i] for i in lines)
        exact = [left[i] * ppm for i in lines]
        if is_by_line:
            taxes = [round_half_away(numerator, denominator) for numerator in exact]
            tax = sum(taxes)
        else:
            tax = round_half_away(whole * ppm, denominator)
            taxes = spread(tax, exact, denominator) if len(exact) > 1 else [tax]
        groups.append(TaxedGroup(rate, tuple(lines), whole, denominator, tax, taxes))
    return groups
