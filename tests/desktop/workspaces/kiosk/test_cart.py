"""The open cart as a value: what counts on a line, what needs a reason, what is left to pay."""

from dataclasses import replace

import pytest

from desktop.workspaces.kiosk import cart as carts
from desktop.workspaces.kiosk import kept_carts
from desktop.workspaces.kiosk.approvals import Given
from desktop.workspaces.kiosk.cart import (
    Cart,
    CartLine,
    due_of,
    new_cart,
)
from shared.catalog.queries import SellableRow
from shared.kernel.errors import Bug, Rejected
from shared.kernel.ids import ProductId, ShiftId, StoreId, UserId, VariantId, new_id
from shared.organization.tables import StoreRow
from shared.payments.commands import TenderKind
from shared.pricing.engine import LineDiscount, OrderDiscount
from shared.pricing.tables import TaxRateRow
from tests.support.shop import OPENING

RATES = {"standard": TaxRateRow("standard", "19 %", 190_000, is_active=True)}
TEN_PERCENT = LineDiscount(kind="percent", value=1000, reason="x", is_manual=True)


def store(coin_amount: int = 0) -> StoreRow:
    return StoreRow(
        StoreId(new_id()), "S", "CHF", "CH", "de", "Europe/Zurich", 0, True, "document",
        coin_amount, (), (),
    )  # fmt: skip


def variant(price_amount: int = 1000, unit_code: str = "piece") -> SellableRow:
    return SellableRow(
        VariantId(new_id()), ProductId(new_id()), "Mug", "", "M-1", price_amount, "standard",
        unit_code, True, "",
    )  # fmt: skip


def line_of(price_amount: int = 1000, qty: int = 1) -> CartLine:
    return carts.line_for(variant(price_amount), qty, RATES)


def cart_with(*lines: CartLine) -> Cart:
    return replace(new_cart(OPENING), lines=lines)


def test_the_same_thing_counts_on_its_line_until_somebody_touched_it() -> None:
    mug = variant()
    cart = new_cart(OPENING)
    cart, first = carts.with_line(cart, carts.line_for(mug, 1, RATES))
    cart, again = carts.with_line(cart, carts.line_for(mug, 2, RATES))
    assert again == first
    assert [line.sale.qty for line in cart.lines] == [3]

    cart = carts.with_line_discount(cart, first, TEN_PERCENT)
    cart, other = carts.with_line(cart, carts.line_for(mug, 1, RATES))
    assert other != first
    assert [line.sale.qty for line in cart.lines] == [3, 1]


def test_weighed_goods_and_changed_prices_get_lines_of_their_own() -> None:
    cheese, mug = variant(unit_code="kg"), variant()
    cart = cart_with(carts.line_for(cheese, 500, RATES))
    cart, _ = carts.with_line(cart, carts.line_for(cheese, 250, RATES))
    assert [line.sale.qty for line in cart.lines] == [500, 250]

    cart, mug_line = carts.with_line(cart, carts.line_for(mug, 1, RATES))
    dearer = replace(mug, price_amount=1100)
    cart, dearer_line = carts.with_line(cart, carts.line_for(dearer, 1, RATES))
    assert dearer_line != mug_line


def test_a_price_without_its_tax_rate_is_not_sold() -> None:
    with pytest.raises(Rejected, match="tax_rate_not_found"):
        carts.line_for(replace(variant(), tax_code="reduced"), 1, RATES)


@pytest.mark.parametrize("qty", [0, -1])
def test_a_quantity_is_more_than_nothing(qty: int) -> None:
    line = line_of()
    with pytest.raises(Rejected, match="quantity_not_positive"):
        carts.with_qty(cart_with(line), line.line_id, qty)


def test_another_price_needs_a_reason_and_the_list_price_takes_it_back() -> None:
    line = line_of()
    cart = cart_with(line)
    with pytest.raises(Rejected, match="reason_missing"):
        carts.with_price(cart, line.line_id, 900, reason="  ")
    cheaper = carts.with_price(cart, line.line_id, 900, reason=" dented ")
    assert cheaper.lines[0].sale.override_reason == "dented"
    back = carts.with_price(cheaper, line.line_id, 1000, reason="dented")
    assert back.lines[0].sale == line.sale


def test_an_approval_lasts_as_long_as_what_it_was_given_for() -> None:
    line = line_of()
    first, second = UserId(new_id()), UserId(new_id())
    cart = carts.with_line_discount(cart_with(line), line.line_id, TEN_PERCENT, approver_id=first)
    off = OrderDiscount(kind="fixed", value=1, reason="y")
    cart = carts.with_order_discount(cart, off, approver_id=second)
    assert cart.approver_id == second
    assert carts.with_order_discount(cart, None).approver_id == first
    assert carts.with_line_discount(cart, line.line_id, None).approver_id == second
    assert carts.without_line(cart, line.line_id).approver_id is None


def test_another_value_needs_an_approval_of_its_own() -> None:
    line = line_of()
    boss = UserId(new_id())
    cart = carts.with_price(cart_with(line), line.line_id, 900, reason="x", approver_id=boss)
    assert [each.given for each in cart.approvals] == [Given.PRICE]
    assert carts.with_price(cart, line.line_id, 800, reason="x").approver_id is None
    assert carts.with_price(cart, line.line_id, 1000, reason="").approver_id is None


def test_approvals_survive_a_crash() -> None:
    line = line_of()
    boss = UserId(new_id())
    cart = carts.with_line_discount(cart_with(line), line.line_id, TEN_PERCENT, approver_id=boss)
    found = kept_carts.cart_from(kept_carts.cart_bytes(cart))
    assert found == cart


def test_the_last_line_takes_the_discount_on_everything_with_it() -> None:
    line = line_of()
    cart = carts.with_order_discount(
        cart_with(line), OrderDiscount(kind="percent", value=500, reason="y")
    )
    assert carts.without_line(cart, line.line_id).order_discount is None


def test_open_lines_have_a_name_and_a_price() -> None:
    with pytest.raises(Rejected, match="title_missing"):
        carts.open_line(" ", 100, RATES["standard"])
    with pytest.raises(Rejected, match="amount_not_positive"):
        carts.open_line("Flowers", 0, RATES["standard"])
    assert carts.open_line(" Flowers ", 100, RATES["standard"]).sale.title == "Flowers"


def test_cash_and_card_share_a_sum_and_only_cash_is_rounded() -> None:
    swiss = store(coin_amount=5)
    cart = cart_with(line_of(1233))
    due = due_of(cart, 1233, swiss)
    assert (due.left_amount, due.cash_amount, due.is_settled) == (1233, 1235, False)

    cart = carts.with_other(cart, due, TenderKind.CARD_EXTERNAL, amount=1000, reference="T1")
    due = due_of(cart, 1233, swiss)
    assert (due.left_amount, due.cash_amount) == (233, 235)

    cart = carts.with_cash(cart, due, 100, store=swiss)
    due = due_of(cart, 1233, swiss)
    assert (due.left_amount, due.cash_amount) == (133, 135)

    cart = carts.with_cash(cart, due, 200, store=swiss)
    due = due_of(cart, 1233, swiss)
    assert due.is_settled
    assert carts.change_due(cart) == 65


def test_a_rest_that_no_coin_is_small_enough_for_needs_no_cash() -> None:
    swiss = store(coin_amount=5)
    cart = cart_with(line_of(1002))
    cart = carts.with_other(
        cart, due_of(cart, 1002, swiss), TenderKind.BANK, amount=1000, reference="T1"
    )
    due = due_of(cart, 1002, swiss)
    assert (due.left_amount, due.cash_amount, due.rounds_to_nothing) == (2, 0, True)
    assert not due.is_settled

    cart = carts.with_cash(cart, due, 0, store=swiss)

    assert due_of(cart, 1002, swiss).is_settled
    assert len(cart.tenders) == 1
    assert not due_of(cart_with(line_of(1003)), 1003, swiss).rounds_to_nothing


def test_part_of_a_sum_in_cash_is_paid_in_whole_coins() -> None:
    swiss = store(coin_amount=5)
    cart = cart_with(line_of(1233))
    with pytest.raises(Rejected, match="cash_not_in_coins"):
        carts.with_cash(cart, due_of(cart, 1233, swiss), 101, store=swiss)


def test_a_card_takes_no_more_than_is_due_and_names_its_reference() -> None:
    cart = cart_with(line_of(1000))
    due = due_of(cart, 1000, store())
    card = TenderKind.CARD_EXTERNAL
    with pytest.raises(Rejected, match="tender_exceeds_due"):
        carts.with_other(cart, due, card, amount=1001, reference="T1")
    with pytest.raises(Rejected, match="reference_missing"):
        carts.with_other(cart, due, card, amount=1000, reference=" ")


def test_cash_in_several_goes_is_one_tender_of_the_sale() -> None:
    cart = cart_with(line_of(1000))
    cart = carts.with_cash(cart, due_of(cart, 1000, store()), 300, store=store())
    cart = carts.with_cash(cart, due_of(cart, 1000, store()), 1000, store=store())
    price = carts.priced(cart, store())
    command = carts.completed(cart, price, shift_id=ShiftId(new_id()), store=store())
    given = [(tender.amount, tender.given_amount) for tender in command.tenders]
    assert given == [(1000, 1300)]


def test_a_sale_is_not_completed_while_something_is_due() -> None:
    cart = cart_with(line_of(1000))
    price = carts.priced(cart, store())
    with pytest.raises(Bug, match="left to pay"):
        carts.completed(cart, price, shift_id=ShiftId(new_id()), store=store())


def test_a_draft_holds_everything_and_an_unreadable_one_is_nothing() -> None:
    line = line_of()
    cart = carts.with_line_discount(cart_with(line), line.line_id, TEN_PERCENT)
    cart = carts.with_cash(cart, due_of(cart, 900, store()), 100, store=store())
    assert kept_carts.cart_from(kept_carts.cart_bytes(cart)) == cart
    assert kept_carts.parked_from(kept_carts.parked_bytes((cart, cart))) == (cart, cart)
    assert kept_carts.cart_from(b"{}") is None
    assert kept_carts.parked_from(b"?") == ()
