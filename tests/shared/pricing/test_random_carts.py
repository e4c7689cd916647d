"""Long runs of made-up carts: the engine against a second pricing, its trace and its refunds."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings

from shared.pricing.engine import (
    CartInput,
    PricedCart,
    PricedLine,
    ReplayedCart,
    ReplayedLine,
    explain,
    price_cart,
    refund_amounts,
    replay,
)
from tests.shared.pricing.carts import carts, random_carts
from tests.shared.pricing.oracle import expected, figures_of


def assert_adds_up(cart: CartInput, priced: PricedCart) -> None:
    charged = priced.total_amount if cart.is_tax_inclusive else priced.net_amount
    assert charged == priced.base_amount - priced.discount_amount
    assert priced.net_amount + priced.tax_amount == priced.total_amount
    assert priced.total_amount == sum(line.gross_amount for line in priced.lines)
    assert priced.tax_amount == sum(line.tax_amount for line in priced.lines)
    for n, amount in enumerate(priced.order_discount_amounts):
        assert amount == sum(line.order_discount_amounts[n] for line in priced.lines)
    for group in priced.tax_groups:
        lines = [
            line
            for line in priced.lines
            if line.tax_rate is not None
            and (line.tax_rate.code, line.tax_rate.rate_ppm, line.tax_rate.jurisdiction)
            == (group.code, group.rate_ppm, group.jurisdiction)
        ]
        assert group.net_amount == sum(line.net_amount for line in lines)
        assert group.tax_amount == sum(line.tax_amount for line in lines)
        assert group.gross_amount == sum(line.gross_amount for line in lines)
    for line in priced.lines:
        sign = -1 if line.base_amount < 0 else 1
        left = sign * line.base_amount
        for off in line.line_discount_amounts + line.order_discount_amounts:
            assert 0 <= sign * off <= left
            left -= sign * off
        assert 0 <= sign * line.tax_amount <= sign * line.gross_amount


def assert_refunds_exactly(line: PricedLine, random: Random) -> None:
    sign = -1 if line.qty < 0 else 1
    money_sign = -1 if line.gross_amount < 0 else 1
    done = gross = tax = 0
    while done != line.qty:
        qty = sign * random.randint(1, max(1, sign * (line.qty - done)))
        part = refund_amounts(
            line,
            already_refunded_qty=done,
            already_refunded_gross_amount=gross,
            already_refunded_tax_amount=tax,
            qty=qty,
        )
        assert 0 <= money_sign * part.tax_amount <= money_sign * part.gross_amount
        assert part.net_amount + part.tax_amount == part.gross_amount
        done, gross, tax = done + qty, gross + part.gross_amount, tax + part.tax_amount
        assert money_sign * gross <= money_sign * line.gross_amount
    assert (gross, tax) == (line.gross_amount, line.tax_amount)


def replayed_form(priced: PricedCart) -> ReplayedCart:
    return ReplayedCart(
        lines=tuple(
            ReplayedLine(
                line_id=line.line_id,
                net_amount=line.net_amount,
                tax_amount=line.tax_amount,
                gross_amount=line.gross_amount,
            )
            for line in priced.lines
        ),
        tax_amount=priced.tax_amount,
        total_amount=priced.total_amount,
        payable_cash_amount=priced.payable_cash_amount,
    )


def totals(priced: PricedCart) -> tuple[object, ...]:
    return (
        priced.tax_groups,
        priced.order_discount_amounts,
        priced.discount_amount,
        priced.total_amount,
        priced.payable_cash_amount,
    )


def assert_holds(cart: CartInput, random: Random) -> None:
    priced = price_cart(cart)
    assert_adds_up(cart, priced)
    assert figures_of(priced) == expected(cart)
    assert replay(explain(cart)) == replayed_form(priced)
    for line in priced.lines:
        assert_refunds_exactly(line, random)
    shuffled = random.sample(cart.lines, len(cart.lines))
    assert totals(price_cart(replace(cart, lines=tuple(shuffled)))) == totals(priced)
    returned = tuple(replace(line, qty=-line.qty) for line in cart.lines)
    assert price_cart(replace(cart, lines=returned)).total_amount == -priced.total_amount


@settings(deadline=None, max_examples=300)
@given(carts())
def test_the_engine_agrees_with_a_second_pricing(cart: CartInput) -> None:
    assert figures_of(price_cart(cart)) == expected(cart)


@settings(deadline=None, max_examples=200)
@given(carts())
def test_the_trace_replays_to_the_same_cents(cart: CartInput) -> None:
    assert replay(explain(cart)) == replayed_form(price_cart(cart))


def test_two_thousand_random_carts_hold() -> None:
    random = Random(2)
    priced = 0

    for cart in random_carts(seed=1, count=2_000):
        assert_holds(cart, random)
        priced += 1

    assert priced == 2_000


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10, 30))
def test_two_hundred_thousand_random_carts_hold(seed: int) -> None:
    random = Random(seed)
    priced = 0

    for cart in random_carts(seed=seed, count=10_000):
        assert_holds(cart, random)
        priced += 1

    assert priced == 10_000
