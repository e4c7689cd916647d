"""Steps 2 and 3 of pricing: discounts of lines, and of the order shared out to its lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

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
    """Lines that are alike for order discounts: the same pool and the same tax rate.

    A pool is the lines of one sign that the same discounts apply to: `discounts` has bit n set
    for order discount n. `lines` are positions in the cart.
    """

    discounts: int
    is_negative: bool
    rate: TaxRate | None
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
class PoolShare:
    """The part of an order discount that falls on one pool, and on each of its groups."""

    left_amount: int
    amount: int
    groups: tuple[GroupShare, ...]


@dataclass(frozen=True, slots=True)
class OrderDiscountShares:
    """One order discount, shared out.

    The exact share of a line is what it had left times `numerator` / `denominator`.
    """

    amount: int
    numerator: int
    denominator: int
    pools: tuple[PoolShare, ...]

    def by_line(self) -> Iterator[tuple[int, int]]:
        """The position and the amount of each line that the discount applies to."""
        for pool in self.pools:
            for group in pool.groups:
                yield from zip(group.lines, group.amounts, strict=True)


def discount_groups(cart: CartInput, bases: Sequence[int]) -> list[DiscountGroup]:
    """The discountable goods of a cart by pool and tax rate, in an order of their own.

    That order does not depend on the order of the lines, so neither do the totals. `bases` are
    the amounts of the lines before discounts.
    """
    limits = [
        None if discount.line_ids is None else frozenset(discount.line_ids)
        for discount in cart.order_discounts
    ]
    everything = (1 << len(limits)) - 1
    is_limited = any(limit is not None for limit in limits)
    members: dict[tuple[int, bool, TaxRate | None], list[int]] = {}
    for position, line in enumerate(cart.lines):
        if line.kind != "goods" or not line.is_discountable:
            continue
        named = everything
        if is_limited:
            named = sum(
                1 << n for n, limit in enumerate(limits) if limit is None or line.line_id in limit
            )
        members.setdefault((named, bases[position] < 0, line.tax_rate), []).append(position)
    ordered = sorted(members, key=lambda key: (key[0], key[1], rate_order(key[2])))
    return [DiscountGroup(*key, tuple(members[key])) for key in ordered]


def share_order_discount(
    discount: OrderDiscount, left: Sequence[int], groups: Sequence[DiscountGroup]
) -> OrderDiscountShares:
    """Share one order discount out to pools, their groups and their lines; minor units.

    `left` is what each line of the cart has left, `groups` those that the discount applies to,
    as discount_groups orders them. A percentage is rounded once for all of them and mirrors on
    lines with a negative amount. A fixed amount is at most what is left in all, and falls on
    the lines with the sign of that.
    """
    whole = sum(left[i] for group in groups for i in group.lines)
    if discount.kind == "percent":
        numerator, denominator = discount.value, PERCENT_WHOLE
    else:
        groups = [group for group in groups if whole and group.is_negative == (whole < 0)]
        numerator = min(discount.value, abs(whole))
        whole = sum(left[i] for group in groups for i in group.lines)
        denominator = abs(whole) or 1
    amount = round_half_away(whole * numerator, denominator)
    pools = [list(pool) for _, pool in groupby(groups, key=_pool_of)]
    pool_left = [sum(left[i] for group in pool for i in group.lines) for pool in pools]
    pool_amounts = _shares(amount, pool_left, numerator, denominator=denominator)
    return OrderDiscountShares(
        amount,
        numerator,
        denominator,
        tuple(
            _share_pool(part, left, pool, numerator=numerator, denominator=denominator)
            for pool, part in zip(pools, pool_amounts, strict=True)
        ),
    )


def _pool_of(group: DiscountGroup) -> tuple[int, bool]:
    return group.discounts, group.is_negative


def _share_pool(
    amount: int,
    left: Sequence[int],
    groups: Sequence[DiscountGroup],
    *,
    numerator: int,
    denominator: int,
) -> PoolShare:
    group_left = [sum(left[i] for i in group.lines) for group in groups]
    group_amounts = _shares(amount, group_left, numerator, denominator=denominator)
    shares = []
    for group, part in zip(groups, group_amounts, strict=True):
        # Larger lines first: which of two equal lines gets the odd unit changes no total.
        lines = tuple(sorted(group.lines, key=lambda i: -abs(left[i])))
        weights = [left[i] for i in lines]
        amounts = _shares(part, weights, numerator, denominator=denominator)
        shares.append(GroupShare(group.rate, sum(weights), part, lines, weights, amounts))
    return PoolShare(sum(group_left), amount, tuple(shares))


def _shares(amount: int, weights: Sequence[int], numerator: int, *, denominator: int) -> list[int]:
    if len(weights) == 1:
        return [amount]
    return spread(amount, [weight * numerator for weight in weights], denominator)
