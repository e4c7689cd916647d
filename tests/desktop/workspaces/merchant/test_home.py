"""The home page: honest figures, each of which leads somewhere."""

from PySide6.QtWidgets import QWidget

from desktop.workspaces.merchant.places import Screen
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy


def test_a_new_shop_is_told_what_to_do_next(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        said = at.says()
        assert "Bring in your products: to do" in said
        assert "Check the tax rates: done" in said
        await at.click("Import products")
        assert at.page().title() == "Import a file"

    office.run(story)


def test_the_figures_of_today_are_those_of_the_books(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        assert at.page().header.note() == "Monday, November 23, 2026"
        said = at.says()
        assert "Sales today: €91.69" in said
        assert "Orders to ship: 34" in said
        assert "Open cases: 2" in said
        assert "Till €33.69 6 orders" in said
        assert "Bring in your products" not in said

    office.run(story)


def test_each_tile_leads_to_its_screen_by_keyboard(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        for presses, title in ((0, "Orders"), (1, "Orders"), (2, "Exceptions")):
            await at.go(Screen.HOME)
            at.find(QWidget, "Sales today").setFocus()
            await at.press(*["Tab"] * presses, "Return")
            assert at.page().title() == title
        await at.go(Screen.HOME)
        at.find(QWidget, "Orders to ship").setFocus()
        await at.press("Return")
        assert at.page().header.note() == "34 orders"

    office.run(story)


def test_a_new_order_appears_without_anybody_asking(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        assert "Orders to ship: 34" in at.says()
        await at.go(Screen.ORDERS, "new")
        await at.write("coffee")
        await at.press("Return", "Ctrl+S")
        await at.go(Screen.HOME)
        assert "Orders to ship: 35" in at.says()

    office.run(story)


def test_the_reach_of_the_server_is_shown_as_it_changes(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        at.sync.is_online, at.sync.unsent_count = False, 12
        at.sync.offline_since = at.device.clock.now()
        at.sync.tell()
        await at.settle()
        assert "Not yet sent: 12" in at.says()
        words = at.window.frame.strip.words()
        assert "Offline since 10:00\N{NARROW NO-BREAK SPACE}AM" in words
        assert "Not yet sent  12" in words

    office.run(story)
