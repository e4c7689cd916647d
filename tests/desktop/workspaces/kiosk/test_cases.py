"""Cases and the server's page at the till: what a cashier sees, and what a supervisor settles."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desktop.ui import i18n
from desktop.ui.dialogs import FormSheet
from desktop.workspaces.cases.view import CasesView
from desktop.workspaces.kiosk.approval.view import ApprovalSheet
from shared.customers.commands import SaveCustomer
from shared.customers.queries import customers
from shared.inbox.commands import Resolution
from shared.inbox.queries import open_cases, settled_cases
from shared.kernel.ids import CustomerId, new_id
from tests.desktop.workspaces.kiosk.at_counter import (
    AtWindow,
    CounterMaker,
    button_in,
    tap,
)
from tests.desktop.workspaces.kiosk.staffed import MUG, TEA, Staffed, words_on

CTRL = Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


@pytest.fixture
def staffed(counter: CounterMaker) -> Staffed:
    return Staffed(counter)


async def look(at: AtWindow) -> CasesView:
    """Open the cases by their key."""
    at.press(Key.Key_5, CTRL)
    await at.ui.settle()
    view = at.window.current_screen()
    assert isinstance(view, CasesView)
    return view


def chip(at: AtWindow) -> str:
    """What the strip says of cases."""
    return next(words for words in at.window.strip.words() if "ettle" in words)


async def approve(at: AtWindow, name: str, pin: str) -> None:
    """Let somebody key their PIN in for what is asked."""
    sheet = await at.sheet_open()
    assert isinstance(sheet, ApprovalSheet)
    assert "Settled as" in words_on(sheet)
    tap(button_in(sheet, name))
    at.digits(pin)
    at.press(Key.Key_Return)
    await at.ui.until(lambda: at.sheet() is None)
    await at.ui.settle()


def test_what_was_oversold_here_is_told_in_a_cashiers_words(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.selling(at, staffed.anna, "2468")
        assert chip(at) == "Nothing to settle"
        view = await look(at)
        assert "Nothing needs you" in words_on(view)
        at.press(Key.Key_Escape)
        assert at.screen() == "TillView"
        await at.sell_for_cash(TEA)
        assert chip(at) == "To settle  1"
        view = await look(at)
        said = view.panel.text()
        assert "The sale counts and the money is right" in said
        assert "A supervisor settles this here with a PIN" in said
        assert "By: Anna" in said
        assert "On: Till by the door" in said
        assert "Owner: Nobody" in said
        assert view.table.rows_model().rowCount() == 1

    staffed.counter.show(story)


def test_a_supervisor_settles_with_a_pin_and_the_cashier_stays(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.oversold(at)
        view = await look(at)
        at.press(Key.Key_F4)
        await approve(at, "Sabine", "9999")
        assert await at.counter.desk.fetch(open_cases) == ()
        (settled,) = await at.counter.desk.fetch(settled_cases)
        assert (settled.resolution, settled.settled_by) == (Resolution.ACCEPTED, staffed.sabine)
        assert at.gate.user_name == "Anna"
        assert chip(at) == "Nothing to settle"
        assert "Nothing needs you" in words_on(view)
        assert at.window.toasts.texts() == ["Settled; it stands as it is."]

    staffed.counter.show(story)


def test_nothing_is_settled_without_the_pin(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.oversold(at)
        await look(at)
        at.press(Key.Key_F4)
        await at.sheet_open()
        at.press(Key.Key_Escape)
        await at.ui.settle()
        assert len(await at.counter.desk.fetch(open_cases)) == 1
        assert at.window.toasts.texts() == []

    staffed.counter.show(story)


def test_what_was_done_about_it_is_written_down(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.oversold(at)
        await look(at)
        at.press(Key.Key_F5)
        sheet = await at.sheet_open()
        assert isinstance(sheet, FormSheet)
        field = sheet.findChild(QLineEdit)
        assert field is not None
        field.setText("Nine more lay in the back")
        tap(button_in(sheet, "It was put right"))
        await at.ui.until(lambda: isinstance(at.sheet(), ApprovalSheet))
        await approve(at, "Sabine", "9999")
        (settled,) = await at.counter.desk.fetch(settled_cases)
        assert settled.resolution is Resolution.REVERSED
        assert settled.note == "Nine more lay in the back"

    staffed.counter.show(story)


def test_a_supervisor_at_the_till_takes_a_case_on_and_settles_it_by_touch(
    staffed: Staffed,
) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.oversold(at)
        at.window.lock()
        await at.gate.sign_in(staffed.sabine, "9999")
        await at.ui.settle()
        view = await look(at)
        assert "You can settle this." in view.panel.text()
        tap(button_in(view, "Take it on"))
        await at.ui.settle()
        assert "Owner: Sabine" in view.panel.text()
        assert not view.can_take
        buttons = [button_in(view, name) for name in ("Let it stand", "It was put right")]
        assert all(button.height() >= 57 for button in buttons)
        tap(buttons[0])
        await at.ui.settle()
        assert await at.counter.desk.fetch(open_cases) == ()

    staffed.counter.show(story)


def test_a_refused_request_is_sent_again_once_nothing_stands_in_its_way(
    staffed: Staffed,
) -> None:
    refused = SaveCustomer(customer_id=CustomerId(new_id()), name="Bao", email="bao.example.com")
    command_id = new_id()
    with staffed.counter.seeding() as shop:
        shop.decide(refused, command_id=command_id)

    async def story(at: AtWindow) -> None:
        at.made_here.commands[command_id] = refused
        await staffed.selling(at, at.device.shop.owner_id, "")
        view = await look(at)
        at.press(Key.Key_F3)
        await at.ui.settle()
        assert "bao.example.com" in view.banner.text()
        assert len(await at.counter.desk.fetch(open_cases)) == 1
        at.made_here.commands[command_id] = SaveCustomer(
            customer_id=refused.customer_id, name="Bao", email="bao@example.com"
        )
        at.press(Key.Key_F3)
        await at.ui.settle()
        (settled,) = await at.counter.desk.fetch(settled_cases)
        assert settled.resolution is Resolution.RESENT
        (bao,) = await at.counter.desk.fetch(customers, text="bao", limit=2)
        assert bao.email == "bao@example.com"

    staffed.counter.show(story)


def test_a_sale_that_happened_is_never_sent_again(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.oversold(at)
        view = await look(at)
        assert not view.can_retry
        assert view.can_settle

    staffed.counter.show(story)


def test_a_scan_goes_on_selling_and_the_cart_is_as_it_was(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.selling(at, staffed.anna, "2468")
        at.shoot(MUG)
        await at.ui.settle()
        for key in (Key.Key_5, Key.Key_7):
            at.press(key, CTRL)
            await at.ui.settle()
            assert at.screen() in {"CasesView", "SyncView"}
            at.shoot(MUG)
            await at.ui.settle()
            assert at.screen() == "TillView"
        assert [row.qty_text for row in at.counter.sale.rows] == ["3"]
        at.press(Key.Key_F12)
        await at.ui.settle()
        at.press(Key.Key_5, CTRL)
        await at.ui.settle()
        at.press(Key.Key_Escape)
        await at.ui.settle()
        assert at.counter.tender.stage.value == "tendering", "a payment goes on where it was"

    staffed.counter.show(story)


def test_the_strip_and_the_menu_open_both_pages_by_touch(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.oversold(at)
        for name, screen in (("To settle", "CasesView"), ("Online", "SyncView")):
            tap(button_in(at.window.strip, name))
            await at.ui.settle()
            assert at.screen() == screen
        at.press(Key.Key_Escape)
        offered = [live.action.id for live in at.window.live_actions()]
        assert {"till.cases", "till.sync"} <= set(offered)

    staffed.counter.show(story)


def test_words_without_room_are_read_on_by_keys(staffed: Staffed) -> None:
    with staffed.counter.seeding() as shop:
        shop.product("Teapot", barcode="4000000000031", sku="TEAPOT-" + "LONG-" * 30)

    async def story(at: AtWindow) -> None:
        await staffed.selling(at, staffed.anna, "2468")
        await at.sell_for_cash("4000000000031")
        view = await look(at)
        words = view.panel.words.verticalScrollBar()
        at.press(Key.Key_Down, CTRL)
        assert words.value() > 0
        at.press(Key.Key_Up, CTRL)
        assert words.value() == 0

    staffed.counter.show(story)


def test_a_lock_hides_the_cases(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.oversold(at)
        await look(at)
        at.press(Key.Key_F11)
        await at.ui.settle()
        assert at.screen() == "SignInView"
        assert not any("ettle" in words for words in at.window.strip.words())
        at.window.cases()
        assert at.screen() == "SignInView"

    staffed.counter.show(story)


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_every_word_for_the_floor_is_a_known_oddity(code: str) -> None:
    texts = i18n.load(code).texts
    for workspace in ("kiosk", "fulfillment"):
        stem = f"case.{workspace}."
        codes = {key.removeprefix(stem) for key in texts if key.startswith(stem)}
        assert codes
        assert sorted(each for each in codes if f"error.{each}" not in texts) == []
