"""What a cashier may not do alone: keyed in first, then approved exactly as it is applied."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

from desktop.ui.button import Button
from desktop.ui.numpad import NumPad
from desktop.ui.sheet import Sheet
from desktop.workspaces.kiosk.approval.view import ApprovalSheet
from desktop.workspaces.kiosk.discount.view import DiscountSheet, PriceSheet
from desktop.workspaces.kiosk.refund.view import RefundView
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission, Role
from tests.desktop.workspaces.kiosk.at_counter import (
    AtWindow,
    CounterMaker,
    add_staff,
    button_in,
    tap,
)

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
TEA, MUG = "4000000000017", "4000000000024"
LONG_NAMES = (
    "Maximiliane-Katharina Schmidt-Rottenberger von Hohenfels",
    "Friedrich-Wilhelm Oberlandesgerichtsrat",
    "Sabine",
)


@pytest.fixture
def staffed(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=1000, barcode=TEA)
        shop.product("Mug", price_amount=500, barcode=MUG)
        add_staff(shop, "Anna", role=Role.CASHIER, pin="2468")
        for name, pin in zip(LONG_NAMES, ("7777", "8888", "9999"), strict=True):
            add_staff(shop, name, role=Role.SUPERVISOR, pin=pin)
    return counter


async def _selling(at: AtWindow, *codes: str, width: int = 1280, height: int = 720) -> None:
    """Anna sells these."""
    await at.begin(width, height)
    users = {user.name: user.user_id for user in at.counter.sign_in.users}
    await at.gate.sign_in(users["Anna"], "2468")
    at.counter.shift.open(0)
    await at.ui.settle()
    for code in codes:
        at.shoot(code)
        await at.ui.settle()


async def _next_sheet(at: AtWindow, kind: type[Sheet]) -> Sheet:
    await at.ui.until(lambda: isinstance(at.sheet(), kind))
    found = at.sheet()
    assert found is not None
    await at.ui.turn(2)
    return found


async def _key_in(at: AtWindow, kind: type[Sheet], digits: str, *, reason: str = "Damaged") -> None:
    """Key a figure and its reason into the sheet that opens, and press Enter."""
    sheet = await _next_sheet(at, kind)
    tap(button_in(sheet, reason))
    at.digits(digits)
    at.press(Key.Key_Return)
    await at.ui.turn(2)


async def _approve(at: AtWindow, name: str, pin: str) -> None:
    asked = await _next_sheet(at, ApprovalSheet)
    tap(button_in(asked, name))
    at.digits(pin)
    at.press(Key.Key_Return)
    await at.ui.until(lambda: at.sheet() is None)
    await at.ui.settle()


def _words(sheet: QWidget) -> str:
    labels = [label for label in sheet.findChildren(QLabel) if label.isVisible()]
    return " ".join(label.text() for label in labels)


def test_a_line_discount_is_approved_after_its_amount_is_known(staffed: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await _selling(at, TEA, MUG, MUG)
        at.press(Key.Key_F5)
        await _key_in(at, DiscountSheet, "20")
        asked = await _next_sheet(at, ApprovalSheet)
        for words in ("2 × Mug", "€10.00", "20%", "€2.00", "€8.00", "Damaged"):
            assert words in _words(asked)
        assert at.counter.sale.total_amount == 2000
        tap(button_in(asked, "Sabine"))
        at.digits("1111")
        at.press(Key.Key_Return)
        await at.ui.until(lambda: "wrong" in _words(asked))
        assert at.counter.sale.total_amount == 2000
        at.digits("9999")
        at.press(Key.Key_Return)
        await at.ui.until(lambda: at.sheet() is None)
        assert at.counter.sale.total_amount == 1800
        assert [each.given for each in at.counter.carts.cart.approvals] == ["line_discount"]
        assert at.gate.user_name == "Anna"

    staffed.show(story)


def test_nothing_is_applied_without_the_approval(staffed: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await _selling(at, TEA)
        before = at.counter.carts.cart
        for key, modifiers, kind in (
            (Key.Key_F5, Qt.KeyboardModifier.NoModifier, DiscountSheet),
            (Key.Key_F5, SHIFT, DiscountSheet),
            (Key.Key_F6, Qt.KeyboardModifier.NoModifier, PriceSheet),
        ):
            at.press(key, modifiers)
            await _key_in(at, kind, "20")
            await _next_sheet(at, ApprovalSheet)
            at.press(Key.Key_Escape)
            await at.ui.settle()
            assert at.sheet() is None
            assert at.counter.carts.cart == before

    staffed.show(story)


def test_an_approval_is_for_that_value_alone(staffed: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await _selling(at, TEA)
        at.press(Key.Key_F5)
        await _key_in(at, DiscountSheet, "10")
        await _approve(at, "Sabine", "9999")
        assert at.counter.sale.total_amount == 900
        at.press(Key.Key_F5)
        await _key_in(at, DiscountSheet, "50")
        asked = await _next_sheet(at, ApprovalSheet)
        assert "€5.00" in _words(asked)
        at.press(Key.Key_Escape)
        await at.ui.settle()
        assert at.counter.sale.total_amount == 900
        at.press(Key.Key_F5)
        sheet = await _next_sheet(at, DiscountSheet)
        tap(button_in(sheet, "No discount"))
        await at.ui.settle()
        assert at.counter.sale.total_amount == 1000
        assert at.counter.carts.cart.approver_id is None

    staffed.show(story)


def test_two_supervisors_answer_each_for_what_they_allowed(staffed: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await _selling(at, TEA, MUG)
        at.press(Key.Key_F6)
        await _key_in(at, PriceSheet, "400", reason="Price match")
        asked = await _next_sheet(at, ApprovalSheet)
        for words in ("Mug", "List price", "€5.00", "New price", "€4.00", "Price match"):
            assert words in _words(asked)
        await _approve(at, "Sabine", "9999")
        assert at.counter.sale.total_amount == 1400
        at.press(Key.Key_F5, SHIFT)
        await _key_in(at, DiscountSheet, "10")
        asked = await _next_sheet(at, ApprovalSheet)
        for words in ("Whole sale", "€14.00", "10%", "€1.40", "€12.60"):
            assert words in _words(asked)
        await _approve(at, "Friedrich", "8888")
        assert at.counter.sale.total_amount == 1260
        cart = at.counter.carts.cart
        assert [each.given for each in cart.approvals] == ["price", "order_discount"]
        assert cart.approver_id == cart.approvals[1].approver_id
        assert cart.approvals[0].approver_id != cart.approvals[1].approver_id
        at.counter.tender.exact_cash()
        await at.paid()

    staffed.show(story)


def test_a_cashier_takes_the_money_for_what_a_supervisor_gave(staffed: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await _selling(at, TEA)
        users = {user.name: user.user_id for user in at.counter.sign_in.users}
        await at.gate.sign_in(users[LONG_NAMES[2]], "9999")
        await at.ui.settle()
        at.press(Key.Key_F5)
        await _key_in(at, DiscountSheet, "20")
        await at.ui.until(lambda: at.sheet() is None)
        await at.gate.sign_in(users["Anna"], "2468")
        await at.ui.settle()
        assert at.counter.sale.total_amount == 800
        at.counter.tender.exact_cash()
        await at.paid()

    staffed.show(story)


def test_a_sale_that_changed_meanwhile_is_not_discounted(staffed: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await _selling(at, TEA)
        at.press(Key.Key_F5, SHIFT)
        await _key_in(at, DiscountSheet, "10")
        await _next_sheet(at, ApprovalSheet)
        at.counter.find.scan(MUG)
        await at.ui.until(lambda: at.counter.sale.total_amount == 1500)
        await _approve(at, "Sabine", "9999")
        assert at.counter.sale.total_amount == 1500
        assert at.counter.carts.cart.approver_id is None

    staffed.show(story)


def test_a_supervisor_approves_a_refund_of_just_this_amount(
    staffed: CounterMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller = frozenset({Permission.SELL, Permission.SHIFT})
    monkeypatch.setitem(ROLE_PERMISSIONS, Role.CASHIER, seller)

    async def story(at: AtWindow) -> None:
        await _selling(at)
        await at.sell_for_cash(TEA, MUG)
        at.press(Key.Key_F9)
        await at.ui.settle()
        at.counter.refund.look_up("1")
        await at.ui.settle()
        at.counter.refund.take_all()
        screen = at.window.current_screen()
        assert isinstance(screen, RefundView)
        tap(button_in(screen, "Faulty"))
        tap(button_in(screen, "Give back"))
        asked = await _next_sheet(at, ApprovalSheet)
        for words in ("K1-000001", "Tea", "To give back", "€15.00", "Faulty", "Cash"):
            assert words in _words(asked)
        at.press(Key.Key_Escape)
        await at.ui.settle()
        assert not at.counter.refund.is_given
        tap(button_in(screen, "Give back"))
        await _approve(at, "Sabine", "9999")
        await at.ui.until(lambda: at.counter.refund.done is not None)
        assert at.gate.user_name == "Anna"
        assert at.printer.drawer_count == 2

    staffed.show(story)


@pytest.mark.parametrize(("width", "height"), [(1024, 700), (1280, 720), (1280, 800)])
def test_the_pad_has_room_beside_three_supervisors_and_an_error(
    staffed: CounterMaker, width: int, height: int
) -> None:
    async def story(at: AtWindow) -> None:
        await _selling(at, TEA, width=width, height=height)
        at.press(Key.Key_F5)
        await _key_in(at, DiscountSheet, "20")
        asked = await _next_sheet(at, ApprovalSheet)
        tap(button_in(asked, "Sabine"))
        before = button_in(asked, "5").geometry()
        at.digits("1111")
        at.press(Key.Key_Return)
        await at.ui.until(lambda: "wrong" in _words(asked))
        await at.ui.turn(3)
        _expect_room(asked)
        assert button_in(asked, "5").geometry() == before

    staffed.show(story)


def _expect_room(sheet: Sheet) -> None:
    """Nothing lies on anything else, or outside the card."""
    pad = sheet.findChild(NumPad)
    assert pad is not None
    parts = [*pad.findChildren(Button), *pad.findChildren(QLabel)]
    parts += [label for label in sheet.card.findChildren(QLabel) if label.parent() is sheet.card]
    places = [
        QRect(part.mapTo(sheet.card, part.rect().topLeft()), part.size())
        for part in parts
        if part.isVisible()
    ]
    for at, place in enumerate(places):
        assert sheet.card.rect().contains(place)
        assert not any(place.intersects(other) for other in places[at + 1 :])
