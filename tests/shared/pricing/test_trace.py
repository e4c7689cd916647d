"""The trace: every step with its exact figure, the derivation of one line, and the replay."""

from dataclasses import replace
from fractions import Fraction

import pytest

from shared.kernel.errors import Bug
from shared.pricing.engine import (
    CartInput,
    LineDiscount,
    OrderDiscount,
    PricedLineInput,
    TaxRate,
    explain,
    replay,
)

VAT = TaxRate("standard", 190_000)
BOOKS = TaxRate("reduced", 70_000)

CART = CartInput(
    currency="EUR",
    is_tax_inclusive=True,
    lines=(
        PricedLineInput(
            line_id="shirt",
            qty=3,
            unit_price_amount=1995,
            tax_rate=VAT,
            discounts=(
                LineDiscount(kind="fixed", value=100, reason="stain", priority=1, is_manual=True),
                LineDiscount(kind="percent", value=1250, reason="sale"),
            ),
        ),
        PricedLineInput(
            line_id="nuts", qty=333, qty_exponent=3, unit_price_amount=999, tax_rate=BOOKS
        ),
        PricedLineInput(line_id="book", qty=1, unit_price_amount=1490, tax_rate=BOOKS),
        PricedLineInput(
            line_id="parcel", kind="shipping", qty=1, unit_price_amount=490, tax_rate=VAT
        ),
    ),
    order_discounts=(
        OrderDiscount(kind="percent", value=500, reason="newsletter"),
        OrderDiscount(kind="fixed", value=999_999, reason="gift"),
    ),
    cash_rounding_increment=5,
)


def test_a_step_keeps_the_figure_before_rounding() -> None:
    base = explain(CART).of_line("nuts")[0]

    assert (base.kind, base.rule, base.exact, base.amount) == (
        "base",
        "half_away",
        Fraction(332_667, 1000),
        333,
    )


def test_discounts_of_a_line_stand_in_the_order_they_were_taken() -> None:
    taken = [step for step in explain(CART).steps if step.kind == "line_discount"]

    assert [(step.reason, step.exact, step.amount) for step in taken] == [
        ("sale", Fraction(5985, 8), 748),
        ("stain", Fraction(5985, 8) + 100, 100),
    ]


def test_the_derivation_of_a_line_holds_what_its_parts_were_taken_from() -> None:
    trace = explain(replace(CART, order_discounts=CART.order_discounts[:1]))

    derivation = trace.of_line("book")

    assert [(step.kind, step.subject) for step in derivation] == [
        ("base", "book"),
        ("order_discount", ""),
        ("order_discount_group", "reduced"),
        ("order_discount_line", "book"),
        ("tax", "reduced"),
        ("tax_line", "book"),
    ]


def test_a_discount_of_some_lines_is_traced_through_the_lines_it_shares() -> None:
    bundle = OrderDiscount(kind="fixed", value=300, reason="bundle", line_ids=("shirt", "book"))
    trace = explain(replace(CART, order_discounts=(CART.order_discounts[0], bundle)))

    newsletter = [step for step in trace.of_line("book") if step.reason == "newsletter"]

    assert [step.kind for step in newsletter] == [
        "order_discount",
        "order_discount_pool",
        "order_discount_group",
        "order_discount_line",
    ]


def test_tax_by_line_is_a_step_of_its_own() -> None:
    trace = explain(replace(CART, tax_rounding="line", order_discounts=()))

    (tax,) = (step for step in trace.of_line("parcel") if step.kind == "tax_line")

    assert (tax.rule, tax.exact, tax.amount) == ("half_away", Fraction(490 * 19, 119), 78)


def test_a_fixed_discount_that_found_too_little_says_so() -> None:
    gift = next(step for step in explain(CART).steps if step.reason == "gift")

    assert gift.rule == "capped"
    assert gift.amount == gift.exact < 999_999


def test_cash_rounding_is_the_last_step() -> None:
    last = explain(CART).steps[-1]

    assert (last.kind, last.numerator, last.denominator, last.amount) == (
        "cash_rounding",
        490,
        5,
        0,
    )


def test_without_cash_rounding_there_is_no_such_step() -> None:
    trace = explain(replace(CART, cash_rounding_increment=None))

    assert "cash_rounding" not in {step.kind for step in trace.steps}


def test_the_replay_does_not_look_at_the_rounded_figures() -> None:
    trace = explain(CART)
    blank = replace(trace, steps=tuple(replace(step, amount=-1) for step in trace.steps))

    assert replay(blank) == replay(trace)


def test_a_trace_with_a_changed_figure_replays_to_other_cents() -> None:
    trace = explain(CART)
    base, *rest = trace.steps
    forged = replace(trace, steps=(replace(base, numerator=base.numerator + 100), *rest))

    assert replay(forged) != replay(trace)


def test_a_trace_whose_shares_do_not_fit_their_sum_is_a_bug() -> None:
    trace = explain(CART)
    *rest, last_share, cash = trace.steps
    torn = replace(
        trace, steps=(*rest, replace(last_share, numerator=last_share.numerator - 10**9), cash)
    )

    with pytest.raises(Bug):
        replay(torn)
