"""Signing in at the back office: who is offered, the PIN, the wait after wrong ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.session import pin_hash
from desktop.workspaces.gate import StaffGate
from desktop.workspaces.sign_in.view import SignInView
from desktop.workspaces.sign_in.view_model import SignInViewModel
from shared.kernel.ids import UserId, new_id
from shared.kernel.permissions import Permission, Role
from shared.organization.commands import AddUser, Workspace
from tests.support.desk import ShopOnDevice
from tests.support.qt_loop import UiLoop

PIN = "4711"
FREE_TRIES = 5


@dataclass
class Door:
    """The sign-in screen on a real profile."""

    ui: UiLoop
    device: ShopOnDevice
    gate: StaffGate
    view: SignInView
    merchant_id: UserId

    @property
    def names(self) -> list[str]:
        """Who is offered."""
        return [user.name for user in self.view.view_model.people]

    async def open(self) -> None:
        """Show it and wait for the names."""
        self.ui.show(self.view)
        await self.ui.until(lambda: self.view.view_model.people)
        await self.ui.settle()

    async def give(self, pin: str) -> None:
        """Type a PIN and Return."""
        QTest.keyClicks(self.view.pin, pin)
        QTest.keyClick(self.view.pin, Qt.Key.Key_Return)
        await self.ui.settle()


@pytest.fixture
def door(ui: UiLoop, tmp_path: Path) -> Iterator[Door]:
    device = ShopOnDevice(tmp_path / "office", workspace=Workspace.MERCHANT)
    merchant_id = UserId(new_id())
    with device.seeding() as shop:
        shop.do(
            AddUser(user_id=merchant_id, name="Mara", role=Role.MERCHANT, pin_hash=pin_hash(PIN))
        )
    opened = device.open()
    gate = StaffGate(opened.work, device.clock)
    desk = replace(opened.desk, session=gate)
    view_model = SignInViewModel(desk, gate, needs=Permission.CATALOG_EDIT)
    yield Door(ui, device, gate, SignInView(view_model, shop="Corner Store"), merchant_id)
    opened.close()


def test_only_those_who_may_work_in_the_back_office_are_offered(door: Door) -> None:
    async def story() -> None:
        await door.open()
        assert door.names == ["Mara", "Olga"]
        assert door.view.pin.hasFocus()

    door.ui.run(story())


def test_the_right_pin_lets_in_and_the_wrong_one_says_so(door: Door) -> None:
    async def story() -> None:
        await door.open()
        await door.give("0000")
        assert door.gate.user_id is None
        assert "PIN is wrong" in door.view.error
        await door.give(PIN)
        assert door.gate.user_id == door.merchant_id
        assert door.view.error == ""

    door.ui.run(story())


def test_too_many_wrong_pins_count_down_and_then_forgive(door: Door) -> None:
    async def story() -> None:
        await door.open()
        for _ in range(FREE_TRIES + 1):
            await door.give("0000")
        assert "Try again in 15 seconds" in door.view.error
        assert not door.view.pin.isEnabled()
        door.device.clock.advance(timedelta(seconds=15))
        door.view.view_model.tick()
        assert door.view.error == ""
        await door.give(PIN)
        assert door.gate.user_name == "Mara"

    door.ui.run(story())


def test_another_person_is_one_key_away_and_needs_no_pin_before_one_is_set(door: Door) -> None:
    async def story() -> None:
        await door.open()
        QTest.keyClick(door.view, Qt.Key.Key_Down)
        assert door.view.view_model.chosen is not None
        assert door.view.view_model.chosen.name == "Olga"
        assert door.view.pin.placeholderText() == "No PIN yet: just sign in"
        await door.give("")
        assert door.gate.user_name == "Olga"

    door.ui.run(story())


def test_locking_keeps_the_person_out_until_the_pin_is_given_again(door: Door) -> None:
    async def story() -> None:
        await door.open()
        await door.give(PIN)
        door.gate.lock()
        assert door.gate.user_id is None
        await door.give(PIN)
        assert door.gate.user_id == door.merchant_id

    door.ui.run(story())
