"""Every part that takes the focus has a name, and every page stands in every language."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from desktop.ui import i18n, theme
from desktop.workspaces.merchant.places import NEW, Place, Screen
from shared.catalog.queries import product_ids
from shared.orders.queries import OrderFilter, order_ids
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def as_it_was(qapp: QApplication) -> Iterator[None]:
    """Language, direction and theme are the program's: what a test changes is put back."""
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    theme.apply(qapp, theme.Theme())


async def places(at: BackOffice, busy: Busy) -> list[Place]:
    """Every page of the back office."""
    product_id = (await at.fetch(product_ids))[0]
    order_id = (await at.fetch(order_ids, OrderFilter()))[0]
    return [
        *(Place(screen=screen) for screen in Screen),
        Place(screen=Screen.PRODUCTS, key=product_id),
        Place(screen=Screen.PRODUCTS, key=NEW),
        Place(screen=Screen.ORDERS, key=order_id),
        Place(screen=Screen.ORDERS, key=NEW),
        Place(screen=Screen.CUSTOMERS, key=busy.customers[0]),
        Place(screen=Screen.CUSTOMERS, key=NEW),
        Place(screen=Screen.IMPORTS, key=NEW),
    ]


def nameless(window: QWidget) -> list[QWidget]:
    """What takes the focus by Tab and says nothing."""
    return [
        each
        for each in window.findChildren(QWidget)
        if each.isVisibleTo(window)
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not each.accessibleName()
    ]


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_every_page_stands_in_every_language_with_names_for_all_its_parts(
    office: OfficeMaker, busy: Busy, code: str
) -> None:
    async def story(at: BackOffice) -> None:
        at.window.use_language(i18n.load(code, is_strict=True), BERLIN)
        for place in await places(at, busy):
            at.window.go(place)
            await at.settle()
            assert nameless(at.window) == [], place
            assert at.page().title(), place
            assert QApplication.focusWidget() is not None, place

    office.run(story)


@pytest.mark.parametrize("mode", theme.Mode)
def test_buttons_have_room_for_their_words_in_the_longest_language(
    office: OfficeMaker, busy: Busy, mode: theme.Mode
) -> None:
    async def story(at: BackOffice) -> None:
        at.window.use_mode(mode)
        at.window.use_language(i18n.load("de", is_strict=True), BERLIN)
        for place in await places(at, busy):
            at.window.go(place)
            await at.settle()
            for button in at.every(QAbstractButton):
                if button.property("variant"):
                    room = button.minimumSizeHint().width()
                    assert button.width() >= room, (place, button.accessibleName())

    office.run(story)
