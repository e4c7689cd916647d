"""Steps 2 and 3 of pricing: discounts of lines, and of the order shared out to its lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.kernel.money import round_half_away, spread
from shared.pricing.engine.cart import (
    PERCENT_WHOLE,
    CartInput,
    LineDiscount,
    OrderDiscount,
    TaxRate,
)
from shared.pricing.engine.taxes import rate_order


@dataclass(frozen=True, slots=True)
class TakenOff:
    """How much a line's discounts took off up to and with one of them, exactly and signed.

    `position` is that of the discount among those of the line.
    """

    position: int
    numerator: int
    denominator: int


def exact_line_discounts(base_amount: int, discounts: Sequence[LineDiscount]) -> list[TakenOff]:
    """What has been taken off a line after each of its discounts, in the order of priority.

    Each is taken from what is left, and never takes more than that.
    """
    order = sorted(range(len(discounts)), key=lambda i: discounts[i].priority)
    size = abs(base_amount)
    left, scale = size, 1
    taken = []
    for position in order:
        discount = discounts[position]
        if discount.kind == "percent":
            left *= PERCENT_WHOLE - discount.value
            scale *= PERCENT_WHOLE
        else:
            left = max(0, left - discount.value * scale)
        off = size * scale - left
        taken.append(TakenOff(position, -off if base_amount < 0 else off, scale))
    return taken


def line_discounts(base_amount: int, discounts: Sequence[LineDiscount]) -> tuple[int, ...]:
    """The amount of each discount of a line, in the order given; signed like the line.

    What was taken off so far is rounded, not each discount for itself: so they add up to the
    exact discount rounded once, and a fixed discount is exactly its value.
    """
    amounts = [0] * len(discounts)
    before = 0
    for taken in exact_line_discounts(base_amount, discounts):
        after = round_half_away(taken.numerator, taken.denominator)
        amounts[taken.position] = after - before
        before = after
    return tuple(amounts)


@dataclass(frozen=True, slots=True)
class DiscountGroup:
    """Lines that are alike for order discounts: the same tax rate, and named by the same ones.

    `discounts` has bit n set where order discount n applies; `lines` are positions in the cart.
    """

    rate: TaxRate | None
    discounts: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupShare:
    """The part of an order discount that falls on one group, and on each of its lines.

    `lines`, `left_amounts` and `amounts` run alongside; what a line or the group had left is
    from before this discount.
    """

    rate: TaxRate | None
    left_amount: int
    amount: int
    lines: tuple[int, ...]
    left_amounts: list[int]
    amounts: list[int]


@dataclass(frozen=True, slots=True)
class OrderDiscountShares:
    """One order discount, shared out.

    The exact share of a line is what it had left times `numerator` / `denominator`.
    """

    amount: int
    numerator: int
    denominator: int
    groups: tuple[GroupShare, ...]


def discount_groups(cart: CartInput) -> list[DiscountGroup]:
    """The discountable goods of a cart by tax rate and discounts, in an order of their own.

    That order does not depend on the order of the lines, so neither do the totals.
    """
    limits = [
        None if discount.line_ids is None else frozenset(discount.line_ids)
        for discount in cart.order_discounts
    ]
    everything = (1 << len(limits)) - 1
    is_limited = any(limit is not None for limit in limits)
    members: dict[tuple[TaxRate | None, int], list[int]] = {}
    for position, line in enumerate(cart.lines):
        if line.kind != "goods" or not line.is_discountable:
            continue
        named = everything
        if is_limited:
            named = sum(
                1 << n for n, limit in enumerate(limits) if limit is None or line.line_id in limit
            )
        members.setdefault((line.tax_rate, named), []).append(position)
    ordered = sorted(members, key=lambda key: (rate_order(key[0]), key[1]))
    return [DiscountGroup(rate, named, tuple(members[rate, named])) for rate, named in ordered]


def share_order_discount(
    discount: OrderDiscount, left: Sequence[int], groups: Sequence[DiscountGroup]
) -> OrderDiscountShares:
    """Share one order discount out to groups first, then to the lines of each; minor units.

    `left` is what each line of the cart has left, `groups` those that the discount applies to.
    A percentage is rounded once for all of them and mirrors on lines with a negative amount. A
    fixed amount is at most what is left in all, and falls on the lines with the sign of that.
    """
    lines = [group.lines for group in groups]
    whole = sum(left[i] for group in lines for i in group)
    if discount.kind == "percent":
        numerator, denominator = discount.value, PERCENT_WHOLE
    else:
        lines = [tuple(i for i in group if left[i] * whole > 0) for group in lines]
        numerator = min(discount.value, abs(whole))
        denominator = abs(sum(left[i] for group in lines for i in group)) or 1
        whole = denominator if whole > 0 else -denominator
    amount = round_half_away(whole * numerator, denominator)
    group_left = [sum(left[i] for i in group) for group in lines]
    group_amounts = (
        [amount]
        if len(lines) == 1
        else spread(amount, [sub * numerator for sub in group_left], denominator)
    )
    shares = []
    for group, sub, part, members in zip(groups, group_left, group_amounts, lines, strict=True):
        # Larger lines first: which of two equal lines gets the odd unit changes no total.
        ranked = tuple(sorted(members, key=lambda i: -abs(left[i])))
        weights = [left[i] for i in ranked]
        amounts = spread(part, [weight * numerator for weight in weights], denominator)
        shares.append(GroupShare(group.rate, sub, part, ranked, weights, amounts))
    return OrderDiscountShares(amount, numerator, denominator, tuple(shares))
