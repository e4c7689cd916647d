"""Golden carts: the cases of tests/pricing_cases, with the figures others got wrong."""

import pytest

from shared.kernel.money import allocate, format_plain
from shared.pricing.engine import explain, price_cart, refund_amounts, replay
from tests.pricing_cases.loading import GoldenCart, GoldenRefund, golden_carts, whole

CASES = golden_carts()
REFUNDS = [(case, refund) for case in CASES for refund in case.refunds]
TAX_PARTS = [case for case in CASES if case.tax_parts is not None]


def case_name(value: object) -> str:
    return value.name if isinstance(value, GoldenCart) else ""


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_a_golden_cart_costs_what_its_file_says(case: GoldenCart) -> None:
    assert case.found(price_cart(case.cart)) == case.expect


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_the_trace_of_a_golden_cart_replays_to_the_same_cents(case: GoldenCart) -> None:
    priced = price_cart(case.cart)

    replayed = replay(explain(case.cart))

    assert replayed.total_amount == priced.total_amount
    assert replayed.payable_cash_amount == priced.payable_cash_amount


@pytest.mark.parametrize(("case", "refund"), REFUNDS, ids=case_name)
def test_a_golden_refund_gives_back_what_its_file_says(
    case: GoldenCart, refund: GoldenRefund
) -> None:
    line = price_cart(case.cart).lines[refund.line]
    done_qty = done_gross = done_tax = 0
    gross, tax = [], []

    for qty in refund.qty:
        part = refund_amounts(
            line,
            already_refunded_qty=done_qty,
            already_refunded_gross_amount=done_gross,
            already_refunded_tax_amount=done_tax,
            qty=qty,
        )
        done_qty += qty
        done_gross += part.gross_amount
        done_tax += part.tax_amount
        gross.append(format_plain(part.gross_amount, case.cart.currency))
        tax.append(format_plain(part.tax_amount, case.cart.currency))

    assert tuple(gross) == refund.gross
    assert tuple(tax) == refund.tax


@pytest.mark.parametrize("case", TAX_PARTS, ids=case_name)
def test_a_rate_made_of_parts_splits_into_them_without_loss(case: GoldenCart) -> None:
    assert case.tax_parts is not None
    percents, amounts = case.tax_parts["percents"], case.tax_parts["amounts"]
    assert isinstance(percents, list)
    (group,) = price_cart(case.cart).tax_groups

    parts = allocate(group.tax_amount, [whole(percent, 4) for percent in percents])

    assert [format_plain(part, case.cart.currency) for part in parts] == amounts
