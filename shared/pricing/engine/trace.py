"""How a price came about: each step with its exact figure, and the replay that proves it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Literal, NamedTuple, assert_never

from shared.kernel.money import cash_round, round_half_away, spread
from shared.pricing.engine.cart import CartInput, OrderDiscount, PricedLineInput
from shared.pricing.engine.discounts import OrderDiscountShares, exact_line_discounts
from shared.pricing.engine.pipeline import Steps, net_and_gross, run_steps
from shared.pricing.engine.taxes import TaxedGroup

TraceKind = Literal[
    "base",
    "line_discount",
    "order_discount",
    "order_discount_pool",
    "order_discount_group",
    "order_discount_line",
    "tax",
    "tax_line",
    "cash_rounding",
]
TraceRule = Literal[
    "half_away",  # the exact figure, rounded once
    "half_away_of_sum",  # the exact sum of the line's discounts so far, less what they were
    "capped",  # a fixed discount, cut down to what was left
    "largest_remainder",  # a part of the step it belongs to, shared out with its siblings
    "nearest_coin",  # the difference to the nearest multiple of the denominator
]


NO_PARENT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """One step of pricing: `numerator` / `denominator` minor units before rounding, `amount` after.

    `subject` is the id of a line, the code of a tax rate, or "" for the whole cart; `reason`
    names the discount or the tax rate. `parent` is the position of the step that this one is a
    part of, NO_PARENT for none.
    """

    kind: TraceKind
    rule: TraceRule
    subject: str
    reason: str
    numerator: int
    denominator: int
    amount: int
    parent: int = NO_PARENT

    @property
    def exact(self) -> Fraction:
        """The figure before rounding, in minor units."""
        return Fraction(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTrace:
    """All steps of the pricing of a cart, in the order they were taken."""

    currency: str
    is_tax_inclusive: bool
    steps: tuple[TraceStep, ...]

    def of_line(self, line_id: str) -> tuple[TraceStep, ...]:
        """The derivation of one line: its own steps, each preceded by those it is a part of."""
        wanted: set[int] = set()
        for position, step in enumerate(self.steps):
            if step.subject == line_id and step.kind in _OF_A_LINE:
                current = position
                while current != NO_PARENT:
                    wanted.add(current)
                    current = self.steps[current].parent
        return tuple(self.steps[position] for position in sorted(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedLine:
    """The figures of a line as its trace alone gives them; minor units."""

    line_id: str
    net_amount: int
    tax_amount: int
    gross_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedCart:
    """The figures of a cart as its trace alone gives them; minor units."""

    lines: tuple[ReplayedLine, ...]
    tax_amount: int
    total_amount: int
    payable_cash_amount: int


_OF_A_LINE = frozenset({"base", "line_discount", "order_discount_line", "tax_line"})


def explain(cart: CartInput) -> PriceTrace:
    """The derivation of every cent of a cart; raises what price_cart raises.

    It runs the steps of price_cart once more, so it costs nothing until somebody asks.
    """
    steps = run_steps(cart)
    trace: list[TraceStep] = []
    for line, base in zip(cart.lines, steps.bases, strict=True):
        trace.extend(_line_steps(line, base))
    for discount, shares in zip(cart.order_discounts, steps.order_discounts, strict=True):
        trace.extend(_order_discount_steps(cart, discount, shares, start=len(trace)))
    for group in steps.tax_groups:
        trace.extend(_tax_steps(cart, steps, group, start=len(trace)))
    if cart.cash_rounding_increment is not None:
        total = sum(steps.left)
        if not cart.is_tax_inclusive:
            total += sum(group.tax_amount for group in steps.tax_groups)
        trace.append(_cash_step(total, cart.cash_rounding_increment))
    return PriceTrace(
        currency=cart.currency, is_tax_inclusive=cart.is_tax_inclusive, steps=tuple(trace)
    )


def _line_steps(line: PricedLineInput, base: int) -> Iterator[TraceStep]:
    yield TraceStep(
        kind="base",
        rule="half_away",
        subject=line.line_id,
        reason="",
        numerator=line.qty * line.unit_price_amount,
        denominator=10**line.qty_exponent,
        amount=base,
    )
    before = 0
    for taken in exact_line_discounts(base, line.discounts):
        after = round_half_away(taken.numerator, taken.denominator)
        yield TraceStep(
            kind="line_discount",
            rule="half_away_of_sum",
            subject=line.line_id,
            reason=line.discounts[taken.position].reason,
            numerator=taken.numerator,
            denominator=taken.denominator,
            amount=after - before,
        )
        before = after


def _order_discount_steps(
    cart: CartInput, discount: OrderDiscount, shares: OrderDiscountShares, *, start: int
) -> Iterator[TraceStep]:
    is_capped = discount.kind == "fixed" and abs(shares.amount) < discount.value
    whole = sum(pool.left_amount for pool in shares.pools)
    yield TraceStep(
        kind="order_discount",
        rule="capped" if is_capped else "half_away",
        subject="",
        reason=discount.reason,
        numerator=whole * shares.numerator,
        denominator=shares.denominator,
        amount=shares.amount,
    )
    for part in _order_discount_parts(cart, shares, start):
        yield TraceStep(
            kind=part.kind,
            rule="largest_remainder",
            subject=part.subject,
            reason=discount.reason,
            numerator=part.left_amount * shares.numerator,
            denominator=shares.denominator,
            amount=part.amount,
            parent=part.parent,
        )


class _Part(NamedTuple):
    kind: TraceKind
    subject: str
    left_amount: int
    amount: int
    parent: int


def _order_discount_parts(
    cart: CartInput, shares: OrderDiscountShares, start: int
) -> Iterator[_Part]:
    """Pools, then groups, then lines: siblings stand together, as the replay wants them."""
    parents = [start] * len(shares.pools)
    position = start
    # A single pool is the whole discount once more, and not worth a step.
    if len(shares.pools) > 1:
        for n, pool in enumerate(shares.pools):
            position += 1
            parents[n] = position
            yield _Part("order_discount_pool", "", pool.left_amount, pool.amount, start)
    for pool, parent in zip(shares.pools, parents, strict=True):
        for group in pool.groups:
            code = "" if group.rate is None else group.rate.code
            yield _Part("order_discount_group", code, group.left_amount, group.amount, parent)
    for pool in shares.pools:
        for group in pool.groups:
            position += 1
            for i, left, off in zip(group.lines, group.left_amounts, group.amounts, strict=True):
                yield _Part("order_discount_line", cart.lines[i].line_id, left, off, position)


def _tax_steps(
    cart: CartInput, steps: Steps, group: TaxedGroup, *, start: int
) -> Iterator[TraceStep]:
    is_by_line = cart.tax_rounding == "line"
    if not is_by_line:
        yield TraceStep(
            kind="tax",
            rule="half_away",
            subject=group.rate.code,
            reason=group.rate.code,
            numerator=group.left_amount * group.rate.rate_ppm,
            denominator=group.denominator,
            amount=group.tax_amount,
        )
    for i, tax in zip(group.lines, group.taxes, strict=True):
        yield TraceStep(
            kind="tax_line",
            rule="half_away" if is_by_line else "largest_remainder",
            subject=cart.lines[i].line_id,
            reason=group.rate.code,
            numerator=steps.left[i] * group.rate.rate_ppm,
            denominator=group.denominator,
            amount=tax,
            parent=NO_PARENT if is_by_line else start,
        )


def _cash_step(total: int, increment: int) -> TraceStep:
    return TraceStep(
        kind="cash_rounding",
        rule="nearest_coin",
        subject="",
        reason="",
        numerator=total,
        denominator=increment,
        amount=cash_round(total, increment) - total,
    )


def replay(trace: PriceTrace) -> ReplayedCart:
    """Work out a price from the exact figures of its trace alone; the result must be the same."""
    amounts: list[int] = []
    for parent, run in groupby(trace.steps, key=lambda step: step.parent):
        siblings = list(run)
        if parent == NO_PARENT:
            amounts.extend(_rounded(siblings))
        else:
            exact = [step.numerator for step in siblings]
            amounts.extend(spread(amounts[parent], exact, siblings[0].denominator))
    left: dict[str, int] = {}
    taxes: dict[str, int] = {}
    cash_rounding = 0
    for step, amount in zip(trace.steps, amounts, strict=True):
        match step.kind:
            case "base":
                left[step.subject] = amount
            case "line_discount" | "order_discount_line":
                left[step.subject] -= amount
            case "tax_line":
                taxes[step.subject] = amount
            case "cash_rounding":
                cash_rounding = amount
            case "order_discount" | "order_discount_pool" | "order_discount_group" | "tax":
                pass  # shared out to lines by the steps that follow
            case _:
                assert_never(step.kind)
    lines = tuple(
        _replayed_line(trace, line_id, left=amount, tax=taxes.get(line_id, 0))
        for line_id, amount in left.items()
    )
    total = sum(line.gross_amount for line in lines)
    return ReplayedCart(
        lines=lines,
        tax_amount=sum(taxes.values()),
        total_amount=total,
        payable_cash_amount=total + cash_rounding,
    )


def _rounded(steps: Sequence[TraceStep]) -> Iterator[int]:
    """The amounts of steps that stand for themselves."""
    taken_off = 0
    for step in steps:
        if step.kind == "base":
            taken_off = 0
        if step.rule == "nearest_coin":
            yield cash_round(step.numerator, step.denominator) - step.numerator
            continue
        amount = round_half_away(step.numerator, step.denominator)
        if step.rule == "half_away_of_sum":
            amount -= taken_off
            taken_off += amount
        yield amount


def _replayed_line(trace: PriceTrace, line_id: str, *, left: int, tax: int) -> ReplayedLine:
    net, gross = net_and_gross(left, tax, is_tax_inclusive=trace.is_tax_inclusive)
    return ReplayedLine(line_id=line_id, net_amount=net, tax_amount=tax, gross_amount=gross)
