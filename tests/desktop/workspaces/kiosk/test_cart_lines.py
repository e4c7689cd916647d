"""Names in the cart are read whole where there is room, and the first line in sight is whole."""

import pytest
from PySide6.QtCore import Qt

from desktop.ui import faces, fonts
from desktop.workspaces.kiosk.cart_lines.view import split_name
from tests.desktop.workspaces.kiosk.at_counter import AtWindow, CounterMaker, till_of

LONG = "Organic Extra Virgin Olive Oil from Crete 750 ml glass bottle"
Key = Qt.Key


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Chopped Tomatoes 400 g", price_amount=349, barcode="4000000000017")
        shop.product(LONG, price_amount=1299, barcode="4000000000024")
        for place in range(9):
            shop.product(f"Ware {place}", price_amount=999, barcode=f"50000000000{place:02}")
    return counter


@pytest.mark.usefixtures("ui")
def test_a_name_is_broken_between_words_and_loses_only_its_end() -> None:
    face = faces.words(18, fonts.MEDIUM)
    room = face.width("Organic Extra Virgin")
    assert split_name("Tea", face, room) == ("Tea",)
    assert split_name("Organic Extra Virgin Oil", face, room) == ("Organic Extra Virgin", "Oil")
    first, second = split_name(LONG, face, room)
    assert first == "Organic Extra Virgin"
    assert second.startswith("Olive Oil")
    assert second.endswith("\u2026")
    hyphened = split_name("Gartenschlauch-Verlaengerung", face, face.width("Gartenschlauch-Ver"))
    assert hyphened == ("Gartenschlauch-", "Verlaengerung")
    assert "".join(split_name("m" * 12, face, face.width("m" * 8))) == "m" * 12


def test_a_long_name_takes_two_lines_and_other_rows_stay_low(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot("4000000000017")
        at.shoot("4000000000024")
        await at.ui.settle()
        lines = till_of(at).cart.lines
        low, high = lines.rowHeight(0), lines.rowHeight(1)
        assert low < high < 2 * low
        qty = faces.figures(18).width("1")
        assert lines.columnViewportPosition(1) < qty + 60
        at.press(Key.Key_Delete)
        await at.ui.settle()
        assert [lines.rowHeight(place) for place in range(1)] == [low]

    stocked.show(story)


def test_the_first_line_in_sight_is_whole_while_the_cart_grows(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        lines = till_of(at).cart.lines
        codes = [f"50000000000{place:02}" for place in range(9)]
        for code in ["4000000000024", *codes, "4000000000017"]:
            at.shoot(code)
            await at.ui.settle()
            first = lines.rowAt(0)
            assert lines.rowViewportPosition(first) == 0
            last = lines.currentIndex().row()
            bottom = lines.rowViewportPosition(last) + lines.rowHeight(last)
            assert bottom <= lines.viewport().height()
        for _ in range(10):
            at.press(Key.Key_Up)
            await at.ui.turn(2)
            assert lines.rowViewportPosition(lines.rowAt(0)) == 0
            assert lines.rowViewportPosition(lines.currentIndex().row()) >= 0

    stocked.show(story)
