"""The pricing of a cart, step by step: base, discounts, tax, cash rounding; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.kernel.money import cash_round, check_amount, round_half_away
from shared.pricing.engine.cart import CartInput, PricedLineInput
from shared.pricing.engine.discounts import (
    OrderDiscountShares,
    discount_groups,
    line_discounts,
    share_order_discount,
)
from shared.pricing.engine.priced import PricedCart, PricedLine, TaxGroup
from shared.pricing.engine.taxes import TaxedGroup, tax_groups


@dataclass(frozen=True, slots=True)
class Steps:
    """What each step of pricing decided; lists run alongside the lines of the cart.

    `left` is what remains after all discounts, tax inside or not as the cart's prices.
    """

    bases: list[int]
    line_discounts: list[tuple[int, ...]]
    order_discounts: list[OrderDiscountShares]
    left: list[int]
    tax_groups: list[TaxedGroup]


def base_amount(line: PricedLineInput) -> int:
    """Quantity times price, rounded to minor units: the figure that is shown for the line.

    Raises Rejected("amount_out_of_range").
    """
    exact = line.qty * line.unit_price_amount
    if line.qty_exponent == 0:
        return check_amount(exact, "lines")
    return check_amount(round_half_away(exact, 10**line.qty_exponent), "lines")


def run_steps(cart: CartInput) -> Steps:
    """All steps of pricing, as price_cart and explain both need them."""
    bases = [base_amount(line) for line in cart.lines]
    off_lines = [
        line_discounts(base, line.discounts) if line.discounts else ()
        for base, line in zip(bases, cart.lines, strict=True)
    ]
    left = [base - sum(off) if off else base for base, off in zip(bases, off_lines, strict=True)]
    off_order = []
    if cart.order_discounts:
        groups = discount_groups(cart, bases)
        for n, discount in enumerate(cart.order_discounts):
            named = [group for group in groups if group.discounts >> n & 1]
            shares = share_order_discount(discount, left, named)
            for i, amount in shares.by_line():
                left[i] -= amount
            off_order.append(shares)
    return Steps(bases, off_lines, off_order, left, tax_groups(cart, left))


def price_cart(cart: CartInput) -> PricedCart:
    """Price a cart; the same input gives the same cents on every machine.

    Raises Rejected("amount_out_of_range") when a figure reaches 2**53 minor units.
    """
    steps = run_steps(cart)
    lines = _priced_lines(cart, steps)
    total = check_amount(sum(line.gross_amount for line in lines), "lines")
    tax = sum(group.tax_amount for group in steps.tax_groups)
    base = check_amount(sum(steps.bases), "lines")
    payable = total
    if cart.cash_rounding_increment is not None:
        payable = check_amount(cash_round(total, cart.cash_rounding_increment), "lines")
    return PricedCart(
        currency=cart.currency,
        is_tax_inclusive=cart.is_tax_inclusive,
        tax_rounding=cart.tax_rounding,
        lines=lines,
        tax_groups=tuple(_tax_group(group, cart) for group in steps.tax_groups),
        base_amount=base,
        discount_amount=base - sum(steps.left),
        order_discount_amounts=tuple(shares.amount for shares in steps.order_discounts),
        net_amount=total - tax,
        tax_amount=tax,
        total_amount=total,
        cash_rounding_amount=payable - total,
        payable_cash_amount=payable,
    )


def net_and_gross(left: int, tax: int, *, is_tax_inclusive: bool) -> tuple[int, int]:
    """Net and gross of an amount after discounts: the side that was priced is kept as it is."""
    return (left - tax, left) if is_tax_inclusive else (left, left + tax)


def _priced_lines(cart: CartInput, steps: Steps) -> tuple[PricedLine, ...]:
    taxes = [0] * len(cart.lines)
    for group in steps.tax_groups:
        for i, tax in zip(group.lines, group.taxes, strict=True):
            taxes[i] = tax
    off_order = _order_discounts_by_line(steps.order_discounts, len(cart.lines))
    lines = []
    for i, line in enumerate(cart.lines):
        net, gross = net_and_gross(steps.left[i], taxes[i], is_tax_inclusive=cart.is_tax_inclusive)
        lines.append(
            PricedLine(
                line_id=line.line_id,
                kind=line.kind,
                qty=line.qty,
                qty_exponent=line.qty_exponent,
                unit_price_amount=line.unit_price_amount,
                base_amount=steps.bases[i],
                line_discount_amounts=steps.line_discounts[i],
                order_discount_amounts=off_order[i],
                line_discount_amount=sum(steps.line_discounts[i]),
                order_discount_amount=sum(off_order[i]),
                tax_rate=line.tax_rate,
                net_amount=net,
                tax_amount=taxes[i],
                gross_amount=check_amount(gross, "lines"),
            )
        )
    return tuple(lines)


def _order_discounts_by_line(
    discounts: Sequence[OrderDiscountShares], size: int
) -> Sequence[tuple[int, ...]]:
    """The amount of each order discount, for each line of a cart with `size` lines."""
    if not discounts:
        return [()] * size
    columns = []
    for shares in discounts:
        column = [0] * size
        for i, amount in shares.by_line():
            column[i] = amount
        columns.append(column)
    return list(zip(*columns, strict=True))


def _tax_group(group: TaxedGroup, cart: CartInput) -> TaxGroup:
    net, gross = net_and_gross(
        group.left_amount, group.tax_amount, is_tax_inclusive=cart.is_tax_inclusive
    )
    return TaxGroup(
        code=group.rate.code,
        rate_ppm=group.rate.rate_ppm,
        jurisdiction=group.rate.jurisdiction,
        net_amount=net,
        tax_amount=group.tax_amount,
        gross_amount=check_amount(gross, "lines"),
    )
