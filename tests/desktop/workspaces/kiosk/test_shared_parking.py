"""What another till of the store has parked is taken up here, and nothing is sold twice."""

from dataclasses import replace

import pytest

from desktop.journal import PARKED_SLOT
from desktop.ui.table_view import TableView
from desktop.workspaces.kiosk.cart import (
    Cart,
    completed,
    due_of,
    priced,
    with_cash,
    with_other,
)
from desktop.workspaces.kiosk.carts import CART_SLOT, Stage
from desktop.workspaces.kiosk.kept_carts import (
    carts_of_others,
    parked_bytes,
    parked_from,
)
from desktop.workspaces.kiosk.parked.view import ParkedSheet
from shared.kernel.ids import DeviceId, new_id
from shared.organization.commands import RegisterDevice, Workspace
from shared.payments.commands import TenderKind
from shared.sync.protocol.hub import Shelf, TakenCart
from tests.desktop.workspaces.kiosk.at_counter import (
    AtCounter,
    AtWindow,
    CounterMaker,
    button_in,
    receipts_of,
    stage_of,
    tap,
    till_of,
)

TEA, MUG = "4000000000017", "4000000000024"
NEIGHBOUR = DeviceId(new_id())


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA)
        shop.product("Mug", price_amount=1299, barcode=MUG)
        shop.do(
            RegisterDevice(
                device_id=NEIGHBOUR,
                name="Till 2",
                workspace=Workspace.FULFILLMENT,
                location_id=shop.location_id,
                register_id=None,
            )
        )
    return counter


async def _cart(at: AtCounter, *codes: str) -> Cart:
    """A cart as another till parks it."""
    await at.scan(*codes)
    carts = at.counter.carts
    carts.park()
    made = carts.parked[-1]
    carts.drop_parked(made.order_id)
    await at.ui.settle()
    return made


async def _neighbour_parks(at: AtCounter, *carts: Cart, revision: int = 1) -> None:
    """Let the other till tell what it has parked."""
    content = parked_bytes(carts).decode() if carts else ""
    shelf = Shelf(device_id=NEIGHBOUR, revision=revision, content=content)
    at.opened.work.ask(lambda bench: bench.shelving.put(shelf)).result()
    await at.ui.settle()


async def _sold_elsewhere(at: AtCounter, cart: Cart) -> None:
    """The receipt of a cart comes in from another till."""
    till = at.counter.till
    price = priced(cart, till.store)
    paid = with_cash(
        cart, due_of(cart, price.total_amount, till.store), price.total_amount, store=till.store
    )
    sale = completed(paid, price, shift_id=till.open_shift().shift_id, store=till.store)
    await at.counter.desk.submit(sale)
    await at.ui.settle()


async def _taken(at: AtCounter) -> tuple[TakenCart, ...]:
    return (await at.counter.desk.shelves()).taken


def test_a_cart_of_another_till_goes_on_here_as_it_was(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        cart = await _cart(at, TEA, MUG)
        await _neighbour_parks(at, cart)
        carts = at.counter.carts
        assert [each.place for each in carts.at_others] == ["Till 2"]
        carts.recall(cart.order_id)
        await at.ui.settle()
        assert carts.cart == cart
        assert carts.at_others == ()
        assert await _taken(at) == (TakenCart(device_id=NEIGHBOUR, parking_id=cart.parking_id),)
        at.counter.tender.exact_cash()
        await at.paid()
        (receipt,) = await receipts_of(at)
        assert (receipt.receipt_id, receipt.total_amount) == (cart.receipt_id, 1648)

    stocked.play(story)


def test_a_cart_that_is_taken_up_while_another_is_open_puts_that_aside(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        cart = await _cart(at, TEA)
        await _neighbour_parks(at, cart)
        await at.scan(MUG)
        carts = at.counter.carts
        carts.recall(cart.order_id)
        await at.ui.settle()
        assert carts.cart.order_id == cart.order_id
        assert [each.lines[0].sale.title for each in carts.parked] == ["Mug"]

    stocked.play(story)


def test_a_cart_that_went_on_elsewhere_leaves_the_till_that_parked_it(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan(TEA)
        carts = at.counter.carts
        carts.park()
        await at.scan(MUG)
        carts.park()
        await at.ui.settle()
        gone, kept = carts.parked
        own_id = at.device.shop.device_id
        await at.counter.desk.take_cart(TakenCart(device_id=own_id, parking_id=gone.parking_id))
        await at.ui.settle()
        assert carts.parked == (kept,)
        draft = await at.counter.desk.load_draft(PARKED_SLOT)
        assert draft is not None
        assert parked_from(draft.content) == (kept,)

    stocked.play(story)


def test_a_cart_that_went_on_while_the_till_was_off_is_gone_when_it_starts(
    stocked: CounterMaker,
) -> None:
    async def first(at: AtCounter) -> None:
        await at.ready()
        await at.scan(TEA)
        at.counter.carts.park()
        await at.ui.settle()

    async def second(at: AtCounter) -> None:
        draft = await at.opened.desk.load_draft(PARKED_SLOT)
        assert draft is not None
        (parked,) = parked_from(draft.content)
        own_id = at.device.shop.device_id
        await at.opened.desk.take_cart(TakenCart(device_id=own_id, parking_id=parked.parking_id))
        await at.ready()
        assert at.counter.carts.parked == ()

    stocked.play(first)
    stocked.play(second)


def test_a_cut_after_taking_a_cart_up_tells_of_it_at_the_next_start(
    stocked: CounterMaker,
) -> None:
    async def first(at: AtCounter) -> Cart:
        await at.ready()
        cart = await _cart(at, TEA)
        await at.counter.desk.save_draft(CART_SLOT, parked_bytes((cart,))[1:-1])
        content = parked_bytes((cart,)).decode()
        shelf = Shelf(device_id=NEIGHBOUR, revision=1, content=content)
        at.opened.work.ask(lambda bench: bench.shelving.put(shelf)).result()
        return cart

    cart = stocked.play(first)

    async def second(at: AtCounter) -> None:
        await at.ready()
        assert at.counter.carts.cart == cart
        assert at.counter.carts.at_others == ()
        assert [each.parking_id for each in await _taken(at)] == [cart.parking_id]

    stocked.play(second)


def test_a_machine_that_became_another_till_does_not_offer_its_carts_twice(
    stocked: CounterMaker,
) -> None:
    before = DeviceId(new_id())
    with stocked.seeding() as shop:
        shop.do(
            RegisterDevice(
                device_id=before,
                name="Old till",
                workspace=Workspace.FULFILLMENT,
                location_id=shop.location_id,
                register_id=None,
            )
        )

    async def story(at: AtCounter) -> None:
        await at.ready()
        cart = await _cart(at, TEA)
        await _neighbour_parks(at, cart)
        shelf = Shelf(device_id=before, revision=9, content=parked_bytes((cart,)).decode())
        at.opened.work.ask(lambda bench: bench.shelving.put(shelf)).result()
        await at.ui.settle()
        carts = at.counter.carts
        assert [each.cart for each in carts.at_others] == [cart]
        carts.recall(cart.order_id)
        await at.ui.settle()
        assert {each.device_id for each in await _taken(at)} == {before, NEIGHBOUR}

    stocked.play(story)


def test_what_was_sold_elsewhere_is_offered_nowhere(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        theirs = await _cart(at, TEA)
        await at.scan(MUG)
        carts = at.counter.carts
        carts.park()
        (own,) = carts.parked
        await _neighbour_parks(at, theirs)
        await _sold_elsewhere(at, theirs)
        assert carts.at_others == ()
        await _sold_elsewhere(at, own)
        assert carts.parked == ()

    stocked.play(story)


def test_an_open_sale_that_is_completed_elsewhere_is_put_away_in_plain_words(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        cart = await _cart(at, TEA)
        await _neighbour_parks(at, cart)
        at.counter.carts.recall(cart.order_id)
        await at.ui.settle()
        await _sold_elsewhere(at, cart)
        assert stage_of(at) is Stage.SELLING
        assert at.counter.carts.cart.is_empty
        assert await at.counter.desk.load_draft(CART_SLOT) is None
        assert "completed already, perhaps at another till" in till_of(at).notice.text()

    stocked.show(story)


def test_money_that_was_taken_for_a_sale_completed_elsewhere_is_given_back(
    stocked: CounterMaker,
) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        cart = await _cart(at, MUG)
        await _neighbour_parks(at, cart)
        carts, tender = at.counter.carts, at.counter.tender
        carts.recall(cart.order_id)
        await at.ui.settle()
        tender.start()
        tender.other(TenderKind.CARD_EXTERNAL, 500, "4711")
        await _sold_elsewhere(at, cart)
        assert carts.cart.order_id == cart.order_id
        tender.cash(799)
        await at.ui.settle()
        assert [error.code for error in at.ui.reporter.rejected] == ["sale_done_already"]
        assert len(carts.cart.tenders) == 2
        tender.remove_tender(1)
        tender.remove_tender(0)
        await at.ui.settle()
        assert carts.cart.is_empty
        assert len(await receipts_of(at)) == 1

    stocked.play(story)


def test_what_another_device_says_is_not_believed(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        cart = await _cart(at, TEA)
        store = at.counter.till.store
        line = cart.lines[0]
        due = due_of(cart, 349, store)
        false = [
            replace(cart, parking_id=""),
            replace(cart, is_paying=True),
            replace(cart, lines=()),
            replace(cart, lines=(replace(line, sale=replace(line.sale, qty=0)),)),
            replace(cart, lines=(replace(line, sale=replace(line.sale, qty=10**30)),)),
            replace(cart, lines=(replace(line, sale=replace(line.sale, qty_exponent=10**9)),)),
            replace(cart, lines=(replace(line, sale=replace(line.sale, unit_price_amount=-1)),)),
            with_other(cart, due, TenderKind.CARD_EXTERNAL, amount=100, reference="1"),
        ]
        for each in false:
            assert carts_of_others(parked_bytes((each,)), store) == (), each
        for content in (b"", b"[", b"{}", b"[{}]", b'"x"', b"\xff"):
            assert carts_of_others(content, store) == ()
        assert carts_of_others(parked_bytes((*false, cart)), store) == (cart,)

    stocked.play(story)


def test_the_list_names_the_till_at_which_a_sale_is_parked(stocked: CounterMaker) -> None:
    async def story(at: AtWindow) -> None:
        await at.selling()
        cart = await _cart(at, MUG)
        await at.scan(TEA)
        at.counter.carts.park()
        await _neighbour_parks(at, cart)
        tap(button_in(at.window, "Recall"))
        sheet = await at.sheet_open()
        assert isinstance(sheet, ParkedSheet)
        table = sheet.findChild(TableView)
        assert table is not None
        model = table.model()
        shown = [
            str(model.index(row, column).data())
            for row in range(model.rowCount())
            for column in range(model.columnCount())
        ]
        assert "Till 2" in shown
        sheet.cancel()
        await at.ui.settle()

    stocked.show(story)
