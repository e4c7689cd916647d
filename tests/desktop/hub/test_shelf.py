"""What is parked at one till can be taken up at the others, and is sold once."""

from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sa

from desktop.copies import Copies
from desktop.journal import PARKED_SLOT
from desktop.shelves import Shelves
from desktop.workspaces.kiosk.cart import Cart, CartLine, new_cart
from shared.kernel.errors import Rejected
from shared.kernel.ids import DeviceId, new_id
from shared.pos.commands import CompleteSale
from shared.pos.queries import issued_among
from shared.pos.tables import ReceiptRow
from shared.storage.reader import Reader
from shared.sync.protocol.hub import MOST_TAKEN, Shelf, TakenCart
from tests.desktop.hub.conftest import InStore, Store
from tests.desktop.hub.test_store import _by_rank, _meet


def _parked(store: Store, *, qty: int = 1) -> Cart:
    """Mugs in a cart that was put aside."""
    sale = _sale_of_mugs(store, store.running[0], qty=qty)
    return replace(
        new_cart(store.world.clock.now(), "Olga"),
        lines=tuple(CartLine(sale=line, unit_code="piece") for line in sale.lines),
        parking_id=new_id(),
    )


def _sale_of_mugs(store: Store, till: InStore, *, qty: int = 1) -> CompleteSale:
    return store.world.sale(store.world.shift_of(till.device), qty=qty)


def _sold_at(store: Store, till: InStore, cart: Cart) -> CompleteSale:
    """The sale of a cart at a till."""
    sale = _sale_of_mugs(store, till, qty=cart.lines[0].sale.qty)
    return replace(
        sale,
        order_id=cart.order_id,
        receipt_id=cart.receipt_id,
        lines=tuple(line.sale for line in cart.lines),
    )


def _offers(till: InStore, other: InStore, *carts: Cart) -> bool:
    """Whether a till offers just these carts of another one."""
    return till.sees().get(other.device_id, set()) == {cart.parking_id for cart in carts}


def _taken(cart: Cart, at: InStore) -> TakenCart:
    return TakenCart(device_id=at.device_id, parking_id=cart.parking_id)


def _is_told(till: InStore, taken: TakenCart) -> bool:
    return taken in till.work.shelves().result().taken


def _is_nothing_taken(till: InStore) -> bool:
    return not till.work.shelves().result().taken


def test_a_parked_cart_is_offered_at_the_other_tills_and_gone_once_it_is_taken_up(
    store: Store,
) -> None:
    tills = [store.till(), store.till(), store.till()]
    hub, one, two = _by_rank(store, *tills)
    _meet(store, *tills)
    store.network.cut()
    cart, other = _parked(store), _parked(store)
    one.park(cart, other)
    for each in (hub, two):
        each.until_rows(partial(_offers, each, one, cart, other))
    two.work.take_cart(_taken(cart, one)).result()
    assert _offers(two, one, other)
    one.until_rows(lambda: _is_told(one, _taken(cart, one)))
    hub.until_rows(lambda: _offers(hub, one, other))
    one.park(other)
    for each in (hub, two):
        each.until_rows(partial(_is_nothing_taken, each))
        assert _offers(each, one, other)


def test_a_cart_that_is_parked_again_where_it_was_taken_from_is_offered_again(
    store: Store,
) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    cart = _parked(store)
    one.park(cart)
    two.until_rows(lambda: _offers(two, one, cart))
    two.work.take_cart(_taken(cart, one)).result()
    one.until_rows(lambda: _is_told(one, _taken(cart, one)))
    again = replace(cart, parking_id=new_id())
    one.park(again)
    two.until_rows(lambda: _offers(two, one, again))
    assert not _is_told(one, _taken(cart, one))


def test_the_carts_of_a_dead_till_are_taken_up_and_sold_elsewhere(store: Store) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    store.network.cut()
    cart = _parked(store, qty=2)
    one.park(cart)
    two.until_rows(lambda: _offers(two, one, cart))
    one.die()
    two.die()
    two.device.start()
    two = store.begin(two.device)
    assert _offers(two, one, cart)
    two.work.take_cart(_taken(cart, one)).result()
    two.work.submit(_sold_at(store, two, cart), actor_id=store.world.cashier_id).result()
    one.device.start()
    one = store.begin(one.device)
    one.until_rows(lambda: _is_told(one, _taken(cart, one)))
    one.until_rows(lambda: _is_sold(one, cart))


def _is_sold(till: InStore, cart: Cart) -> bool:
    return bool(till.work.fetch(issued_among, (cart.receipt_id,)).result())


def test_a_cart_that_two_tills_hold_is_refused_at_the_second_before_money_is_taken(
    store: Store,
) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    store.network.cut()
    cart = _parked(store)
    one.work.submit(_sold_at(store, one, cart), actor_id=store.world.cashier_id).result()
    two.until_rows(lambda: _is_sold(two, cart))
    with pytest.raises(Rejected, match="sale_done_already"):
        two.work.submit(_sold_at(store, two, cart), actor_id=store.world.cashier_id).result()


def test_a_cart_that_two_tills_sold_unknown_to_each_other_is_one_sale_at_the_server(
    store: Store,
) -> None:
    store.is_on = False
    one, two = store.till(), store.till()
    store.network.cut()
    cart = _parked(store)
    for each in (one, two):
        each.work.submit(_sold_at(store, each, cart), actor_id=store.world.cashier_id).result()
    store.network.mend()
    for each in (one, two):
        each.engine.sync_now()
        each.watcher.until(lambda status: status.pending == 0 and status.is_online)
    with store.network.server() as server:
        assert len(Reader(server.connection).find(ReceiptRow)) == 1
        server.connection.rollback()


def test_shelves_and_taken_carts_outlive_a_restart(store: Store) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    cart, other = _parked(store), _parked(store)
    one.park(cart, other)
    two.until_rows(lambda: _offers(two, one, cart, other))
    one.die()
    two.work.take_cart(_taken(cart, one)).result()
    two.die()
    two.device.start()
    two = store.begin(two.device)
    assert _offers(two, one, other)


def test_what_is_parked_elsewhere_is_forgotten_when_the_store_does_not_share_any_more(
    store: Store,
) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    one.park(_parked(store))
    two.until_rows(lambda: bool(two.sees()))
    store.is_on = False
    two.engine.setting_changed()
    two.until_rows(lambda: not two.sees())
    assert not two.watcher.seen[-1].store.is_on


def test_a_shelf_of_nobody_in_this_store_is_not_kept(store: Store) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    stranger = Shelf(device_id=DeviceId(new_id()), revision=1, content="[]")
    one.work.ask(lambda bench: bench.shelving.put(stranger)).result()
    cart = _parked(store)
    one.park(cart)
    two.until_rows(lambda: _offers(two, one, cart))
    one.park()
    two.until_rows(lambda: _offers(two, one))
    assert set(two.sees()) == {one.device_id}


def test_a_till_whose_journal_was_lost_goes_on_behind_what_others_know(store: Store) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    for _ in range(3):
        one.park(_parked(store))
    cart = _parked(store)
    one.park(cart)
    two.until_rows(lambda: _offers(two, one, cart))
    (known,) = two.work.shelves().result().others
    one.work.ask(lambda bench: bench.set_note("hub_shelf", None)).result()
    other = _parked(store)
    one.engine.stop()
    one.work.save_draft(PARKED_SLOT, b"").result()
    one.engine.start()
    one.park(other)
    two.until_rows(lambda: _offers(two, one, other))
    own = one.work.ask(lambda bench: bench.shelving.own()).result()
    assert own is not None
    assert own.revision > known.revision


def test_no_more_taken_carts_are_remembered_than_can_be_told_at_once() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        Copies(connection)
        shelves = Shelves(connection)
        taken = [
            TakenCart(device_id=DeviceId("one"), parking_id=new_id()) for _ in range(MOST_TAKEN + 5)
        ]
        for each in taken:
            assert shelves.take(each)
        assert list(shelves.taken()) == taken[5:]
