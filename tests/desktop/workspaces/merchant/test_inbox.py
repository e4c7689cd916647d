"""The inbox: what happened in words, and every way to put it right."""

from dataclasses import replace

from PySide6.QtWidgets import QAbstractButton

from desktop.workspaces.merchant.places import Screen
from shared.catalog.commands import (
    ChangePrice,
    CreateProduct,
    EditProducts,
    VariantEdit,
    VariantSpec,
    VariantValues,
)
from shared.catalog.queries import product_detail, product_ids, sellable
from shared.customers.commands import SaveCustomer
from shared.customers.queries import customers
from shared.inbox.commands import Resolution
from shared.inbox.queries import open_cases, settled_cases
from shared.inventory.queries import stock_of
from shared.kernel.ids import CustomerId, OrderId, OrderLineId, ProductId, VariantId, new_id
from shared.kernel.messages import Command
from shared.orders.commands import Channel, PlacedLine, PlaceOrder
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy
from tests.desktop.workspaces.merchant.test_orders import facts


async def choose(at: BackOffice, words: str) -> None:
    """Open the inbox and mark the case that says so."""
    await at.go(Screen.INBOX)
    await at.mark(words, "What happened", "Open")


def a_product(barcode: str) -> Command:
    """A product that somebody wanted to make."""
    variant = VariantSpec(
        variant_id=VariantId(new_id()), sku="WAL-1", barcodes=(barcode,), price_amount=9_900
    )
    return CreateProduct(
        product_id=ProductId(new_id()),
        title="Walnut tray",
        vendor="Tick & Co",
        variants=(variant,),
    )


def test_the_inbox_says_what_happened_where_and_what_can_be_done(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await choose(at, "went out")
        said = facts(at)
        assert "Kind: It happened and is in the books" in said
        assert "Action: Complete a sale" in said
        assert "Location: Main Street" in said
        assert "When: Nov 23, 2026 1:37" in said
        assert "Count what lies on the shelf" in at.says()

    office.run(story)


def test_what_was_oversold_is_put_right_by_counting(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await choose(at, "went out")
        await at.press("Ctrl+Shift+C")
        assert at.page().title() == busy.oversold.product_title
        await at.press("Ctrl+Shift+C")
        await at.fill("Counted", "4")
        await at.press("Ctrl+S")
        here = at.device.shop.location_id
        levels = await at.fetch(stock_of, [busy.oversold.variant_id])
        assert {row.location_id: row.on_hand_qty for row in levels}[here] == 4
        await choose(at, "went out")
        await at.press("Ctrl+S")
        await at.choose("Settled as", Resolution.REVERSED)
        await at.fill("Note", "Counted twice")
        await at.press("Ctrl+S")
        (settled,) = await at.fetch(settled_cases)
        assert (settled.resolution, settled.note) == (Resolution.REVERSED, "Counted twice")

    office.run(story)


def test_a_case_stands_as_it_is_by_one_key(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await choose(at, "went out")
        before = len(await at.fetch(open_cases))
        await at.press("Ctrl+Shift+A")
        assert len(await at.fetch(open_cases)) == before - 1
        (settled,) = await at.fetch(settled_cases)
        assert settled.resolution is Resolution.ACCEPTED
        assert at.focus() is at.table("Open")
        at.find(QAbstractButton, "Settled").click()
        await at.settle()
        assert at.column("Settled as", "Settled") == ["Stands as it is"]

    office.run(story)


def test_a_case_is_taken_on_and_given_to_somebody_else(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await choose(at, "went out")
        await at.press("Ctrl+T")
        assert "Olga" in at.column("Owner", "Open")
        await at.press("Ctrl+Shift+T")
        users = {user.name: user.user_id for user in at.window.office.users.values()}
        await at.choose("Owner", users["Frieda Neumann"])
        await at.press("Ctrl+S")
        assert "Frieda Neumann" in at.column("Owner", "Open")

    office.run(story)


def test_a_refused_product_is_edited_and_sent_again(office: OfficeMaker, busy: Busy) -> None:
    office.refused(a_product("9521014000202"))

    async def story(at: BackOffice) -> None:
        await choose(at, "9521014000202")
        assert "the server refused it" in facts(at)
        await at.press("Ctrl+E")
        assert at.page().title() == "New product"
        assert at.value("Product") == "Walnut tray"
        assert at.value("Price") == 9_900
        assert at.value("SKU") == "WAL-1"
        await at.choose("Barcodes", ("4006381333931",))
        await at.press("Ctrl+S")
        (product_id,) = await at.fetch(product_ids, text="walnut")
        made = await at.fetch(product_detail, product_id)
        assert [row.code for row in made.barcodes] == ["4006381333931"]

    office.run(story)


def test_trying_again_what_is_still_wrong_leaves_the_case_open(
    office: OfficeMaker, busy: Busy
) -> None:
    office.refused(a_product("9521014000202"))

    async def story(at: BackOffice) -> None:
        before = await at.fetch(open_cases)
        await choose(at, "9521014000202")
        await at.press("Ctrl+R")
        assert "9521014000202" in at.page().banner.text()
        assert await at.fetch(open_cases) == before

    office.run(story)


def test_trying_again_what_is_right_by_now_settles_the_case(
    office: OfficeMaker, busy: Busy
) -> None:
    gone = VariantId("0192d7c4-0000-7000-8000-000000000000")
    office.refused(ChangePrice(variant_id=gone, price_amount=100))
    again = ChangePrice(variant_id=busy.variants[0].variant_id, price_amount=100)
    (command_id,) = office.made_here.commands
    office.made_here.commands[command_id] = again

    async def story(at: BackOffice) -> None:
        await choose(at, "does not exist")
        await at.press("Ctrl+R")
        (settled,) = await at.fetch(settled_cases)
        assert settled.resolution is Resolution.RESENT
        assert at.toasts() == ["Sent again, and the case is settled."]

    office.run(story)


def test_of_many_edits_only_those_that_were_left_out_are_tried_again(
    office: OfficeMaker, busy: Busy
) -> None:
    mug, plate = (row.variant_id for row in busy.variants[:2])
    edits = tuple(
        VariantEdit(variant_id=variant_id, to=VariantValues(price_amount=amount))
        for variant_id, amount in ((mug, 100), (VariantId(new_id()), 200))
    )
    command, command_id = EditProducts(variants=edits), new_id()
    better = EditProducts(variants=(edits[0], replace(edits[1], variant_id=plate)))
    office.made_here.commands[command_id] = better
    with office.device.seeding() as shop:
        shop.decide(command, command_id=command_id)
        shop.do(ChangePrice(variant_id=mug, price_amount=999))

    async def story(at: BackOffice) -> None:
        await choose(at, "1 of 2 changes")
        assert "it does not exist any more" in at.says()
        await at.press("Ctrl+R")
        prices = {
            row.variant_id: row.price_amount for row in await at.fetch(sellable, [mug, plate])
        }
        assert prices == {mug: 999, plate: 200}

    office.run(story)


def test_a_refused_customer_is_edited_and_sent_again(office: OfficeMaker, busy: Busy) -> None:
    refused = SaveCustomer(customer_id=CustomerId(new_id()), name="Bao", email="bao.example.com")
    office.refused(refused)

    async def story(at: BackOffice) -> None:
        await choose(at, "bao.example.com")
        await at.press("Ctrl+E")
        assert at.value("Name") == "Bao"
        await at.fill("E-mail", "bao@example.com")
        await at.press("Ctrl+S")
        (made,) = await at.fetch(customers, text="bao", limit=2)
        assert (made.name, made.email) == ("Bao", "bao@example.com")

    office.run(story)


def test_a_refused_order_is_edited_and_placed_anew(office: OfficeMaker, busy: Busy) -> None:
    line = PlacedLine(
        order_line_id=OrderLineId(new_id()), variant_id=busy.variants[0].variant_id, qty=3
    )
    office.refused(
        PlaceOrder(
            order_id=OrderId(new_id()),
            order_number="O-1",
            channel=Channel.OFFICE,
            location_id=office.device.shop.location_id,
            lines=(line,),
            customer_id=busy.customers[2],
            expected_total_amount=1,
        )
    )

    async def story(at: BackOffice) -> None:
        await at.go(Screen.INBOX)
        at.table("Open").setFocus()
        await at.press("End", "Ctrl+E")
        assert at.page().title() == "New order"
        assert at.column("Quantity", "Lines") == ["3"]
        assert "Mette Sørensen" in at.says()

    office.run(story)


def test_an_empty_inbox_says_that_nothing_needs_anybody(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.INBOX)
        assert "Nothing needs you" in at.says()

    office.run(story)
