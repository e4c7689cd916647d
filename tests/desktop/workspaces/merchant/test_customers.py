"""Customers: found, made, changed with their addresses, and led on to an order."""

from PySide6.QtWidgets import QAbstractButton

from desktop.workspaces.merchant.customer.view import AddressLine
from desktop.workspaces.merchant.places import NEW, Screen
from shared.customers.queries import customers
from shared.customers.tables import CustomerRow
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy


async def read(at: BackOffice, text: str) -> CustomerRow:
    """What the books say about a customer."""
    (found,) = await at.fetch(customers, text=text, limit=2)
    return found


async def open_customer(at: BackOffice, text: str) -> CustomerRow:
    """Search a customer, open the first hit, and give it."""
    await at.go(Screen.CUSTOMERS)
    at.list_page().focus_search()
    await at.write(text)
    await at.press("Return")
    return await read(at, text)


def test_customers_are_found_by_name_address_phone_and_number(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.CUSTOMERS)
        assert at.page().header.note() == "6 customers"
        for text, name in (
            ("haddad", "Amira Haddad"),
            ("oatandbarley", "Oat & Barley GmbH"),
            ("K-1003", "Mette Sørensen"),
            ("ليلى", "ليلى منصور"),
        ):
            at.list_page().search.clear()
            await at.write(text)
            assert at.column("Name") == [name]

    office.run(story)


def test_a_customer_is_made_and_what_is_no_address_is_refused_at_its_field(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.CUSTOMERS, NEW)
        await at.write("Bao Nguyen")
        await at.fill("E-mail", "bao.example.com")
        await at.fill("Customer number", "K-2001")
        await at.press("Ctrl+S")
        assert "bao.example.com" in at.field("E-mail").error()
        assert at.focus() is at.editor("E-mail")
        await at.fill("E-mail", "bao@example.com")
        await at.press("Ctrl+S")
        assert (await read(at, "bao")).code == "K-2001"
        assert at.page().title() == "Bao Nguyen"
        assert not at.window.unsaved()

    office.run(story)


def test_an_address_is_added_changed_and_taken_away(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_customer(at, "mette")
        await at.click("Add address")
        assert at.value("Name") == "Mette Sørensen"
        await at.fill("Street and number", "Nørregade 5")
        await at.fill("City", "Aarhus")
        await at.press("Ctrl+S")
        assert at.window.unsaved()
        await at.press("Ctrl+S")
        saved = await read(at, "mette")
        assert [each.line1 for each in saved.addresses] == ["Hauptstraße 5", "Nørregade 5"]
        first = at.every(AddressLine)[0]
        remove = list(first.findChildren(QAbstractButton))[-1]
        remove.click()
        await at.press("Ctrl+S")
        assert [each.line1 for each in (await read(at, "mette")).addresses] == ["Nørregade 5"]

    office.run(story)


def test_leaving_with_changes_can_save_them(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_customer(at, "haddad")
        await at.fill("Note", "Rings three times.")
        await at.press("Esc")
        await at.click("Save")
        assert at.page().title() == "Customers"
        assert (await read(at, "haddad")).note == "Rings three times."

    office.run(story)


def test_their_orders_are_listed_and_open(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_customer(at, "haddad")
        numbers = at.column("Order", "Orders")
        assert numbers
        at.table("Orders").setFocus()
        await at.press("Home", "Return")
        assert at.page().title() == numbers[0]

    office.run(story)


def test_an_order_begins_with_the_customer(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_customer(at, "haddad")
        await at.press("Ctrl+Shift+O")
        assert at.page().title() == "New order"
        assert "Amira Haddad" in at.says()

    office.run(story)
