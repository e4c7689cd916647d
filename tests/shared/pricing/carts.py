"""Made-up carts: strategies for Hypothesis, and a fast seeded stream for long runs."""

from collections.abc import Iterator
from random import Random

from hypothesis import strategies as st

from shared.pricing.engine import CartInput, LineDiscount, OrderDiscount, PricedLineInput, TaxRate

RATES = (
    None,
    TaxRate("zero", 0),
    TaxRate("super-reduced", 21_000),
    TaxRate("reduced", 70_000),
    TaxRate("standard", 200_000),
    TaxRate("standard", 250_000),
    TaxRate("sales", 88_750, "US-NY"),
    TaxRate("sales", 99_750, "CA-QC"),
    TaxRate("spirits", 2_750_000),
)
CURRENCIES = ("EUR", "JPY", "KWD", "CLF")

percents = st.one_of(st.sampled_from((0, 1, 500, 1000, 3333, 9999, 10_000)), st.integers(0, 10_000))
fixed_amounts = st.one_of(st.integers(0, 30), st.integers(0, 1_000_000))
prices = st.one_of(
    st.integers(0, 20), st.integers(0, 5_000), st.integers(-300, 300), st.integers(0, 10**9)
)
whole_quantities = st.one_of(st.integers(1, 12), st.integers(-6, 100))
line_discounts = st.one_of(
    st.builds(
        LineDiscount,
        kind=st.just("percent"),
        value=percents,
        reason=st.just("promotion"),
        priority=st.integers(0, 2),
    ),
    st.builds(
        LineDiscount,
        kind=st.just("fixed"),
        value=fixed_amounts,
        reason=st.just("goodwill"),
        priority=st.integers(0, 2),
        is_manual=st.just(True),
    ),
)


@st.composite
def lines(
    draw: st.DrawFn, *, line_id: str, is_plain: bool = False, is_sale: bool = False
) -> PricedLineInput:
    """A line; `is_plain` has whole units and no discounts of its own, `is_sale` none returned."""
    exponent = 0 if is_plain else draw(st.sampled_from((0, 0, 0, 2, 3)))
    qty = draw(whole_quantities) if exponent == 0 else draw(st.integers(-2_000, 10_000))
    price = draw(prices)
    own = () if is_plain else tuple(draw(st.lists(line_discounts, max_size=3)))
    is_discountable = bool(own) or draw(st.sampled_from((True, True, True, False)))
    return PricedLineInput(
        line_id=line_id,
        qty=max(1, abs(qty)) if is_sale else qty,
        qty_exponent=exponent,
        unit_price_amount=abs(price) if is_sale else price,
        kind=draw(st.sampled_from(("goods", "goods", "goods", "shipping", "fee"))),
        tax_rate=draw(st.sampled_from(RATES)),
        discounts=own,
        is_discountable=is_discountable,
    )


@st.composite
def order_discounts(draw: st.DrawFn, line_ids: tuple[str, ...]) -> OrderDiscount:
    """A discount of the order, now and then limited to some lines."""
    is_percent = draw(st.booleans())
    named = None
    if line_ids and draw(st.integers(0, 3)) == 0:
        named = tuple(draw(st.lists(st.sampled_from(line_ids), unique=True)))
    return OrderDiscount(
        kind="percent" if is_percent else "fixed",
        value=draw(percents if is_percent else fixed_amounts),
        reason="coupon",
        line_ids=named,
    )


@st.composite
def carts(
    draw: st.DrawFn, *, is_plain: bool = False, is_sale: bool = False, size: int = 7
) -> CartInput:
    """A cart of up to `size` lines; the flags are those of lines()."""
    line_ids = tuple(f"line-{n}" for n in range(draw(st.integers(0, size))))
    return CartInput(
        currency=draw(st.sampled_from(CURRENCIES)),
        is_tax_inclusive=draw(st.booleans()),
        tax_rounding=draw(st.sampled_from(("document", "line"))),
        lines=tuple(
            draw(lines(line_id=line_id, is_plain=is_plain, is_sale=is_sale)) for line_id in line_ids
        ),
        order_discounts=tuple(draw(st.lists(order_discounts(line_ids), max_size=3))),
        cash_rounding_increment=draw(st.sampled_from((None, 1, 5, 10, 100))),
    )


def random_carts(seed: int, count: int) -> Iterator[CartInput]:
    """The same `count` carts for the same seed, made much faster than Hypothesis makes them."""
    random = Random(seed)
    for _ in range(count):
        line_ids = [f"l{n}" for n in range(random.randint(1, 8))]
        yield CartInput(
            currency=random.choice(CURRENCIES),
            is_tax_inclusive=random.random() < 0.5,
            tax_rounding="line" if random.random() < 0.3 else "document",
            lines=tuple(_random_line(random, line_id) for line_id in line_ids),
            order_discounts=tuple(
                _random_order_discount(random, line_ids)
                for _ in range(random.choice((0, 0, 1, 1, 2, 3)))
            ),
            cash_rounding_increment=random.choice((None, None, 5, 10, 100)),
        )


def _random_line(random: Random, line_id: str) -> PricedLineInput:
    exponent = random.choice((0, 0, 0, 2, 3))
    qty = random.randint(1, 10) if exponent == 0 else random.randint(1, 5_000)
    discounts = tuple(
        LineDiscount(
            kind="percent" if random.random() < 0.6 else "fixed",
            value=random.choice((500, 1000, 3333, 10_000, random.randint(0, 10_000))),
            reason="promotion",
            priority=random.randint(0, 1),
        )
        for _ in range(random.choice((0, 0, 0, 1, 1, 2)))
    )
    return PricedLineInput(
        line_id=line_id,
        qty=-qty if random.random() < 0.1 else qty,
        qty_exponent=exponent,
        unit_price_amount=random.choice(
            (0, random.randint(1, 99), random.randint(1, 9_999), random.randint(1, 10_000_000))
        ),
        kind="shipping" if random.random() < 0.1 else "goods",
        tax_rate=random.choice(RATES),
        discounts=discounts,
        is_discountable=bool(discounts) or random.random() < 0.9,
    )


def _random_order_discount(random: Random, line_ids: list[str]) -> OrderDiscount:
    is_percent = random.random() < 0.5
    chosen = (500, 1000, 3333, 10_000, random.randint(0, 10_000))
    return OrderDiscount(
        kind="percent" if is_percent else "fixed",
        value=random.choice(chosen) if is_percent else random.randint(0, 20_000),
        reason="coupon",
        line_ids=(
            tuple(random.sample(line_ids, random.randint(0, len(line_ids))))
            if random.random() < 0.2
            else None
        ),
    )
