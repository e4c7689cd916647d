"""Tills of one store keep what the others have not sent, while the internet is down."""

from dataclasses import replace

from desktop.hub.finder import hub_name
from shared.inventory.tables import StockLevelRow
from shared.kernel.ids import LocationId, new_id
from shared.organization.commands import RevokeDevice
from shared.pos.commands import RECEIPT_SERIES
from shared.pos.tables import ReceiptRow
from shared.storage.reader import Reader
from tests.desktop.hub.conftest import HURRIED, Authority, InStore, Store
from tests.support.loopback import PATIENCE_SECONDS


def _on_hand(reader: Reader, variant_id: str, location_id: str) -> int:
    level = reader.get(StockLevelRow, variant_id, location_id)
    return 0 if level is None else level.on_hand_qty


def _receipts(reader: Reader) -> int:
    return len(reader.find(ReceiptRow))


def _meet(store: Store, *tills: InStore) -> None:
    """Wait until all know of each other, and the server has told each of the others."""
    for each in tills:
        each.until_store(lambda share: len(share.neighbours) >= 1)
    with store.network.server() as server:
        server.do(store.world.price_change(1000 + server.head.seq))
        head = server.head
    for each in tills:
        each.watcher.until(lambda status: status.cursor == head and not status.pending)


def _by_rank(store: Store, *tills: InStore) -> list[InStore]:
    """The hub first."""
    tenant_id = store.world.server.tenant_id
    return sorted(tills, key=lambda each: hub_name(tenant_id, each.device_id))


def _receipts_at_server(store: Store) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    with store.network.server() as server:
        for row in Reader(server.connection).find(ReceiptRow):
            found.setdefault(row.register_id, []).append(row.receipt_no)
        server.connection.rollback()
        assert set(server.runs.values()) <= {1}, "a command ran twice"
    return {register_id: sorted(numbers) for register_id, numbers in found.items()}


def test_each_unsent_sale_has_a_second_home_and_is_seen_at_the_other_till(store: Store) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    store.network.cut()
    one.sell(3, qty=2)
    two.sell(1)
    one.until_store(lambda share: share.unsent == 3 and share.uncopied == 0)
    two.until_store(lambda share: share.unsent == 1 and share.uncopied == 0 and share.kept == 3)
    mug, here = store.world.variants[0], store.world.location_id
    for each in (one, two):
        assert each.work.fetch(_receipts).result() == 4
        assert each.work.fetch(_on_hand, mug, here).result() == 93


def test_when_the_internet_is_back_nothing_is_sent_or_shown_twice(store: Store) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    store.network.cut()
    one.sell(2)
    two.sell(2)
    for each in (one, two):
        each.until_store(lambda share: share.uncopied == 0 and share.kept == 2)
    store.network.mend()
    for each in (one, two):
        each.engine.sync_now()
        each.until_store(lambda share: share.unsent == 0 and share.kept == 0)
    assert list(_receipts_at_server(store).values()) == [[1, 2], [1, 2]]
    mug, here = store.world.variants[0], store.world.location_id
    for each in (one, two):
        assert each.work.fetch(_on_hand, mug, here).result() == 96
        device = each.device
        each.die()
        device.start()
        device.sync()
        device.check_same_as_server()
        device.check()


def test_the_sales_of_a_till_that_burnt_down_reach_the_server_from_its_neighbours(
    store: Store,
) -> None:
    tills = [store.till(), store.till(), store.till()]
    hub, second, third = _by_rank(store, *tills)
    _meet(store, *tills)
    hub.until_store(lambda share: share.is_hub)
    store.network.cut()
    hub.sell(2)
    third.sell(1)
    for each in (second, third):
        each.until_store(lambda share: share.kept >= 2 and share.uncopied == 0)
    hub.die()
    second.until_store(lambda share: share.is_hub and len(share.neighbours) == 1)
    third.sell(1)
    third.until_store(lambda share: share.uncopied == 0 and share.unsent == 2)
    store.network.mend()
    for each in (second, third):
        each.engine.sync_now()
        each.until_store(lambda share: share.unsent == 0 and share.kept == 0)
    assert sorted(_receipts_at_server(store).values()) == [[1, 2], [1, 2]]
    hub.device.start()
    hub.device.sync()
    hub.device.check_same_as_server()
    _receipts_at_server(store)


def test_a_stop_in_between_loses_and_doubles_nothing_that_is_kept_or_shown(store: Store) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    store.network.cut()
    one.sell(3)
    two.until_store(lambda share: share.kept == 3)
    two.die()
    two.device.start()
    two = store.begin(two.device)
    mug, here = store.world.variants[0], store.world.location_id
    two.until_store(lambda share: share.kept == 3 and len(share.neighbours) == 1)
    assert two.work.fetch(_on_hand, mug, here).result() == 97
    assert two.work.fetch(_receipts).result() == 3
    two.sell(1)
    two.until_store(lambda share: share.uncopied == 0 and share.unsent == 1)
    assert one.work.fetch(_on_hand, mug, here).result() == 96


def test_nothing_is_shared_while_the_setting_is_off(store: Store) -> None:
    store.is_on = False
    one, two = store.till(), store.till()
    one.sell(1)
    one.watcher.until(lambda status: status.pending == 0)
    assert not store.meeting.others("")
    store.is_on = True
    for each in (one, two):
        each.engine.setting_changed()
    _meet(store, one, two)
    store.is_on = False
    one.engine.setting_changed()
    one.until_store(lambda share: not share.is_on and not share.neighbours)
    two.until_store(lambda share: not share.neighbours)


def test_a_device_of_another_shop_or_place_or_one_that_was_shut_out_is_not_let_in(
    store: Store,
) -> None:
    one, two = store.till(), store.till()
    _meet(store, one, two)
    with store.network.server() as server:
        server.do(RevokeDevice(device_id=two.device_id))
    one.engine.sync_now()
    one.until_store(lambda share: not share.neighbours)
    stranger = store.till(authority=Authority())
    elsewhere = store.till(location_id=LocationId(new_id()))
    for each in (stranger, elsewhere):
        each.until_store(lambda share: share.is_on)
    three = store.till()
    one.until_store(lambda share: len(share.neighbours) == 1)
    three.until_store(lambda share: len(share.neighbours) == 1)
    for each in (stranger, elsewhere):
        assert not each.watcher.seen[-1].store.neighbours


def test_a_machine_that_takes_a_dead_tills_place_goes_on_behind_its_receipts(store: Store) -> None:
    store.tempo = replace(HURRIED, relay_after=PATIENCE_SECONDS)
    one, two = store.till(), store.till()
    _meet(store, one, two)
    store.network.cut()
    one.sell(3)
    two.until_store(lambda share: share.kept == 3)
    one.die()
    one.device.start()
    with store.network.server():
        machine = store.world.till(instead_of=one.device.bench.identity.register_id)
    heir = store.begin(machine)
    one.device.stop()
    store.network.mend()
    heir.until_store(lambda share: share.kept == 3)
    numbers = heir.work.ask(lambda bench: bench.journal.next_numbers([RECEIPT_SERIES])).result()
    assert numbers == {RECEIPT_SERIES: 4}
