"""What holds of every cart: the properties P1 to P12 of the pricing record, by name."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.kernel.money import format_plain, parse_amount, round_half_away
from shared.pricing.engine import (
    CartInput,
    LineDiscount,
    OrderDiscount,
    PricedCart,
    PricedLine,
    RefundPart,
    TaxRate,
    price_cart,
    refund_amounts,
)
from tests.shared.pricing.carts import CURRENCIES, RATES, carts

steady = settings(deadline=None, max_examples=200)


def totals(priced: PricedCart) -> tuple[object, ...]:
    """All that does not belong to a single line."""
    return (
        priced.tax_groups,
        priced.base_amount,
        priced.discount_amount,
        priced.order_discount_amounts,
        priced.net_amount,
        priced.tax_amount,
        priced.total_amount,
        priced.payable_cash_amount,
    )


def refund_in_parts(line: PricedLine, parts: list[int]) -> list[RefundPart]:
    done, gross, tax, refunds = 0, 0, 0, []
    for qty in parts:
        part = refund_amounts(
            line,
            already_refunded_qty=done,
            already_refunded_gross_amount=gross,
            already_refunded_tax_amount=tax,
            qty=qty,
        )
        done, gross, tax = done + qty, gross + part.gross_amount, tax + part.tax_amount
        refunds.append(part)
    return refunds


@st.composite
def splits(draw: st.DrawFn, qty: int) -> list[int]:
    """`qty` in parts of its own sign, in any sizes."""
    size, sign = abs(qty), -1 if qty < 0 else 1
    cuts = draw(st.lists(st.integers(1, max(1, size - 1)), max_size=6, unique=True))
    edges = [0, *sorted(cut for cut in cuts if cut < size), size]
    return [sign * (end - start) for start, end in pairwise(edges)]


@steady
@given(carts())
def test_p1_shown_prices_less_discounts_are_the_total(cart: CartInput) -> None:
    priced = price_cart(cart)

    charged = priced.total_amount if cart.is_tax_inclusive else priced.net_amount
    assert charged == priced.base_amount - priced.discount_amount
    assert priced.net_amount + priced.tax_amount == priced.total_amount
    assert priced.total_amount == sum(line.gross_amount for line in priced.lines)
    for line in priced.lines:
        left = line.base_amount - line.line_discount_amount - line.order_discount_amount
        assert left == (line.gross_amount if cart.is_tax_inclusive else line.net_amount)
        assert line.net_amount + line.tax_amount == line.gross_amount


@steady
@given(carts())
def test_p2_shares_add_up_and_stay_between_nothing_and_the_line(cart: CartInput) -> None:
    priced = price_cart(cart)

    for n, amount in enumerate(priced.order_discount_amounts):
        assert amount == sum(line.order_discount_amounts[n] for line in priced.lines)
    for line in priced.lines:
        sign = -1 if line.base_amount < 0 else 1
        left = sign * line.base_amount
        for off in line.line_discount_amounts + line.order_discount_amounts:
            assert 0 <= sign * off <= left
            left -= sign * off


@steady
@given(carts())
def test_p3_everything_off_costs_nothing_and_carries_no_tax(cart: CartInput) -> None:
    goods = tuple(replace(line, kind="goods", is_discountable=True) for line in cart.lines)
    free = OrderDiscount(kind="percent", value=10_000, reason="everything")

    priced = price_cart(replace(cart, lines=goods, order_discounts=(*cart.order_discounts, free)))

    assert (priced.total_amount, priced.tax_amount, priced.payable_cash_amount) == (0, 0, 0)
    assert all(line.gross_amount == line.tax_amount == 0 for line in priced.lines)


@steady
@given(carts())
def test_p3_everything_off_each_line_costs_nothing(cart: CartInput) -> None:
    free = LineDiscount(kind="percent", value=10_000, reason="everything", priority=9)
    given_away = tuple(
        replace(line, is_discountable=True, discounts=(*line.discounts, free))
        for line in cart.lines
    )

    priced = price_cart(replace(cart, lines=given_away))

    assert (priced.net_amount, priced.tax_amount, priced.total_amount) == (0, 0, 0)


@steady
@given(carts(size=3), st.data())
def test_p4_any_split_of_refunds_gives_back_what_was_paid(
    cart: CartInput, data: st.DataObject
) -> None:
    for line in price_cart(cart).lines:
        if line.qty == 0:
            continue
        refunds = refund_in_parts(line, data.draw(splits(line.qty)))

        assert sum(part.gross_amount for part in refunds) == line.gross_amount
        assert sum(part.tax_amount for part in refunds) == line.tax_amount
        assert sum(part.net_amount for part in refunds) == line.net_amount
        sign = -1 if line.gross_amount < 0 else 1
        paid_back = 0
        for part in refunds:
            paid_back += part.gross_amount
            assert sign * paid_back <= sign * line.gross_amount
            assert 0 <= sign * part.tax_amount <= sign * part.gross_amount
            assert part.net_amount + part.tax_amount == part.gross_amount


@steady
@given(carts(size=4), st.data())
def test_p5_cancelling_a_line_leaves_what_was_paid_for_the_others(
    cart: CartInput, data: st.DataObject
) -> None:
    priced = price_cart(cart)
    sold = [line for line in priced.lines if line.qty]
    assume(sold)
    cancelled = data.draw(st.sampled_from(sold))

    (refund,) = refund_in_parts(cancelled, [cancelled.qty])

    others = [line for line in priced.lines if line is not cancelled]
    assert priced.total_amount - refund.gross_amount == sum(line.gross_amount for line in others)
    assert priced.tax_amount - refund.tax_amount == sum(line.tax_amount for line in others)


@steady
@given(carts(), st.randoms(use_true_random=False))
def test_p6_the_order_of_lines_changes_no_total(cart: CartInput, random: Random) -> None:
    shuffled = list(cart.lines)
    random.shuffle(shuffled)

    assert totals(price_cart(replace(cart, lines=tuple(shuffled)))) == totals(price_cart(cart))


@steady
@given(carts(is_plain=True), st.data())
def test_p6_splitting_a_line_changes_no_total_of_a_document(
    cart: CartInput, data: st.DataObject
) -> None:
    whole = replace(cart, tax_rounding="document")

    assert totals(price_cart(split(whole, data))) == totals(price_cart(whole))


@steady
@given(carts(is_plain=True), st.data())
def test_p6_splitting_a_line_costs_at_most_a_unit_per_line_where_tax_is_by_line(
    cart: CartInput, data: st.DataObject
) -> None:
    lawful = tuple(rate for rate in RATES if rate is None or rate.rate_ppm < 1_000_000)
    ordinary = tuple(
        replace(line, tax_rate=data.draw(st.sampled_from(lawful))) for line in cart.lines
    )
    whole = replace(cart, tax_rounding="line", lines=ordinary)
    parted = split(whole, data)

    difference = price_cart(parted).total_amount - price_cart(whole).total_amount

    assert abs(difference) <= len(parted.lines)


def split(cart: CartInput, data: st.DataObject) -> CartInput:
    """The cart with its lines in parts; a discount for some lines is for all their parts."""
    parts = {
        line.line_id: tuple(
            replace(line, line_id=f"{line.line_id}.{n}", qty=qty)
            for n, qty in enumerate(data.draw(splits(line.qty)))
        )
        for line in cart.lines
    }
    return replace(
        cart,
        lines=tuple(part for line in cart.lines for part in parts[line.line_id]),
        order_discounts=tuple(
            replace(
                discount,
                line_ids=tuple(
                    part.line_id for named in discount.line_ids for part in parts[named]
                ),
            )
            if discount.line_ids is not None
            else discount
            for discount in cart.order_discounts
        ),
    )


@steady
@given(carts(is_plain=True, size=4), st.integers(1, 40))
def test_p7_copies_cost_what_the_quantity_costs(cart: CartInput, copies: int) -> None:
    one = replace(cart, tax_rounding="document")
    times = replace(one, lines=tuple(replace(line, qty=line.qty * copies) for line in one.lines))
    names = {line.line_id: [f"{line.line_id}.{n}" for n in range(copies)] for line in one.lines}
    copied = replace(
        one,
        lines=tuple(
            replace(line, line_id=name) for line in one.lines for name in names[line.line_id]
        ),
        order_discounts=tuple(
            replace(d, line_ids=tuple(name for named in d.line_ids for name in names[named]))
            if d.line_ids is not None
            else d
            for d in one.order_discounts
        ),
    )

    assert totals(price_cart(copied)) == totals(price_cart(times))


@steady
@given(carts(size=4), st.integers(1, 40))
def test_p7_tax_of_copies_is_within_a_unit_per_group(cart: CartInput, copies: int) -> None:
    one = replace(cart, tax_rounding="document", order_discounts=())
    copied = replace(
        one,
        lines=tuple(
            replace(line, line_id=f"{line.line_id}.{n}")
            for line in one.lines
            for n in range(copies)
        ),
    )

    for group, group_of_one in zip(
        price_cart(copied).tax_groups, price_cart(one).tax_groups, strict=True
    ):
        if cart.is_tax_inclusive:
            exact = Fraction(group_of_one.gross_amount * group.rate_ppm, 1_000_000 + group.rate_ppm)
        else:
            exact = Fraction(group_of_one.net_amount * group.rate_ppm, 1_000_000)
        assert abs(group.tax_amount - copies * exact) <= Fraction(1, 2)


@steady
@given(carts())
def test_p8_what_a_provider_is_sent_adds_up_by_its_own_formula(cart: CartInput) -> None:
    priced = price_cart(cart)

    goods = sum(line.base_amount for line in priced.lines if line.kind == "goods")
    shipping = sum(line.base_amount for line in priced.lines if line.kind == "shipping")
    fees = sum(line.base_amount for line in priced.lines if line.kind == "fee")
    tax_on_top = 0 if cart.is_tax_inclusive else priced.tax_amount
    breakdown = goods + shipping + fees + tax_on_top - priced.discount_amount
    assert breakdown == priced.total_amount
    if cart.tax_rounding == "document":
        for group in priced.tax_groups:
            assert group.tax_amount == tax_inside(group.gross_amount, group.rate_ppm)
    else:
        for line in priced.lines:
            if line.tax_rate is not None:
                assert line.tax_amount == tax_inside(line.gross_amount, line.tax_rate.rate_ppm)


def tax_inside(gross_amount: int, rate_ppm: int) -> int:
    """The tax that payment providers expect of a gross amount: gross * rate / (100 % + rate)."""
    return round_half_away(gross_amount * rate_ppm, 1_000_000 + rate_ppm)


@steady
@given(carts(), st.sampled_from(RATES))
def test_p10_a_final_price_is_charged_as_entered_whatever_the_tax(
    cart: CartInput, rate: TaxRate | None
) -> None:
    final = replace(cart, is_tax_inclusive=True)
    elsewhere = replace(final, lines=tuple(replace(line, tax_rate=rate) for line in final.lines))

    assert price_cart(elsewhere).total_amount == price_cart(final).total_amount


@steady
@given(carts())
def test_p11_the_number_of_decimals_changes_no_minor_unit(cart: CartInput) -> None:
    priced = [price_cart(replace(cart, currency=currency)) for currency in CURRENCIES]

    assert len({totals(one) for one in priced}) == 1
    for one in priced:
        for line in one.lines:
            text = format_plain(line.gross_amount, one.currency)
            assert parse_amount(text, one.currency) == line.gross_amount


@steady
@given(carts())
def test_p12_a_return_mirrors_the_sale(cart: CartInput) -> None:
    returned = replace(cart, lines=tuple(replace(line, qty=-line.qty) for line in cart.lines))

    assert mirrored(price_cart(returned)) == price_cart(cart)


def mirrored(priced: PricedCart) -> PricedCart:
    """The cart with the sign of every amount and quantity turned round."""
    return replace(
        priced,
        lines=tuple(
            replace(
                line,
                qty=-line.qty,
                base_amount=-line.base_amount,
                line_discount_amounts=tuple(-one for one in line.line_discount_amounts),
                order_discount_amounts=tuple(-one for one in line.order_discount_amounts),
                line_discount_amount=-line.line_discount_amount,
                order_discount_amount=-line.order_discount_amount,
                net_amount=-line.net_amount,
                tax_amount=-line.tax_amount,
                gross_amount=-line.gross_amount,
            )
            for line in priced.lines
        ),
        tax_groups=tuple(
            replace(
                group,
                net_amount=-group.net_amount,
                tax_amount=-group.tax_amount,
                gross_amount=-group.gross_amount,
            )
            for group in priced.tax_groups
        ),
        base_amount=-priced.base_amount,
        discount_amount=-priced.discount_amount,
        order_discount_amounts=tuple(-one for one in priced.order_discount_amounts),
        net_amount=-priced.net_amount,
        tax_amount=-priced.tax_amount,
        total_amount=-priced.total_amount,
        cash_rounding_amount=-priced.cash_rounding_amount,
        payable_cash_amount=-priced.payable_cash_amount,
    )
