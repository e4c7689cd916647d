"""An order taken by hand: searched, scanned, priced, placed, and never lost on the way."""

from desktop.workspaces.merchant.places import NEW, Screen
from shared.catalog.commands import ChangePrice
from shared.catalog.queries import by_code
from shared.orders.commands import Channel
from shared.orders.queries import OrderDetail, OrderFilter, order_detail, order_ids
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy
from tests.desktop.workspaces.merchant.test_orders import facts


async def latest(at: BackOffice) -> OrderDetail:
    """The order that was placed last by hand."""
    found = await at.fetch(order_ids, OrderFilter(channel=Channel.OFFICE))
    newest = max(found)
    return await at.fetch(order_detail, newest)


def test_an_order_is_taken_by_keyboard_alone(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS)
        await at.press("Ctrl+N")
        await at.write("alarm")
        await at.press("Down", "Return")
        await at.write("coffee")
        await at.press("Return")
        assert len(at.cells(at.table("Lines"))) == 2
        await at.press("Ctrl+Shift+U")
        await at.write("mette")
        await at.press("Return")
        assert "Name: Mette Sørensen" in facts(at)
        await at.fill("Shipping", "DHL")
        await at.fill("Shipping charge", "4.90")
        shown = facts(at)
        await at.press("Ctrl+S")
        placed = await latest(at)
        assert placed.order.customer_name == "Mette Sørensen"
        assert placed.order.ship_to is not None
        assert len(placed.lines) == 3
        assert f"Total: €{placed.order.total_amount / 100:.2f}" in shown
        assert at.page().title() == placed.order.order_number

    office.run(story)


def test_a_scanned_barcode_adds_and_adds_again(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS, NEW)
        for _ in range(2):
            await at.write("9521014000202")
            await at.press("Return")
        assert at.column("Quantity", "Lines") == ["2"]

    office.run(story)


def test_what_nobody_sells_is_said_and_stays_to_be_corrected(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS, NEW)
        await at.write("qqq")
        await at.press("Return")
        assert "Nothing for sale is called qqq." in at.page().banner.text()
        assert at.cells(at.table("Lines")) == []

    office.run(story)


def test_quantities_change_by_key_and_a_line_goes_at_once(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS, NEW)
        await at.write("9521014000202")
        await at.press("Return", "Ctrl+Up", "Ctrl+Up", "Ctrl+Down")
        assert at.column("Quantity", "Lines") == ["2"]
        at.table("Lines").setFocus()
        at.table("Lines").select_first()
        await at.press("Ctrl+Del")
        assert at.cells(at.table("Lines")) == []

    office.run(story)


def test_a_price_that_changes_meanwhile_changes_the_total_that_is_shown(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS, NEW)
        await at.write("9521014000202")
        await at.press("Return")
        hit = await at.fetch(by_code, "9521014000202")
        assert hit is not None
        changed = ChangePrice(variant_id=hit.variant.variant_id, price_amount=12_345)
        await at.opened.desk.submit(changed)
        await at.settle()
        assert "Total: €123.45" in facts(at)
        await at.press("Ctrl+S")
        assert (await latest(at)).order.total_amount == 12_345

    office.run(story)


def test_an_unfinished_order_outlives_the_program(office: OfficeMaker, busy: Busy) -> None:
    async def begin(at: BackOffice) -> None:
        await at.go(Screen.ORDERS, NEW)
        await at.write("9521014000202")
        await at.press("Return")
        await at.fill("Note", "Ring twice")

    async def go_on(at: BackOffice) -> None:
        await at.go(Screen.ORDERS, NEW)
        assert at.column("Quantity", "Lines") == ["1"]
        assert at.value("Note") == "Ring twice"
        await at.press("Ctrl+S")
        assert (await latest(at)).order.note == "Ring twice"
        await at.go(Screen.ORDERS, NEW)
        assert at.cells(at.table("Lines")) == []

    office.run(begin)
    office.run(go_on)


def test_leaving_an_unplaced_order_asks_first(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS, NEW)
        await at.write("9521014000202")
        await at.press("Return", "Esc")
        assert at.sheet().accessibleName() == "This order has not been placed"
        await at.press("Esc")
        assert at.page().title() == "New order"
        assert at.window.unsaved()

    office.run(story)


def test_an_order_without_lines_cannot_be_placed(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        before = await at.fetch(order_ids, OrderFilter())
        await at.go(Screen.ORDERS, NEW)
        await at.press("Ctrl+S")
        assert await at.fetch(order_ids, OrderFilter()) == before

    office.run(story)
