"""What may go into pricing, and what is refused and why."""

from collections.abc import Callable

import pytest

from shared.kernel.errors import Bug, Rejected
from shared.kernel.money import AMOUNT_LIMIT
from shared.pricing.engine import (
    CartInput,
    LineDiscount,
    OrderDiscount,
    PricedLineInput,
    TaxRate,
    explain,
    price_cart,
)

VAT = TaxRate("standard", 200_000)


def line(line_id: str = "a", **changes: object) -> PricedLineInput:
    build: Callable[..., PricedLineInput] = PricedLineInput
    return build(**{"line_id": line_id, "qty": 1, "unit_price_amount": 100} | changes)


def cart(*lines: PricedLineInput, **changes: object) -> CartInput:
    build: Callable[..., CartInput] = CartInput
    return build(**{"currency": "EUR", "is_tax_inclusive": True, "lines": lines} | changes)


def test_an_empty_cart_costs_nothing() -> None:
    priced = price_cart(cart(order_discounts=(percent(1000),), cash_rounding_increment=5))

    assert (priced.lines, priced.tax_groups, priced.total_amount) == ((), (), 0)
    assert priced.order_discount_amounts == (0,)


def percent(value: int) -> OrderDiscount:
    return OrderDiscount(kind="percent", value=value, reason="coupon")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: line(qty=AMOUNT_LIMIT), "quantity_out_of_range"),
        (lambda: line(qty=-AMOUNT_LIMIT), "quantity_out_of_range"),
        (lambda: line(qty_exponent=10), "quantity_exponent_out_of_range"),
        (lambda: line(qty_exponent=-1), "quantity_exponent_out_of_range"),
        (lambda: line(unit_price_amount=AMOUNT_LIMIT), "amount_out_of_range"),
        (lambda: line(is_discountable=False, discounts=(own(1),)), "line_not_discountable"),
        (lambda: own(10_001), "discount_out_of_range"),
        (lambda: own(-1), "discount_out_of_range"),
        (lambda: percent(10_001), "discount_out_of_range"),
        (lambda: fixed(-1), "discount_out_of_range"),
        (lambda: fixed(AMOUNT_LIMIT), "discount_out_of_range"),
        (lambda: TaxRate("x", -1), "tax_rate_out_of_range"),
        (lambda: TaxRate("x", 10_000_001), "tax_rate_out_of_range"),
        (lambda: cart(line(), line()), "line_id_repeated"),
        (lambda: cart(line(), currency="XXX"), "currency_unknown"),
        (lambda: cart(line(), cash_rounding_increment=0), "cash_rounding_out_of_range"),
        (lambda: cart(line(), cash_rounding_increment=-5), "cash_rounding_out_of_range"),
    ],
)
def test_what_a_person_can_put_right_is_rejected(make: Callable[[], object], code: str) -> None:
    with pytest.raises(Rejected) as rejection:
        make()

    assert rejection.value.code == code


def own(value: int) -> LineDiscount:
    return LineDiscount(kind="percent", value=value, reason="promotion")


def fixed(value: int) -> OrderDiscount:
    return OrderDiscount(kind="fixed", value=value, reason="coupon")


def unchecked(made: Callable[..., object], /, **fields: object) -> object:
    return made(**fields)


@pytest.mark.parametrize(
    "make",
    [
        lambda: line(qty=1.0),
        lambda: line(qty=True),
        lambda: line(unit_price_amount=9.99),
        lambda: line(qty_exponent="0"),
        lambda: line(kind="goodies"),
        lambda: cart(line(), tax_rounding="unit"),
        lambda: cart(line(), cash_rounding_increment=0.05),
        lambda: unchecked(TaxRate, code="x", rate_ppm=0.2),
        lambda: unchecked(LineDiscount, kind="percent", value=0.1, reason=""),
        lambda: unchecked(OrderDiscount, kind="half", value=1, reason=""),
        lambda: cart(
            line(),
            order_discounts=(
                OrderDiscount(kind="percent", value=1, reason="", line_ids=("elsewhere",)),
            ),
        ),
    ],
)
def test_what_only_our_own_mistake_can_make_is_a_bug(make: Callable[[], object]) -> None:
    with pytest.raises(Bug):
        make()


@pytest.mark.parametrize(
    "too_much",
    [
        cart(line(qty=10**9, unit_price_amount=10**9)),
        cart(line(qty=-(10**9), unit_price_amount=10**9)),
        cart(*(line(str(n), unit_price_amount=AMOUNT_LIMIT - 1) for n in range(2))),
        cart(
            line(unit_price_amount=AMOUNT_LIMIT - 1, tax_rate=VAT),
            is_tax_inclusive=False,
        ),
        cart(
            line("a", unit_price_amount=AMOUNT_LIMIT - 1, tax_rate=VAT),
            line("b", unit_price_amount=AMOUNT_LIMIT - 1, tax_rate=VAT),
            line("c", qty=-1, unit_price_amount=AMOUNT_LIMIT - 1),
        ),
        cart(line(unit_price_amount=AMOUNT_LIMIT - 1), cash_rounding_increment=10**10),
    ],
    ids=["line", "return", "total", "tax", "group", "cash"],
)
def test_a_figure_that_doubles_cannot_hold_is_rejected(too_much: CartInput) -> None:
    with pytest.raises(Rejected) as rejection:
        price_cart(too_much)

    assert rejection.value.code == "amount_out_of_range"


def test_the_largest_figures_are_still_exact() -> None:
    largest = cart(
        line(unit_price_amount=AMOUNT_LIMIT - 1, tax_rate=TaxRate("x", 88_750)),
        order_discounts=(percent(3333),),
    )

    priced = price_cart(largest)

    assert priced.discount_amount == 3_002_099_511_605_172
    assert priced.net_amount + priced.tax_amount == priced.total_amount


def test_a_quantity_finer_than_money_rounds_the_line_once() -> None:
    thin = cart(line(qty=1, qty_exponent=9, unit_price_amount=499_999_999))
    thick = cart(line(qty=1, qty_exponent=9, unit_price_amount=500_000_000))

    assert price_cart(thin).total_amount == 0
    assert price_cart(thick).total_amount == 1


def test_two_rates_with_one_code_and_two_figures_are_two_groups() -> None:
    changed = cart(
        line("a", tax_rate=TaxRate("standard", 190_000)),
        line("b", tax_rate=TaxRate("standard", 160_000)),
    )

    assert [group.rate_ppm for group in price_cart(changed).tax_groups] == [160_000, 190_000]


def test_a_discount_for_no_line_takes_nothing() -> None:
    nobody = OrderDiscount(kind="fixed", value=50, reason="bundle", line_ids=())

    priced = price_cart(cart(line(), order_discounts=(nobody, percent(1000))))

    assert priced.order_discount_amounts == (0, 10)


def test_two_discounts_for_different_lines_each_keep_to_theirs() -> None:
    bundles = cart(
        line("a"),
        line("b"),
        line("c"),
        order_discounts=(
            OrderDiscount(kind="fixed", value=31, reason="one", line_ids=("a", "b")),
            OrderDiscount(kind="fixed", value=41, reason="two", line_ids=("b", "c")),
        ),
    )

    priced = price_cart(bundles)

    assert [one.order_discount_amounts for one in priced.lines] == [(16, 0), (15, 19), (0, 22)]


def test_a_cart_that_cannot_be_priced_cannot_be_explained_either() -> None:
    with pytest.raises(Rejected):
        explain(cart(line(qty=10**9, unit_price_amount=10**9)))


def test_swapping_tax_rates_moves_no_cent_into_or_out_of_a_limited_discount() -> None:
    low, high = TaxRate("low", 70_000), TaxRate("high", 190_000)
    discounts = (
        OrderDiscount(kind="fixed", value=1, reason="one cent for both"),
        OrderDiscount(kind="percent", value=5000, reason="half of the first", line_ids=("a",)),
    )

    totals = {
        price_cart(
            cart(
                line("a", unit_price_amount=1, tax_rate=first),
                line("b", unit_price_amount=1, tax_rate=second),
                order_discounts=discounts,
            )
        ).total_amount
        for first, second in ((low, high), (high, low), (None, high), (high, high))
    }

    assert len(totals) == 1
