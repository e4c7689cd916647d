"""A second pricing, written from the decision record with fractions, to hold the engine to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from shared.pricing.engine import CartInput, PricedCart, PricedLineInput, TaxRate


@dataclass(frozen=True, slots=True)
class Figures:
    """What both pricings must agree on: (left, tax) of each line, and the payable cash."""

    lines: tuple[tuple[int, int], ...]
    order_discounts: tuple[int, ...]
    payable_cash: int


def figures_of(priced: PricedCart) -> Figures:
    """The engine's answer in the form of the oracle's."""
    return Figures(
        lines=tuple(
            (
                line.gross_amount if priced.is_tax_inclusive else line.net_amount,
                line.tax_amount,
            )
            for line in priced.lines
        ),
        order_discounts=priced.order_discount_amounts,
        payable_cash=priced.payable_cash_amount,
    )


def expected(cart: CartInput) -> Figures:
    """Price a cart the slow and plain way."""
    left = [_after_own_discounts(line) for line in cart.lines]
    taken = []
    for n in range(len(cart.order_discounts)):
        shares = _order_shares(cart, n, left)
        left = [amount - share for amount, share in zip(left, shares, strict=True)]
        taken.append(sum(shares))
    taxes = _taxes(cart, left)
    total = sum(left) + (0 if cart.is_tax_inclusive else sum(taxes))
    coin = cart.cash_rounding_increment
    return Figures(
        lines=tuple(zip(left, taxes, strict=True)),
        order_discounts=tuple(taken),
        payable_cash=total if coin is None else nearest(Fraction(total, coin)) * coin,
    )


def nearest(exact: Fraction) -> int:
    """Round half away from zero."""
    size = floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def _after_own_discounts(line: PricedLineInput) -> int:
    base = nearest(Fraction(line.qty * line.unit_price_amount, 10**line.qty_exponent))
    size = Fraction(abs(base))
    for discount in sorted(line.discounts, key=lambda one: one.priority):
        if discount.kind == "percent":
            size *= 1 - Fraction(discount.value, 10_000)
        else:
            size = max(Fraction(0), size - discount.value)
    off = nearest(abs(base) - size)
    return base - off if base >= 0 else base + off


def _order_shares(cart: CartInput, number: int, left: Sequence[int]) -> list[int]:
    discount = cart.order_discounts[number]

    def eligible(n: int, i: int) -> bool:
        line, names = cart.lines[i], cart.order_discounts[n].line_ids
        is_named = names is None or line.line_id in names
        return line.kind == "goods" and line.is_discountable and is_named

    lines = [i for i in range(len(left)) if eligible(number, i)]
    whole = sum(left[i] for i in lines)
    if discount.kind == "percent":
        part = Fraction(discount.value, 10_000)
        amount = nearest(whole * part)
    else:
        lines = [i for i in lines if left[i] * whole > 0]
        reach = abs(sum(left[i] for i in lines))
        size = min(discount.value, abs(whole))
        part = Fraction(size, reach or 1)
        amount = size if whole > 0 else -size

    def pool(i: int) -> tuple[list[bool], bool]:
        # Read from the last discount to the first, as the bits of a number are.
        named = [eligible(n, i) for n in range(len(cart.order_discounts))]
        return named[::-1], cart.lines[i].qty * cart.lines[i].unit_price_amount < 0

    def rate(i: int) -> tuple[str, str, int]:
        return _rate_key(cart.lines[i].tax_rate)

    def size_of(i: int) -> tuple[int, int]:
        return -abs(left[i]), i

    shares = [0] * len(left)
    for pool_amount, in_pool in _parts(amount, lines, part, left=left, key=pool):
        for rate_amount, in_rate in _parts(pool_amount, in_pool, part, left=left, key=rate):
            for share, (i,) in _parts(rate_amount, in_rate, part, left=left, key=size_of):
                shares[i] = share
    return shares


def _parts(
    amount: int,
    lines: Sequence[int],
    part: Fraction,
    *,
    left: Sequence[int],
    key: Callable[[int], tuple[Any, ...]],
) -> list[tuple[int, list[int]]]:
    """`amount` shared out to the lines grouped by `key`, in the order of the keys."""
    keys: list[object] = []
    members: list[list[int]] = []
    for i in sorted(lines, key=key):
        if not keys or keys[-1] != key(i):
            keys.append(key(i))
            members.append([])
        members[-1].append(i)
    sums = largest_remainder(amount, [part * sum(left[i] for i in one) for one in members])
    return list(zip(sums, members, strict=True))


def _taxes(cart: CartInput, left: Sequence[int]) -> list[int]:
    taxes = [0] * len(left)
    for rate in {line.tax_rate for line in cart.lines if line.tax_rate is not None}:
        factor = Fraction(rate.rate_ppm, 1_000_000)
        if cart.is_tax_inclusive:
            factor /= 1 + factor
        lines = [i for i, line in enumerate(cart.lines) if line.tax_rate == rate]
        exact = [left[i] * factor for i in lines]
        tax = nearest(sum(exact, Fraction(0)))
        parts = (
            [nearest(one) for one in exact]
            if cart.tax_rounding == "line"
            else largest_remainder(tax, exact)
        )
        for i, part in zip(lines, parts, strict=True):
            taxes[i] = part
    return taxes


def largest_remainder(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Cut off towards zero, then give single units to the largest remainders."""
    parts = [int(one) for one in exact]
    missing = total - sum(parts)
    step = 1 if missing > 0 else -1
    ranked = sorted(range(len(parts)), key=lambda i: ((parts[i] - exact[i]) * step, i))
    for i in ranked[: abs(missing)]:
        parts[i] += step
    return parts


def _rate_key(rate: TaxRate | None) -> tuple[str, str, int]:
    return ("", "", -1) if rate is None else (rate.jurisdiction, rate.code, rate.rate_ppm)
