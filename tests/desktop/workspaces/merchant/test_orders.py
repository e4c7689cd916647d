"""Orders: found, read with all that happened to them, paid, refunded, called off and noted."""

from decimal import Decimal

from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.workspaces.merchant.places import Screen
from shared.orders.commands import DocState, PaymentStatus
from shared.orders.queries import by_number
from shared.orders.tables import OrderRow
from shared.payments.queries import payments_of
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy


async def open_order(at: BackOffice, number: str) -> OrderRow:
    """Search an order, open the first hit, and give it."""
    await at.go(Screen.ORDERS)
    at.list_page().focus_search()
    await at.write(number)
    await at.press("Return")
    return await read(at, number)


async def read(at: BackOffice, number: str) -> OrderRow:
    """What the books say about an order."""
    found = await at.fetch(by_number, number)
    assert found is not None
    return found


def facts(at: BackOffice) -> str:
    """Names and values on the page."""
    return at.facts()


def test_orders_are_found_by_number_and_by_customer(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS)
        await at.write("1044")
        assert at.column("Order") == ["W-1044"]
        at.list_page().search.clear()
        await at.write("sørensen")
        assert set(at.column("Customer")) == {"Mette Sørensen"}

    office.run(story)


def test_filters_add_up_and_are_taken_back_at_once(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS)
        whole = at.page().header.note()
        at.find(QAbstractButton, "To ship").click()
        await at.choose("Channel", "office")
        assert set(at.column("Channel")) == {"By hand"}
        assert set(at.column("Delivery")) == {"To ship"}
        await at.choose("Payment", "refunded")
        assert at.cells() == []
        await at.click("Show all orders")
        assert at.page().header.note() == whole

    office.run(story)


def test_the_list_is_sorted_by_total(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS)
        header = at.table().horizontalHeader()
        for _ in range(2):
            header.sectionClicked.emit(6)
            await at.settle()
        amounts = [Decimal(text.strip("€").replace(",", "")) for text in at.column("Total")]
        assert amounts in (sorted(amounts), sorted(amounts, reverse=True))
        assert len(set(amounts)) > 5

    office.run(story)


def test_an_order_shows_money_by_tax_rate_and_all_that_happened(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        order = await open_order(at, "W-1041")
        assert at.page().header.marks() == ["Partly refunded", "Delivered"]
        said = facts(at)
        (group,) = order.tax_groups
        assert f"Tax 19%: €{group.tax_amount / 100:.2f}" in said
        assert f"Total: €{order.total_amount / 100:.2f}" in said
        assert "Given back: €9.90" in said
        history = at.says()
        told = ["€9.90 given back", "Handed to the carrier", "Packed", "Picked", "€14.09 paid"]
        places = [history.index(word) for word in [*told, "Order placed"]]
        assert places == sorted(places)
        assert "Bank transfer · SEPA 78 · Arrived with a scratch" in history
        assert "DHL · 0034 0434 1234" in history

    office.run(story)


def test_a_payment_starts_at_what_is_due_and_settles_the_order(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        order = await open_order(at, "W-1043")
        assert order.payment_status is PaymentStatus.NONE
        await at.press("Ctrl+Shift+P")
        assert at.value("Amount") == order.total_amount
        await at.choose("How", "bank")
        await at.fill("Reference", "SEPA 4471")
        await at.press("Ctrl+S")
        assert (await read(at, "W-1043")).payment_status is PaymentStatus.PAID
        assert at.page().header.marks()[0] == "Paid"
        assert not at.find(QAbstractButton, "Take payment").isEnabled()
        assert "SEPA 4471" in at.says()

    office.run(story)


def test_more_than_was_paid_is_not_given_back(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        order = await open_order(at, "W-1042")
        await at.press("Ctrl+Shift+R")
        assert at.value("Amount") == order.captured_amount
        await at.choose("Amount", order.captured_amount + 1)
        await at.choose("How", "bank")
        await at.fill("Reason", "Came too late")
        await at.press("Ctrl+S")
        assert at.field("Amount").error()
        assert at.value("Reason") == "Came too late"
        await at.choose("Amount", order.captured_amount)
        await at.press("Ctrl+S")
        assert not at.has_sheet()
        assert (await read(at, "W-1042")).payment_status is PaymentStatus.REFUNDED
        last = (await at.fetch(payments_of, order.order_id))[-1]
        assert last.amount == order.captured_amount
        assert last.reason == "Came too late"

    office.run(story)


def test_a_refund_needs_a_reason(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        order = await open_order(at, "W-1042")
        await at.press("Ctrl+Shift+R", "Ctrl+S")
        assert at.field("Reason").error()
        assert at.focus() is at.editor("Reason")
        await at.press("Esc")
        assert (await read(at, "W-1042")).refunded_amount == order.refunded_amount

    office.run(story)


def test_an_order_is_called_off_with_a_reason(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_order(at, "W-1043")
        await at.press("Ctrl+Shift+X")
        await at.fill("Reason", "Changed their mind")
        await at.press("Return")
        assert (await read(at, "W-1043")).doc_state is DocState.CANCELED
        assert "Canceled" in at.page().header.marks()
        assert not at.find(QAbstractButton, "Cancel order").isEnabled()

    office.run(story)


def test_what_has_left_the_house_is_not_called_off(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_order(at, "W-1041")
        assert not at.find(QAbstractButton, "Cancel order").isEnabled()
        await at.press("Ctrl+Shift+X")
        assert not at.has_sheet()

    office.run(story)


def test_a_note_is_written_for_the_others(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_order(at, "W-1043")
        await at.press("Ctrl+E")
        await at.fill("Note", "Leave it with the neighbour")
        await at.press("Ctrl+S")
        assert (await read(at, "W-1043")).note == "Leave it with the neighbour"
        assert "Leave it with the neighbour" in at.says()

    office.run(story)


def test_the_customer_is_one_key_away(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        order = await open_order(at, "W-1043")
        await at.press("Ctrl+Shift+U")
        assert at.page().title() == order.customer_name

    office.run(story)


def test_a_sale_of_the_till_shows_its_receipt(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.ORDERS)
        await at.choose("Channel", "till")
        at.table().setFocus()
        await at.press("Home", "Return")
        assert "Receipt" in at.says()
        assert at.find(QWidget, "Lines").isVisible()

    office.run(story)
