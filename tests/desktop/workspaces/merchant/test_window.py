"""The window: reached by keys, searched, explained, locked, and closed without losing anything."""

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QAbstractButton, QApplication

from desktop.ui import i18n
from desktop.ui.card import Card
from desktop.workspaces.merchant.places import NEW, Screen
from shared.kernel.permissions import ROLE_PERMISSIONS, Role
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy
from tests.support.desk import SomebodySignedIn

TITLES = (
    "Home",
    "Orders",
    "Products",
    "Customers",
    "Exceptions",
    "Imports",
    "Devices and sync",
    "Settings",
)


def test_every_screen_is_one_key_away_and_takes_the_focus(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        for place, title in enumerate(TITLES, start=1):
            await at.press(f"Ctrl+{place}")
            assert at.page().title() == title
            assert at.page().isAncestorOf(at.focus()) or at.focus() is at.page()

    office.run(story)


def test_a_screen_is_found_again_as_it_was_left(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.press("Ctrl+3")
        await at.write("alarm")
        focused = at.focus()
        await at.press("Ctrl+4", "Ctrl+3")
        assert at.column("Product") == ["Bakelike Alarm Clock"]
        assert at.focus() is focused

    office.run(story)


def test_choosing_the_open_screen_again_leads_to_its_list(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.press("Ctrl+3")
        await at.press("Down", "Return")
        assert at.page().title() != "Products"
        await at.press("Ctrl+3")
        assert at.page().title() == "Products"

    office.run(story)


@pytest.mark.parametrize("keys", ["Ctrl+F", "/"])
def test_the_search_is_one_key_away_on_every_list(
    office: OfficeMaker, busy: Busy, keys: str
) -> None:
    async def story(at: BackOffice) -> None:
        for screen in (Screen.ORDERS, Screen.PRODUCTS, Screen.CUSTOMERS):
            await at.go(screen)
            at.table().setFocus()
            await at.press(keys)
            assert at.focus() is at.list_page().search
            assert at.list_page().search.text() == ""

    office.run(story)


def test_the_windows_title_names_what_is_open_and_the_workspace(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        assert at.window.windowTitle() == "Home – Back office"
        await at.go(Screen.PRODUCTS)
        await at.write("alarm")
        await at.press("Return")
        assert at.window.windowTitle() == "Bakelike Alarm Clock – Back office"
        await at.press("Esc")
        assert at.window.windowTitle() == "Products – Back office"

    office.run(story)


def test_the_palette_finds_screens_and_actions_by_name(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.press("Ctrl+K")
        await at.write("custom")
        await at.press("Return")
        assert at.page().title() == "Customers"
        await at.press("Ctrl+K")
        await at.write("new customer")
        await at.press("Return")
        assert at.page().title() == "New customer"

    office.run(story)


def test_help_names_the_keys_of_the_screen_that_is_open(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS)
        await at.press("F1")
        said = at.says()
        assert "New order" in said
        assert "Ctrl+N" in said
        await at.press("Esc")
        assert not at.has_sheet()
        assert at.page().isAncestorOf(at.focus())

    office.run(story)


def test_a_person_sees_only_what_they_may_do(office: OfficeMaker, busy: Busy) -> None:
    may = ROLE_PERMISSIONS[Role.PICKER]
    picker = SomebodySignedIn(office.device.shop.owner_id, "Max", may)

    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS)
        assert "New order" not in at.says()
        await at.press("Ctrl+N")
        assert at.page().title() == "Orders"
        await at.go(Screen.SETTINGS)
        assert "Add staff" not in at.says()

    office.run(story, picker)


def test_closing_with_unsaved_work_asks_first(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        closed = QSignalSpy(at.window.close_asked)
        await at.go(Screen.ORDERS, NEW)
        await at.write("alarm")
        await at.press("Return")
        at.window.close()
        await at.settle()
        assert at.window.isVisible()
        assert at.sheet().accessibleName() == "There are unsaved changes"
        await at.press("Esc")
        assert closed.count() == 0
        at.window.close()
        await at.settle()
        await at.click("Leave")
        assert closed.count() == 1

    office.run(story)


def test_closing_without_unsaved_work_asks_nobody(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        closed = QSignalSpy(at.window.close_asked)
        at.window.close()
        await at.settle()
        assert closed.count() == 1
        at.window.allow_close()
        assert not at.window.isVisible()

    office.run(story)


def test_locking_asks_the_gate_and_only_where_there_is_one(office: OfficeMaker) -> None:
    async def gated(at: BackOffice) -> None:
        gate = at.gate()
        await gate.sign_in(at.device.shop.owner_id, "")
        await at.settle()
        assert gate.user_id == at.device.shop.owner_id
        await at.press("Ctrl+L")
        assert gate.user_id is None

    async def open_to_all(at: BackOffice) -> None:
        await at.press("Ctrl+K")
        await at.write("lock")
        assert not any("Lock" in row for row in at.cells())

    office.run(gated, is_gated=True)
    office.run(open_to_all)


@pytest.mark.parametrize("code", ["en", "ar"])
def test_a_page_begins_and_ends_where_its_header_does(
    office: OfficeMaker, busy: Busy, code: str
) -> None:
    async def story(at: BackOffice) -> None:
        if code != "en":
            at.window.use_language(i18n.load(code, is_strict=True), ZoneInfo("Europe/Berlin"))
        page = await at.go(Screen.ORDERS, NEW)
        button = at.find(QAbstractButton, i18n.tr("merchant.order.place"))
        card = max(at.every(Card), key=lambda each: each.mapTo(page, QPoint()).x())
        if code == "ar":
            card = min(at.every(Card), key=lambda each: each.mapTo(page, QPoint()).x())
            assert button.mapTo(page, QPoint()).x() == card.mapTo(page, QPoint()).x()
        else:
            ends = [each.mapTo(page, QPoint(each.width(), 0)).x() for each in (button, card)]
            assert ends[0] == ends[1]

    try:
        office.run(story, size=(1920, 1080))
    finally:
        QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (2560, 1440)])
def test_every_screen_fits_into_usual_windows(
    office: OfficeMaker, busy: Busy, size: tuple[int, int]
) -> None:
    async def story(at: BackOffice) -> None:
        for place in range(1, len(TITLES) + 1):
            await at.press(f"Ctrl+{place}")
            assert (at.window.width(), at.window.height()) == size
            assert at.window.minimumSizeHint().width() <= 1280
            assert QApplication.focusWidget() is not None

    office.run(story, size=size)
