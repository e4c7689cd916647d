"""What is not known: it is said until it was read, and letters are words before they are codes."""

import pytest
from PySide6.QtCore import Qt

from desktop.workspaces.kiosk.carts import Stage
from tests.desktop.workspaces.kiosk.at_counter import (
    KEYPAD,
    AtWindow,
    CounterMaker,
    stage_of,
    till_of,
)

TEA, NOWHERE = "4000000000017", "9990001112223"
Key = Qt.Key


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA, sku="T-1")
        shop.product("Storm lantern", price_amount=2900, barcode="4000000000031", sku="L-1")
        shop.product("Paper lantern", price_amount=900, barcode="4000000000048", sku="L-2")
        shop.product("Garden hose", price_amount=1900, barcode="HOSEREEL", sku="H-1")
    return counter


async def _unknown(at: AtWindow) -> None:
    at.shoot(NOWHERE)
    await at.ui.settle()
    assert NOWHERE in till_of(at).notice.text()


def test_an_unknown_code_is_said_until_the_next_line_comes(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        await _unknown(at)
        await at.ui.turn(20)
        assert NOWHERE in till_of(at).notice.text()
        at.shoot(TEA)
        await at.ui.settle()
        assert not till_of(at).notice.text()

        await _unknown(at)
        tile = till_of(at).tiles
        tile.chosen.emit(at.counter.tiles.tiles[0])
        await at.ui.settle()
        assert not till_of(at).notice.text()

        await _unknown(at)
        till_of(at).bar.field.setText("storm")
        await at.ui.settle()
        assert NOWHERE in till_of(at).notice.text()
        at.press(Key.Key_Return)
        await at.ui.settle()
        assert not till_of(at).notice.text()
        assert "Storm lantern" in [row.name for row in at.counter.sale.rows]

    stocked.show(story)


def test_a_code_refused_behind_a_later_scan_is_still_said(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(NOWHERE)
        at.shoot(TEA)
        await at.ui.settle()
        assert NOWHERE in till_of(at).notice.text()
        at.shoot(TEA)
        at.shoot("9990001112230")
        await at.ui.settle()
        assert NOWHERE not in till_of(at).notice.text()
        assert "9990001112230" in till_of(at).notice.text()

    stocked.show(story)


@pytest.mark.parametrize("typed", ["", "mug"])
def test_escape_on_the_search_line_puts_the_message_away(stocked: CounterMaker, typed: str) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        await _unknown(at)
        till_of(at).bar.field.setText(typed)
        at.press(Key.Key_Escape)
        await at.ui.settle()
        assert not till_of(at).notice.text()
        assert not till_of(at).bar.field.text()

    stocked.show(story)


def test_a_new_sale_begins_without_the_message_of_the_last(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot(TEA)
        await at.ui.settle()
        await _unknown(at)
        at.press(Key.Key_Plus, KEYPAD)
        await at.ui.settle()
        assert stage_of(at) is Stage.PAID
        assert not till_of(at).notice.text()

    stocked.show(story)


def test_letters_typed_very_fast_are_searched_for(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.dash("lantern")
        await at.ui.settle()
        till = till_of(at)
        assert till.bar.field.text() == "lantern"
        assert {hit.name for hit in at.counter.find.hits} == {"Storm lantern", "Paper lantern"}
        assert till.hits.isVisible()
        assert not till.notice.text()
        assert [row.name for row in at.counter.sale.rows] == []

    stocked.show(story)


def test_fast_letters_with_enter_search_by_name_and_sell_only_on_the_next_enter(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        till = till_of(at)
        at.shoot("lantern")
        await at.ui.settle()
        assert till.bar.field.text() == "lantern"
        assert "Paper lantern" in [hit.name for hit in at.counter.find.hits]
        assert at.counter.find.marked_hit_id == ""
        till.tiles.grid.setFocus()
        at.shoot("storm")
        await at.ui.settle()
        assert till.bar.field.text() == "storm"
        assert till.bar.field.hasFocus()
        hit = at.counter.find.hits[0]
        assert [each.name for each in at.counter.find.hits] == ["Storm lantern"]
        assert at.counter.find.marked_hit_id == hit.id
        assert [row.name for row in at.counter.sale.rows] == []
        assert not till.notice.text()
        at.press(Key.Key_Return)
        await at.ui.settle()
        assert [row.name for row in at.counter.sale.rows] == ["Storm lantern"]
        assert not till.bar.field.text()

    stocked.show(story)


def test_a_known_code_of_letters_sells_and_an_unknown_one_is_refused(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        at.shoot("HOSEREEL")
        await at.ui.settle()
        assert [row.name for row in at.counter.sale.rows] == ["Garden hose"]
        at.shoot("QWXZVK")
        await at.ui.settle()
        assert "QWXZVK" in till_of(at).notice.text()
        assert not till_of(at).bar.field.text()

    stocked.show(story)
