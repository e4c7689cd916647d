"""Pricing: how long one sale, a long cart, its explanation and a refund take."""

import time
from collections.abc import Callable

from shared.pricing.engine import (
    CartInput,
    LineDiscount,
    OrderDiscount,
    PricedLineInput,
    TaxRate,
    explain,
    price_cart,
    refund_amounts,
)
from tests.benchmarks.result import BenchResult, measured

STANDARD = TaxRate("standard", 190_000)
REDUCED = TaxRate("reduced", 70_000)
RUNS = 15


def run() -> list[BenchResult]:
    """The figures, each against the budget of the pricing record."""
    sale, long_cart = cart_of(3, order_discounts=1), cart_of(200, order_discounts=2)
    line = price_cart(sale).lines[0]
    return [
        _timed(
            "3-line sale, 2 discounts, priced",
            "μs",
            lambda: price_cart(sale),
            calls=500,
            target=150,
        ),
        _timed("3-line sale, 2 discounts, explained", "μs", lambda: explain(sale), calls=300),
        _timed(
            "200-line cart, 69 discounts, priced",
            "ms",
            lambda: price_cart(long_cart),
            calls=20,
            target=5,
        ),
        _timed(
            "200-line cart, 69 discounts, explained",
            "ms",
            lambda: explain(long_cart),
            calls=10,
            target=50,
        ),
        _timed(
            "refund of some units of a line",
            "μs",
            lambda: refund_amounts(
                line,
                already_refunded_qty=0,
                already_refunded_gross_amount=0,
                already_refunded_tax_amount=0,
                qty=1,
            ),
            calls=2_000,
        ),
    ]


def cart_of(size: int, *, order_discounts: int) -> CartInput:
    """A cart with two tax rates, a discount on every third line and up to two on the order."""
    return CartInput(
        currency="EUR",
        is_tax_inclusive=True,
        lines=tuple(
            PricedLineInput(
                line_id=f"line-{n}",
                qty=1 + n % 5,
                unit_price_amount=199 + 37 * n,
                tax_rate=REDUCED if n % 2 else STANDARD,
                discounts=(
                    (LineDiscount(kind="percent", value=1000, reason="sale"),) if n % 3 == 0 else ()
                ),
            )
            for n in range(size)
        ),
        order_discounts=(
            OrderDiscount(kind="percent", value=500, reason="newsletter"),
            OrderDiscount(kind="fixed", value=100, reason="voucher"),
        )[:order_discounts],
        cash_rounding_increment=5,
    )


def _timed(
    name: str, unit: str, call: Callable[[], object], *, calls: int, target: float | None = None
) -> BenchResult:
    scale = {"μs": 1e6, "ms": 1e3}[unit]
    call()
    samples = []
    for _ in range(RUNS):
        started = time.perf_counter()
        for _ in range(calls):
            call()
        samples.append((time.perf_counter() - started) / calls * scale)
    return measured(name, unit, samples, better="lower", target=target)
