"""Who works at the till: the lock, PINs, waiting after wrong ones, and approvals."""

import time
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt

from desktop.ui.numpad import NumPad
from shared.kernel.permissions import Role
from shared.pos.queries import shifts
from tests.desktop.workspaces.kiosk.at_counter import (
    AtWindow,
    CounterMaker,
    add_staff,
)

TEA = "4000000000017"
Key = Qt.Key


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA)
    return counter


def test_the_lock_keeps_the_cart_and_another_cashier_goes_on(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, barcode=TEA)
        anna = add_staff(shop, "Anna", role=Role.CASHIER, pin="2468")

    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        at.press(Key.Key_F4)
        await at.sheet_open()
        at.window.close_sheets()
        at.press(Key.Key_F11)
        await at.ui.settle()
        assert at.screen() == "SignInView"
        assert "Nobody signed in" in at.window.strip.words()
        at.shoot(TEA)
        await at.ui.settle()
        assert at.counter.find.waiting_codes == ()
        at.counter.sign_in.choose(anna)
        await at.ui.settle()
        at.shoot(TEA)
        await at.ui.settle()
        assert at.window.toasts.texts() == ["Sign in first; what was scanned was not taken."] * 2
        assert at.screen() == "SignInView"
        at.shoot("2468")
        await at.ui.settle()
        assert at.screen() == "TillView"
        assert [row.name for row in at.counter.sale.rows] == ["Tea"]
        assert "Anna" in at.window.strip.words()

    counter.show(story)


def test_wrong_pins_make_everybody_wait_and_the_wait_is_counted_down(
    counter: CounterMaker,
) -> None:
    with counter.seeding() as shop:
        anna = add_staff(shop, "Anna", role=Role.CASHIER, pin="2468")

    async def story(at: AtWindow) -> None:
        await at.begin()
        sign_in = at.counter.sign_in
        sign_in.choose(anna)
        for _ in range(6):
            sign_in.enter("1111")
            await at.ui.settle()
        assert sign_in.wait_seconds == 15
        view = at.window.current_screen()
        assert view is not None
        pad = view.findChild(NumPad)
        assert pad is not None
        assert not pad.isEnabled()
        at.device.clock.advance(_seconds(5))
        sign_in.tick()
        assert sign_in.wait_seconds == 10
        at.device.clock.advance(_seconds(11))
        sign_in.tick()
        assert pad.isEnabled()
        sign_in.enter("2468")
        await at.ui.settle()
        assert at.gate.user_name == "Anna"

    counter.show(story)


def test_a_restart_goes_straight_on_with_the_open_shift(stocked: CounterMaker) -> None:
    async def first(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()

    async def second(at: AtWindow) -> None:
        await at.begin()
        await at.gate.sign_in(at.device.shop.owner_id, "")
        await at.ui.settle()
        assert at.screen() == "TillView"
        assert [row.name for row in at.counter.sale.rows] == ["Tea"]
        found = await at.counter.desk.fetch(shifts)
        assert len(found) == 1

    stocked.show(first)
    stocked.show(second)


def test_the_lock_is_in_reach_on_every_screen(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        for screen in ("refund", "closing"):
            at.window.open_screen(screen)
            await at.ui.settle()
            at.press(Key.Key_F11)
            await at.ui.settle()
            assert at.screen() == "SignInView"
            await at.gate.sign_in(at.device.shop.owner_id, "")
            await at.ui.settle()
            assert at.screen() == "TillView"

    stocked.show(story)


@pytest.mark.timing
def test_another_cashier_is_at_work_within_two_seconds(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        anna = add_staff(shop, "Anna", role=Role.CASHIER, pin="2468")

    async def story(at: AtWindow) -> None:
        await at.selling()
        begun = time.perf_counter()
        at.press(Key.Key_F11)
        await at.ui.settle()
        at.counter.sign_in.choose(anna)
        at.digits("2468")
        at.press(Key.Key_Return)
        await at.ui.settle()
        assert at.gate.user_name == "Anna"
        assert time.perf_counter() - begun < 2

    counter.show(story)


def _seconds(count: int) -> timedelta:
    return timedelta(seconds=count)
