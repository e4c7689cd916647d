"""The whole window: by keyboard alone, by touch alone, with a scanner that never waits."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QWidget,
)

from desktop.sync.sync_status import StoreShare
from desktop.ui.numpad import NumPad
from desktop.ui.status_strip import Chip
from desktop.ui.watchdog import Watchdog
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.refund.view import RefundView
from desktop.workspaces.kiosk.sign_in.view import PersonButton
from shared.kernel.permissions import Role
from tests.desktop.workspaces.kiosk.at_counter import (
    KEYPAD,
    AtWindow,
    CounterMaker,
    add_staff,
    button_in,
    receipts_of,
    stage_of,
    tap,
    till_of,
)

TEA, MUG = "4000000000017", "4000000000024"
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA, sku="T-1")
        shop.product("Mug", price_amount=1299, barcode=MUG, sku="M-1")
        shop.product("Muffin", price_amount=250, barcode="4000000000031", sku="F-1")
    return counter


# -- keyboard alone


def test_a_day_by_keyboard_alone(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA, sku="T-1")
        shop.product("Mug", price_amount=1299, barcode=MUG, sku="M-1")
        add_staff(shop, "Anna", role=Role.SUPERVISOR, pin="2468")

    async def story(at: AtWindow) -> None:
        await at.begin()
        await _sign_in_by_keys(at)
        await _open_by_keys(at)
        await _search_and_pay_by_keys(at)
        await _discount_by_keys(at)
        await _refund_by_keys(at)
        await _close_by_keys(at)

    counter.show(story)


async def _sign_in_by_keys(at: AtWindow) -> None:
    assert at.screen() == "SignInView"
    await at.ui.until(lambda: isinstance(at.focused(), PersonButton))
    first = at.focused()
    assert isinstance(first, PersonButton)
    assert first.user.name == "Anna"
    at.press(Key.Key_Return)
    await at.ui.settle()
    at.digits("1111")
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert at.screen() == "SignInView"
    at.digits("2468")
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert at.gate.user_name == "Anna"
    assert at.screen() == "OpeningView"


async def _open_by_keys(at: AtWindow) -> None:
    at.press(Key.Key_Down)
    at.press(Key.Key_Down)
    at.digits("2")
    for _ in range(12):
        at.press(Key.Key_Return)
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert at.screen() == "TillView"
    assert at.counter.till.open_shift().opening_float_amount == 10_000


async def _search_and_pay_by_keys(at: AtWindow) -> None:
    assert at.focused() is till_of(at).bar.field
    at.digits("2")
    at.press(Key.Key_Asterisk, KEYPAD)
    till_of(at).bar.field.insert("te")
    await at.ui.settle()
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert [(row.qty_text, row.name) for row in at.counter.sale.rows] == [("2", "Tea")]
    at.press(Key.Key_Plus, KEYPAD)
    await at.ui.settle()
    assert stage_of(at) is Stage.PAID
    assert till_of(at).paid.change_text() == "€6.98"
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert stage_of(at) is Stage.SELLING
    assert at.focused() is till_of(at).bar.field


async def _discount_by_keys(at: AtWindow) -> None:
    at.shoot(MUG)
    await at.ui.settle()
    at.press(Key.Key_F4)
    await at.sheet_open()
    at.digits("3")
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert at.counter.sale.total_amount == 3897
    at.press(Key.Key_F5)
    sheet = await at.sheet_open()
    at.digits("10")
    reason = sheet.findChild(QLineEdit)
    assert reason is not None
    reason.setText("Loyal customer")
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert at.counter.sale.total_amount == 3507
    at.press(Key.Key_F12)
    await at.ui.settle()
    at.press(Key.Key_2, ALT)
    await at.ui.settle()
    at.digits("4711")
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert stage_of(at) is Stage.PAID
    receipts = await receipts_of(at)
    assert receipts[0].document.tenders[0].reference == "4711"
    at.press(Key.Key_Escape)
    await at.ui.settle()


async def _refund_by_keys(at: AtWindow) -> None:
    at.press(Key.Key_F9)
    await at.ui.settle()
    assert at.screen() == "RefundView"
    at.digits("1")
    at.press(Key.Key_Return)
    await at.ui.settle()
    at.press(Key.Key_Plus, KEYPAD)
    view = at.window.current_screen()
    assert isinstance(view, RefundView)
    field = view.findChildren(QLineEdit)[-1]
    field.setText("Not wanted")
    assert at.counter.refund.total_amount == 349
    button = next(b for b in view.findChildren(QAbstractButton) if b.text() == "Give back")
    button.setFocus()
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert at.counter.refund.is_given
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert at.screen() == "TillView"


async def _close_by_keys(at: AtWindow) -> None:
    at.press(Key.Key_Z, CTRL | SHIFT)
    await at.ui.settle()
    assert at.screen() == "ClosingView"
    at.digits("0")
    for _ in range(14):
        at.press(Key.Key_Return)
    at.press(Key.Key_Return)
    await at.ui.settle()
    report = at.counter.shift.report
    assert report is not None
    assert report.sale_count == 2
    assert report.expected_amount == 10_000 + 698 - 349
    at.press(Key.Key_Return)
    await at.ui.settle()
    assert at.screen() == "SignInView"


# -- touch alone


def test_a_sale_by_touch_alone(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        till = till_of(at)
        await at.ui.until(lambda: till.tiles.grid.model().rowCount() == 3)
        grid = till.tiles.grid
        for row in (0, 0, 1):
            place = grid.visualRect(grid.model().index(row, 0)).center()
            QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
            await at.ui.settle()
        assert [row.qty_text for row in at.counter.sale.rows] == ["2", "1"]
        tap(till.cart.pay)
        await at.ui.settle()
        tap(button_in(till.tender, "€20.00"))
        await at.ui.settle()
        assert stage_of(at) is Stage.PAID
        tap(button_in(till.paid, "Next sale"))
        await at.ui.settle()
        assert stage_of(at) is Stage.SELLING
        tap(button_in(till, "Return"))
        await at.ui.settle()
        assert at.screen() == "RefundView"

    stocked.show(story)


# -- the strip, paper, and what has a name


def test_the_strip_says_how_the_till_stands(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        words = at.window.strip.words()
        assert words[:2] == ["Olga", "K1"]
        assert "Online" in words
        at.server.go_offline(at.device.clock.now(), unsent_count=3)
        words = at.window.strip.words()
        assert any(word.startswith("Offline since") for word in words)
        assert any(word.startswith("3 unsent") for word in words)

    stocked.show(story)


def test_the_strip_says_whether_unsent_sales_lie_on_another_machine_too(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtWindow) -> None:
        def unsent() -> Chip:
            return next(chip for chip in at.counter.status.chips() if chip.id == "unsent")

        await at.selling()
        at.server.go_offline(at.device.clock.now(), unsent_count=3)
        assert unsent().text == "3 unsent · just now"
        at.server.store = StoreShare(is_on=True, neighbours=("Till 2",), unsent=3, uncopied=1)
        at.server.changed.emit()
        assert unsent().text == "3 unsent · just now · only here"
        assert "Shared with: Till 2" in unsent().tip
        assert "1 unsent entry lies on this machine only" in unsent().tip
        at.server.store = StoreShare(is_on=True, neighbours=("Till 2",), unsent=3, kept=2)
        at.server.changed.emit()
        assert unsent().text == "3 unsent · just now · copied"
        assert "Keeps 2 unsent entries of other machines" in unsent().tip

    stocked.show(story)


def test_paper_can_be_had_again_and_says_that_it_is_a_copy(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        at.press(Key.Key_Plus, KEYPAD)
        await at.ui.settle()
        assert "KOPIE" not in at.printer.texts()
        at.press(Key.Key_P, CTRL)
        await at.ui.settle()
        assert len(at.printer.prints) == 2
        assert "KOPIE" in at.printer.texts()
        at.press(Key.Key_R, CTRL)
        sheet = await at.sheet_open()
        assert any("K1-000001" in widget.accessibleName() for widget in sheet.findChildren(QWidget))
        sheet.cancel()
        tap(button_in(till_of(at).paid, "Save as PDF"))
        await at.ui.settle()
        assert list(at.shelf.kept) == ["K1-000001.pdf"]

    stocked.show(story)


def test_everything_that_can_be_operated_has_a_name(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        for key in (Key.Key_F3, Key.Key_F4, Key.Key_F5, Key.Key_F6, Key.Key_F10, Key.Key_F1):
            at.press(key)
            sheet = await at.sheet_open()
            assert _nameless(sheet) == [], key
            sheet.cancel()
            await at.ui.settle()
        at.press(Key.Key_F12)
        await at.ui.settle()
        at.press(Key.Key_Escape)
        at.press(Key.Key_F9)
        await at.ui.settle()
        at.window.open_screen("closing")
        await at.ui.settle()
        assert _nameless(at.window) == []

    stocked.show(story)


def _nameless(root: QWidget) -> list[str]:
    kinds = (QAbstractButton, QLineEdit, QAbstractItemView, NumPad)
    return [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in root.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.isVisibleTo(root)
        and not isinstance(widget, QHeaderView)
        and not widget.accessibleName()
    ]


def test_fingers_find_large_enough_targets(stocked: CounterMaker) -> None:
    """At 96 dots to the inch 44 px are the floor; what is pressed all day has 57 (15 mm)."""

    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        till = till_of(at)
        assert till.cart.pay.height() >= 57
        small = [
            (type(button).__name__, button.accessibleName(), button.height(), button.width())
            for button in till.findChildren(QAbstractButton)
            if button.isVisible() and (button.height() < 44 or button.width() < 44)
        ]
        assert small == []
        assert till.tiles.grid.gridSize().height() >= 57

    stocked.show(story)


def test_the_window_fits_the_smallest_screen(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        for screen in ("refund", "closing", "till"):
            at.window.open_screen(screen)
            await at.ui.settle()
        at.press(Key.Key_F12)
        await at.ui.settle()
        assert at.window.minimumSizeHint().height() <= 720
        assert at.window.minimumSizeHint().width() <= 1280
        assert (at.window.width(), at.window.height()) == (1280, 720)

    stocked.show(story)


@pytest.mark.timing
def test_the_window_never_stands_still(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        at.press(Key.Key_F12)
        await at.ui.settle()
        at.press(Key.Key_Escape)
        await at.ui.settle()
        watchdog = Watchdog(limit_ms=50)
        watchdog.start()
        try:
            for _ in range(10):
                for _ in range(10):
                    at.shoot(MUG)
                    await at.ui.turn(2)
                at.press(Key.Key_Plus, KEYPAD)
                await at.ui.settle()
        finally:
            stalls = watchdog.stop()
        assert len(await receipts_of(at)) == 10
        assert [stall.stack for stall in stalls] == []

    stocked.show(story)
